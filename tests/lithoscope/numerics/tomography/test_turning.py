"""Turning a series: the sign is IMOD's, quarter turns are exact, and the axis is found or said to be unknown."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography import project, sirt, turn_series
from lithoscope.numerics.tomography.phantoms import porous_particle

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)


@pytest.fixture(scope="module")
def series():
    return project(porous_particle(24), ANGLES_DEG)


def test_a_positive_axis_lies_towards_minus_x_and_is_turned_along_y():
    rod = np.zeros((4, 21, 21), np.float32)
    for step in range(-8, 9):  # from +y towards -x by 30 deg
        rod[:, round(10 + step * np.cos(np.pi / 6)), round(10 - step * np.sin(np.pi / 6))] = 1
    turned = turn_series(rod, [-30.0, 0.0, 30.0, 60.0], tilt_axis_deg=30.0).tilt_series
    across = turned[0].sum(axis=0)
    assert across[9:12].sum() > 0.9 * across.sum()
    wrong = turn_series(rod, [-30.0, 0.0, 30.0, 60.0], tilt_axis_deg=-30.0).tilt_series[0].sum(axis=0)
    assert wrong[9:12].sum() < 0.5 * wrong.sum()


@pytest.mark.parametrize("quarters", [-2, -1, 0, 1, 2])
def test_quarter_turns_move_whole_pixels(series, quarters):
    taken = np.rot90(series, -quarters, axes=(1, 2))
    turned = turn_series(taken, ANGLES_DEG, tilt_axis_deg=90.0 * quarters).tilt_series
    np.testing.assert_array_equal(turned, series)


def test_a_turn_of_any_size_follows_the_same_sign_as_a_quarter_turn(series):
    quarter = turn_series(series, ANGLES_DEG, tilt_axis_deg=90.0).tilt_series
    for nearly in (80.0, 100.0):
        turned = turn_series(series, ANGLES_DEG, tilt_axis_deg=nearly).tilt_series
        other = turn_series(series, ANGLES_DEG, tilt_axis_deg=nearly - 180.0).tilt_series
        near, far = (np.corrcoef(quarter[0].ravel(), image[0].ravel())[0, 1] for image in (turned, other))
        assert near > far


def test_images_wider_than_high_keep_all_their_pixels(series):
    wide = np.rot90(series[:, 4:20], -1, axes=(1, 2))
    assert turn_series(wide, ANGLES_DEG, tilt_axis_deg=90.0).tilt_series.shape == series[:, 4:20].shape


@pytest.mark.parametrize("axis_px", [11.5, 9.25])
def test_axis_is_found_where_the_centre_of_mass_turns(axis_px):
    moved = project(porous_particle(24), ANGLES_DEG, rotation_axis_px=axis_px)
    axis = turn_series(moved, ANGLES_DEG, tilt_axis_deg=0.0).rotation_axis
    assert axis.value == pytest.approx(axis_px, abs=0.1)
    assert abs(axis.value - axis_px) < 4 * axis.uncertainty + 0.02
    assert axis.unit == "px"
    assert "drift" in axis.note


def test_uncertainty_of_the_axis_covers_its_scatter_in_noise():
    clean, rng = project(porous_particle(24), ANGLES_DEG), np.random.default_rng(0)
    found = [
        turn_series(np.clip(clean + 0.3 * rng.standard_normal(clean.shape) * (clean > 0), 0, None), ANGLES_DEG,
                    tilt_axis_deg=0.0).rotation_axis
        for _ in range(60)
    ]  # fmt: skip
    scatter = np.std([axis.value for axis in found])
    stated = np.mean([axis.uncertainty for axis in found])
    assert 0.7 * scatter < stated < 2.5 * scatter


def test_three_tilts_leave_the_axis_unknown(series):
    assert turn_series(series[:3], ANGLES_DEG[:3], tilt_axis_deg=0.0).rotation_axis.value is None


def test_a_series_taken_about_x_gives_its_volume_after_a_quarter_turn(series):
    taken = np.rot90(series, 1, axes=(1, 2))
    turned = turn_series(taken, ANGLES_DEG, tilt_axis_deg=-90.0).tilt_series
    np.testing.assert_allclose(sirt(turned, ANGLES_DEG, iterations=5), sirt(series, ANGLES_DEG, iterations=5))


@pytest.mark.parametrize("tilt_axis_deg", [181.0, float("nan")])
def test_an_angle_beyond_half_a_turn_is_refused(series, tilt_axis_deg):
    with pytest.raises(ScienceError, match="half a turn"):
        turn_series(series, ANGLES_DEG, tilt_axis_deg=tilt_axis_deg)
