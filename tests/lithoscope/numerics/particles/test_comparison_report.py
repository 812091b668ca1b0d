"""Cycling states side by side: averages with n, single particles without a deviation, flagged gradients, capacity."""

import numpy as np
import pytest

from lithoscope.figures.cycling_states import compare_and_draw
from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles import depth_shells
from lithoscope.numerics.particles.comparison_report import compare_particles
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.examples import ELEMENTS, ball, cycling, profile, several_profiles
from lithoscope.numerics.particles.inhomogeneity import Inhomogeneity, Scatter
from lithoscope.numerics.particles.profile_report import profile_particle
from lithoscope.numerics.particles.scatter_report import ParticleScatter, scatter_table
from lithoscope.tables import Table


def ball_of(radius: float) -> np.ndarray:
    z, y, x = np.ogrid[:33, :33, :33]
    return ((z - 16) ** 2 + (y - 16) ** 2 + (x - 16) ** 2 < radius**2).astype(np.uint8)


def uniform(name: str, cycles: int, cobalt: float, radius: float) -> Table:
    """A particle of one composition: it has no gradient."""
    inside = ball_of(radius)
    maps = np.stack([np.where(inside, level, 0.0) for level in (66.7, 22.2 - cobalt, cobalt, 11.1)])
    named = {"volumes_names": (ELEMENTS,), "volumes_units": ("at%",), "particle_name": name, "cycles": cycles}
    return profile_particle(inside, (maps,), 4.0, **named).profiles


def row(table: Table, **where) -> dict:
    (place,) = [
        number
        for number in range(len(next(iter(table.columns.values()))))
        if all(table.columns[name][number] == value for name, value in where.items())
    ]
    return {name: values[place] for name, values in table.columns.items()}


def test_a_state_has_the_mean_and_deviation_of_its_particles_and_one_particle_no_deviation():
    found = compare_particles(**several_profiles())
    first = row(found.states, state="pristine", depth_nm=2.0)
    assert (first["particles"], first["O_particles"]) == (2, 2)
    assert first["O"] == pytest.approx(66.5)
    assert first["O_sd"] == pytest.approx(np.std([66.7, 66.3], ddof=1))
    alone = row(found.states, state="50 cycles", depth_nm=2.0)
    assert (alone["O"], alone["O_sd"]) == (pytest.approx(66.0), None)


def test_curves_of_every_particle_are_always_there():
    curves = compare_particles(**several_profiles()).curves
    assert set(curves.columns["particle"]) == {"pristine 1", "pristine 2", "cycled 1", "cycled 2"}
    assert curves.plot.by == "particle"


def test_over_the_radius_all_particles_of_a_state_reach_every_depth():
    found = compare_particles(**several_profiles())
    assert set(found.relative.columns["O_particles"]) == {1, 2}
    assert all(
        count == total
        for count, total in zip(found.relative.columns["O_particles"], found.relative.columns["particles"], strict=True)
    )


def test_uniform_particles_of_unlike_size_and_composition_give_no_unflagged_gradient():
    particles = [
        uniform(f"p{n}", 100, level, radius) for n, (level, radius) in enumerate(((8, 7), (10, 9), (13, 12), (16, 15)))
    ]
    found = compare_particles(particles)
    gradient = row(found.gradients, map="Co")
    assert gradient["apparent"] > 2.0
    assert gradient["is_flagged"]
    assert gradient["origin"] == "group_composition"
    assert any("gradient-of-the-group: Co" in note for note in found.notes)
    assert not row(found.gradients, map="O")["is_flagged"]


def test_rock_salt_stands_beside_the_capacity_lost():
    found = compare_particles(**several_profiles(), capacity=cycling()["cycling"])
    last = row(found.merits, state="100 cycles")
    assert last["rock_salt_of_atoms_percent"] == pytest.approx(34.0, abs=0.01)
    assert last["rock_salt_of_formula_units_percent"] == pytest.approx(43.6, abs=0.05)
    assert last["capacity_lost_percent"] == pytest.approx(52.2)
    assert last["capacity_lost_uncertainty_percent"] is None
    assert row(found.merits, state="50 cycles")["capacity_lost_percent"] == pytest.approx(34.3)
    assert row(found.merits, state="pristine")["Mn4+_core"] == pytest.approx(0.9)
    assert [line.y for line in found.merits.plot.lines] == ["rock_salt_of_atoms_percent", "capacity_lost_percent"]


def test_surface_core_and_whole_are_told_apart():
    inside = ball_of(12)
    depth = depth_shells(inside > 0)
    level = np.where(depth == 1, 60.0, np.where(depth > depth.max() / 2, 66.0, 64.0))
    named = {"volumes_names": (("O",),), "volumes_units": ("at%",), "particle_name": "a", "cycles": 0}
    told = row(compare_particles((profile_particle(inside, (level,), 4.0, **named).profiles,)).merits, state="pristine")
    assert told["O_surface"] == pytest.approx(60.0)
    assert told["O_core"] == pytest.approx(66.0)
    assert told["O_whole"] == pytest.approx(level[inside > 0].mean(), abs=0.02)


def test_a_cycle_that_was_not_measured_stays_open():
    found = compare_particles((profile("a", 0, 66.7), profile("b", 70, 66.0)), cycling()["cycling"])
    assert row(found.merits, state="70 cycles")["capacity_lost_percent"] is None
    assert any(note.startswith("capacity-not-measured: the cycling data do not hold cycle 70") for note in found.notes)


