"""A planned chain is judged as a recorded one would be, and leaves nothing behind."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.infra.db.base import Base
from app.infra.db.models import Project, Sample
from app.infra.house import House
from lithoscope.rules.custody import Happening
from tests.conftest import add_project, add_sample
from tests.lithoscope.rules.chains import DAY, Chain, lithium_004

MOMENT, LATER = "2026-03-02T16:00:00Z", "2026-03-03T00:00:00Z"
IMAGE = {
    "mode": "tem_field",
    "purpose": "acquisition",
    "occurred_at": MOMENT,
    "beam_energy_kV": {"value": 200.0, "source": "user"},
    "dose_rate_e_per_A2_s": {"value": 3500.0, "unit": "e/(A^2 s)", "source": "user"},
    "exposure_s": {"value": 0.5, "source": "user"},
    "temperature_K": {"value": 293.15, "source": "user"},
}


def body_of(event: Happening) -> dict[str, Any]:
    end = {} if event.ended_at is None else {"ended_at": event.ended_at.isoformat()}
    return {"type": event.type, "occurred_at": event.occurred_at.isoformat(), **end, **event.details}


def plan_of(chain: Chain, **more: Any) -> dict[str, Any]:
    """Return a chain of the paper as a plan."""
    events = [body_of(event) for event in chain.history]
    return {"material": chain.specimen.material, "events": events, "exposures": [IMAGE], **more}


@pytest.fixture
def ask(people: Any, project: Project) -> Any:
    person = people.make(role="viewer", project=project)

    def post(plan: dict[str, Any], status: int = 200) -> Any:
        answer = person.post("/api/v1/chain-plans", json=plan)
        assert answer.status_code == status, answer.text
        return answer.json()

    return post


def verdict(answer: Any, protocol: str = "lithium_metal_tem") -> Any:
    return next(each for each in answer["evaluations"] if each["protocol_id"] == protocol)


def test_the_chain_of_the_paper_would_pass(ask):
    answer = ask(plan_of(lithium_004(), protocol_ids=["lithium_metal_tem"]))
    assert verdict(answer)["verdict"] == "pass"
    assert [each["fluence"]["value"] for each in answer["exposures"]] == [1750.0]
    assert answer["coverage"]["is_complete"]
    assert answer["clocks"]
    assert answer["state"]["at"] == answer["at"] == "2026-03-02T16:00:00.500000Z"


def test_fifteen_seconds_of_air_would_fail_and_the_planned_event_is_named(ask):
    chain = lithium_004().changed("evt_igst", air_exposure_s=15.0)
    answer = verdict(ask(plan_of(chain, protocol_ids=["lithium_metal_tem"])))
    assert answer["verdict"] == "fail"
    number = [event.id for event in chain.history].index("evt_igst")
    assert f"events/{number}" in answer["decided_by"]


def test_every_protocol_that_speaks_of_the_material_is_asked_when_none_is_named(ask):
    protocols = {each["protocol_id"] for each in ask(plan_of(lithium_004()))["evaluations"]}
    assert "lithium_metal_tem" in protocols


def test_a_plan_that_does_not_list_all_beam_makes_budgets_unknown(ask):
    image = {**IMAGE, "dose_rate_e_per_A2_s": {"value": 100.0, "unit": "e/(A^2 s)", "source": "user"}}
    plan = {"material": "lithium_metal_foil", "exposures": [image], "phases": ["LiF"]}
    (known,) = ask(plan)["budgets"]
    (unknown,) = ask({**plan, "covers_all_beam": False})["budgets"]
    assert (known["state"], known["legs"][0]["exposure_id"]) == ("within", "exposures/0")
    assert known["spent"]["best"] == pytest.approx(0.25)
    assert unknown["state"] == "unknown"


def test_a_plan_goes_on_from_the_history_of_a_sample(house, ask, people, project, sample):
    worker = people.make(role="contributor", project=project)
    opened = {"type": "disassembly", "occurred_at": DAY.isoformat(), "atmosphere": "argon"}
    event = worker.post(f"/api/v1/samples/{sample.id}/events", json=opened).json()["id"]
    worker.post(f"/api/v1/samples/{sample.id}/exposures", json=IMAGE)
    again = {**IMAGE, "occurred_at": "2026-03-02T17:00:00Z"}
    moved = {"type": "transfer", "occurred_at": "2026-03-02T12:00:00Z", "method": "ambient_air", "air_exposure_s": 9.0}
    answer = ask({"sample_id": sample.id, "events": [moved], "exposures": [again]})
    assert answer["state"]["air_exposure"]["value"] == 9.0
    assert [each["event_id"] for each in answer["state"]["air_events"]] == ["events/0"]
    assert [len(each["exposure_ids"]) for each in answer["doses"]] == [2]
    assert not answer["coverage"]["is_complete"]  # nobody answers for the beam beside the recorded exposure
    assert answer["state"]["since_disassembly"]["total"]["value"] == pytest.approx(9.0, abs=1e-3)
    assert event not in {each["event_id"] for each in answer["state"]["air_events"]}


def test_the_moment_asked_for_leaves_out_what_comes_later(ask):
    plan = plan_of(lithium_004(), at=(DAY + timedelta(hours=3)).isoformat())
    answer = ask(plan)
    assert (answer["exposures"], answer["doses"]) == ([], [])


def rows(house: House) -> dict[str, int]:
    with house.database.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name != "idempotency"
        }


def test_nothing_of_a_plan_is_stored(house, ask, sample):
    before = rows(house)
    ask(
        {"sample_id": sample.id, "events": [{"type": "note", "occurred_at": MOMENT, "note": "x"}], "exposures": [IMAGE]}
    )
    assert rows(house) == before


@pytest.mark.parametrize(
    ("plan", "status", "code", "pointer"),
    [
        ({}, 422, "invalid-input", "/body/sample_id"),
        (
            {"exposures": [{**IMAGE, "dataset_id": "ds_x"}]},
            422, "invalid-input", "/body/exposures/0/dataset_id",
        ),
        (
            {"exposures": [{**IMAGE, "field_um": [[0, 0], [1, 1], [0, 1], [1, 0]]}]},
            422, "invalid-input", "/body/exposures/0/field_um",
        ),
        (
            {"events": [{
                "type": "transfer", "method": "ambient_air", "occurred_at": MOMENT,
                "air_exposure_s": 1e15, "confirm": True,
            }]},
            422, "out-of-range", None,
        ),
        (
            {"exposures": [{**IMAGE, "frames": 3, "recorded_scans": 2}]},
            422, "out-of-range", "/body/exposures/0/recorded_scans",
        ),
        (
            {"events": [{"type": "storage", "occurred_at": MOMENT, "ended_at": DAY.isoformat()}]},
            422, "time-order", "/body/events/0/ended_at",
        ),
        (
            {"exposures": [IMAGE], "events": [{"type": "disassembly", "occurred_at": LATER}]},
            422, "before-sample", "/body/exposures/0/occurred_at",
        ),
        (
            {"events": [{"type": "split", "occurred_at": LATER}, {"type": "disposal", "occurred_at": MOMENT}]},
            409, "after-disposal", "/body/events/0/occurred_at",
        ),
        (
            {"events": [{"type": "disposal", "occurred_at": MOMENT}], "exposures": [{**IMAGE, "occurred_at": LATER}]},
            409, "after-disposal", "/body/exposures/0/occurred_at",
        ),
        (
            {"exposures": [IMAGE], "prepared_at": LATER},
            422, "before-sample", "/body/exposures/0/occurred_at",
        ),
        (
            {"events": [
                {"type": "storage", "occurred_at": MOMENT, "ended_at": LATER, "place": "glovebox 1"},
                {"type": "storage", "occurred_at": MOMENT, "ended_at": LATER, "place": "glovebox 2"},
            ]},
            409, "contradictory-place", "/body/events/1/place",
        ),
        ({"protocol_ids": ["no_such"]}, 404, "not-found", None),
    ],
)  # fmt: skip
def test_what_recording_would_refuse_is_refused_in_its_place(ask, plan, status, code, pointer):
    answer = ask({"material": "nmc", **plan} if plan else {}, status)
    assert answer["type"].rpartition("/")[2] == code
    assert pointer is None or answer["errors"][0]["pointer"] == pointer


def test_a_plan_for_a_foreign_sample_finds_none(house, ask):
    foreign: Sample = add_sample(house, add_project(house, "OTHER"), "X-0001")
    assert ask({"sample_id": foreign.id}, 404)["type"].endswith("not-found")
