"""The real HAADF series: what a sixth of its tilts still shows."""

from pathlib import Path

import numpy as np
import pytest
from rsciio.digitalmicrograph import file_reader

from lithoscope.numerics.tomography import pick_tilts, sirt, subtract_background

SERIES = Path(__file__).parents[4] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


@pytest.fixture(scope="module")
def clean_series():
    images = file_reader(str(SERIES))[0]["data"]
    angles = np.arange(-90.0, 91.0, 2.0)
    return subtract_background(images, angles, level="outside_object"), angles


def test_detector_offset_is_found(clean_series):
    levels = clean_series[0].levels.columns["level_counts"]
    assert 513 <= min(levels) <= max(levels) < 525


def test_fifteen_tilts_agree_with_all_ninety_one(clean_series):
    series, angles = clean_series[0].tilt_series, clean_series[1]
    few = pick_tilts(series, angles, first_deg=-70.0, last_deg=70.0, step_deg=10.0, tolerance_deg=0.5)
    volume = sirt(few.values, few.coordinates["t"], iterations=100)
    reference = sirt(series, angles, iterations=100)
    assert np.corrcoef(volume.ravel(), reference.ravel())[0, 1] >= 0.94