def test_few_particles_of_a_state_are_said_to_be_few():
    three = tuple(profile(name, 0, level) for name, level in (("a", 66.7), ("b", 66.3), ("c", 66.4)))
    two = profile("d", 50, 61.0), profile("e", 50, 61.2)
    few = [note for note in compare_particles((*three, *two)).notes if note.startswith("few-particles")]
    assert len(few) == 1
    assert few[0].startswith("few-particles: 50 cycles has 2 particles")
    (lone,) = [note for note in compare_particles((*three, two[0])).notes if note.startswith("few-particles")]
    assert "has 1 particle:" in lone


def test_differences_carry_welchs_interval_only_with_two_particles_a_side():
    particles = (profile("a", 0, 66.7), profile("b", 0, 66.3), profile("c", 50, 61.0), profile("d", 50, 61.2))
    told = row(compare_particles(particles).differences, figure="O_whole", state="50 cycles")
    assert told["difference"] == pytest.approx(-5.4)
    assert told["difference_low"] < -5.4 < told["difference_high"]
    assert told["unit"] == "at%"
    single = row(compare_particles(particles[:3]).differences, figure="O_whole", state="50 cycles")
    assert single["difference_low"] is None


def test_two_tables_of_one_particle_become_one():
    inside = ball()
    valence = profile_particle(
        inside,
        (np.full(inside.shape, 0.5),),
        4.0,
        volumes_names=(("Co3+",),),
        volumes_units=("1",),
        particle_name="a",
        cycles=0,
    ).profiles
    found = compare_particles((profile("a", 0, 66.7), valence))
    assert row(found.merits, state="pristine")["particles"] == 1
    assert row(found.merits, state="pristine")["Co3+_whole"] == pytest.approx(0.5)


def test_a_map_that_one_particle_lacks_is_left_out_and_said():
    found = compare_particles((profile("a", 0, 66.7), uniform("b", 0, 11.1, 8)))
    assert "Mn4+" not in found.states.columns
    assert any(note.startswith("maps-left-out: Mn4+") for note in found.notes)


def test_cycles_stated_by_hand_win_and_missing_ones_are_named_by_place():
    profiles = several_profiles()["profiles"]
    found = compare_particles(profiles, cycles="0, 0, 200, 200")
    assert dict.fromkeys(found.states.columns["state"]) == {"pristine": None, "200 cycles": None}
    silent = Table(profiles[1].columns | {"cycles": [None] * len(profiles[1].columns["cycles"])}, profiles[1].units)
    with pytest.raises(ProfileMismatch, match="profile 2 does not say how often"):
        compare_particles((profiles[0], silent))
    for wrong in ("0, 1", "a, b, c, d", "0, 0, -1, 2"):
        with pytest.raises(InvalidSetting):
            compare_particles(profiles, cycles=wrong)


def test_a_foreign_table_is_named_by_place_and_a_foreign_map_refused():
    profiles = several_profiles()["profiles"]
    with pytest.raises(ProfileMismatch, match="profile 2: a table is no depth profile"):
        compare_particles((profiles[0], Table({"a": [1]}, {"a": "1"})))
    with pytest.raises(InvalidSetting, match="show one of them"):
        compare_particles(profiles, shown="Fe")
    with pytest.raises(InvalidSetting, match="cycling table has the columns"):
        compare_particles(profiles, Table({"a": [1]}, {"a": "1"}))
    with pytest.raises(ProfileMismatch, match="hold the map"):
        compare_particles((profiles[0], profiles[0]))


def test_the_figure_tells_how_many_particles_are_behind_each_state():
    found = compare_and_draw(**several_profiles())
    assert found.figure.png.startswith(b"\x89PNG")
    assert "pristine (n = 2), 50 cycles (n = 1)" in found.figure.caption


def scatter_of(name: str, cycles: int, level: float) -> Table:
    """The inhomogeneity of manganese in four shells, without noise."""
    flat, none = np.full(4, level), np.full(4, np.nan)
    n = np.array([40, 30, 20, 10])
    whole = Scatter(level, level, level, level, np.nan, level**2, 100, 8)
    told = Inhomogeneity(flat, flat, flat * 0.9, flat * 1.1, none, flat**2, n, n // 2, whole)
    return scatter_table([ParticleScatter(name, cycles, "Mn", "at%", 4.0, told)], cycles)


def test_inhomogeneity_of_the_particles_joins_figures_and_has_a_table_of_its_own():
    tables = [scatter_of("pristine 1", 0, 0.5), scatter_of("pristine 2", 0, 0.7), scatter_of("cycled 1", 50, 1.5)]
    found = compare_particles(**several_profiles(), inhomogeneity=tables)
    first = row(found.merits, state="pristine")
    assert first["Mn_inhomogeneity"] == pytest.approx(0.6)
    assert first["Mn_inhomogeneity_sd"] == pytest.approx(np.std([0.5, 0.7], ddof=1))
    assert row(found.merits, state="50 cycles")["Mn_inhomogeneity_sd"] is None
    assert row(found.merits, state="100 cycles")["Mn_inhomogeneity"] is None
    assert row(found.scatter, curve="Mn, pristine", shell=1)["particles"] == 2
    assert found.scatter.plot.by == "curve"
    assert row(found.scatter, curve="Mn, pristine", shell=2)["depth_nm"] == pytest.approx(6.0)


def test_a_foreign_table_of_inhomogeneity_is_named_by_its_place():
    tables = [scatter_of("a", 0, 0.5), several_profiles()["profiles"][0]]
    with pytest.raises(ProfileMismatch, match="table 2 is no inhomogeneity"):
        compare_particles(**several_profiles(), inhomogeneity=tables)
    silent = scatter_of("a", 0, 0.5)
    silent = Table(silent.columns | {"cycles": [None] * 4}, silent.units)
    with pytest.raises(ProfileMismatch, match="inhomogeneity 1 does not say"):
        compare_particles(**several_profiles(), inhomogeneity=[silent])
