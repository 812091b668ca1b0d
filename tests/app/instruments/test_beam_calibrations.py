"""Readings of beam currents apply to later exposures whose current is a setting, and their uncertainty propagates."""

from typing import Any

import pytest

from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.instruments.schemas import NewBeamCalibration
from tests.app.dose.ledger import PAPER_003, dose_of, record
from tests.conftest import add_device
from tests.datasets import add_dataset

READING: dict[str, Any] = {
    "kind": "faraday",
    "measured_at": "2026-10-01T08:00:00Z",
    "beam_energy_kV": 300,
    "set_current_nA": 0.3,
    "measured_current_nA": 0.27,
    "uncertainty_nA": 0.0135,
}


def read(who: Any, device: Any, **change: Any) -> Any:
    body = {**READING, **change}
    return who.post(f"/api/v1/instruments/{device.instrument.id}/beam-calibrations", json=body)


def current_of(who: Any, sample: Any) -> Any:
    return dose_of(who, sample.id)["exposures"][0]


def test_a_later_exposure_is_accounted_with_the_measured_current(
    contributor: Any, manager: Any, device: Any, sample: Any
) -> None:
    exact = {
        "dwell_s": {"value": 0.05, "source": "header", "uncertainty": 0},
        "step_nm": {"value": 4.63, "source": "header", "uncertainty": 0},
    }
    exposure = record(device, sample.id, PAPER_003, **exact).json()
    before = current_of(contributor, sample)
    reading = read(manager, device)
    assert reading.status_code == 201, reading.text
    after = current_of(contributor, sample)
    assert after["recorded"]["value"] == pytest.approx(0.9 * before["recorded"]["value"])
    assert after["recorded"]["uncertainty"] == pytest.approx(0.05 * after["recorded"]["value"])
    assert (after["current"]["value"], after["current"]["source"]) == (pytest.approx(0.27), "assumed")
    assert f"calibrated by {reading.json()['id']} (faraday, 2026-10-01, " in after["current"]["note"]
    kept = contributor.get(f"/api/v1/exposures/{exposure['id']}").json()["conditions"]["beam_current_nA"]
    assert kept["value"] == 0.3


def test_a_measured_current_is_believed_as_it_is(contributor: Any, manager: Any, device: Any, sample: Any) -> None:
    read(manager, device)
    record(device, sample.id, PAPER_003, beam_current_nA={"value": 0.3, "source": "measured"})
    assert current_of(contributor, sample)["current"]["value"] == 0.3


def test_a_reading_does_not_reach_back(contributor: Any, manager: Any, device: Any, sample: Any) -> None:
    read(manager, device, measured_at="2026-10-02T09:00:00Z")
    record(device, sample.id, PAPER_003)
    shown = current_of(contributor, sample)
    assert shown["current"]["value"] == 0.3
    assert [each for each in shown["warnings"] if each.startswith("beam-not calibrated: no reading")]


def test_a_setting_outside_the_calibrated_range_is_flagged(
    contributor: Any, manager: Any, device: Any, sample: Any
) -> None:
    for setting in (0.05, 0.1):
        read(manager, device, set_current_nA=setting, measured_current_nA=setting)
    record(device, sample.id, PAPER_003)
    shown = current_of(contributor, sample)
    assert shown["current"]["value"] == 0.3
    assert any("outside the range" in each and "0.05 to 0.1 nA" in each for each in shown["warnings"])


def test_a_person_s_exposure_is_calibrated_by_the_instrument_it_names_or_that_of_its_file(
    contributor: Any, manager: Any, device: Any, house: House, project: Any, sample: Any
) -> None:
    read(manager, device)
    dataset = add_dataset(house, project, sample, instrument_id=device.instrument.id)
    for change in ({}, {"instrument_id": device.instrument.id}, {"dataset_id": dataset.id}):
        record(contributor, sample.id, PAPER_003, **change)
    currents = [each["current"]["value"] for each in dose_of(contributor, sample.id)["exposures"]]
    assert currents == [0.3, pytest.approx(0.27), pytest.approx(0.27)]


def test_a_device_cannot_name_another_instrument(device: Any, house: House, client: Any, sample: Any) -> None:
    other = add_device(house, client, None)
    exposure = record(device, sample.id, PAPER_003, instrument_id=other.instrument.id)
    assert exposure.json()["instrument_id"] == device.instrument.id


def test_a_corrected_reading_no_longer_counts(contributor: Any, manager: Any, device: Any, sample: Any) -> None:
    wrong = read(manager, device).json()
    right = read(manager, device, measured_current_nA=0.24, supersedes_id=wrong["id"])
    again = read(manager, device, supersedes_id=wrong["id"])
    assert (right.status_code, again.status_code, again.json()["type"]) == (201, 409, "/problems/already-superseded")
    record(device, sample.id, PAPER_003)
    assert current_of(contributor, sample)["current"]["value"] == pytest.approx(0.24)
    url = f"/api/v1/instruments/{device.instrument.id}/beam-calibrations"
    newest, oldest = contributor.get(url).json()["items"]
    assert (newest["superseded_by"], oldest["superseded_by"]) == (None, right.json()["id"])


def test_the_dose_method_gets_the_calibrated_current(
    contributor: Any, manager: Any, device: Any, house: House, sample: Any
) -> None:
    read(manager, device)
    exposure_id = record(device, sample.id, PAPER_003).json()["id"]
    with house.database.reading() as session:
        dose = Lab(house, session).dose
        raster = dose.raster(dose.get(SYSTEM, exposure_id).exposure)
    assert raster.beam_current_nA.value == pytest.approx(0.27)


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"measured_at": "2199-01-01T00:00:00Z"}, 422, "time-order", "/body/measured_at"),
        ({"measured_current_nA": 0}, 422, "out-of-range", "/body/measured_current_nA"),
        ({"uncertainty_nA": -1}, 422, "out-of-range", "/body/uncertainty_nA"),
        ({"kind": "guess"}, 422, "invalid-input", "/body/kind"),
        ({"set_current_nA": 3e-8}, 422, "implausible-value", "/body/set_current_nA"),
        ({"supersedes_id": "bmc_nothing"}, 422, "invalid-input", "/body/supersedes_id"),
    ],
)
def test_a_wrong_reading_is_refused_and_not_kept(
    manager: Any, device: Any, change: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    refused = read(manager, device, **change)
    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{code}")
    assert refused.json()["errors"][0]["pointer"] == pointer
    url = f"/api/v1/instruments/{device.instrument.id}/beam-calibrations"
    assert manager.get(url).json()["items"] == []


def test_only_managers_calibrate(contributor: Any, device: Any) -> None:
    assert read(contributor, device).status_code == 403
    assert read(device, device).status_code == 403


def test_readings_are_kept_on_both_databases(any_house: House, client: Any) -> None:
    device = add_device(any_house, client, None)
    with any_house.database.writing() as session:
        new = NewBeamCalibration.model_validate(READING)
        Lab(any_house, session).beam_calibrations.record(SYSTEM, device.instrument.id, new)
    with any_house.database.reading() as session:
        (readings,) = Lab(any_house, session).beam_calibrations.readings([device.instrument.id]).values()
    assert (readings[0].measured_current_nA, readings[0].kind) == (0.27, "faraday")
