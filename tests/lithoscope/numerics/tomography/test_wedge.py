"""What a tilt range leaves unmeasured: closed forms, and the directions of the missing wedge."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography.wedge import measured_directions, tilt_geometry

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)


def test_the_papers_series_resolves_35_nm_by_crowther_and_stretches_by_a_third():
    geometry = tilt_geometry(ANGLES_DEG, diameter_nm=200.0)
    assert geometry.crowther_nm == pytest.approx(34.9, abs=0.05)
    assert geometry.elongation == pytest.approx(1.309, abs=0.001)
    assert (geometry.range_deg, geometry.mean_step_deg) == (140, 10)


def test_order_and_duplicates_change_no_geometry_and_a_gap_is_seen():
    mixed = np.random.default_rng(0).permutation(np.r_[ANGLES_DEG, 0.0, 0.0])
    assert tilt_geometry(mixed, diameter_nm=200.0) == tilt_geometry(ANGLES_DEG, diameter_nm=200.0)
    gap = tilt_geometry(np.delete(ANGLES_DEG, 5), diameter_nm=200.0)
    assert gap.crowther_widest_nm == pytest.approx(69.8, abs=0.05)


def test_a_full_turn_has_no_elongation():
    assert tilt_geometry(np.arange(-90.0, 90.0, 2.0), diameter_nm=100.0).elongation == pytest.approx(1.0)


def test_directions_of_the_tilts_are_measured_and_the_beam_direction_is_not():
    covered = measured_directions(ANGLES_DEG, shape=(64, 1, 64))[:, 0]
    assert covered[0].all()
    assert covered[0, 0]
    assert not covered[1:, 0].any()
    sheared = measured_directions(np.arange(0.0, 61.0, 10.0), shape=(64, 1, 64))[:, 0]
    assert 0.15 < 1 - covered.mean() < 0.25  # 40 of 180 deg, less in the corners of a square
    assert sheared[5, 5]  # 45 deg
    assert not sheared[5, -5]  # -45 deg


def test_bad_input_is_refused():
    for call, word in (
        (lambda: tilt_geometry(ANGLES_DEG[:2], diameter_nm=1.0), "at least 3"),
        (lambda: tilt_geometry(ANGLES_DEG, diameter_nm=0.0), "diameter_nm"),
    ):
        with pytest.raises(ScienceError, match=word):
            call()
