"""A dose is complete when a log or an operator answers for all the beam, and a lower bound otherwise."""

from datetime import datetime, timedelta
from typing import Any

from app.infra.clock import now
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.dose.beam_record_types import NewBeamRecord
from tests.app.dose.ledger import FIELD, dose_of, record
from tests.conftest import add_project, add_sample

LOG: dict[str, Any] = {
    "kind": "blanker_log",
    "from_at": "2026-10-03T07:00:00Z",
    "to_at": "2026-10-03T09:00:00Z",
    "intervals": [{"from_at": "2026-10-03T08:00:00Z", "to_at": "2026-10-03T08:00:02Z"}],
}
WHOLE_HOUR: dict[str, Any] = {"intervals": [{"from_at": "2026-10-03T08:00:00Z", "to_at": "2026-10-03T09:00:00Z"}]}


def note(who: Any, sample: Any, **change: Any) -> Any:
    body = {name: value for name, value in {**LOG, **change}.items() if value is not ...}
    return who.post(f"/api/v1/samples/{sample.id}/beam-records", json=body)


def test_without_records_the_dose_is_a_lower_bound(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    coverage = dose_of(contributor, sample.id)["coverage"]
    assert coverage["is_complete"] is False
    assert coverage["uncovered"] == ["search", "focus", "flyback", "parked"]
    assert coverage["unaccounted_s"]["value"] is None


def test_a_blanker_log_of_just_the_frames_makes_it_complete(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    answer = note(contributor, sample)
    assert (answer.status_code, answer.json()["covers"]) == (201, ["search", "focus", "flyback", "parked"])
    coverage = dose_of(contributor, sample.id)["coverage"]
    assert (coverage["is_complete"], coverage["unaccounted_s"]["value"]) == (True, 0.0)
    assert contributor.get(f"/api/v1/samples/{sample.id}/beam-records").json()["items"] == [answer.json()]


def test_a_parked_beam_is_unaccounted_by_the_second(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    note(contributor, sample, kind="valve_log", **WHOLE_HOUR)
    coverage = dose_of(contributor, sample.id)["coverage"]
    assert (coverage["is_complete"], coverage["unaccounted_s"]["value"]) == (False, 3598.0)


def test_an_operator_declares_that_there_was_no_other_beam(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    note(contributor, sample, kind="operator", intervals=[], covers=["search", "focus"])
    assert dose_of(contributor, sample.id)["coverage"]["uncovered"] == ["flyback", "parked"]
    note(contributor, sample, kind="operator", intervals=[], covers=["flyback", "parked"])
    coverage = dose_of(contributor, sample.id)["coverage"]
    assert (coverage["is_complete"], coverage["unaccounted_s"]["source"]) == (True, "user")


def test_a_corrected_record_no_longer_counts_and_is_corrected_once(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    wrong = note(contributor, sample, **WHOLE_HOUR).json()
    right = note(contributor, sample, supersedes_id=wrong["id"])
    assert right.status_code == 201
    assert dose_of(contributor, sample.id)["coverage"]["is_complete"] is True
    again = note(contributor, sample, supersedes_id=wrong["id"])
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-superseded")
    nothing = note(contributor, sample, supersedes_id="bmr_01a1fd40dc657bf98fc37bfbbaad2ac7")
    assert nothing.json()["errors"][0]["pointer"] == "/body/supersedes_id"


def test_a_log_from_a_pc_whose_clock_is_behind_is_put_on_the_service_s_clock(device: Any, sample: Any) -> None:
    """The PC's clock is an hour behind: what it calls six was seven."""
    sent_at = now() - timedelta(hours=1)
    behind = {"from_at": "2026-10-03T06:00:00Z", "to_at": "2026-10-03T08:00:00Z", "intervals": []}
    kept = note(device, sample, **behind, sent_at=sent_at.isoformat()).json()
    seconds = (datetime.fromisoformat(kept["from_at"]) - datetime.fromisoformat(LOG["from_at"])).total_seconds()
    assert abs(seconds) < 30
    assert kept["instrument_id"] == device.instrument.id


def test_a_child_inherits_the_records_before_the_split(contributor: Any, project: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    note(contributor, sample)
    body = {"project_id": project.id, "name": "lamella", "material": "nmc", "parent_id": sample.id}
    child = contributor.post("/api/v1/samples", json=body).json()
    split = {"type": "split", "occurred_at": "2026-10-04T08:00:00Z", "child_ids": [child["id"]]}
    contributor.post(f"/api/v1/samples/{sample.id}/events", json=split)
    account = dose_of(contributor, child["id"])
    assert account["exposures"][0]["inherited_from"] == sample.id
    assert account["coverage"]["is_complete"] is True


def test_a_beam_that_custody_tells_of_and_no_exposure_accounts_for_leaves_a_lower_bound(
    contributor: Any, sample: Any
) -> None:
    record(contributor, sample.id, FIELD)
    note(contributor, sample)
    told = {"type": "exposure", "occurred_at": "2026-10-06T08:00:00Z", "beam": "electron"}
    contributor.post(f"/api/v1/samples/{sample.id}/events", json=told)
    coverage = dose_of(contributor, sample.id)["coverage"]
    assert coverage["is_complete"] is False
    assert "without a recorded exposure" in coverage["note"]


def test_strangers_and_viewers_record_nothing(people: Any, project: Any, sample: Any) -> None:
    assert note(people.make(), sample).status_code == 404
    assert note(people.make(role="viewer", project=project), sample).status_code == 403


def test_records_are_kept_on_both_databases(any_house: House) -> None:
    sample = add_sample(any_house, add_project(any_house, "P"), "S-1")
    with any_house.database.writing() as session:
        Lab(any_house, session).beam_records.record(SYSTEM, sample.id, NewBeamRecord.model_validate(LOG))
    with any_house.database.reading() as session:
        (row,) = Lab(any_house, session).beam_records.of_sample(SYSTEM, sample.id)
        coverage = Lab(any_house, session).dose.coverage(SYSTEM, sample.id)
    assert (row.kind, coverage.unaccounted_s.value) == ("blanker_log", 2.0)
