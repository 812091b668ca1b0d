"""A region's budget that is nearly or wholly spent raises an alarm, once for each phase and state."""

import pytest
from sqlalchemy import delete, select

from app.infra.db.models import Alarm
from app.lab.alarms.sweeping import raise_alarms
from tests.app.budgets.test_budgets import OPERATOR, SQUARE

FIELD = {
    "mode": "tem_field",
    "beam_energy_kV": {"value": 200, "source": "user"},
    "dose_rate_e_per_A2_s": {"value": 100, "unit": "e/(A^2 s)", "source": "measured"},
    "temperature_K": {"value": 293.15, "source": "user"},
    "field_um": SQUARE,
}


@pytest.fixture
def region(contributor, sample):
    new = {"name": "edge", "polygon_um": SQUARE, "phases": ["LiF"]}
    answer = contributor.post(f"/api/v1/samples/{sample.id}/regions", json=new)
    assert answer.status_code == 201, answer.text
    assert contributor.post(f"/api/v1/samples/{sample.id}/beam-records", json=OPERATOR).status_code == 201
    return answer.json()


def expose(who, sample, seconds, *, minute):
    exposure = {"occurred_at": f"2026-10-03T08:{minute:02d}:00Z", "exposure_s": {"value": seconds, "source": "user"}}
    answer = who.post(f"/api/v1/samples/{sample.id}/exposures", json={**FIELD, **exposure})
    assert answer.status_code == 201, answer.text


def alarms_of(who, topic):
    return who.get(f"/api/v1/alarms?topic={topic}").json()["items"]


def test_a_budget_warns_when_near_and_again_when_exceeded(house, contributor, sample, region):
    """004: LiF bears 200 e/Å² at room temperature; 80 % of it is near."""
    seen = {}
    expose(contributor, sample, 1.0, minute=0)
    raise_alarms(house, seen)
    assert alarms_of(contributor, "budget.near") == []
    expose(contributor, sample, 0.7, minute=5)
    raise_alarms(house, seen)
    (near,) = alarms_of(contributor, "budget.near")
    assert near["message"] == f"{sample.code}, edge: the beam budget of LiF is nearly spent"
    assert near["record"]["spent_fraction"]["upper"] == pytest.approx(0.85)
    assert near["record"]["region_id"] == region["id"]
    expose(contributor, sample, 1.0, minute=10)
    raise_alarms(house, seen)
    (exceeded,) = alarms_of(contributor, "budget.exceeded")
    assert len(exceeded["record"]["decided_by"]) == 3
    assert raise_alarms(house, {}) == 0


def test_budgets_are_judged_again_only_when_something_about_beams_was_recorded(house, contributor, sample, region):
    seen = {}
    expose(contributor, sample, 1.7, minute=0)
    raise_alarms(house, seen)
    with house.database.writing() as session:
        session.execute(delete(Alarm))
    raise_alarms(house, seen)
    assert alarms_of(contributor, "budget.near") == []
    contributor.post(f"/api/v1/samples/{sample.id}/regions", json={"name": "other", "polygon_um": SQUARE, "phases": []})
    raise_alarms(house, seen)
    assert len(alarms_of(contributor, "budget.near")) == 1


def test_unrecorded_beam_raises_no_alarm_of_a_budget_that_may_be_fine(house, contributor, sample):
    new = {"name": "edge", "polygon_um": SQUARE, "phases": ["LiF"]}
    contributor.post(f"/api/v1/samples/{sample.id}/regions", json=new)
    expose(contributor, sample, 0.1, minute=0)
    raise_alarms(house, {})
    with house.database.reading() as session:
        topics = set(session.scalars(select(Alarm.topic)))
    assert not {topic for topic in topics if topic.startswith("budget")}
