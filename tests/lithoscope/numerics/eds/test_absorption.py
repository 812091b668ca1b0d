"""X-rays leave a particle as the law of Beer and Lambert says, towards every detector at every tilt."""

import numpy as np
import pytest

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.eds.absorption import (
    SUPER_X,
    Detector,
    attenuation_per_voxel,
    mean_transmission,
    transmission,
)
from lithoscope.numerics.eds.errors import UnknownLine
from lithoscope.numerics.eds.lines import atomic_masses_g_mol

N, RADIUS = 48, 16.0
PLACE = np.stack(np.indices((N, N, N))) - (N - 1) / 2
FROM_MIDDLE = np.sqrt((PLACE**2).sum(axis=0))
SPHERE = np.clip(RADIUS - FROM_MIDDLE + 0.5, 0, 1)
FAMILIES = ("O K", "Mn L", "Ni L")


def oxide(voxel_nm):
    """A sphere of LiNi1/3Co1/3Mn1/3O2 at 4.7 g/cm3."""
    atoms = {"Li": 3, "Mn": 1, "Co": 1, "Ni": 1, "O": 6}
    mass = atomic_masses_g_mol(tuple(atoms)) * list(atoms.values())
    densities = {element: 4.7 * part * SPHERE for element, part in zip(atoms, mass / mass.sum(), strict=True)}
    return attenuation_per_voxel(densities, FAMILIES, voxel_nm)


@pytest.mark.parametrize(("angle_deg", "detector"), [(0.0, 0), (-50.0, 1), (70.0, 2), (35.0, 3)])
def test_a_sphere_transmits_what_the_path_to_its_surface_leaves(angle_deg, detector):
    attenuation = oxide(100 / RADIUS)
    ray = SUPER_X[detector].direction(angle_deg)
    along = np.tensordot(ray, PLACE, axes=1)
    path = -along + np.sqrt(np.maximum(along**2 - FROM_MIDDLE**2 + RADIUS**2, 0))
    found = transmission(attenuation, angle_deg=angle_deg, detector=SUPER_X[detector])
    expected = np.exp(-attenuation[:, N // 2, N // 2, N // 2, None, None, None] * path)
    assert abs(found - expected)[:, FROM_MIDDLE < RADIUS - 1].max() < 0.015


def test_a_200_nm_oxide_sphere_hides_the_published_parts_of_its_lines():
    """
    One detector at 18 degrees: O K .88 from the middle and .93 from the surface, Mn L .75/.86, Ni L .71/.84.

    These count the alpha lines alone; beta lines of manganese lie above its own edge and take two hundredths more.
    """
    found = transmission(oxide(100 / RADIUS), angle_deg=0.0, detector=SUPER_X[0])
    middle, surface = FROM_MIDDLE < 2, (FROM_MIDDLE > RADIUS - 1.5) & (FROM_MIDDLE < RADIUS)
    assert found[:, middle].mean(axis=1) == pytest.approx([0.88, 0.73, 0.70], abs=0.015)
    assert found[:, surface].mean(axis=1) == pytest.approx([0.93, 0.86, 0.84], abs=0.015)


def test_detectors_keep_their_place_while_the_stage_turns():
    """A detector across the tilt axis sees along it whatever the tilt; one on the +x side comes nearer at +z."""
    assert Detector(90.0, 0.0).direction(63.0) == pytest.approx((0, 1, 0))
    assert Detector(0.0, 0.0).direction(90.0) == pytest.approx((1, 0, 0))
    assert Detector(0.0, 90.0).direction(0.0) == pytest.approx((-1, 0, 0))
    assert np.linalg.norm(SUPER_X[2].direction(-37.0)) == pytest.approx(1)


def test_the_mean_is_of_the_detectors_that_see():
    attenuation = oxide(5.0)[0]
    first = transmission(attenuation, angle_deg=20.0, detector=SUPER_X[0])
    alone = mean_transmission(attenuation, angle_deg=20.0, weights=[1, 0, 0, 0])
    assert np.allclose(alone, first)
    every = mean_transmission(attenuation, angle_deg=0.0)
    assert every.shape == attenuation.shape
    assert np.allclose(every, every[:, ::-1], atol=5e-3)
    assert np.allclose(every, every[..., ::-1], atol=5e-3)


def test_what_cannot_be_computed_is_refused():
    with pytest.raises(UnknownLine):
        attenuation_per_voxel({"Xx": SPHERE}, FAMILIES, 4.63)
    with pytest.raises(WrongShape):
        attenuation_per_voxel({"O": SPHERE, "Mn": SPHERE[1:]}, FAMILIES, 4.63)
    with pytest.raises(InvalidSetting):
        mean_transmission(SPHERE, angle_deg=0.0, weights=[1, -1, 0, 0])
