"""Rich regions beside the null, and the three rock-salt fractions of a particle."""

import numpy as np
import pytest

from lithoscope.numerics.common import EmptyMask, InvalidSetting, WrongShape
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.examples import ELEMENTS, ball
from lithoscope.numerics.particles.region_report import find_regions
from lithoscope.numerics.particles.rock_salt_report import find_rock_salt


def maps(*levels: float) -> np.ndarray:
    return np.stack([np.where(ball() > 0, level, 0.0) for level in levels])


def row(table, **where):
    columns = table.columns
    (place,) = [
        number
        for number in range(len(columns["where"]))
        if all(columns[name][number] == value for name, value in where.items())
    ]
    return {name: values[place] for name, values in columns.items()}


def test_a_perfect_rock_salt_is_rich_in_no_metal():
    found = find_regions(ball(), maps(50, 100 / 6, 100 / 6, 100 / 6), composition_names=ELEMENTS)
    assert found.regions.columns["rich_voxels"] == [0] * 8
    assert found.notes[0].startswith("noise-unknown:")
    assert found.regions.columns["null_percent"] == [None] * 8


def test_a_planted_segregation_stands_above_the_null_and_noise_does_not():
    rng = np.random.default_rng(1)
    noisy = maps(66.7, 11.1, 11.1, 11.1) + rng.normal(0, 2.0, (4, 17, 17, 17))
    planted = noisy.copy()
    planted[1, 6:10, 6:10, 6:10] = 25.0
    sd = np.full(noisy.shape, 2.0)
    clean = find_regions(ball(), noisy, sd, composition_names=ELEMENTS)
    assert row(clean.regions, map="Co", where="particle")["is_above_null"] is False
    rich = find_regions(ball(), planted, sd, composition_names=ELEMENTS)
    told = row(rich.regions, map="Mn", where="particle")
    assert told["is_above_null"]
    assert told["rich_voxels"] >= 64
    assert rich.rich.labels == {"c": ELEMENTS}
    assert rich.rich.values[1].sum() == told["rich_voxels"]


def test_voxels_alike_widen_the_null():
    rng = np.random.default_rng(2)
    noisy = maps(66.7, 13.0, 11.1, 9.2) + rng.normal(0, 2.0, (4, 17, 17, 17))
    sd = np.full(noisy.shape, 2.0)
    one, many = (
        row(
            find_regions(ball(), noisy, sd, composition_names=ELEMENTS, voxels_alike=alike).regions,
            map="Mn",
            where="particle",
        )
        for alike in (1.0, 20.0)
    )
    assert many["null_high_percent"] > one["null_high_percent"]


def test_the_three_fractions_of_the_publication_are_told_apart():
    found = find_rock_salt(ball(), maps(61.0, 13, 13, 13), composition_names=ELEMENTS)
    assert found.of_atoms.value == pytest.approx(34.0, abs=0.01)
    assert found.of_formula_units.value == pytest.approx(43.6, abs=0.05)
    assert 27 < found.of_volume.value < 34
    assert found.of_atoms.uncertainty == pytest.approx(100 * 0.005 * 6)
    assert found.fraction[ball() > 0] == pytest.approx(0.34, abs=1e-4)
    assert not found.fraction[ball() == 0].any()


def test_oxygen_of_no_mixture_is_said_and_not_clipped():
    found = find_rock_salt(ball(), maps(70.0, 10, 10, 10), composition_names=ELEMENTS, cycles=0)
    assert found.of_atoms.value < 0
    assert any(note.startswith("no-mixture:") for note in found.notes)
    assert found.rock_salt.columns["cycles"] == [0, 0]


def test_voxels_without_a_composition_do_not_count():
    holed = maps(61.0, 13, 13, 13)
    holed[:, 8] = np.nan
    found = find_rock_salt(ball(), holed, composition_names=ELEMENTS)
    assert found.of_atoms.value == pytest.approx(34.0, abs=0.01)
    assert any(note.startswith("voxels-without-value:") for note in found.notes)
    assert np.isnan(found.fraction[8, 8, 8])


def test_what_cannot_be_told_is_refused():
    with pytest.raises(ProfileMismatch, match="oxygen beside"):
        find_rock_salt(ball(), maps(61.0), composition_names=("O",))
    with pytest.raises(EmptyMask):
        find_rock_salt(ball(), np.full((4, 17, 17, 17), np.nan), composition_names=ELEMENTS)
    for nothing in ((0, 0, 0, 0), (-61.0, -13, -13, -13), (60.0, 0, 0, 0)):
        with pytest.raises(EmptyMask, match="above zero"):
            find_rock_salt(ball(), maps(*nothing), composition_names=ELEMENTS)
    with pytest.raises(InvalidSetting):
        find_rock_salt(ball(), maps(61.0, 13, 13, 13), composition_names=ELEMENTS, oxygen_uncertainty_percent=-1)
    with pytest.raises(WrongShape):
        find_regions(ball(), maps(61.0, 13), composition_names=ELEMENTS)
    with pytest.raises(InvalidSetting):
        find_regions(ball(), maps(61.0, 13, 13, 13), composition_names=ELEMENTS, voxels_alike=0.5)
