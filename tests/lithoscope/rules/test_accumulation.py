"""Fluences of fields, repeated frames and several exposures."""

import pytest

from lithoscope.rules.accumulation import accumulate, field_fluence, repeated
from lithoscope.units import Quantity

RATE = Quantity(100.0, "e/(A^2 s)", "measured", 5.0)
TIME = Quantity(2.0, "s", "header", 0.0)
DOSE = Quantity(200.0, "e/A^2", "header", 10.0)


def test_rate_times_time_is_the_onset_dose_of_lithium_fluoride() -> None:
    """004: 2 s at 100 e/A2 s are 200 e/A2."""
    assert field_fluence(RATE, TIME, unit="e/A^2") == DOSE


def test_an_unknown_factor_makes_the_fluence_unknown_and_is_named() -> None:
    fluence = field_fluence(Quantity.unknown("e/(A^2 s)"), TIME, unit="e/A^2")
    assert (fluence.value, fluence.note) == (None, "not known: rate")


def test_equal_frames_share_their_uncertainty() -> None:
    series = repeated(DOSE, 15)
    assert (series.value, series.uncertainty) == (3000.0, 150.0)


def test_independent_exposures_add_in_quadrature() -> None:
    sums = accumulate([DOSE, DOSE], unit="e/A^2")
    assert sums.total.value == 400.0
    assert sums.total.uncertainty == pytest.approx(10 * 2**0.5)
    assert sums.total == sums.known_part


def test_one_unknown_exposure_makes_the_total_unknown_and_leaves_a_lower_bound() -> None:
    sums = accumulate([DOSE, Quantity.unknown("e/A^2")], unit="e/A^2")
    assert (sums.total.source, sums.known_part.value) == ("unknown", 200.0)


def test_a_sum_with_one_unstated_uncertainty_states_none() -> None:
    assert accumulate([DOSE, Quantity(1.0, "e/A^2", "user")], unit="e/A^2").total.uncertainty is None


def test_nothing_known_is_unknown() -> None:
    sums = accumulate([Quantity.unknown("e/A^2")], unit="e/A^2")
    assert (sums.total.value, sums.known_part.value) == (None, None)


def test_exposures_of_one_calibration_share_its_uncertainty() -> None:
    """Two legs of 10 each from one reading are off together; a third from another reading is off by itself."""
    readings = [("bmc_1",), ("bmc_1",), ("bmc_2",)]
    total = accumulate([DOSE, DOSE, DOSE], unit="e/A^2", shared=readings).total
    assert (total.value, total.uncertainty) == (600.0, pytest.approx((20.0**2 + 10.0**2) ** 0.5))
