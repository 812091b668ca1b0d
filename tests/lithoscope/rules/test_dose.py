from dataclasses import replace

import pytest

from lithoscope.rules.dose import account_raster_dose, example_exposure, raster_dose
from lithoscope.rules.exposure import RasterExposure
from lithoscope.units import Quantity


@pytest.fixture
def exposure() -> RasterExposure:
    return example_exposure()["exposure"]


def test_dose_of_the_published_tilt_series():
    """0.300 nA, 0.05 s, 4.63 nm, 15 tilts: the paper prints 6.56e5 and its own numbers give 6.551e5."""
    dose = raster_dose(beam_current_nA=0.300, dwell_s=0.05, step_nm=4.63, frames=15)
    assert dose.per_frame_e_per_A2 == pytest.approx(4.367e4, rel=1e-3)
    assert dose.series_e_per_A2 == pytest.approx(6.551e5, rel=1e-3)


def test_repeated_scans_count_in_what_was_recorded(exposure):
    account = account_raster_dose(exposure)
    assert account.dose_per_frame.value == pytest.approx(4.367e4, rel=1e-3)
    assert account.dose_series.value == pytest.approx(6.551e5, rel=1e-3)
    assert account.dose_recorded.value == pytest.approx(7.42e5, rel=1e-3)
    assert "lower bound" in account.dose_recorded.note


def test_dose_rate_is_that_of_the_frame_and_that_under_the_probe(exposure):
    account = account_raster_dose(exposure)
    assert account.dose_rate.value == pytest.approx(account.dose_per_frame.value / 204.8)
    assert account.dose_rate_dwell.value == pytest.approx(account.dose_per_frame.value / 0.05)


def test_rate_does_not_need_the_dwell_time_but_dose_does(exposure):
    account = account_raster_dose(replace(exposure, dwell_s=Quantity.unknown("s")))
    assert account.dose_rate.value == pytest.approx(account_raster_dose(exposure).dose_rate.value)
    assert account.dose_per_frame.source == "unknown"


def test_unknown_current_makes_every_dose_unknown_and_is_named(exposure):
    account = account_raster_dose(replace(exposure, beam_current_nA=Quantity.unknown("nA", "header says zero")))
    numbers = (account.dose_per_frame, account.dose_series, account.dose_recorded, account.dose_rate)
    assert [number.value for number in numbers] == [None] * 4
    assert all("beam_current_nA" in number.note for number in numbers)
    assert set(account.scans.columns["dose_e_per_A2"]) == {None}


def test_frame_rate_without_frame_size_is_unknown_and_says_so(exposure):
    account = account_raster_dose(replace(exposure, frame_pixels=None))
    assert account.dose_rate.value is None
    assert "frame_pixels" in account.dose_rate.note
    assert account.dose_rate_dwell.value is not None


def test_a_dose_is_as_trustworthy_as_its_weakest_factor(exposure):
    measured = replace(exposure, beam_current_nA=Quantity(0.3, "nA", "measured"), dwell_s=Quantity(0.05, "s", "header"))
    assert account_raster_dose(measured).dose_series.source == "assumed"
    assert account_raster_dose(replace(measured, step_nm=Quantity(4.63, "nm", "user"))).dose_series.source == "user"


def test_uncertainty_of_the_step_counts_twice(exposure):
    stated = replace(
        exposure,
        beam_current_nA=Quantity(0.300, "nA", "measured", uncertainty=0.009),
        dwell_s=Quantity(0.05, "s", "header", uncertainty=0.0),
        step_nm=Quantity(4.63, "nm", "header", uncertainty=0.0926),
    )
    dose = account_raster_dose(stated).dose_series
    assert dose.uncertainty / dose.value == pytest.approx(0.05)  # 3 % and twice 2 %
    for rate in (account_raster_dose(stated).dose_rate, account_raster_dose(stated).dose_rate_dwell):
        assert rate.uncertainty / rate.value == pytest.approx(0.05)


def test_uncertainty_that_nobody_stated_is_not_invented(exposure):
    stated = replace(exposure, beam_current_nA=Quantity(0.300, "nA", "measured", uncertainty=0.009))
    dose = account_raster_dose(stated).dose_series
    assert dose.uncertainty is None
    assert "no uncertainty stated of dwell_s, step_nm" in dose.note


def test_scan_table_adds_up_to_what_was_recorded(exposure):
    account = account_raster_dose(exposure)
    assert len(account.scans.columns["scan"]) == 17
    assert sum(account.scans.columns["dose_e_per_A2"]) == pytest.approx(account.dose_recorded.value)
    assert account.scans.columns["cumulative_dose_e_per_A2"][-1] == account.dose_recorded.value
