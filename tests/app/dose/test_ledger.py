"""The ledger: what each mode gave, filled in from files, per frame and summed, never guessed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.infra.clock import now
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from tests.app.dose.ledger import FIB, FIELD, PAPER_003, XRAY, dose_of, record
from tests.conftest import add_sample
from tests.datasets import add_dataset


def unknown(unit: str, note: str) -> dict[str, Any]:
    return {"value": None, "unit": unit, "source": "unknown", "uncertainty": None, "interval": None, "note": note}


def header(value: float, unit: str, note: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "source": "header", "uncertainty": None, "interval": None, "note": note}


def test_ions_are_counted_by_area_and_by_their_source(contributor: Any, sample: Any) -> None:
    for exposure in (FIB, {**FIB, "ion_source": "Ar"}, FIELD):
        assert record(contributor, sample.id, exposure).status_code == 201
    account = dose_of(contributor, sample.id)
    groups = {(each["radiation"], each["ion_source"]): each["total"] for each in account["by_beam_energy"]}
    assert set(groups) == {("ions", "Ga"), ("ions", "Ar"), ("electrons", None)}
    assert groups["ions", "Ga"]["value"] == pytest.approx(624.15, rel=1e-4)
    assert groups["ions", "Ga"]["unit"] == "ions/nm^2"


def test_a_field_by_current_and_diameter(contributor: Any, sample: Any) -> None:
    route = {
        "dose_rate_e_per_A2_s": ...,
        "beam_current_nA": {"value": 1, "source": "measured", "uncertainty": 0.1},
        "beam_diameter_nm": {"value": 1000, "source": "user", "uncertainty": 0},
    }
    record(contributor, sample.id, FIELD, **route)
    (exposure,) = dose_of(contributor, sample.id)["exposures"]
    assert exposure["rate"]["value"] == pytest.approx(79.5, abs=0.05)
    assert exposure["rate"]["uncertainty"] == pytest.approx(7.95, abs=0.005)
    assert exposure["recorded"]["value"] == pytest.approx(158.9, abs=0.1)


def test_a_field_by_counts_of_a_camera(contributor: Any, sample: Any) -> None:
    route = {
        "dose_rate_e_per_A2_s": ...,
        "camera_counts": {"value": 100, "source": "measured"},
        "conversion_counts_per_e": {"value": 4, "source": "user"},
        "pixel_size_nm": {"value": 0.05, "source": "header"},
        "exposure_s": {"value": 0.5, "source": "header"},
        "counted_in": "specimen",
    }
    exposure = record(contributor, sample.id, FIELD, **route).json()
    assert exposure["geometry"] == {"counted_in": "specimen"}
    (shown,) = dose_of(contributor, sample.id)["exposures"]
    assert shown["recorded"]["value"] == pytest.approx(100.0)
    assert "lower bound" in shown["rate"]["note"]


def test_routes_that_disagree_are_warned_of(contributor: Any, sample: Any) -> None:
    current = {"value": 5, "source": "measured"}
    diameter = {"value": 1000, "source": "user"}
    exposure = record(contributor, sample.id, FIELD, beam_current_nA=current, beam_diameter_nm=diameter).json()
    assert [each.partition(":")[0] for each in exposure["warnings"]] == ["dose-routes-disagree"]


def test_a_dose_rate_that_is_a_thousand_times_too_high_needs_confirmation(contributor: Any, sample: Any) -> None:
    """A factor of a hundred slips e/nm2 for e/A2; the unit must be stated, and what is beyond 1e9 confirmed."""
    slip = {"value": 2e9, "unit": "e/(A^2 s)", "source": "user"}
    unusual = {"value": 2e6, "unit": "e/(A^2 s)", "source": "user"}
    refused = record(contributor, sample.id, FIELD, dose_rate_e_per_A2_s=slip)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/implausible-value")
    assert record(contributor, sample.id, FIELD, dose_rate_e_per_A2_s=unusual).json()["warnings"] != []
    assert record(contributor, sample.id, FIELD, dose_rate_e_per_A2_s=slip, confirm=True).status_code == 201


def test_what_an_exposure_leaves_out_its_file_fills_in(
    contributor: Any, house: House, project: Any, sample: Any
) -> None:
    said = {
        "beam_current_nA": header(0.3, "nA", "Probe Current (nA)"),
        "dwell_s": header(0.05, "s", "DigiScan.Sample Time"),
        "pixel_size_nm": header(4.63, "nm", "Calibrations"),
    }
    dataset = add_dataset(house, project, sample, quantities=said)
    left_out = {"beam_current_nA": ..., "dwell_s": ..., "step_nm": ...}
    exposure = record(contributor, sample.id, PAPER_003, dataset_id=dataset.id, **left_out).json()
    assert exposure["conditions"]["beam_current_nA"]["value"] is None
    (shown,) = dose_of(contributor, sample.id)["exposures"]
    assert (shown["recorded"]["value"], shown["recorded"]["source"]) == (pytest.approx(7.42e5, rel=1e-3), "header")
    assert shown["current"]["note"] == "Probe Current (nA)"


def test_the_header_that_lacked_the_current_is_named(contributor: Any, house: House, project: Any, sample: Any) -> None:
    zero = {"beam_current_nA": unknown("nA", "Probe Current (nA) is zero")}
    dataset = add_dataset(house, project, sample, quantities=zero)
    record(contributor, sample.id, PAPER_003, dataset_id=dataset.id, beam_current_nA=...)
    (shown,) = dose_of(contributor, sample.id)["exposures"]
    assert shown["recorded"]["value"] is None
    assert "Probe Current (nA) is zero" in shown["recorded"]["note"]


def test_a_corrected_calibration_of_the_pixel_wins_over_the_header(
    contributor: Any, house: House, project: Any, sample: Any
) -> None:
    pixel, corrected = header(9.26, "nm", "header"), header(4.63, "nm", "corrected")
    dataset = add_dataset(
        house, project, sample, quantities={"pixel_size_nm": pixel}, calibration={"pixel_size_nm": corrected}
    )
    record(contributor, sample.id, PAPER_003, dataset_id=dataset.id, step_nm=...)
    (shown,) = dose_of(contributor, sample.id)["exposures"]
    assert shown["per_frame"]["value"] == pytest.approx(4.367e4, rel=1e-3)


def test_gray_stand_beside_fluence_by_the_sample_s_material(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    record(contributor, sample.id, XRAY)
    record(contributor, sample.id, FIB)
    account = dose_of(contributor, sample.id)
    electrons, photons, ions = (each["absorbed"] for each in account["exposures"])
    assert account["phase"] == "NMC"
    assert electrons["value"] == pytest.approx(200 * 1.602e6 * 2.109, rel=1e-3)
    assert photons["value"] == pytest.approx(404e6, rel=2e-3)
    assert (ions["value"], ions["unit"]) == (None, "Gy")
    asked = dose_of(contributor, sample.id, phase="LiF")
    assert asked["exposures"][0]["absorbed"]["value"] > electrons["value"]
    assert "this phase" in dose_of(contributor, sample.id, phase="x")["exposures"][0]["absorbed"]["note"]


def test_a_slow_beam_deposits_about_26_times_a_fast_one_and_they_are_not_added(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD)
    record(contributor, sample.id, FIELD, beam_energy_kV={"value": 2, "source": "user"})
    account = dose_of(contributor, sample.id, phase="LiF")
    fast, slow = (each["absorbed"]["value"] for each in account["exposures"])
    assert slow / fast == pytest.approx(26, rel=0.02)
    assert [each["total"]["value"] for each in account["by_beam_energy"]] == [200.0, 200.0]


def test_a_fine_probe_is_reported_as_probe_limited(contributor: Any, sample: Any) -> None:
    record(contributor, sample.id, PAPER_003, probe_diameter_nm={"value": 0.1, "source": "user"})
    record(contributor, sample.id, PAPER_003, probe_diameter_nm={"value": 5, "source": "user"})
    fine, wide = dose_of(contributor, sample.id)["exposures"]
    assert (fine["limited_by"], wide["limited_by"], wide["local_recorded"]) == ("probe", "step", None)
    assert fine["local_recorded"]["value"] > 1e3 * fine["recorded"]["value"]


def test_a_running_exposure_grows_until_it_is_ended(contributor: Any, house: House, sample: Any) -> None:
    began = (now() - timedelta(seconds=10)).isoformat()
    running = record(contributor, sample.id, FIELD, occurred_at=began, is_running=True).json()
    with house.database.reading() as session:
        (leg,) = Lab(house, session).dose.legs(SYSTEM, sample.id)
        assert leg.is_running
        assert leg.fluence.value == pytest.approx(1000.0, rel=0.5)
        soon = leg.started_at + timedelta(seconds=60)
        (later,) = Lab(house, session).dose.legs(SYSTEM, sample.id, at=soon)
        assert later.fluence.value == pytest.approx(6000.0)
    ended = record(contributor, sample.id, FIELD, occurred_at=began, supersedes_id=running["id"])
    assert ended.status_code == 201
    (exposure,) = dose_of(contributor, sample.id)["exposures"]
    assert (exposure["is_running"], exposure["recorded"]["value"]) == (False, 200.0)


def test_legs_count_until_a_moment(contributor: Any, house: House, sample: Any) -> None:
    record(contributor, sample.id, FIELD, frames=10, ended_at="2026-10-03T08:00:20Z")
    record(contributor, sample.id, FIELD, occurred_at="2026-10-03T09:00:00Z")
    with house.database.reading() as session:
        dose = Lab(house, session).dose
        halfway = datetime.fromisoformat("2026-10-03T08:00:10+00:00")
        (leg,) = dose.legs(SYSTEM, sample.id, at=halfway)
        assert leg.fluence.value == pytest.approx(1000.0)
        assert [each.fluence.value for each in dose.legs(SYSTEM, sample.id)] == [2000.0, 200.0]


def test_the_curve_of_every_mode_ends_at_the_recorded_dose(contributor: Any, sample: Any) -> None:
    for exposure in (PAPER_003, {**FIELD, "frames": 4}, XRAY, FIB):
        record(contributor, sample.id, exposure)
    for account in dose_of(contributor, sample.id)["exposures"]:
        curve = contributor.get(f"/api/v1/exposures/{account['exposure_id']}/dose-curve").json()
        assert curve["columns"]["cumulative_dose"][-1] == pytest.approx(account["recorded"]["value"])
        assert curve["units"]["cumulative_dose"] == account["recorded"]["unit"]
        short = contributor.get(f"/api/v1/exposures/{account['exposure_id']}/dose-curve", params={"most_rows": 2})
        assert short.json()["columns"]["frame"][-1] == curve["columns"]["frame"][-1]


def test_an_exposure_on_a_region_or_field_of_nothing_is_refused(contributor: Any, sample: Any) -> None:
    for change in ({"region_id": "rgn_01a1fd40dc657bf98fc37bfbbaad2ac7"}, {"instrument_id": "ins_nothing"}):
        refused = record(contributor, sample.id, FIELD, **change)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")
        assert refused.json()["errors"][0]["pointer"] == f"/body/{next(iter(change))}"
    assert dose_of(contributor, sample.id)["exposures"] == []


def test_a_corrected_exposure_leaves_the_account_it_would_have_had_at_first(
    contributor: Any, house: House, project: Any, sample: Any
) -> None:
    other = add_sample(house, project, "LS-2026-9002")
    wrong = record(contributor, sample.id, PAPER_003, step_nm=..., beam_energy_kV={"value": 2, "source": "user"})
    record(contributor, sample.id, PAPER_003, supersedes_id=wrong.json()["id"])
    record(contributor, other.id, PAPER_003)
    corrected, at_first = (dose_of(contributor, each.id) for each in (sample, other))
    for account in (corrected, at_first):
        assert len(account.pop("sample_id")) > 0
        for part in (*account["exposures"], *account["by_beam_energy"]):
            part.pop("exposure_id", None)
            part.pop("exposure_ids", None)
    assert corrected == at_first
