"""Averages over particles, and comparison of cycling states."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.particles import compare_states, depth_profile, group_profile, profile_figures
from lithoscope.numerics.particles.groups import shared_curve

SIZES_PX, LEVELS = (6.5, 8.5, 10.5, 12.5), (0.640, 0.655, 0.670, 0.690)


def particle(radius_px: float, level: float, *, slope: float = 0.0, noise: float = 0.0, seed: int = 0):
    """A sphere of one composition, or one that rises by `slope` from its surface to its core."""
    n = 28
    place = np.arange(n) - (n - 1) / 2
    z, y, x = np.meshgrid(place, place, place, indexing="ij")
    radius = np.sqrt(z**2 + y**2 + x**2)
    values = (
        level + slope * (1 - radius / radius_px) + noise * np.random.default_rng(seed).standard_normal(radius.shape)
    )
    return depth_profile(radius < radius_px, values, step_nm=4.63, names=("O",))


def test_uniform_particles_of_different_size_and_composition_give_no_unflagged_gradient():
    group = group_profile([particle(r, c) for r, c in zip(SIZES_PX, LEVELS, strict=True)], smallest_change=0.005)
    (gradient,) = group.gradients
    assert gradient.apparent > 0.015
    assert gradient.within == pytest.approx(0, abs=1e-9)
    assert gradient.origin == "group_composition"
    assert gradient.is_flagged
    assert np.ptp(group.relative_mean) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_noise_does_not_make_uniform_particles_agree_on_a_gradient(seed):
    order = np.random.default_rng(seed).permutation(4)
    profiles = [particle(r, LEVELS[k], noise=0.025, seed=10 * seed + k) for r, k in zip(SIZES_PX, order, strict=True)]
    (gradient,) = group_profile(profiles, smallest_change=0.005).gradients
    assert gradient.origin in {"none", "not_significant", "group_composition"}


@pytest.mark.parametrize("slope", [0.03, -0.03])
def test_a_gradient_that_the_particles_share_is_theirs(slope):
    alike = [particle(9.5, 0.66, slope=slope, noise=0.01, seed=k) for k in range(4)]
    (gradient,) = group_profile(alike, smallest_change=0.005).gradients
    assert gradient.origin == "within_particles"
    assert not gradient.is_flagged
    unlike = [particle(r, c, slope=slope) for r, c in zip(SIZES_PX, LEVELS, strict=True)]
    assert group_profile(unlike, smallest_change=0.005).gradients[0].origin == "both"


def test_every_depth_says_how_many_particles_reach_it():
    group = group_profile([particle(r, 0.66) for r in SIZES_PX], smallest_change=0.005, particles=("a", "b", "c", "d"))
    assert group.n[0, 0] == 4
    assert group.n[0].tolist() == sorted(group.n[0].tolist(), reverse=True)
    assert group.curves.shape[0] == len(group.particles)
    assert group.gradients[0].origin == "none"
    assert group.table().columns["particles"][0] == 4


def test_one_particle_has_no_standard_deviation():
    group = group_profile([particle(8.5, 0.66)], smallest_change=0.005)
    assert np.isnan(group.sd).all()
    assert set(group.table().columns["standard_deviation"]) == {None}
    np.testing.assert_allclose(group.mean[group.n > 0], 0.66)


def test_one_particle_alone_shows_its_gradient():
    assert (
        group_profile([particle(12.5, 0.66, slope=0.05)], smallest_change=0.005).gradients[0].origin
        == "within_particles"
    )


def test_mean_and_deviation_are_those_over_particles():
    group = group_profile([particle(8.5, 0.64), particle(8.5, 0.68)], smallest_change=0.005)
    np.testing.assert_allclose(group.mean[0, :5], 0.66)
    np.testing.assert_allclose(group.sd[0, :5], np.std([0.64, 0.68], ddof=1))


def test_the_shared_curve_of_unlike_particles_is_recovered_exactly():
    curve = np.array([0.0, 0.3, 0.5, 0.6, 0.65])
    curves = np.array([[5.0], [7.0], [1.0]]) + curve
    curves[0, 3:] = curves[2, 2:] = np.nan
    np.testing.assert_allclose(np.diff(shared_curve(curves)), np.diff(curve))


def test_states_stand_side_by_side_with_the_interval_of_their_difference():
    table = compare_states(
        {"pristine": {"O": [0.66, 0.67, 0.665, 0.668]}, "200 cycles": {"O": [0.60, 0.62]}, "one": {"O": [0.65]}}
    ).columns
    assert table["particles"] == [4, 2, 1]
    assert table["standard_deviation"][2] is None
    assert table["difference"][0] is None
    assert table["difference"][1] == pytest.approx(-0.05575)
    assert table["difference_low"][1] < table["difference"][1] < table["difference_high"][1]
    assert table["difference"][2] == pytest.approx(-0.01575)
    assert table["difference_low"][2] is None


def test_welchs_interval_is_that_of_scipy():
    from scipy import stats

    a, b = [0.66, 0.67, 0.665, 0.668], [0.60, 0.62, 0.63]
    table = compare_states({"a": {"O": a}, "b": {"O": b}}).columns
    theirs = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    assert (table["difference_low"][1], table["difference_high"][1]) == pytest.approx((theirs.low, theirs.high))


def test_figures_of_profiles_are_those_of_whole_and_surface():
    figures = profile_figures([particle(8.5, 0.66), particle(9.5, 0.61)])
    assert figures["O, whole"] == pytest.approx([0.66, 0.61])
    assert figures["O, surface"] == pytest.approx([0.66, 0.61])


def test_profiles_that_do_not_belong_together_are_refused():
    mask = np.ones((5, 5, 5), bool)
    one, other = (depth_profile(mask, mask * 1.0, step_nm=step) for step in (1.0, 2.0))
    for profiles, settings in (([one, other], {}), ([], {}), ([one], {"particles": ("a", "b")})):
        with pytest.raises(ScienceError) as refused:
            group_profile(profiles, smallest_change=0.01, **settings)
        assert refused.value.code == "profile-mismatch"
    with pytest.raises(ScienceError):
        group_profile([one], smallest_change=-1.0)
    with pytest.raises(ScienceError):
        compare_states({})
    with pytest.raises(ScienceError):
        profile_figures([])
