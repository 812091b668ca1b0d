"""A planted particle is what its state says, at every size."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.twins import STATES, CyclingState, DepthLaw, ncm_particle, planted_figures, uniform_state
from lithoscope.numerics.twins.crystal import LAYERED_G_CM3, densities_g_cm3
from lithoscope.numerics.twins.segregation import unit_fields

VOXEL_NM = 9.26


def planted(name, size=32, **settings):
    return ncm_particle(size, state=STATES[name], voxel_nm=VOXEL_NM, **settings)


@pytest.mark.parametrize(
    ("name", "oxygen", "mn", "co"),
    [
        ("pristine", 2 / 3, (0.81, 0.09, 0.10), (0.76, 0.24)),
        ("50", 0.663, (0.71, 0.17, 0.13), (0.75, 0.25)),
        ("100", 0.656, (0.807, 0.07, 0.121), (0.775, 0.225)),
        ("200", 0.610, (0.534, 0.046, 0.420), (0.110, 0.890)),
    ],
)
def test_each_state_has_the_published_means(name, oxygen, mn, co):
    figures = planted_figures(planted(name))
    assert figures.composition["O"] == pytest.approx(oxygen, abs=0.004)
    assert figures.mn_states == pytest.approx(mn, abs=0.015)
    assert figures.co_states == pytest.approx(co, abs=0.015)
    assert sum(figures.mn_states) == pytest.approx(1, abs=1e-5)


def test_rock_salt_is_counted_three_ways():
    figures = planted_figures(planted("200"))
    oxygen = figures.composition["O"]
    assert figures.rock_salt_atoms == pytest.approx((2 / 3 - oxygen) * 6, abs=1e-4)
    assert figures.rock_salt_atoms == pytest.approx(0.34, abs=0.02)
    assert figures.rock_salt_units == pytest.approx(0.436, abs=0.02)
    assert figures.rock_salt_volume == pytest.approx(0.31, abs=0.02)


@pytest.mark.parametrize(("name", "rises"), [("pristine", True), ("50", True), ("100", True), ("200", False)])
def test_valence_changes_with_depth_in_the_published_direction(name, rises):
    particle = planted(name)
    inside = particle.occupancy > 0.99
    deep, shallow = inside & (particle.depth_nm > 60), inside & (particle.depth_nm < 15)
    for states in (particle.mn_states, particle.co_states):
        assert (states[0][deep].mean() > states[0][shallow].mean()) == rises
        np.testing.assert_allclose(states.sum(axis=0), 1, atol=1e-6)


def test_a_uniform_particle_has_no_gradient():
    state = uniform_state(rock_salt=0.2, shares=(0.5, 0.2, 0.3), mn=(0.6, 0.3, 0.1))
    particle = ncm_particle(32, state=state, voxel_nm=VOXEL_NM)
    inside = particle.occupancy > 0
    assert np.ptp(particle.composition[:, inside], axis=1).max() < 1e-5
    assert np.ptp(particle.mn_states[:, inside], axis=1).max() == 0
    figures = planted_figures(particle)
    assert figures.rock_salt_volume == pytest.approx(0.2, abs=1e-5)
    assert figures.composition["Mn"] / figures.composition["Co"] == pytest.approx(2.5, rel=1e-4)


def test_planted_inhomogeneity_is_there_at_each_depth():
    law = DepthLaw((0.012,), (0.004,), 20.0)
    state = replace(uniform_state(), inhomogeneity=law)
    particle = ncm_particle(48, state=state, voxel_nm=6.2, seed=3)
    inside = particle.occupancy > 0.5
    for low, high in ((5, 20), (50, 90)):
        shell = inside & (particle.depth_nm > low) & (particle.depth_nm < high)
        expected = 0.004 + 0.008 * np.exp(-particle.depth_nm[shell] / 20).mean()
        found = np.sqrt(particle.composition[1:, shell].var(axis=1).mean())
        assert found == pytest.approx(expected, rel=0.15)


def test_fields_of_segregation_sum_to_nothing():
    inside = np.ones((12, 12, 12), bool)
    fields = unit_fields(inside, size_px=1.0, rng=np.random.default_rng(0))
    np.testing.assert_allclose(fields.sum(axis=0), 0, atol=1e-5)
    assert np.mean(fields**2) == pytest.approx(1, rel=1e-4)


def test_rich_spots_make_regions_above_a_sixth():
    rich = {name: sum(planted_figures(planted(name)).rich.values()) for name in ("50", "200")}
    assert rich["50"] == 0
    assert 0.002 < rich["200"] < 0.06


def test_a_full_voxel_weighs_what_the_crystal_does():
    particle = planted("pristine", pores=0)
    total = sum(densities_g_cm3(particle.atoms_per_nm3).values())
    assert round(LAYERED_G_CM3, 2) == 4.77
    assert total[particle.occupancy == 1].mean() == pytest.approx(LAYERED_G_CM3, rel=1e-3)


def test_depth_is_the_distance_to_the_outside():
    from scipy import ndimage

    particle = planted("pristine", pores=0)
    measured = ndimage.distance_transform_edt(particle.occupancy > 0.5) * VOXEL_NM - VOXEL_NM / 2
    inside = particle.occupancy == 1
    assert abs(measured - particle.depth_nm)[inside].mean() < 0.35 * VOXEL_NM


def test_coarser_voxels_hold_the_same_atoms_and_states():
    fine = planted("200")
    coarse = fine.coarser(2)
    assert coarse.voxel_nm == 2 * fine.voxel_nm
    np.testing.assert_allclose(
        coarse.atoms_per_nm3.sum(axis=(1, 2, 3)) * 8, fine.atoms_per_nm3.sum(axis=(1, 2, 3)), rtol=1e-5
    )
    one, other = planted_figures(coarse), planted_figures(fine)
    assert one.mn_states == pytest.approx(other.mn_states, abs=1e-5)
    assert one.co_states == pytest.approx(other.co_states, abs=1e-5)
    assert one.rock_salt_atoms == pytest.approx(other.rock_salt_atoms, abs=1e-5)
    with pytest.raises(InvalidSetting):
        fine.coarser(5)
    assert fine.coarser(1) is fine


def test_a_seed_names_a_particle():
    one, same, other = (planted("100", seed=seed) for seed in (1, 1, 2))
    assert (one.atoms_per_nm3 == same.atoms_per_nm3).all()
    assert (one.atoms_per_nm3 != other.atoms_per_nm3).any()


def test_composition_is_unknown_in_vacuum_only():
    particle = planted("200")
    assert (np.isnan(particle.composition[0]) == (particle.occupancy == 0)).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(InvalidSetting):
        ncm_particle(16)
    with pytest.raises(InvalidSetting):
        DepthLaw((0.5,), (0.5, 0.5))
    with pytest.raises(InvalidSetting):
        DepthLaw((-0.5,), (0.5,))
    even = STATES["pristine"]
    with pytest.raises(InvalidSetting):
        CyclingState(0, 0.0, 0.0, 0.0, DepthLaw((0.5, 0.1, 0.1), even.mn.core), even.co, even.inhomogeneity, 0)
    with pytest.raises(InvalidSetting):
        CyclingState(0, 1.0, 1.2, 0.0, even.mn, even.co, even.inhomogeneity, 0)
