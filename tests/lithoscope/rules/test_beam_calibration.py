"""Set currents become measured ones by what the instrument's own readings say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.beam_calibration import BeamReading, calibrated
from lithoscope.units import Quantity, Source

MONDAY = datetime(2026, 10, 5, 9, tzinfo=UTC)
LATER = MONDAY + timedelta(days=3)
KV_300 = Quantity(300.0, "kV", "header")
LOW = BeamReading("bmc_low", "faraday", 300.0, 0.10, 0.09, 0.003, MONDAY)
HIGH = BeamReading("bmc_high", "faraday", 300.0, 0.50, 0.40, 0.004, MONDAY)


def set_to(current_nA: float, source: Source = "header", uncertainty: float | None = None) -> Quantity:
    return Quantity(current_nA, "nA", source, uncertainty, note="Probe Current (nA)")


def apply(current: Quantity, *readings: BeamReading, energy: Quantity = KV_300) -> Quantity:
    return calibrated(current, energy=energy, at=LATER, readings=readings).current


def test_a_setting_that_was_measured_gives_the_measured_current_with_its_uncertainty() -> None:
    current = apply(set_to(0.10), LOW, HIGH)
    assert (current.value, current.uncertainty) == (pytest.approx(0.09), pytest.approx(0.003))
    assert current.note == "Probe Current (nA); calibrated by bmc_low (faraday, 2026-10-05, 3 days before)"


def test_a_calibration_holds_until_the_next_and_its_note_tells_how_old_it_was() -> None:
    for days, told in ((1, "1 day before"), (500, "500 days before")):
        at = MONDAY + timedelta(days=days)
        found = calibrated(set_to(0.10), energy=KV_300, at=at, readings=[LOW]).current
        assert (found.value, told in found.note) == (pytest.approx(0.09), True)


def test_between_two_settings_of_a_date_the_current_lies_on_a_straight_line() -> None:
    current = apply(set_to(0.30), LOW, HIGH)
    assert current.value == pytest.approx(0.245)
    assert current.uncertainty == pytest.approx((0.0015**2 + 0.002**2) ** 0.5)
    assert "bmc_low and bmc_high" in current.note


def test_the_uncertainty_of_the_setting_counts_by_the_slope() -> None:
    current = apply(set_to(0.30, uncertainty=0.02), replace(LOW, uncertainty_nA=0.0), replace(HIGH, uncertainty_nA=0.0))
    assert current.uncertainty == pytest.approx(0.02 * 0.31 / 0.4)


def test_a_reading_without_uncertainty_states_none() -> None:
    assert apply(set_to(0.30), replace(LOW, uncertainty_nA=None), HIGH).uncertainty is None


@pytest.mark.parametrize("setting", [0.05, 0.6])
def test_nothing_is_extrapolated_and_the_range_is_named(setting: float) -> None:
    current = apply(set_to(setting), LOW, HIGH)
    assert current.value == setting
    assert "not calibrated: outside the range of bmc_low, bmc_high (0.1 to 0.5 nA)" in current.note


def test_a_single_reading_holds_at_its_own_setting_only() -> None:
    assert apply(set_to(0.1005), LOW).value == pytest.approx(0.1005 * 0.9)
    assert "not calibrated" in apply(set_to(0.2), LOW).note


def test_a_measured_or_unknown_current_is_left_alone() -> None:
    measured, unknown = set_to(0.10, "measured"), Quantity.unknown("nA", "header says zero")
    assert apply(measured, LOW) == measured
    assert apply(unknown, LOW) == unknown


@pytest.mark.parametrize("source", ["header", "user", "assumed"])
def test_a_calibrated_setting_keeps_its_source(source: Source) -> None:
    assert apply(set_to(0.10, source), LOW).source == source


def test_a_reading_holds_from_its_own_moment_until_the_next_date() -> None:
    newer = replace(LOW, id="bmc_new", measured_current_nA=0.08, measured_at=MONDAY + timedelta(days=1))
    future = replace(LOW, id="bmc_future", measured_at=LATER + timedelta(days=1))
    assert apply(set_to(0.10), LOW, newer, future).value == pytest.approx(0.08)
    assert "before the exposure" in apply(set_to(0.10), future).note


def test_settings_of_different_dates_are_not_mixed() -> None:
    newer = replace(HIGH, measured_at=MONDAY + timedelta(days=1))
    assert "not calibrated" in apply(set_to(0.30), LOW, newer).note


def test_a_faraday_cup_is_believed_before_the_screen_of_the_same_date_and_a_newer_screen_before_an_old_cup() -> None:
    screen = replace(LOW, id="bmc_screen", kind="screen", measured_current_nA=0.07)
    assert apply(set_to(0.10), LOW, screen).value == pytest.approx(0.09)
    assert apply(set_to(0.10), LOW, replace(screen, measured_at=LATER)).value == pytest.approx(0.07)


def test_another_beam_energy_calibrates_nothing() -> None:
    assert "no reading at this beam energy" in apply(set_to(0.10), replace(LOW, beam_energy_kV=200.0)).note
    assert "energy is not known" in apply(set_to(0.10), LOW, energy=Quantity.unknown("kV")).note


@given(st.floats(0.1, 0.5))
def test_within_the_range_the_current_stays_between_the_readings(setting: float) -> None:
    value = apply(set_to(setting), LOW, HIGH).value
    assert value is not None
    assert 0.09 * 0.99 <= value <= 0.40 * 1.01


def test_the_readings_a_current_comes_from_are_told() -> None:
    between = calibrated(set_to(0.3), energy=KV_300, at=LATER, readings=[LOW, HIGH])
    at_one = calibrated(set_to(0.1), energy=KV_300, at=LATER, readings=[LOW, HIGH])
    outside = calibrated(set_to(9.0), energy=KV_300, at=LATER, readings=[LOW, HIGH])
    assert between.reading_ids == ("bmc_low", "bmc_high")
    assert (at_one.reading_ids, outside.reading_ids) == (("bmc_low",), ())


def test_a_setting_two_percent_off_the_only_reading_is_not_that_reading() -> None:
    assert apply(set_to(0.1009), LOW).value == pytest.approx(0.1009 * 0.9)
    assert "not calibrated" in apply(set_to(0.1015), LOW).note
