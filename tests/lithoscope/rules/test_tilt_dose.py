"""Every tilt of a series has a dose and a sum before it, the scans that only look for damage included."""

from dataclasses import replace

import pytest

from lithoscope.rules.tilt_dose import ScansDoNotFit, example_series, in_order, tilt_doses
from lithoscope.units import Quantity


def test_the_published_series_takes_655e3_and_with_all_scans_742e3():
    found = tilt_doses(**example_series())
    table = found.tilts.columns
    assert found.dose_series.value == pytest.approx(6.551e5, rel=1e-3)
    assert found.dose_recorded.value == pytest.approx(7.42e5, rel=1e-3)
    assert table["angle_deg"] == [None, *(10.0 * step for step in range(-7, 8)), None]
    assert table["cumulative_dose_e_per_A2"][-1] == pytest.approx(found.dose_recorded.value)
    assert table["cumulative_dose_e_per_A2"][1] == pytest.approx(2 * found.dose_per_tilt.value)


@pytest.mark.parametrize(
    ("order", "angles"), [("rising", [-10, 0, 10]), ("falling", [10, 0, -10]), ("symmetric", [0, 10, -10])]
)
def test_tilts_follow_each_other_as_they_were_taken(order, angles):
    assert in_order([0.0, 10.0, -10.0], order) == angles


@pytest.mark.parametrize("before", [0, 1, 2])
def test_scans_outside_the_series_stand_where_they_were_taken(before):
    found = tilt_doses(**example_series(), scans_before=before).tilts.columns
    assert found["angle_deg"][before] == -70.0
    assert found["angle_deg"].count(None) == 2
    dose = found["cumulative_dose_e_per_A2"]
    assert dose[before] == pytest.approx((before + 1) * dose[0])


def test_a_dose_that_nobody_knows_stays_empty():
    example = example_series()
    silent = replace(example["exposure"], beam_current_nA=Quantity.unknown("nA", "not in the header"))
    found = tilt_doses(**{**example, "exposure": silent})
    assert found.dose_series.value is None
    assert set(found.tilts.columns["cumulative_dose_e_per_A2"]) == {None}


def test_an_exposure_of_another_series_is_refused():
    example = example_series()
    with pytest.raises(ScansDoNotFit, match="other frames"):
        tilt_doses(**{**example, "projections": example["projections"][1:]})
