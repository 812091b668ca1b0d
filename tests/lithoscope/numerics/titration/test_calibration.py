import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.numerics.common import NonFiniteValues, WrongShape
from lithoscope.numerics.titration import fit_calibration, read_amount
from lithoscope.numerics.titration.errors import NegativeValue, NoSlope, NoSpread, TooFewPoints

STANDARDS = np.repeat([0.02, 0.05, 0.1, 0.2, 0.4], 2)  # % H2


def areas_of(amounts, rng, sd=60.0):
    return 50 + 1e4 * np.asarray(amounts) + rng.normal(0, sd, np.shape(amounts))


def test_the_published_example_of_inverse_prediction_comes_out():
    """Miller and Miller, chapter 5: fluorescein in pg/ml, line 1.52 + 1.93 x; 13.5 reads as 6.21 with s 0.24."""
    concentrations = [0, 2, 4, 6, 8, 10, 12]
    intensities = [2.1, 5.0, 9.0, 12.6, 17.3, 21.0, 24.7]
    line = fit_calibration(concentrations, intensities)
    assert line.slope == pytest.approx(1.930, abs=5e-4)
    assert line.intercept == pytest.approx(1.518, abs=5e-4)
    assert line.residual_sd == pytest.approx(0.4329, abs=1e-4)
    assert line.intercept_sd == pytest.approx(0.2949, abs=5e-5)
    reading = read_amount(line, [13.5])
    assert reading.amount == pytest.approx(6.21, abs=5e-3)
    assert reading.sd == pytest.approx(0.24, abs=5e-3)


def test_nine_in_ten_intervals_hold_the_true_amount():
    """The stated rate is 90 %; 2,000 fresh calibrations and double injections give it within its scatter of 0.7 %."""
    rng = np.random.default_rng(20)
    held = 0
    for _ in range(2000):
        truth = rng.uniform(0.03, 0.35)
        reading = read_amount(fit_calibration(STANDARDS, areas_of(STANDARDS, rng)), areas_of([truth, truth], rng))
        held += reading.lower <= truth <= reading.upper
    assert 0.88 <= held / 2000 <= 0.92


def test_more_injections_give_a_narrower_interval():
    rng = np.random.default_rng(3)
    line = fit_calibration(STANDARDS, areas_of(STANDARDS, rng))
    areas = areas_of([0.1] * 12, rng)
    one, many = read_amount(line, areas[:1]), read_amount(line, areas)
    assert many.upper - many.lower < one.upper - one.lower


@given(st.floats(0.1, 1e3), st.integers(0, 1000))
def test_the_unit_of_the_areas_does_not_matter(scale, seed):
    rng = np.random.default_rng(seed)
    areas, measured = areas_of(STANDARDS, rng), areas_of([0.1], rng)
    plain = read_amount(fit_calibration(STANDARDS, areas), measured)
    scaled = read_amount(fit_calibration(STANDARDS, scale * areas), scale * measured)
    assert [scaled.amount, scaled.lower, scaled.upper] == pytest.approx([plain.amount, plain.lower, plain.upper])


def test_a_perfect_line_leaves_nothing_open():
    line = fit_calibration([1, 2, 3], [10, 20, 30])
    reading = read_amount(line, [25.0])
    assert reading.lower == pytest.approx(2.5)
    assert reading.upper == pytest.approx(2.5)
    assert not line.is_curved


def test_an_area_outside_the_standards_says_so():
    line = fit_calibration(STANDARDS, areas_of(STANDARDS, np.random.default_rng(1)))
    assert read_amount(line, [1000.0]).is_inside
    assert not read_amount(line, [9000.0]).is_inside
    assert not read_amount(line, [0.0]).is_inside


def test_a_detector_that_saturates_shows_as_curved():
    rng = np.random.default_rng(4)
    bent = fit_calibration(STANDARDS, areas_of(STANDARDS * (1 - 0.5 * STANDARDS), rng, sd=20.0))
    assert bent.is_curved
    assert not fit_calibration(STANDARDS, areas_of(STANDARDS, rng)).is_curved
    assert fit_calibration([0, 1, 2, 3], [0, 1, 4, 9]).is_curved


@pytest.mark.parametrize(
    ("amounts", "areas", "error"),
    [
        ([1, 2], [10, 20], TooFewPoints),
        ([], [], TooFewPoints),
        ([1, 1, 1], [10, 11, 12], NoSpread),
        ([1, 2, 3], [10, -20, 30], NegativeValue),
        ([-1, 2, 3], [10, 20, 30], NegativeValue),
        ([1, 2, 3], [30, 20, 10], NoSlope),
        ([1, 2, 3, 4], [30, 1, 28, 4], NoSlope),
        ([1, 2, 3, 4], [5, 5, 5, 5], NoSlope),
        ([1, 2, np.nan], [10, 20, 30], NonFiniteValues),
        ([1, 2, 3], [10, 20, np.inf], NonFiniteValues),
        ([1, 2, 3], [10, 20], WrongShape),
        ([[1, 2, 3]], [[1, 2, 3]], WrongShape),
    ],
)
def test_standards_that_give_no_line_are_refused(amounts, areas, error):
    with pytest.raises(error):
        fit_calibration(amounts, areas)


@pytest.mark.parametrize(
    ("areas", "error"),
    [
        ([-1.0], NegativeValue),
        ([np.nan], NonFiniteValues),
        ([], WrongShape),
        ([[1.0]], WrongShape),
        ([0, 9e4], NoSlope),
    ],
)
def test_areas_that_say_nothing_are_refused(areas, error):
    line = fit_calibration([0.1, 0.2, 0.3, 0.4], [1000, 2010, 2990, 4000])
    with pytest.raises(error):
        read_amount(line, areas)
