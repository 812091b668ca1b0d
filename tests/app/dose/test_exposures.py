"""Stays of a beam are recorded with units and sources, and accounted for without guessing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.infra.clock import now
from app.infra.db.models import Dataset, Sample
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.dose.account import sample_dose
from app.lab.dose.schemas import NewExposure
from app.lab.dose.service import NotARaster
from tests.app.dose.ledger import FIELD, PAPER_003
from tests.conftest import add_project, add_sample
from tests.datasets import add_dataset

XRAY: dict[str, Any] = {
    "mode": "xray",
    "occurred_at": "2026-10-04T08:00:00Z",
    "photon_energy_keV": {"value": 7, "source": "user"},
    "fluence_photons_per_um2": {"value": 1e6, "unit": "photons/um^2", "source": "user"},
    "frames": 800,
}


def record(who: Any, sample: Any, exposure: dict[str, Any], **change: Any) -> Any:
    body = {name: value for name, value in {**exposure, **change}.items() if value is not ...}
    return who.post(f"/api/v1/samples/{sample.id}/exposures", json=body)


@pytest.mark.parametrize("exposure", [PAPER_003, FIELD, XRAY], ids=lambda exposure: exposure["mode"])
def test_every_mode_is_recorded_and_read_back(contributor: Any, sample: Any, exposure: dict[str, Any]) -> None:
    answer = record(contributor, sample, exposure)
    assert answer.status_code == 201, answer.text
    assert answer.json()["warnings"] == []
    assert contributor.get(answer.headers["Location"]).json() == answer.json()
    assert contributor.get(f"/api/v1/samples/{sample.id}/exposures").json()["items"] == [answer.json()]


def test_a_quantity_left_out_is_unknown_in_its_own_unit(contributor: Any, sample: Any) -> None:
    exposure = record(contributor, sample, PAPER_003, beam_current_nA=...).json()
    current = exposure["conditions"]["beam_current_nA"]
    assert (current["value"], current["unit"], current["source"]) == (None, "nA", "unknown")


@pytest.mark.parametrize(
    ("exposure", "change", "code"),
    [
        (PAPER_003, {"step_nm": {"value": 0, "source": "user"}}, "out-of-range"),
        (PAPER_003, {"dwell_s": {"value": -0.05, "source": "user"}}, "out-of-range"),
        (PAPER_003, {"dwell_s": {"value": "0.05", "source": "user"}}, "invalid-input"),
        (PAPER_003, {"dwell_s": {"value": True, "source": "user"}}, "invalid-input"),
        (PAPER_003, {"dwell_s": 0.05}, "invalid-input"),
        (PAPER_003, {"dwell_s": {"value": None, "source": "user"}}, "invalid-input"),
        (PAPER_003, {"dwell_s": {"value": 1, "source": "unknown"}}, "invalid-input"),
        (PAPER_003, {"dwell_s": {"value": 1}}, "missing-field"),
        (PAPER_003, {"doze": 3000}, "unknown-field"),
        (PAPER_003, {"step_nm": {"value": 4.63, "unit": "m", "source": "user"}}, "unit-mismatch"),
        (PAPER_003, {"step_nm": {"value": 4.63e-9, "source": "user"}}, "implausible-value"),
        (PAPER_003, {"step_nm": {"value": 1e-200, "source": "user"}, "confirm": True}, "out-of-range"),
        (PAPER_003, {"frames": 0}, "out-of-range"),
        (PAPER_003, {"frames": 2**60}, "out-of-range"),
        (PAPER_003, {"occurred_at": "0001-01-01T00:00:00+14:00"}, "invalid-input"),
        (PAPER_003, {"frames": 15.0}, "invalid-input"),
        (PAPER_003, {"recorded_scans": 14}, "out-of-range"),
        (PAPER_003, {"ended_at": "2026-10-02T07:00:00Z"}, "time-order"),
        (PAPER_003, {"occurred_at": "2026-10-02T08:00:00"}, "zone-missing"),
        (PAPER_003, {"mode": "telepathy"}, "invalid-input"),
        (PAPER_003, {"dataset_id": "ds_01a1fd40dc657bf98fc37bfbbaad2ac7"}, "invalid-input"),
        (PAPER_003, {"supersedes_id": "exp_01a1fd40dc657bf98fc37bfbbaad2ac7"}, "invalid-input"),
        (FIELD, {"dose_rate_e_per_A2_s": {"value": 100, "source": "user"}}, "unit-missing"),
        (FIELD, {"dose_rate_e_per_A2_s": {"value": 100, "unit": "e/(nm^2 s)", "source": "user"}}, "unit-mismatch"),
        (XRAY, {"fluence_photons_per_um2": {"value": 3000, "source": "user"}}, "unit-missing"),
    ],
)
def test_a_wrong_exposure_is_refused_and_not_kept(
    contributor: Any, sample: Any, exposure: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    answer = record(contributor, sample, exposure, **change)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{code}")
    assert contributor.get(f"/api/v1/samples/{sample.id}/exposures").json()["items"] == []


def test_the_most_extreme_values_that_are_taken_still_give_finite_doses(contributor: Any, sample: Any) -> None:
    largest, smallest = ({"value": value, "source": "user", "uncertainty": 1e30} for value in (1e30, 1e-30))
    extremes = {"beam_current_nA": largest, "dwell_s": largest, "step_nm": smallest, "frames": 10**6}
    assert record(contributor, sample, PAPER_003, recorded_scans=..., confirm=True, **extremes).status_code == 201
    account = contributor.get(f"/api/v1/samples/{sample.id}/dose").json()
    assert all(account["exposures"][0][name]["value"] > 0 for name in ("per_frame", "series", "recorded"))
    assert account["by_beam_energy"][0]["total"]["uncertainty"] > 0


def test_an_unusual_value_is_kept_with_a_warning_and_a_slip_needs_confirmation(contributor: Any, sample: Any) -> None:
    usual = record(contributor, sample, PAPER_003, beam_current_nA={"value": 300, "source": "user"})
    slip = {"beam_current_nA": {"value": 3e-10, "source": "user"}}
    assert (usual.status_code, len(usual.json()["warnings"])) == (201, 1)
    assert record(contributor, sample, PAPER_003, **slip).status_code == 422
    assert record(contributor, sample, PAPER_003, **slip, confirm=True).status_code == 201


def test_the_dose_is_that_of_the_published_series(contributor: Any, sample: Any) -> None:
    """0.300 nA, 0.05 s, 4.63 nm, 15 tilts in 17 scans."""
    record(contributor, sample, PAPER_003)
    account = contributor.get(f"/api/v1/samples/{sample.id}/dose").json()["exposures"][0]
    assert account["per_frame"]["value"] == pytest.approx(4.367e4, rel=1e-3)
    assert account["series"]["value"] == pytest.approx(6.551e5, rel=1e-3)
    assert account["recorded"]["value"] == pytest.approx(7.42e5, rel=1e-3)
    assert (account["recorded"]["unit"], account["recorded"]["source"]) == ("e/A^2", "assumed")


def test_fluences_of_different_beam_energies_are_never_added(contributor: Any, sample: Any) -> None:
    for exposure in (PAPER_003, FIELD, FIELD, XRAY):
        record(contributor, sample, exposure)
    groups = contributor.get(f"/api/v1/samples/{sample.id}/dose").json()["by_beam_energy"]
    assert [(group["radiation"], group["beam_energy"]["value"]) for group in groups] == [
        ("electrons", 300.0),
        ("electrons", 200.0),
        ("photons", 7.0),
    ]
    assert (groups[1]["total"]["value"], len(groups[1]["exposure_ids"])) == (400.0, 2)
    assert (groups[2]["total"]["value"], groups[2]["total"]["unit"]) == (8e8, "photons/um^2")


def test_an_unknown_exposure_makes_the_total_unknown_and_leaves_a_lower_bound(contributor: Any, sample: Any) -> None:
    record(contributor, sample, FIELD)
    record(contributor, sample, FIELD, exposure_s={"value": None, "source": "unknown"})
    (group,) = contributor.get(f"/api/v1/samples/{sample.id}/dose").json()["by_beam_energy"]
    assert (group["total"]["source"], group["known_part"]["value"]) == ("unknown", 200.0)


def test_exposures_of_unknown_energies_are_not_added(contributor: Any, sample: Any) -> None:
    for _ in range(2):
        record(contributor, sample, FIELD, beam_energy_kV=...)
    groups = contributor.get(f"/api/v1/samples/{sample.id}/dose").json()["by_beam_energy"]
    assert [(len(group["exposure_ids"]), group["total"]["value"]) for group in groups] == [(1, 200.0), (1, 200.0)]


def test_a_corrected_exposure_counts_once(contributor: Any, sample: Any) -> None:
    wrong = record(contributor, sample, FIELD).json()
    right = record(contributor, sample, FIELD, exposure_s={"value": 4, "source": "user"}, supersedes_id=wrong["id"])
    assert right.status_code == 201
    again = record(contributor, sample, FIELD, supersedes_id=wrong["id"])
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-superseded")
    (group,) = contributor.get(f"/api/v1/samples/{sample.id}/dose").json()["by_beam_energy"]
    assert group["total"]["value"] == 400.0
    assert contributor.get(f"/api/v1/exposures/{wrong['id']}").json()["superseded_by"] == right.json()["id"]


def test_a_repeated_client_event_id_gives_the_first_exposure(contributor: Any, sample: Any) -> None:
    first, again = (record(contributor, sample, FIELD, client_event_id="pc-1") for _ in range(2))
    other = record(contributor, sample, FIELD, client_event_id="pc-1", frames=2)
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    assert (other.status_code, other.json()["type"]) == (409, "/problems/client-event-id-reused")


def test_electrons_cannot_reach_a_cell_before_it_was_opened_and_x_rays_can(contributor: Any, sample: Any) -> None:
    opened = {"type": "disassembly", "occurred_at": "2026-10-20T08:00:00Z"}
    contributor.post(f"/api/v1/samples/{sample.id}/events", json=opened)
    refused = record(contributor, sample, PAPER_003)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/before-sample")
    assert record(contributor, sample, XRAY).status_code == 201


def test_nothing_is_exposed_before_it_was_prepared_or_after_its_disposal(
    contributor: Any, house: House, sample: Any
) -> None:
    with house.database.writing() as session:
        session.get_one(Sample, sample.id).prepared_at = datetime(2026, 10, 3, tzinfo=UTC)
    refused = record(contributor, sample, PAPER_003)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/before-sample")
    gone = {"type": "disposal", "occurred_at": "2026-10-03T12:00:00Z"}
    assert contributor.post(f"/api/v1/samples/{sample.id}/events", json=gone).status_code == 201
    late = record(contributor, sample, XRAY)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/after-disposal")
    assert record(contributor, sample, FIELD).status_code == 201


GONE = {"type": "disposal", "occurred_at": "2026-10-04T08:00:00Z"}
AN_HOUR = {"occurred_at": "2026-10-04T07:30:00Z", "ended_at": "2026-10-04T08:30:00Z"}


@pytest.mark.parametrize(
    ("times", "pointer"),
    [
        (AN_HOUR, "/body/ended_at"),
        ({**AN_HOUR, "ended_at": "2026-10-04T08:02:01Z"}, "/body/ended_at"),
        ({"occurred_at": "2026-10-04T07:30:00Z", "is_running": True}, "/body/is_running"),
    ],
)
def test_no_exposure_ends_or_still_runs_after_the_disposal_whichever_is_recorded_first(
    contributor: Any, sample: Any, times: dict[str, Any], pointer: str
) -> None:
    events = f"/api/v1/samples/{sample.id}/events"
    gone = contributor.post(events, json=GONE).json()
    refused = record(contributor, sample, FIELD, **times)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/after-disposal")
    assert refused.json()["errors"][0]["pointer"] == pointer
    later = {"type": "disposal", "occurred_at": "2026-10-30T08:00:00Z", "supersedes_id": gone["id"]}
    if times.get("is_running"):
        return
    gone = contributor.post(events, json=later).json()
    assert record(contributor, sample, FIELD, **times).status_code == 201
    refused = contributor.post(events, json={**GONE, "supersedes_id": gone["id"]})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/after-disposal")
    assert refused.json()["errors"][0]["pointer"] == "/body/occurred_at"


def test_a_sample_is_not_disposed_of_while_a_beam_runs_on_it(contributor: Any, sample: Any) -> None:
    running = record(contributor, sample, FIELD, occurred_at="2026-10-04T07:30:00Z", is_running=True).json()
    events = f"/api/v1/samples/{sample.id}/events"
    refused = contributor.post(events, json=GONE)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/after-disposal")
    ended = {"occurred_at": "2026-10-04T07:30:00Z", "ended_at": "2026-10-04T08:01:59Z"}
    assert record(contributor, sample, FIELD, **ended, supersedes_id=running["id"]).status_code == 201
    assert contributor.post(events, json=GONE).status_code == 201


def test_the_end_of_an_exposure_is_held_against_the_disposal_by_the_service_s_clock(device: Any, sample: Any) -> None:
    assert device.post(f"/api/v1/samples/{sample.id}/events", json=GONE).status_code == 201
    for ahead_h, status in ((1, 201), (-1, 409)):  # the PC's clock; by it the exposure ends half an hour after, before
        sent_at = (now() + timedelta(hours=ahead_h)).isoformat()
        ended_at = "2026-10-04T08:30:00Z" if ahead_h > 0 else "2026-10-04T07:30:00Z"
        body = {**FIELD, "occurred_at": "2026-10-04T06:30:00Z", "ended_at": ended_at, "sent_at": sent_at}
        assert device.post(f"/api/v1/samples/{sample.id}/exposures", json=body).status_code == status


def test_an_exposure_that_contradicts_its_file_is_refused_with_both_values(
    contributor: Any, house: House, project: Any, sample: Any
) -> None:
    header = {"beam_energy_kV": {"value": 300.0, "unit": "kV", "source": "header"}}
    dataset = add_dataset(house, project, sample, quantities=header)
    wrong = {"value": 200, "source": "user"}
    refused = record(contributor, sample, PAPER_003, dataset_id=dataset.id, beam_energy_kV=wrong)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/metadata-conflict")
    assert "300" in refused.json()["detail"]
    assert "200" in refused.json()["detail"]
    accepted = record(contributor, sample, PAPER_003, dataset_id=dataset.id)
    graph = contributor.get(f"/api/v1/lineage/{dataset.id}", params={"direction": "upstream"}).json()
    assert (accepted.json()["id"], "wasGeneratedBy") in {
        (edge["target_id"], edge["relation"]) for edge in graph["edges"]
    }


def test_a_file_read_after_its_exposure_shows_the_contradiction(
    contributor: Any, house: House, project: Any, sample: Any
) -> None:
    dataset = add_dataset(house, project, sample)
    wrong = {"value": 200, "source": "user"}
    exposure = record(contributor, sample, PAPER_003, dataset_id=dataset.id, beam_energy_kV=wrong).json()
    assert exposure["warnings"] == []
    with house.database.writing() as session:
        read = {"beam_energy_kV": {"value": 300.0, "unit": "kV", "source": "header"}}
        session.get_one(Dataset, dataset.id).quantities = read
    said = ["metadata-conflict: the file says beam_energy_kV 300, the exposure says 200"]
    assert contributor.get(f"/api/v1/exposures/{exposure['id']}").json()["warnings"] == said
    assert contributor.get(f"/api/v1/samples/{sample.id}/dose").json()["exposures"][0]["warnings"] == said


def test_a_zero_in_the_header_contradicts_nothing(contributor: Any, house: House, project: Any, sample: Any) -> None:
    header = {"beam_energy_kV": {"value": None, "unit": "kV", "source": "unknown"}}
    dataset = add_dataset(house, project, sample, quantities=header)
    assert record(contributor, sample, PAPER_003, dataset_id=dataset.id).status_code == 201


def test_a_child_inherits_exposures_before_the_split(contributor: Any, project: Any, sample: Any) -> None:
    body = {"project_id": project.id, "name": "lamella", "material": "nmc", "parent_id": sample.id}
    child = contributor.post("/api/v1/samples", json=body).json()
    record(contributor, sample, FIELD)
    record(contributor, sample, FIELD, occurred_at=(now() + timedelta(seconds=60)).isoformat())
    (inherited,) = contributor.get(f"/api/v1/samples/{child['id']}/exposures").json()["items"]
    assert inherited["inherited_from"] == sample.id


def test_a_device_records_exposures_and_does_not_read_them(device: Any, sample: Any) -> None:
    answer = record(device, sample, PAPER_003)
    assert (answer.status_code, answer.json()["instrument_id"]) == (201, device.instrument.id)
    assert device.get(answer.headers["Location"]).status_code == 404


def test_strangers_find_nothing(people: Any, contributor: Any, sample: Any) -> None:
    url = record(contributor, sample, FIELD).headers["Location"]
    stranger = people.make()
    urls = [url, f"/api/v1/samples/{sample.id}/exposures", f"/api/v1/samples/{sample.id}/dose"]
    assert {stranger.get(each).status_code for each in urls} == {404}


def test_exposures_are_recorded_and_corrected_on_both_databases(any_house: House) -> None:
    sample = add_sample(any_house, add_project(any_house, "P"), "S-1")
    new = TypeAdapter(NewExposure)
    for change in ({}, {"frames": 3}):
        with any_house.database.writing() as session:
            dose = Lab(any_house, session).dose
            known = [entry.exposure.id for entry in dose.history(SYSTEM, sample.id)]
            correction = {"supersedes_id": known[-1]} if known else {}
            dose.record(SYSTEM, sample.id, new.validate_python({**FIELD, **change, **correction}))
    with any_house.database.reading() as session:
        dose = Lab(any_house, session).dose
        account = sample_dose(dose, SYSTEM, sample.id)
    assert [group.total.value for group in account.by_beam_energy] == [600.0]


def test_an_exposure_recorded_between_two_readings_is_in_the_second(house: House, sample: Any) -> None:
    new = TypeAdapter(NewExposure).validate_python(FIELD)
    with house.database.writing() as session:
        dose = Lab(house, session).dose
        assert dose.history(SYSTEM, sample.id) == []
        recorded, _ = dose.record(SYSTEM, sample.id, new)
        assert [entry.exposure.id for entry in dose.history(SYSTEM, sample.id)] == [recorded.exposure.id]
        assert [leg.exposure_id for leg in dose.ledger(SYSTEM, sample.id).legs] == [recorded.exposure.id]


def test_the_dose_methods_get_the_record_as_it_is(contributor: Any, house: House, sample: Any) -> None:
    ids = [record(contributor, sample, exposure).json()["id"] for exposure in (PAPER_003, FIELD)]
    actor = contributor.actor({sample.project_id: "viewer"})
    with house.database.reading() as session:
        dose = Lab(house, session).dose
        raster = dose.raster(dose.get(actor, ids[0]).exposure)
        assert (raster.step_nm.value, raster.frame_pixels, raster.frames, raster.recorded_scans) == (
            4.63,
            (64, 64),
            15,
            17,
        )
        with pytest.raises(NotARaster):
            dose.raster(dose.get(actor, ids[1]).exposure)
