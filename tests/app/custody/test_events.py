"""What happens to a sample is appended and superseded, inherited by its children and never edited."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.infra.clock import now
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.custody.event_types import NewEvent
from app.lab.samples.schemas import NewSample
from tests.conftest import add_project, add_sample

STORAGE = {
    "type": "storage",
    "occurred_at": "2026-10-01T08:00:00Z",
    "ended_at": "2026-10-01T20:00:00+02:00",
    "atmosphere": "argon",
    "o2_ppm": 0.05,
    "h2o_ppm": 0.08,
    "temperature_K": 298.0,
}
EVERY_TYPE: list[dict[str, Any]] = [
    {"type": "electrochemical_cycling", "cycles": 50, "capacity_retention_percent": 65.7},
    {"type": "disassembly", "atmosphere": "argon", "state_of_charge_percent": 100},
    {"type": "wash", "solvent": "DMC", "duration_s": 60},
    STORAGE,
    {"type": "transfer", "method": "uhv_suitcase", "air_exposure_s": 0, "pressure_Pa": 1e-7},
    {
        "type": "fib_milling",
        "ion_source": "Xe",
        "ion_energy_kV": 30,
        "steps": [{"purpose": "rough", "ion_current_nA": 1000.0}],
    },
    {"type": "coating", "material": "Pt", "thickness_nm": 300},
    {"type": "heating", "temperature_K": 350.0},
    {"type": "cooling", "temperature_K": 95.0},
    {"type": "mounting", "holder": "IGST"},
    {"type": "surface_renewal", "process": "scraping"},
    {"type": "grinding", "duration_s": 120},
    {"type": "sonication", "solvent": "hexane"},
    {"type": "drop_cast", "solvent": "hexane", "support": "lacey carbon"},
    {"type": "titration", "reagent": "water"},
    {"type": "exposure", "beam": "electron"},
    {"type": "split", "process": "lift-out"},
    {"type": "disposal", "reason": "used up"},
    {"type": "note", "note": "looks dull"},
]


def record(who: Any, sample: Any, **event: Any) -> Any:
    return who.post(f"/api/v1/samples/{sample.id}/events", json={"occurred_at": "2026-10-02T08:00:00Z", **event})


@pytest.mark.parametrize("event", EVERY_TYPE, ids=lambda event: event["type"])
def test_every_type_of_the_vocabulary_is_recorded_and_read_back(
    contributor: Any, sample: Any, event: dict[str, Any]
) -> None:
    answer = record(contributor, sample, **event)
    assert answer.status_code == 201, answer.text
    read = contributor.get(answer.headers["Location"]).json()
    assert read == answer.json()
    stated = {name: value for name, value in event.items() if name not in {"type", "occurred_at", "ended_at"}}
    assert stated.items() <= read["details"].items() or event["type"] == "fib_milling"
    assert read["warnings"] == []


def test_both_times_of_an_event_are_kept_with_zone(contributor: Any, sample: Any) -> None:
    event = record(contributor, sample, **STORAGE).json()
    assert datetime.fromisoformat(event["ended_at"]) == datetime(2026, 10, 1, 18, tzinfo=UTC)
    assert abs(datetime.fromisoformat(event["received_at"]) - now()) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"doze": 3}, "unknown-field"),
        ({"o2_ppm": -1.0}, "out-of-range"),
        ({"o2_ppm": "0.1"}, "invalid-input"),
        ({"temperature_K": 0}, "out-of-range"),
        ({"occurred_at": "2026-10-01T08:00:00"}, "zone-missing"),
        ({"occurred_at": 1790000000}, "invalid-input"),
        ({"ended_at": "2026-10-01T07:00:00Z"}, "time-order"),
        ({"type": "teleport"}, "invalid-input"),
        ({"source": "unknown"}, "invalid-input"),
        ({"client_event_id": "a b"}, "invalid-input"),
        ({"supersedes_id": "evt_01a1fd40dc657bf98fc37bfbbaad2ac7"}, "invalid-input"),
    ],
)
def test_a_malformed_event_is_refused_and_not_kept(
    contributor: Any, sample: Any, change: dict[str, Any], code: str
) -> None:
    answer = record(contributor, sample, **{**STORAGE, **change})
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{code}")
    assert contributor.get(f"/api/v1/samples/{sample.id}/events").json()["items"] == []


def test_a_correction_supersedes_and_the_first_stays_to_be_read(contributor: Any, sample: Any) -> None:
    wrong = record(contributor, sample, **STORAGE).json()
    right = record(contributor, sample, **{**STORAGE, "o2_ppm": 0.5, "supersedes_id": wrong["id"]}).json()
    old, new = contributor.get(f"/api/v1/samples/{sample.id}/events").json()["items"]
    assert (old["superseded_by"], old["details"]["o2_ppm"]) == (right["id"], 0.05)
    assert (new["supersedes_id"], new["superseded_by"]) == (wrong["id"], None)


def test_an_event_is_corrected_only_once(contributor: Any, sample: Any) -> None:
    wrong = record(contributor, sample, **STORAGE).json()
    record(contributor, sample, **{**STORAGE, "supersedes_id": wrong["id"]})
    again = record(contributor, sample, **{**STORAGE, "supersedes_id": wrong["id"]})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-superseded")


def test_events_cannot_be_changed_or_deleted(contributor: Any, sample: Any) -> None:
    url = record(contributor, sample, **STORAGE).headers["Location"]
    assert {contributor.request(verb, url).status_code for verb in ("PATCH", "PUT", "DELETE")} == {405}


def test_a_repeated_client_event_id_gives_the_first_event_and_another_content_is_refused(
    contributor: Any, sample: Any
) -> None:
    first = record(contributor, sample, **STORAGE, client_event_id="pc-7")
    again = record(contributor, sample, **STORAGE, client_event_id="pc-7")
    other = record(contributor, sample, **{**STORAGE, "o2_ppm": 9.0}, client_event_id="pc-7")
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    assert (other.status_code, other.json()["type"]) == (409, "/problems/client-event-id-reused")


def test_an_event_from_the_near_future_is_kept_with_a_warning(contributor: Any, sample: Any) -> None:
    later = (now() + timedelta(days=2)).isoformat()
    event = record(contributor, sample, type="note", note="n", occurred_at=later).json()
    assert [warning.partition(":")[0] for warning in event["warnings"]] == ["clock-skew"]
    assert contributor.get(f"/api/v1/events/{event['id']}").json()["warnings"] == event["warnings"]


def test_a_slow_clock_shows_in_the_offset_of_the_sender(contributor: Any, sample: Any) -> None:
    sent = (now() - timedelta(days=3)).isoformat()
    event = record(contributor, sample, type="note", note="n", sent_at=sent).json()
    assert event["clock_offset_s"] == pytest.approx(3 * 86400, abs=60)
    assert len(event["warnings"]) == 1


@pytest.mark.parametrize("stamps", [{"sent_at": -365}, {"sent_at": 365}, {"occurred_at": 365}], ids=str)
def test_a_clock_that_is_a_year_off_is_refused_and_nothing_is_kept(
    contributor: Any, sample: Any, stamps: dict[str, int]
) -> None:
    texts = {name: (now() + timedelta(days=days)).isoformat() for name, days in stamps.items()}
    answer = record(contributor, sample, type="note", note="n", **texts)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/clock-off")
    assert contributor.get(f"/api/v1/samples/{sample.id}/events").json()["items"] == []


def test_a_devices_event_carries_the_offset_of_its_last_heartbeat(device: Any, sample: Any) -> None:
    behind = (now() - timedelta(seconds=300)).isoformat()
    assert device.post("/api/v1/heartbeats", json={"sent_at": behind}).status_code == 201
    event = record(device, sample, type="note", note="n").json()
    assert (event["clock_offset_s"], event["recorded_by"]) == (pytest.approx(300.0, abs=5), device.id)
    assert len(event["warnings"]) == 1


def test_an_unusual_value_is_kept_with_a_warning(contributor: Any, sample: Any) -> None:
    answer = record(contributor, sample, **{**STORAGE, "o2_ppm": 5000.0})
    assert answer.status_code == 201
    assert answer.json()["warnings"] == ["o2_ppm is outside its plausible range 0.001 to 100: check its unit"]


def test_a_value_a_thousand_times_outside_needs_confirmation(contributor: Any, sample: Any) -> None:
    coating = {"type": "coating", "material": "Pt", "thickness_nm": 3e-7}
    refused = record(contributor, sample, **coating)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/implausible-value")
    assert "3e-07" not in refused.text
    assert record(contributor, sample, **coating, confirm=True).status_code == 201


def test_a_child_inherits_what_happened_before_the_split(contributor: Any, project: Any, sample: Any) -> None:
    child = contributor.post(
        "/api/v1/samples",
        json={"project_id": project.id, "name": "lamella", "material": "nmc", "parent_id": sample.id},
    ).json()
    before = record(contributor, sample, **STORAGE).json()
    record(contributor, sample, type="split", occurred_at="2026-10-03T08:00:00Z", child_ids=[child["id"]])
    record(contributor, sample, type="heating", occurred_at="2026-10-04T08:00:00Z", temperature_K=400.0)
    contributor.post(
        f"/api/v1/samples/{child['id']}/events",
        json={"type": "mounting", "occurred_at": "2026-10-05T08:00:00Z", "holder": "IGST"},
    )
    history = contributor.get(f"/api/v1/samples/{child['id']}/events").json()["items"]
    assert [event["type"] for event in history] == ["storage", "split", "mounting"]
    assert [event["inherited_from"] for event in history] == [sample.id, sample.id, None]
    assert history[0]["id"] == before["id"]


def test_a_split_names_only_children_of_the_sample(contributor: Any, sample: Any) -> None:
    answer = record(contributor, sample, type="split", child_ids=[sample.id])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/body/child_ids")


def test_a_stranger_sees_neither_events_nor_their_sample(people: Any, contributor: Any, sample: Any) -> None:
    event = record(contributor, sample, **STORAGE).json()
    stranger = people.make()
    assert stranger.get(f"/api/v1/events/{event['id']}").status_code == 404
    assert stranger.get(f"/api/v1/samples/{sample.id}/events").status_code == 404
    assert record(stranger, sample, **STORAGE).status_code == 404


def test_a_viewer_reads_and_does_not_record(people: Any, project: Any, sample: Any) -> None:
    viewer = people.make(role="viewer", project=project)
    assert record(viewer, sample, **STORAGE).status_code == 403
    assert viewer.get(f"/api/v1/samples/{sample.id}/events").status_code == 200


def test_the_summary_adds_up_storage_transfers_and_air(contributor: Any, sample: Any) -> None:
    record(contributor, sample, type="disassembly", occurred_at="2026-10-01T07:00:00Z")
    wrong = record(contributor, sample, **{**STORAGE, "ended_at": "2026-10-09T08:00:00Z"}).json()
    record(contributor, sample, **STORAGE, supersedes_id=wrong["id"])
    record(contributor, sample, type="transfer", method="inert_gas_holder", air_exposure_s=15.0)
    at = {"at": "2026-10-02T09:00:00Z"}
    summary = contributor.get(f"/api/v1/samples/{sample.id}/custody-summary", params=at).json()
    assert (summary["storage"]["value"], summary["storage"]["unit"]) == (10.0, "h")
    assert summary["transfer_methods"] == ["inert_gas_holder"]
    assert (summary["air_exposure"]["value"], summary["since_disassembly"]["value"]) == (15.0, 26.0)


def test_history_is_inherited_and_corrected_on_both_databases(any_house: House) -> None:
    parent = add_sample(any_house, add_project(any_house, "P"), "S-1")
    new = TypeAdapter(NewEvent)
    with any_house.database.writing() as session:
        lab = Lab(any_house, session)
        wrong, _ = lab.custody.record(SYSTEM, parent.id, new.validate_python({**STORAGE, "client_event_id": "a"}))
        right = {**STORAGE, "ended_at": "2026-10-01T10:00:00Z", "supersedes_id": wrong.event.id}
        lab.custody.record(SYSTEM, parent.id, new.validate_python(right))
        body = {"project_id": parent.project_id, "name": "lamella", "material": "nmc", "parent_id": parent.id}
        child = lab.samples.create(SYSTEM, NewSample.model_validate(body))
    with any_house.database.writing() as session:
        custody = Lab(any_house, session).custody
        assert custody.summary(SYSTEM, child.id).storage.value == 2.0
        again, is_new = custody.record(SYSTEM, parent.id, new.validate_python({**STORAGE, "client_event_id": "a"}))
        assert (again.event.id, is_new) == (wrong.event.id, False)
