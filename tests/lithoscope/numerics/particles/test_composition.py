"""Rock-salt fraction, element-rich regions, and what is left of the capacity."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.particles import (
    PAPER_OXYGEN,
    PAPER_THRESHOLDS,
    capacity_retention,
    rich_regions,
    rock_salt_fraction,
)

CUBE = np.ones((20, 20, 20), bool)


def test_sixty_one_percent_of_oxygen_is_three_different_fractions_of_rock_salt():
    fraction = rock_salt_fraction(0.610, uncertainty=0.005)
    assert fraction.of_atoms == pytest.approx(0.340, abs=5e-4)
    assert fraction.of_formula_units == pytest.approx(0.436, abs=5e-4)
    assert fraction.of_volume == pytest.approx(0.30, abs=0.02)
    assert fraction.of_volume_low < fraction.of_volume < fraction.of_volume_high
    assert fraction.of_atoms_uncertainty == pytest.approx(0.03)
    assert fraction.is_mixture


def test_the_published_fraction_needs_a_little_more_oxygen_than_was_printed():
    assert rock_salt_fraction(0.6105).of_atoms == pytest.approx(0.3370, abs=1e-4)
    assert rock_salt_fraction(0.610, **PAPER_OXYGEN).of_atoms == pytest.approx(0.3413, abs=1e-4)


def test_pure_phases_are_pure_however_they_are_counted():
    for oxygen, expected in ((2 / 3, 0.0), (1 / 2, 1.0)):
        fraction = rock_salt_fraction(oxygen)
        for each in (fraction.of_atoms, fraction.of_formula_units, fraction.of_volume, fraction.of_volume_high):
            assert each == pytest.approx(expected, abs=1e-12)


def test_uncertainties_are_the_slopes_of_the_fractions():
    here, there = rock_salt_fraction(0.61, uncertainty=1e-5), rock_salt_fraction(0.61 - 1e-5)
    for name in ("of_atoms", "of_formula_units", "of_volume"):
        assert getattr(here, f"{name}_uncertainty") == pytest.approx(
            getattr(there, name) - getattr(here, name), rel=1e-3
        )


def test_oxygen_beyond_the_phases_is_not_clipped_but_said():
    fraction = rock_salt_fraction(0.68)
    assert fraction.of_atoms < 0
    assert not fraction.is_mixture


def test_a_perfect_rock_salt_is_rich_in_nothing():
    for kind in (np.float32, np.float64):
        assert rich_regions(np.full(CUBE.shape, 1 / 6, kind), CUBE, threshold=1 / 6).rich_voxels == 0
    assert rich_regions(np.full(CUBE.shape, 0.167), CUBE, threshold=PAPER_THRESHOLDS["Mn"]).rich_voxels == 0


def test_rich_regions_are_counted_among_voxels_with_a_value():
    volume = np.full(CUBE.shape, 0.11)
    volume[:2] = 0.3
    volume[2:4] = np.nan
    found = rich_regions(volume, CUBE, threshold=0.167)
    assert found.rich_voxels == 800
    assert found.fraction == pytest.approx(800 / 7200)
    assert not found.rich[2:].any()
    assert found.is_above_null is None


def test_noise_of_a_homogeneous_particle_explains_itself_and_no_more():
    rng = np.random.default_rng(0)
    homogeneous = 0.111 + 0.03 * rng.standard_normal(CUBE.shape)
    plain = rich_regions(homogeneous, CUBE, threshold=0.167, noise_sd=0.03)
    assert plain.null_low < plain.fraction < plain.null_high
    assert not plain.is_above_null
    segregated = homogeneous.copy()
    segregated[:2, :, :] += 0.06
    assert rich_regions(segregated, CUBE, threshold=0.167, noise_sd=0.03).is_above_null


def test_the_null_of_drawn_noise_is_that_of_its_width():
    rng = np.random.default_rng(1)
    volume, draws = 0.111 + 0.03 * rng.standard_normal(CUBE.shape), 0.03 * rng.standard_normal((4, *CUBE.shape))
    drawn = rich_regions(volume, CUBE, threshold=0.167, noise_draws=draws)
    gaussian = rich_regions(volume, CUBE, threshold=0.167, noise_sd=0.03)
    assert drawn.null_fraction == pytest.approx(gaussian.null_fraction, abs=0.005)
    assert drawn.null_low < drawn.fraction < drawn.null_high


@pytest.mark.parametrize("noise_sd", [0.0, 0.001, 0.005, 0.01])
def test_noise_that_lifts_nothing_above_the_threshold_leaves_any_rich_voxel_unexplained(noise_sd):
    volume = np.full(CUBE.shape, 0.1)
    assert rich_regions(volume, CUBE, threshold=0.167, noise_sd=noise_sd).is_above_null is False
    volume[3, 3, 3] = 0.2
    assert rich_regions(volume, CUBE, threshold=0.167, noise_sd=noise_sd).is_above_null is True


def test_fewer_independent_voxels_widen_the_null():
    volume = 0.111 + 0.03 * np.random.default_rng(2).standard_normal(CUBE.shape)
    many, few = (rich_regions(volume, CUBE, threshold=0.167, noise_sd=0.03, independent_voxels=n) for n in (None, 200))
    assert few.null_high - few.null_low > 3 * (many.null_high - many.null_low)


def test_the_published_losses_of_capacity_come_back():
    lost = capacity_retention([1, 50, 100, 200], [162.1, 106.5, 77.5, 0.0], uncertainty_mAh_per_g=1.0)
    assert lost.lost.tolist() == pytest.approx([0, 0.343, 0.522, 1], abs=5e-4)
    assert lost.uncertainty[0] == 0
    assert lost.uncertainty[1] == pytest.approx(np.hypot(1, 106.5 / 162.1) / 162.1)
    assert lost.uncertainty[3] == pytest.approx(1 / 162.1)
    assert lost.table().columns["cycle"] == [1, 50, 100, 200]


def test_order_and_mass_of_the_electrode_change_nothing():
    forward = capacity_retention([1, 50, 100], [160.0, 110.0, 80.0])
    shuffled = capacity_retention([100, 1, 50], [40.0, 80.0, 55.0])
    np.testing.assert_allclose(forward.retention, shuffled.retention)
    assert capacity_retention([1, 3, 50], [150.0, 160.0, 80.0], reference_cycle=3).retention[2] == 0.5


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: rock_salt_fraction(0.6, layered_oxygen=0.5), "invalid-setting"),
        (lambda: rock_salt_fraction(0.6, metal_shares={"Mn": 0.5}), "invalid-setting"),
        (lambda: rich_regions(np.ones((2, 2, 2)), np.ones((2, 2, 3)), threshold=0.1), "wrong-shape"),
        (lambda: rich_regions(np.ones((2, 2, 2)), np.zeros((2, 2, 2)), threshold=0.1), "empty-mask"),
        (lambda: rich_regions(CUBE * 1.0, CUBE, threshold=0.1, noise_draws=CUBE * 1.0), "wrong-shape"),
        (lambda: capacity_retention([1, 2], [1.0]), "wrong-shape"),
        (lambda: capacity_retention([1, 1], [1.0, 2.0]), "invalid-setting"),
        (lambda: capacity_retention([1, 2], [0.0, 2.0]), "invalid-setting"),
        (lambda: capacity_retention([1, 2], [1.0, 2.0], reference_cycle=3), "invalid-setting"),
        (lambda: capacity_retention([1, 2], [1.0, np.nan]), "non-finite-values"),
    ],
)
def test_what_cannot_be_told_is_refused(work, code):
    with pytest.raises(ScienceError) as refused:
        work()
    assert refused.value.code == code
