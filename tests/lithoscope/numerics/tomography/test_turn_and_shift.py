"""Turning and shifting at once: the sign of `turn_series`, without its blur, for whatever the pixels carry."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import turn_series
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.numerics.tomography.turn_and_shift import turn_and_shift

ANGLES_DEG = [-40.0, 0.0, 40.0]
ROWS, COLUMNS = np.mgrid[:41, :41] - 20.0


def blob(y, x, *, long=5.0, short=2.0, lean_deg=0.0):
    """Draw a smooth ellipse, its long axis leaning from +y towards -x."""
    lean = np.deg2rad(lean_deg)
    along = (ROWS - y) * np.cos(lean) - (COLUMNS - x) * np.sin(lean)
    across = (ROWS - y) * np.sin(lean) + (COLUMNS - x) * np.cos(lean)
    return np.exp(-(along**2) / (2 * long**2) - across**2 / (2 * short**2)).astype(np.float32)


@pytest.mark.parametrize("lean_deg", [3.0, -30.0, 44.0, -79.2, 120.0])
def test_an_ellipse_comes_to_stand_upright_exactly(lean_deg):
    lean = np.deg2rad(lean_deg)
    y, x = 4.0, -2.0
    placed = blob(y * np.cos(lean) + x * np.sin(lean), x * np.cos(lean) - y * np.sin(lean), lean_deg=lean_deg)
    turned = next(turn_and_shift([placed], [(1.3, -0.6)], tilt_axis_deg=lean_deg))
    np.testing.assert_allclose(turned, blob(y + 1.3, x - 0.6), atol=2e-3)


@pytest.mark.parametrize("lean_deg", [2.3, -79.2, 90.0, -180.0])
def test_it_turns_as_turn_series_does_and_blurs_less(lean_deg):
    series = np.stack([blob(2, 3, lean_deg=lean_deg)] * 3)
    linear = turn_series(series, ANGLES_DEG, tilt_axis_deg=lean_deg).tilt_series
    turned = np.array(list(turn_and_shift(series, np.zeros((3, 2)), tilt_axis_deg=lean_deg)))
    np.testing.assert_allclose(turned, linear, atol=0.04)
    assert turned.max() >= linear.max() - 1e-6


def test_quarter_turns_and_no_turn_are_plain_shifts():
    images, shifts = np.random.default_rng(0).random((2, 12, 10)), [(0.4, -1.0), (2.0, 0.3)]
    for quarters in (0, 1, 2):
        found = np.array(list(turn_and_shift(images, shifts, tilt_axis_deg=90.0 * quarters)))
        np.testing.assert_array_equal(found, apply_shifts(np.rot90(images, quarters, axes=(1, 2)), shifts))


def test_every_channel_turns_with_its_image_and_noise_keeps_its_strength():
    rng = np.random.default_rng(0)
    spectra = rng.poisson(50.0, (1, 40, 40, 3)).astype(np.float32)
    shifts = [(0.3, -0.2)]
    together = next(turn_and_shift(spectra, shifts, tilt_axis_deg=12.0))
    for channel in range(3):
        alone = next(turn_and_shift(spectra[..., channel], shifts, tilt_axis_deg=12.0))
        np.testing.assert_allclose(together[..., channel], alone, atol=1e-3)
    assert together[10:30, 10:30].var() == pytest.approx(50, rel=0.15)
    spread = next(turn_and_shift(spectra, shifts, tilt_axis_deg=12.0, variances=True))
    assert spread[10:30, 10:30].mean() == pytest.approx(50, rel=0.05)


def test_bad_input_is_refused():
    images = np.ones((1, 8, 8))
    with pytest.raises(ScienceError, match="half a turn"):
        list(turn_and_shift(images, [(0, 0)], tilt_axis_deg=200.0))
    with pytest.raises(ScienceError, match="tilt 0"):
        list(turn_and_shift(images * np.nan, [(0, 0)], tilt_axis_deg=2.0))
    with pytest.raises(ScienceError, match="y before x"):
        list(turn_and_shift(images, [0.0], tilt_axis_deg=2.0))
