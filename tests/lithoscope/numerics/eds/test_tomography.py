"""The chain from maps to volumes of atomic per cent finds what was planted in a particle that absorbs."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.eds import (
    Absorber,
    Preparation,
    density_from_adf,
    each_map,
    mean_transmission,
    ray_transmission,
    reconstruct_composition,
    reference_compositions,
)
from lithoscope.numerics.eds.absorption import attenuation_per_voxel
from lithoscope.numerics.eds.errors import EmptyTilt
from lithoscope.numerics.eds.phantoms import FAMILIES, UNSEEN, emitting_particle, layered_fractions
from lithoscope.numerics.eds.self_absorption import partial_densities
from lithoscope.numerics.tomography import sirt

NOMINAL = reference_compositions()["nominal"]
SIRT = each_map(sirt, iterations=30)
N = 32
SPHERE = np.clip(0.31 * N + 0.5 - np.sqrt(((np.indices((N, N, N)) - (N - 1) / 2) ** 2).sum(axis=0)), 0, 1)


@cache
def sphere(absorbs=True):
    return emitting_particle(N, density=SPHERE, absorbs=absorbs)


def absorber(particle, **settings):
    return Absorber(particle.density_g_cm3, particle.voxel_nm, UNSEEN, **settings)


def composed(particle, maps, **settings):
    settings = {"k_factors": NOMINAL, "families": FAMILIES, "mask": particle.inside, "engine": SIRT, **settings}
    return reconstruct_composition(maps, particle.angles_deg, **settings)


def depths(particle):
    return ndimage.distance_transform_cdt(particle.inside, "taxicab")


def core_less_surface(particle, found):
    depth, oxygen = depths(particle), found.composition.percent[0]
    return float(oxygen[depth >= depth.max() - 3].mean() - oxygen[depth == 1].mean())


def test_a_uniform_particle_emits_a_false_oxygen_gradient_of_two_atomic_per_cent():
    """What the voxels of a 200 nm sphere emit towards the detectors, before any reconstruction."""
    particle = sphere()
    masses = partial_densities(
        particle.fractions, ("O", "Mn", "Co", "Ni"), density_g_cm3=particle.density_g_cm3, unseen=UNSEEN
    )
    passed = mean_transmission(attenuation_per_voxel(masses, FAMILIES, particle.voxel_nm), angle_deg=0.0)
    inside = particle.inside
    atoms = passed * (np.array([6, 1, 1, 1]) / passed[:, inside].mean(axis=1))[:, None, None, None]
    oxygen = 100 * atoms[0] / atoms.sum(axis=0)
    depth = depths(particle)
    assert oxygen[depth >= depth.max() - 2].mean() - oxygen[depth == 1].mean() == pytest.approx(2.0, abs=0.4)


def test_correction_removes_the_gradient_that_k_factors_cannot():
    particle = sphere()
    false = core_less_surface(particle, composed(particle, particle.expected))
    found = composed(particle, particle.expected, absorber=absorber(particle))
    assert 0.8 < false < 2.2
    assert abs(core_less_surface(particle, found)) < 0.1
    assert found.k_factors.values == pytest.approx(particle.k_factors, rel=1e-3)
    assert found.changes_at_percent[1] < 0.2 * found.changes_at_percent[0]
    assert found.transmission[1:, :, N // 2, N // 2].max() < 0.9


def test_without_correction_k_factors_carry_the_mean_absorption():
    """Metal lines lose an eighth more than oxygen: a reference particle of another size would not do."""
    particle = sphere()
    bare = composed(particle, particle.expected).k_factors.values / particle.k_factors
    assert bare == pytest.approx([1, 1.12, 1.12, 1.15], abs=0.03)


def test_twenty_counts_give_planted_factors_and_profiles():
    """At 32 voxels, a quarter of the counts of the published size: k within 2 %, the surface within 2 at%."""
    reference = emitting_particle(N)
    body = reference.inside
    aged = emitting_particle(N, fractions=layered_fractions(body, surface_loss=0.03))
    first = composed(reference, reference.counted(1), absorber=absorber(reference))
    assert first.k_factors.values == pytest.approx(reference.k_factors, rel=0.02)
    assert first.tilt_factors.factors * reference.shadow == pytest.approx(
        np.full(15, (first.tilt_factors.factors * reference.shadow).mean()), rel=0.04
    )
    found = composed(aged, aged.counted(2), absorber=absorber(aged), k_factors=first.k_factors)
    depth = depths(aged)
    for element in range(4):
        error = [
            found.composition.percent[element][depth == d].mean() - 100 * aged.fractions[element][depth == d].mean()
            for d in range(1, 6)
        ]
        assert abs(error[0]) < 2.0
        assert np.abs(error[3:]).max() < 0.8


def test_the_uncertainty_of_voxels_is_the_scatter_of_repeated_experiments():
    particle = sphere(absorbs=False)
    maps = [particle.counted(seed) for seed in range(8)]
    factors = composed(particle, particle.expected).k_factors
    runs = [composed(particle, counts, k_factors=factors).composition.percent for counts in maps]
    told = composed(particle, maps[0], k_factors=factors, variance=np.maximum(maps[0], 0), replicates=6)
    scatter = np.std(runs, axis=0, ddof=1)[:, particle.inside]
    assert told.composition.uncertainty[:, particle.inside].mean(axis=1) == pytest.approx(scatter.mean(axis=1), rel=0.2)


def test_an_excluded_tilt_takes_no_part_and_an_empty_one_is_named():
    particle = sphere(absorbs=False)
    maps = particle.expected.copy()
    maps[:, 4] = 0
    with pytest.raises(EmptyTilt, match="tilt 4"):
        composed(particle, maps)
    excluded = np.arange(15) == 4
    found = composed(particle, maps, preparation=Preparation(excluded=excluded))
    again = composed(particle, particle.expected, preparation=Preparation(excluded=excluded))
    assert np.allclose(found.composition.percent, again.composition.percent, atol=1e-3, equal_nan=True)


def test_an_early_finish_keeps_the_composition_found_so_far():
    particle = sphere()
    seen = []

    def stop(done, total, /, **values):
        seen.append((done, total))
        return done < 2

    found = composed(particle, particle.expected, absorber=absorber(particle), absorption_iterations=3, progress=stop)
    assert seen == [(1, 4), (2, 4)]
    assert len(found.changes_at_percent) == 1


def test_rays_that_miss_the_particle_lose_nothing_and_shadowed_detectors_do_not_count():
    particle = sphere()
    weights = np.zeros((15, 4))
    weights[:, 0] = 1
    one = ray_transmission(
        particle.fractions, FAMILIES, particle.angles_deg, absorber=absorber(particle, detector_weights=weights)
    )
    four = ray_transmission(particle.fractions, FAMILIES, particle.angles_deg, absorber=absorber(particle))
    assert (one[..., 0, 0] == 1).all()
    assert (four[1, :, N // 2, N // 2] < 0.9).all()
    assert not np.allclose(one, four, atol=0.01)


def test_density_is_scaled_to_the_material_inside_and_zero_far_outside():
    mask = SPHERE > 0.5
    density = density_from_adf(300 * SPHERE + 1, mask, density_g_cm3=4.7)
    assert np.median(density[mask]) == pytest.approx(4.7, rel=1e-3)
    assert density[0, 0, 0] == 0


def test_settings_that_mean_nothing_are_refused():
    particle = sphere()
    with pytest.raises(InvalidSetting):
        composed(particle, particle.expected, replicates=3)
    with pytest.raises(InvalidSetting, match="variance of the maps is below zero"):
        composed(particle, particle.expected, variance=-particle.expected, replicates=2)
    with pytest.raises(WrongShape):
        composed(particle, particle.expected[:3])
    with pytest.raises(WrongShape):
        composed(particle, particle.expected, absorber=absorber(particle, detector_weights=np.ones((2, 4))))
    with pytest.raises(InvalidSetting):
        density_from_adf(np.ones((3, 3, 3)), np.ones((3, 3, 3), bool), density_g_cm3=-1.0)
    assert replace(particle).voxel_nm == particle.voxel_nm
