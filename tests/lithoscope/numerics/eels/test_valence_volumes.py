"""Volumes of atoms become fractions that sum to one, a mean valence, and nothing where there are too few atoms."""

import numpy as np
import pytest

from lithoscope.numerics.common.errors import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.eels.valence_volumes import valence_volumes

NAMES = ("Mn4+", "Mn3+", "Mn2+")
PARTICLE = np.zeros((5, 6, 7), np.uint8)
PARTICLE[1:4, 1:5, 2:6] = 1
INSIDE = PARTICLE > 0


def atoms(parts=(0.7, 0.2, 0.1), amount=8.0) -> np.ndarray:
    return np.array(parts)[:, None, None, None] * np.where(INSIDE, amount, 0.0)


def test_fractions_and_mean_valence_are_those_planted():
    found = valence_volumes(atoms(), PARTICLE, volumes_names=NAMES)
    assert found.fractions.labels == {"c": NAMES}
    assert found.fractions.values[:, INSIDE] == pytest.approx(np.repeat([[0.7], [0.2], [0.1]], INSIDE.sum(), axis=1))
    assert found.mean_valence.values[0][INSIDE] == pytest.approx(4 * 0.7 + 3 * 0.2 + 2 * 0.1)
    assert np.isnan(found.mean_valence.values[0][~INSIDE]).all()
    assert found.means.columns["valence"] == [4.0, 3.0, 2.0]
    assert found.undefined.value == 0
    assert found.notes == ()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_floor_is_a_part_of_the_median_whatever_the_unit_of_atoms(scale):
    volume = atoms()
    volume[:, 1, 1, 2] *= 0.09
    volume[:, 1, 1, 3] *= 0.11
    found = valence_volumes(scale * volume, PARTICLE, volumes_names=NAMES)
    assert found.undefined.value == 1
    assert found.valid.sum() == INSIDE.sum() - 1
    assert not found.valid[1, 1, 2]
    assert found.notes[0].startswith("undefined-voxels: 1 of 48")


def test_a_voxel_of_many_atoms_weighs_more_over_all_atoms_than_over_voxels():
    volume = atoms((0.5, 0.5, 0.0))
    volume[:, 2, 2, 3] = 0.0, 0.0, 8.0 * 47
    means = valence_volumes(volume, PARTICLE, volumes_names=NAMES).means.columns
    assert means["of_all_atoms"] == pytest.approx([0.25, 0.25, 0.5])
    assert means["mean_of_voxels"] == pytest.approx([23.5 / 48, 23.5 / 48, 1 / 48])
    assert means["sd_of_voxels"][2] == pytest.approx(np.std([1.0] + [0.0] * 47))


def test_noise_below_zero_is_kept_so_that_means_are_not_moved():
    rng = np.random.default_rng(0)
    noisy = atoms((0.95, 0.05)) + rng.normal(0, 0.4, (2, *INSIDE.shape))
    found = valence_volumes(noisy, PARTICLE, volumes_names=NAMES[:2])
    assert found.fractions.values[1, INSIDE].min() < 0
    assert found.fractions.values[:, INSIDE].sum(axis=0) == pytest.approx(1.0, abs=1e-5)
    assert found.means.columns["of_all_atoms"][1] == pytest.approx(0.05, abs=0.03)


def test_charges_that_names_do_not_tell_are_given():
    given = {"valence_1": 4.0, "valence_2": 3.0, "valence_3": 2.0}
    found = valence_volumes(atoms(), PARTICLE, volumes_names=("a", "b", "c"), **given)
    assert found.mean_valence.values[0][INSIDE] == pytest.approx(3.6)
    with pytest.raises(InvalidSetting, match="give valence_2"):
        valence_volumes(atoms(), PARTICLE, volumes_names=("Mn4+", "b", "c"))


@pytest.mark.parametrize(
    ("volumes", "particle", "refusal"),
    [
        (atoms()[0], PARTICLE, WrongShape),
        (atoms()[:1], PARTICLE, WrongShape),
        (atoms()[:, 1:], PARTICLE, WrongShape),
        (np.where(INSIDE, np.nan, atoms()), PARTICLE, NonFiniteValues),
        (atoms(), 0 * PARTICLE, EmptyMask),
        (0 * atoms(), PARTICLE, InvalidSetting),
        (-atoms(), PARTICLE, InvalidSetting),
    ],
    ids=["image", "one state", "shape", "nan", "no particle", "no atoms", "negative"],
)
def test_volumes_that_tell_nothing_are_refused(volumes, particle, refusal):
    with pytest.raises(refusal):
        valence_volumes(volumes, particle, volumes_names=NAMES[: len(volumes)])
