import numpy as np
import pytest

from lithoscope.numerics.tomography.checks import same_direction
from lithoscope.numerics.tomography.filtered import angular_weights


def test_even_tilts_weigh_the_same_with_and_without_a_missing_wedge():
    np.testing.assert_allclose(np.rad2deg(angular_weights(np.arange(-70.0, 71.0, 10.0))), 10)
    np.testing.assert_allclose(np.rad2deg(angular_weights(np.arange(0.0, 180.0, 4.0))), 4)


def test_weights_of_a_full_turn_add_up_to_the_half_circle():
    angles = np.random.default_rng(0).uniform(-90, 90, 200)
    assert angular_weights(angles).sum() == pytest.approx(np.pi)


def test_irregular_tilts_weigh_as_their_gaps():
    np.testing.assert_allclose(np.rad2deg(angular_weights(np.array([0.0, 10.0, 40.0, 60.0]))), [10, 20, 25, 20])


def test_duplicates_and_opposite_tilts_share_a_weight():
    weights = np.rad2deg(angular_weights(np.array([-90.0, -60.0, -30.0, 0.0, 0.0, 30.0, 60.0, 90.0])))
    np.testing.assert_allclose(weights, [15, 30, 30, 15, 15, 30, 30, 15])


def test_directions_are_numbered_by_line_of_sight():
    assert same_direction(np.array([30.0, -1e-9, 210.0, 0.0, 180.0, -30.0])).tolist() == [1, 0, 1, 0, 0, 2]
