"""What the client's small objects name is what the service answers, and numbers keep unit and source on the way."""

from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest

from lithoscope.client import facts
from lithoscope.units import Quantity
from tests.description import description

SCHEMAS: dict[str, Any] = description()["components"]["schemas"]
ANSWERS: dict[type[facts.Fact], tuple[str, ...]] = {
    facts.CustodyState: ("CustodyStateOut",),
    facts.Stay: ("StayOut",),
    facts.Clock: ("ClockOut",),
    facts.Deadline: ("DeadlineOut",),
    facts.SampleDose: ("SampleDoseOut",),
    facts.Budget: ("BudgetOut", "RegionBudgetOut"),
    facts.Evaluation: ("VerdictOut", "EvaluationOut", "EvaluationSummaryOut"),
    facts.DoseLimit: ("DoseLimitOut",),
    facts.Protocol: ("ProtocolOut", "ProtocolVersionOut"),
    facts.Alarm: ("AlarmOut",),
    facts.Provenance: ("ProvenanceOut",),
    facts.ChainPlan: ("ChainPlanOut",),
}


@pytest.mark.parametrize(("kind", "schema"), [(kind, name) for kind, names in ANSWERS.items() for name in names])
def test_every_field_a_fact_names_is_answered(kind: type[facts.Fact], schema: str):
    named = {*get_type_hints(kind)} - {"parts", "record"} | {*kind.parts}
    assert named
    assert named <= {*SCHEMAS[schema]["properties"]}


def test_every_kind_of_fact_is_held_against_the_service():
    kinds = {kind for kind in vars(facts).values() if isinstance(kind, type) and issubclass(kind, facts.Fact)}
    assert kinds - {facts.Fact, facts.Report} == {*ANSWERS}


def test_numbers_instants_and_parts_are_typed_on_the_way():
    clock = {"name": "surface", "due_at": "2026-03-02T16:00:00Z", "overdue_at": None}
    dose = {"value": None, "unit": "e/A^2", "source": "unknown", "note": "no current"}
    plan = facts.ChainPlan({"clocks": [clock], "at": "2026-03-02T16:00:00+00:00", "left": dose, "note": "2026-03-02"})
    assert isinstance(plan.clocks[0], facts.Clock)
    assert plan.clocks[0].due_at == plan.at == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert plan.left == Quantity.unknown("e/A^2", "no current")
    assert (plan["note"], len(plan), plan.clocks[0].overdue_at) == ("2026-03-02", 4, None)


def test_a_field_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(AttributeError, match="Stay has no field 'colour': it has place"):
        _ = facts.Stay({"place": "glovebox"}).colour
