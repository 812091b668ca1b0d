"""The real HAADF series: how its tilt axis lies, and what a sixth of its tilts still shows."""

from pathlib import Path

import numpy as np
import pytest
from rsciio.digitalmicrograph import file_reader

from lithoscope.numerics.tomography import pick_tilts, sirt, subtract_background, turn_series

SERIES = Path(__file__).parents[4] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
ANGLES_DEG = np.arange(-90.0, 91.0, 2.0)
#: The needle lies along this direction, and at 90 deg it is as long as at 0 deg: it was turned about itself.
TILT_AXIS_DEG = -79.2


@pytest.fixture(scope="module")
def clean():
    return subtract_background(file_reader(str(SERIES))[0]["data"], ANGLES_DEG, level="outside_object")


@pytest.fixture(scope="module")
def turned(clean):
    return turn_series(clean.tilt_series, ANGLES_DEG, tilt_axis_deg=TILT_AXIS_DEG)


def residual(series, axis_px: float) -> float:
    """Say which part of the series a volume of 20 iterations leaves unexplained."""
    left = []
    sirt(
        series[::6],
        ANGLES_DEG[::6],
        iterations=20,
        rotation_axis_px=axis_px,
        progress=lambda _done, _total, *, residual: not left.append(residual),
    )
    return left[-1]


def test_detector_offset_is_found(clean):
    level_counts = clean.levels.columns["level_counts"]
    assert 513 <= min(level_counts) <= max(level_counts) < 525


def test_the_needle_was_turned_about_its_own_length(clean, turned):
    """About y, as the images come, the same tilts contradict each other; so they do 20 deg off to either side."""
    right = residual(turned.tilt_series, turned.rotation_axis.value)
    for wrong_deg in (0.0, TILT_AXIS_DEG - 20, TILT_AXIS_DEG + 20):
        other = turn_series(clean.tilt_series, ANGLES_DEG, tilt_axis_deg=wrong_deg)
        assert residual(other.tilt_series, other.rotation_axis.value) > 1.1 * right


def test_its_axis_is_not_in_the_middle_of_the_field(turned):
    axis = turned.rotation_axis
    assert axis.value == pytest.approx(28.8, abs=0.3)
    assert axis.uncertainty < 0.1
    assert residual(turned.tilt_series, axis.value) < 0.9 * residual(turned.tilt_series, 31.5)


def test_fifteen_tilts_agree_with_all_ninety_one(turned):
    series, axis_px = turned.tilt_series, turned.rotation_axis.value
    few = pick_tilts(series, ANGLES_DEG, first_deg=-70.0, last_deg=70.0, step_deg=10.0, tolerance_deg=0.5)
    volume = sirt(few.values, few.coordinates["t"], iterations=100, rotation_axis_px=axis_px)
    reference = sirt(series, ANGLES_DEG, iterations=100, rotation_axis_px=axis_px)
    assert np.corrcoef(volume.ravel(), reference.ravel())[0, 1] >= 0.98
