"""Layered, spinel-like or rock salt: phases by the spacings of atomic-resolution images."""

import numpy as np
import pytest

from lithoscope.errors import ScienceError
from lithoscope.numerics.particles.crystals import crystals
from lithoscope.numerics.particles.lattice_phases import lattice_phases
from lithoscope.numerics.particles.phantoms import lattice_image

PIXEL_NM = 0.0122
SETTINGS = {"pixel_nm": PIXEL_NM, "window_nm": 3.0, "step_nm": 3.0}
TELLING = [("layered", (1, 0, 0)), ("layered", (2, 1, 0)), ("spinel_like", (1, 1, 0)), ("rock_salt", (1, 1, 0))]


def counted(phase, zone, *, seed=0, shape=(256, 256), **settings):
    image = lattice_image(phase, zone=zone, shape=shape, pixel_nm=PIXEL_NM, **settings)
    return np.random.default_rng(seed).poisson(20 * image + 5).astype(float)


@pytest.mark.parametrize(("phase", "zone"), TELLING)
@pytest.mark.parametrize(("turned_deg", "stretched"), [(17.0, 1.0), (101.0, 0.99)])
def test_phases_are_told_apart_whatever_their_turn_within_the_error_of_calibration(phase, zone, turned_deg, stretched):
    image = counted(phase, zone, turned_deg=turned_deg, stretched=stretched)
    found = lattice_phases(image, **SETTINGS)
    assert found.fractions[phase] == 1
    np.testing.assert_allclose(found.scales, stretched, atol=0.004)


def test_a_direction_that_hides_the_difference_is_left_undetermined():
    for phase in ("spinel_like", "rock_salt"):
        assert lattice_phases(counted(phase, (1, 0, 0)), **SETTINGS).fractions["undetermined"] == 1


def test_spacings_known_well_enough_decide_where_patterns_do_not():
    for phase in ("spinel_like", "rock_salt"):
        found = lattice_phases(counted(phase, (1, 0, 0)), **SETTINGS, scale_tolerance=0.008)
        assert found.fractions[phase] == 1


def test_a_rock_salt_skin_on_a_layered_core_is_seen_where_it_is():
    core = counted("layered", (1, 0, 0), shape=(256, 768))
    skin = counted("rock_salt", (1, 1, 0), shape=(256, 768), turned_deg=30.0, seed=1)
    core[:, :256] = skin[:, :256]
    core[:, 512:] = np.random.default_rng(2).poisson(8, (256, 256))
    found = lattice_phases(core, **{**SETTINGS, "step_nm": 256 * PIXEL_NM})
    names = [found.names[label] for label in found.labels[0]]
    assert names == ["rock_salt", "layered", "no lattice"]
    assert found.longest_spacing_A[0, 1] == pytest.approx(4.74, abs=0.05)
    assert found.table().columns["phase"] == names
    assert found.table().columns["scale"][2] is None


def test_stripes_and_blank_fields_are_no_lattice():
    stripes = 20 + 10 * np.sin(2 * np.pi * np.arange(256) * PIXEL_NM / 0.474)[None, :] * np.ones((256, 1))
    assert lattice_phases(stripes, **SETTINGS).fractions["no lattice"] == 1
    assert lattice_phases(np.ones((256, 256)), **SETTINGS).fractions["no lattice"] == 1


def test_an_early_finish_leaves_the_rest_undetermined():
    image = counted("layered", (1, 0, 0), shape=(512, 256))
    found = lattice_phases(image, **SETTINGS, progress=lambda done, _total: done < 1)
    assert [found.names[label] for label in found.labels[:, 0]] == ["layered", "undetermined"]


def test_spacings_are_those_of_the_published_cells():
    layered, spinel, rock_salt = crystals().values()
    expected = {(0, 0, 3): 4.7426, (1, 0, 1): 2.4418, (1, 0, 2): 2.3406, (1, 0, 4): 2.0335, (1, 0, 5): 1.8690}
    for indices, spacing in expected.items():
        assert layered.spacing_A(*indices) == pytest.approx(spacing, abs=1e-4)
    assert spinel.spacing_A(1, 1, 1) == pytest.approx(8.248 / 3**0.5)
    assert rock_salt.spacing_A(2, 0, 0) == pytest.approx(4.178 / 2)
    assert layered.formula_volume_A3 == pytest.approx(33.64, abs=0.01)


@pytest.mark.parametrize(
    ("phase", "atoms", "bond_A"), [("layered", 12, 1.963), ("spinel_like", 56, 1.959), ("rock_salt", 8, 2.089)]
)
def test_every_metal_has_six_oxygen_neighbours_at_one_distance(phase, atoms, bond_A):
    crystal = crystals()[phase]
    assert len(crystal.places) == atoms
    metals, oxygen = (crystal.places[crystal.contrast == level] for level in (crystal.contrast.max(), 8**1.7))
    shifts = np.stack(np.meshgrid(*[(-1, 0, 1)] * 3), axis=-1).reshape(-1, 3)
    apart = (metals[:, None, None] - oxygen[None, :, None] - shifts[None, None]) @ crystal.axes_A
    nearest = np.sort(np.linalg.norm(apart, axis=-1).reshape(len(metals), -1), axis=1)
    np.testing.assert_allclose(nearest[:, :6], bond_A, atol=0.002)
    assert (nearest[:, 6] > 1.3 * bond_A).all()


@pytest.mark.parametrize(
    ("image", "settings", "code"),
    [
        (np.ones((256, 256)), {"pixel_nm": 0.1}, "no-lattice"),
        (np.ones((256, 256)), {"window_nm": 1.0}, "no-lattice"),
        (np.ones((100, 100)), {}, "no-lattice"),
        (np.ones((256, 256)), {"step_nm": 0.0}, "invalid-setting"),
        (np.ones((256, 256)), {"scale_tolerance": 0.5}, "invalid-setting"),
        (np.ones(256), {}, "wrong-shape"),
        (np.full((256, 256), np.nan), {}, "non-finite-values"),
    ],
)
def test_images_that_cannot_show_the_spacings_are_refused(image, settings, code):
    with pytest.raises(ScienceError) as refused:
        lattice_phases(image, **{**SETTINGS, **settings})
    assert refused.value.code == code
