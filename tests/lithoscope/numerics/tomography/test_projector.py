import numpy as np
import pytest

from lithoscope.numerics.common import NonFiniteValues, WrongShape
from lithoscope.numerics.tomography import project
from lithoscope.numerics.tomography.errors import AxisOutsideDetector
from lithoscope.numerics.tomography.projector import as_columns, as_rays, as_volume, back_projection_matrix

ODD_ANGLES_DEG = np.array([-90.0, -63.3, -45.0, -10.0, 0.0, 0.0, 31.7, 90.0, 135.0])


def test_back_projection_is_the_adjoint_of_projection():
    rng = np.random.default_rng(1)
    volume = rng.standard_normal((11, 3, 11)).astype(np.float32)
    rays = rng.standard_normal((len(ODD_ANGLES_DEG), 3, 11)).astype(np.float32)
    matrix = back_projection_matrix(ODD_ANGLES_DEG, n_x=11, rotation_axis_px=4.6)
    forward = project(volume, ODD_ANGLES_DEG, rotation_axis_px=4.6)
    backward = as_volume(matrix @ as_rays(rays), 11)
    assert np.vdot(forward, rays) == pytest.approx(np.vdot(volume, backward), rel=1e-5)


@pytest.mark.parametrize("n_x", [16, 17])
def test_zero_tilt_is_the_sum_along_the_beam(n_x):
    volume = np.random.default_rng(2).random((n_x, 4, n_x), np.float32)
    np.testing.assert_allclose(project(volume, [0.0])[0], volume.sum(axis=0), rtol=1e-5)


@pytest.mark.parametrize("n_x", [16, 17])
def test_quarter_turn_brings_depth_to_the_detector_with_the_stated_sign(n_x):
    """u = x cos t + z sin t: at +90 deg the detector runs along +z, at -90 deg along -z."""
    volume = np.random.default_rng(3).random((n_x, 4, n_x), np.float32)
    along_z = volume.sum(axis=2).T
    np.testing.assert_allclose(project(volume, [90.0])[0], along_z, rtol=1e-4)
    np.testing.assert_allclose(project(volume, [-90.0])[0], along_z[:, ::-1], rtol=1e-4)


@pytest.mark.parametrize(("n_x", "axis_px"), [(64, None), (65, None), (64, 30.25)])
def test_a_point_moves_as_the_geometry_says(n_x, axis_px):
    """A wrong tilt sign, or an axis half a pixel off, moves the centre of mass and fails here."""
    z, x = 45, 22
    volume = np.zeros((n_x, 1, n_x), np.float32)
    volume[z, 0, x] = 1
    middle = (n_x - 1) / 2
    angles = np.arange(-70.0, 71.0, 10.0)
    place = (project(volume, angles, rotation_axis_px=axis_px)[:, 0] * np.arange(n_x)).sum(axis=1)
    turned = np.deg2rad(angles)
    axis = middle if axis_px is None else axis_px
    # the detector spreads a voxel over pixels, which moves its centre of mass by less than a third of a pixel
    expected = axis + (x - middle) * np.cos(turned) + (z - middle) * np.sin(turned)
    np.testing.assert_allclose(place, expected, atol=0.33)
    assert abs(np.mean(place - expected)) < 0.1


def test_every_tilt_sees_all_of_an_object_inside_the_field():
    volume = np.zeros((32, 2, 32), np.float32)
    volume[10:22, :, 10:22] = np.random.default_rng(4).random((12, 2, 12))
    sums = project(volume, ODD_ANGLES_DEG).sum(axis=(1, 2))
    np.testing.assert_allclose(sums, volume.sum(), rtol=1e-5)


def test_a_disc_casts_its_chord_length():
    place = np.arange(256) - 127.5
    radius = 80.0
    disc = (place[:, None] ** 2 + place[None, :] ** 2 < radius**2).astype(np.float32)[:, None, :]
    chord = 2 * np.sqrt(np.maximum(radius**2 - place**2, 0))
    for image in project(disc, [0.0, 17.0, 45.0, 80.0])[:, 0]:
        assert np.sqrt(np.mean((image - chord) ** 2)) < 0.01 * chord.max()


def test_rearranging_there_and_back_changes_nothing():
    volume = np.random.default_rng(5).random((7, 4, 7), np.float32)
    np.testing.assert_array_equal(as_volume(as_columns(volume), 7), volume)


@pytest.mark.parametrize("shape", [(8, 8), (8, 4, 9), (0, 4, 0)])
def test_a_volume_that_cannot_be_turned_is_refused(shape):
    with pytest.raises(WrongShape, match="deep as wide"):
        project(np.zeros(shape), [0.0])


def test_angles_must_be_finite_and_the_axis_on_the_detector():
    with pytest.raises(NonFiniteValues):
        project(np.zeros((4, 4, 4)), [0.0, np.nan])
    with pytest.raises(AxisOutsideDetector, match="rotation_axis_px"):
        project(np.zeros((4, 4, 4)), [0.0], rotation_axis_px=4.0)
