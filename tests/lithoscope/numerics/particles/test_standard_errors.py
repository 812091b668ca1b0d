"""Standard errors of shells: as large as the means scatter over draws of noise, whether neighbours share it or not."""

import numpy as np
import pytest
from scipy import ndimage

from lithoscope.numerics.particles import depth_profile, depth_shells
from lithoscope.numerics.particles.standard_errors import shell_errors

Z, Y, X = np.ogrid[:24, :25, :26]
INSIDE = (Z - 12) ** 2 + (Y - 12) ** 2 + (X - 12) ** 2 < 10.5**2
SHELLS = depth_shells(INSIDE)
DRAWS = 100


def drawn(seed: int, sigma: tuple[float, float, float]) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(INSIDE.shape)
    return 60 + ndimage.gaussian_filter(noise, sigma) if any(sigma) else 60 + noise


def told(volume: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    profile = depth_profile(INSIDE, volume, step_nm=1.0)
    return profile.mean[0], shell_errors(volume[None], SHELLS, profile.mean, profile.sd)[0]


@pytest.mark.parametrize("sigma", [(0, 0, 0), (1.2, 1.2, 1.2), (0.7, 1.0, 2.0)])
def test_a_shell_s_mean_scatters_by_its_standard_error(sigma):
    means, errors = (
        np.array(each)[:, :-2] for each in zip(*(told(drawn(n, sigma)) for n in range(DRAWS)), strict=True)
    )
    truly = means.std(axis=0, ddof=1)
    stated = np.sqrt(np.mean(errors**2, axis=0))
    assert (stated > 0.75 * truly).all()
    assert (stated < 1.6 * truly).all()
    assert np.mean(np.abs(means - 60) < 2 * errors) > 0.92


def test_voxels_of_their_own_noise_have_the_plain_standard_error():
    profile = depth_profile(INSIDE, drawn(1, (0, 0, 0)), step_nm=1.0)
    plain = profile.sd / np.sqrt(profile.n)
    found = shell_errors(drawn(1, (0, 0, 0))[None], SHELLS, profile.mean, profile.sd)
    np.testing.assert_allclose(found[:, :6], plain[:, :6], rtol=0.15)


def test_even_maps_have_none_and_voxels_without_a_value_do_not_count():
    even = np.full(INSIDE.shape, 60.0)
    assert told(even)[1][:-1] == pytest.approx(0.0, abs=1e-9)
    holes = drawn(3, (0, 0, 0))
    holes[INSIDE & (np.indices(INSIDE.shape).sum(axis=0) % 2 == 0)] = np.nan
    profile = depth_profile(INSIDE, holes, step_nm=1.0)
    found = shell_errors(holes[None], SHELLS, profile.mean, profile.sd)
    np.testing.assert_allclose(found[0, :5], (profile.sd / np.sqrt(profile.n))[0, :5], rtol=0.2)


def test_a_particle_of_one_voxel_has_no_standard_error():
    single = np.zeros((3, 3, 3), bool)
    single[1, 1, 1] = True
    profile = depth_profile(single, np.ones(single.shape), step_nm=1.0)
    assert np.isnan(shell_errors(np.ones((1, 3, 3, 3)), depth_shells(single), profile.mean, profile.sd)).all()
