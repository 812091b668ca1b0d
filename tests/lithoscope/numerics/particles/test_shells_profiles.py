"""Masks, shells and depth profiles of particles."""

import numpy as np
import pytest
from scipy import ndimage

from lithoscope.errors import ScienceError
from lithoscope.numerics.particles import depth_profile, depth_shells, particle_mask
from lithoscope.numerics.tomography.phantoms import porous_particle

CONNECTIVITIES = {6: 1, 18: 2, 26: 3}


def ball(n: int, radius: float) -> np.ndarray:
    place = np.arange(n) - (n - 1) / 2
    z, y, x = np.meshgrid(place, place, place, indexing="ij")
    return z**2 + y**2 + x**2 < radius**2


@pytest.mark.parametrize("connectivity", CONNECTIVITIES)
def test_a_cube_is_peeled_like_an_onion(connectivity):
    shells = depth_shells(np.ones((9, 9, 9), bool), connectivity=connectivity)
    assert np.bincount(shells.ravel()).tolist() == [0, 386, 218, 98, 26, 1]


@pytest.mark.parametrize(("connectivity", "rank"), CONNECTIVITIES.items())
def test_shells_are_those_of_repeated_erosion(connectivity, rank):
    left = np.random.default_rng(0).random((17, 18, 19)) < 0.95
    expected = np.zeros(left.shape, int)
    shells = depth_shells(left, connectivity=connectivity)
    while left.any():
        expected += left
        left = ndimage.binary_erosion(left, ndimage.generate_binary_structure(3, rank))
    np.testing.assert_array_equal(shells, expected)


def test_every_voxel_of_the_mask_is_in_exactly_one_shell():
    mask = np.random.default_rng(1).random((12, 13, 14)) < 0.7
    np.testing.assert_array_equal(depth_shells(mask) > 0, mask)


def test_the_mask_of_a_tomogram_is_the_particle_with_its_closed_pores():
    density = porous_particle(48)
    solid = ball(48, 0.2 * 48)
    density[1:3, 1:3, 1:3] = 1
    noisy = density + np.random.default_rng(0).normal(0, 0.05, density.shape)
    found = particle_mask(noisy)
    assert found.mask[solid].all()
    assert not found.mask[:4, :4, :4].any()
    assert found.components == 2
    assert 0 < found.dropped_fraction < 1e-3
    assert found.filled_voxels > 50
    assert 0.3 < found.threshold < 0.7
    assert not found.touches_border
    open_pores = particle_mask(noisy, fill_holes=False, largest=False)
    assert open_pores.filled_voxels == 0
    assert open_pores.dropped_fraction == 0


def test_bodies_that_touch_by_a_corner_are_one_across_26_neighbours_only():
    volume = np.zeros((8, 8, 8))
    volume[1:4, 1:4, 1:4] = volume[4:6, 4:6, 4:6] = 1
    assert particle_mask(volume).mask.sum() == 27 + 8
    assert particle_mask(volume, connectivity=18).mask.sum() == 27


def test_a_particle_at_the_end_of_the_field_is_said_to_touch_it():
    volume = np.zeros((8, 8, 8))
    volume[3:8, 2:6, 2:6] = 1
    assert particle_mask(volume).touches_border


def test_profiles_are_means_over_shells_that_leave_missing_voxels_out():
    mask = ball(21, 9.0)
    shells = depth_shells(mask)
    values = np.where(mask, 0.1 * shells, 7.0)
    values[tuple(np.argwhere(shells == 2)[0])] = np.nan
    values[tuple(np.argwhere(shells == 2)[1])] = np.inf
    profile = depth_profile(mask, values, step_nm=4.63, names=("O",))
    np.testing.assert_allclose(profile.mean[0], 0.1 * np.arange(1, shells.max() + 1))
    np.testing.assert_allclose(profile.sd[0][profile.n[0] > 1], 0, atol=1e-7)
    assert profile.missing[0].tolist() == [0, 2, *[0] * (shells.max() - 2)]
    assert profile.n.sum() == mask.sum() - 2
    np.testing.assert_allclose(profile.whole_mean[0], np.nanmean(np.where(np.isfinite(values), values, np.nan)[mask]))
    assert profile.surface_mean[0] == pytest.approx(0.1)
    assert profile.depth_nm[0] == pytest.approx(4.63 / 2)
    assert profile.relative_depth[-1] == pytest.approx(1 - 0.5 / shells.max())


def test_shells_of_few_voxels_stay_in_the_table_and_out_of_plots():
    profile = depth_profile(np.ones((9, 9, 9), bool), np.ones((9, 9, 9)), step_nm=1.0)
    assert profile.is_shown[0].tolist() == [True, True, True, True, False]
    assert np.isnan(profile.sd[0, -1])
    table = profile.table()
    assert table.columns["voxels"] == [386, 218, 98, 26, 1]
    assert table.columns["standard_deviation"][-1] is None


def test_voxels_within_some_directions_keep_the_depth_they_have_in_the_whole_particle():
    mask = ball(15, 6.0)
    upper = np.zeros_like(mask)
    upper[:7] = True
    whole, part = (depth_profile(mask, mask * 1.0, step_nm=1.0, within=within) for within in (None, upper))
    assert part.shells == whole.shells
    assert 0 < part.n[0, 0] < whole.n[0, 0]


def test_a_map_without_a_single_value_has_no_mean_but_is_counted():
    mask = np.ones((3, 3, 3), bool)
    profile = depth_profile(mask, np.full(mask.shape, np.nan), step_nm=1.0)
    assert np.isnan(profile.mean).all()
    assert profile.missing.sum() == 27


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: particle_mask(np.ones((4, 4, 4))), "constant-image"),
        (lambda: particle_mask(np.zeros((4, 4, 4)), threshold=1.0), "empty-mask"),
        (lambda: particle_mask(np.full((4, 4, 4), np.nan)), "non-finite-values"),
        (lambda: particle_mask(np.ones((4, 4))), "wrong-shape"),
        (lambda: particle_mask(np.eye(4)[None] * np.ones((4, 1, 1)), connectivity=8), "invalid-setting"),
        (lambda: depth_shells(np.zeros((4, 4, 4), bool)), "empty-mask"),
        (lambda: depth_shells(np.ones((4, 4, 4), bool), connectivity=1), "invalid-setting"),
        (lambda: depth_shells(np.ones((4, 4), bool)), "wrong-shape"),
        (lambda: depth_profile(np.ones((4, 4, 4)), np.ones((4, 4, 5)), step_nm=1.0), "wrong-shape"),
        (lambda: depth_profile(np.ones((4, 4, 4)), np.ones((4, 4, 4)), step_nm=0.0), "invalid-setting"),
        (lambda: depth_profile(np.ones((4, 4, 4)), np.ones((4, 4, 4)), step_nm=1.0, within=[True]), "wrong-shape"),
        (lambda: depth_profile(np.ones((4, 4, 4)), np.ones((4, 4, 4)), step_nm=1.0, names=("O", "Mn")), "wrong-shape"),
    ],
)
def test_what_cannot_be_told_is_refused(work, code):
    with pytest.raises(ScienceError) as refused:
        work()
    assert refused.value.code == code
