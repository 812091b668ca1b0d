"""Inhomogeneity through the whole chain: an even particle has a limit, an uneven one its scatter; halves are halves."""

import numpy as np
import pytest
from scipy import ndimage

from lithoscope.methods import catalogue
from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.eds.phantoms import FAMILIES, EmittingParticle, emitting_particle
from lithoscope.numerics.particles.errors import NotCounts
from lithoscope.numerics.particles.inhomogeneity_report import measure_inhomogeneity
from lithoscope.numerics.particles.noise_halves import halves_of_counts, halves_of_variance
from lithoscope.numerics.particles.scatter_report import read_scatters, scatter_states

EDGE, COUNTS = 24, 400.0


def uneven(scatter: float) -> EmittingParticle:
    """A particle whose manganese scatters in coarse grains, at the cost of cobalt [1]."""
    rng = np.random.default_rng(4)
    grains = ndimage.gaussian_filter(rng.standard_normal((EDGE,) * 3), 2.5)
    grains *= scatter / grains.std()
    even = np.array([6, 1, 1, 1], np.float32)[:, None, None, None] / 9 * np.ones((EDGE,) * 3, np.float32)
    even[1] += grains
    even[2] -= grains
    return emitting_particle(EDGE, fractions=even, peak_counts=COUNTS, absorbs=False)


def measured(particle: EmittingParticle, maps=None, **settings):
    params = catalogue()["particle_inhomogeneity"].params(replicates=2, absorption=False, **settings)
    return measure_inhomogeneity(
        particle.counted(1) if maps is None else maps,
        particle.inside,
        maps_names=FAMILIES,
        angles_deg=particle.angles_deg,
        pixel_size_nm=particle.voxel_nm,
        seed=0,
        **params.arguments(),
    )


def row(table, name):
    place = table.columns["map"].index(name)
    return {column: values[place] for column, values in table.columns.items()}


def test_an_even_particle_has_an_upper_limit_far_below_its_noise():
    found = row(measured(uneven(0.0)).whole, "Mn")
    assert found["corrected"] is None
    assert found["upper_limit"] < found["raw"]


def test_a_planted_scatter_comes_out_without_the_noise():
    particle = uneven(0.03)
    found = row(measured(particle).whole, "Mn")
    planted = 100 * particle.fractions[1][particle.inside].std()
    assert found["low"] < found["corrected"] < found["high"]
    assert 0.5 * planted < found["corrected"] < 1.3 * planted


def test_fitted_maps_take_their_variance_and_say_so():
    particle = uneven(0.0)
    maps = particle.counted(1)
    method = catalogue()["particle_inhomogeneity"]
    found = measure_inhomogeneity(
        maps + 0.25,
        particle.inside,
        variance=particle.expected,
        maps_names=FAMILIES,
        angles_deg=particle.angles_deg,
        pixel_size_nm=particle.voxel_nm,
        seed=0,
        **method.params(replicates=2, absorption=False).arguments(),
    )
    assert row(found.whole, "Mn")["upper_limit"] is not None
    assert any(note.startswith("halves-by-variance") for note in found.notes)


def test_halves_go_through_level_and_absorption_as_the_whole_does():
    """Halves without noise are the whole, in a particle that absorbs behind a holder that shades."""
    even = emitting_particle(EDGE, peak_counts=COUNTS)
    found = measure_inhomogeneity(
        even.expected,
        even.inside,
        even.density,
        variance=0 * even.expected,
        maps_names=FAMILIES,
        angles_deg=even.angles_deg,
        pixel_size_nm=even.voxel_nm,
        seed=0,
        **catalogue()["particle_inhomogeneity"].params(replicates=1, absorption=True).arguments(),
    )
    columns = found.shells.columns
    assert even.shadow.min() < 0.75
    assert [max(each, 0) ** 0.5 for each in columns["variance"]] == pytest.approx(columns["raw"], rel=1e-3)


def test_coarse_grains_come_through_better_than_fine_ones():
    found = measured(uneven(0.0), grains_px="1, 4").recovered
    fine, coarse = found.columns["share"]
    assert fine < coarse < 1.2
    assert found.columns["map"] == ["Mn", "Mn"]
    assert measured(uneven(0.0)).recovered is None


def test_what_was_fitted_is_not_split_without_its_variance():
    particle = uneven(0.0)
    with pytest.raises(NotCounts):
        measured(particle, particle.counted(1) + 0.25)


def test_the_table_reads_back_for_averages_over_particles():
    tables = [measured(uneven(scatter), particle_name=f"p{n}", cycles=50).shells for n, scatter in enumerate((0, 0.03))]
    scatters = read_scatters(tables)
    assert {(each.map, each.cycles) for each in scatters} == {(name, 50) for name in ("O", "Mn", "Co", "Ni")}
    states = scatter_states(scatters)
    assert states.columns["particles"][0] == 2
    assert states.units["raw_mean"] == "at%"


def test_both_kinds_of_halves_are_unbiased_and_independent():
    rng = np.random.default_rng(0)
    level = np.full((1, 4, 60, 60), 30.0)
    counts = rng.poisson(level)
    fitted = level + rng.normal(0, np.sqrt(level))
    for halves in (
        halves_of_counts(counts, splits=3, seed=1),
        halves_of_variance(fitted, level, splits=3, seed=1),
    ):
        for first, second in halves:
            assert abs(first.mean() - 30) < 0.5
            assert abs(np.mean((first - 30) * (second - 30))) < 2.0
            assert np.mean((first - 30) ** 2) == pytest.approx(60, rel=0.06)


def test_halves_of_nothing_are_refused():
    with pytest.raises(InvalidSetting, match="at least one split"):
        next(halves_of_counts(np.ones((1, 1, 2, 2)), splits=0, seed=0))
    with pytest.raises(InvalidSetting, match="not negative"):
        next(halves_of_variance(np.ones(3), -np.ones(3), splits=1, seed=0))
    with pytest.raises(WrongShape):
        next(halves_of_variance(np.ones(3), np.ones(4), splits=1, seed=0))
