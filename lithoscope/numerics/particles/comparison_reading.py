"""Profiles of many particles, put together: whose they are, which cycling state, which maps they share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles.capacity import capacity_retention
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.profile_report import CYCLES, PARTICLE, read_profiles
from lithoscope.numerics.particles.profiles import DepthProfile
from lithoscope.tables import Table

Float = NDArray[np.float64]
PRISTINE = "pristine"
CYCLE, LOST, UNCERTAINTY = "cycle", "lost", "uncertainty"
#: Names under which a table may hold a discharge capacity.
CAPACITIES = (
    "discharge_capacity_mAh_g",
    "discharge_capacity_mAh_per_g",
    "capacity_mAh_per_g",
    "capacity_mAh_g",
    "discharge_capacity_mAh",
    "capacity_mAh",
)


@dataclass(frozen=True, slots=True)
class Particle:
    """
    One particle of a comparison.

    Parameters
    ----------
    name : str
    cycles : int
        Charge-discharge cycles it went through.
    profile : DepthProfile
    units : mapping of str to str
        Of each map.
    """

    name: str
    cycles: int
    profile: DepthProfile
    units: Mapping[str, str]


def state_name(cycles: int) -> str:
    """Say how far a particle was cycled."""
    return PRISTINE if cycles == 0 else f"{cycles} cycles"


def read_particles(profiles: Sequence[Table], *, cycles: str = "") -> tuple[list[Particle], tuple[str, ...]]:
    """
    Read the profiles of particles; several tables of one particle become one.

    Parameters
    ----------
    profiles : sequence of Table
        As `profile_report.profile_particle` writes them.
    cycles : str
        Numbers of cycles separated by commas, one for each table, in place of what the tables say.

    Returns
    -------
    particles : list of Particle
        By number of cycles; all have the maps that every particle has.
    notes : tuple of str

    Raises
    ------
    ProfileMismatch
        A table is no profile or does not say its cycles, a particle gives a map twice, or no map is common to all.
    InvalidSetting
    """
    stated = _stated_cycles(cycles, len(profiles))
    found: dict[tuple[str, int], Particle] = {}
    for place, table in enumerate(profiles):
        one = _read(table, place, stated[place] if stated else None)
        key = (one.name or f"{place + 1}", one.cycles)
        found[key] = _joined(found[key], one) if key in found else _named(one, key[0])
    particles = sorted(found.values(), key=lambda particle: particle.cycles)
    particles = _numbered(particles)
    shared = [name for name in particles[0].profile.names if all(name in each.profile.names for each in particles)]
    if not shared:
        raise ProfileMismatch("no map is common to all particles: compare profiles of the same maps")
    left_out = sorted({name for each in particles for name in each.profile.names} - set(shared))
    _check_units(particles, shared)
    notes = [f"maps-left-out: {name} is not known of every particle and is not compared" for name in left_out]
    return [_only(each, shared) for each in particles], tuple(notes)


def lost_by_cycle(capacity: Table | None) -> dict[int, tuple[float, float]]:
    """
    Return the share of capacity lost and its uncertainty by cycle, of a retention curve or of a cycler's own table.

    An uncertainty that nobody stated is NaN.

    Raises
    ------
    InvalidSetting
    """
    if capacity is None:
        return {}
    columns = capacity.columns
    if LOST in columns and CYCLE in columns:
        spread = columns.get(UNCERTAINTY, [None] * len(columns[CYCLE]))
        rows = zip(columns[CYCLE], columns[LOST], spread, strict=True)
        return {
            int(cycle): (float(lost), float("nan") if reach is None else float(reach)) for cycle, lost, reach in rows
        }
    found = capacity_retention(*cycling_columns(capacity))
    return {cycle: (lost, float("nan")) for cycle, lost in zip(found.cycle.tolist(), found.lost.tolist(), strict=True)}


def cycling_columns(table: Table) -> tuple[list[Any], list[Any]]:
    """
    Return cycles and discharge capacities of a cycler's table; rows without a capacity are left out.

    Raises
    ------
    InvalidSetting
        A column is missing.
    """
    name = next((name for name in CAPACITIES if name in table.columns), None)
    if name is None or CYCLE not in table.columns:
        raise InvalidSetting(f"a cycling table has the columns {CYCLE} and {CAPACITIES[0]}: name them so")
    rows = [
        (cycle, value)
        for cycle, value in zip(table.columns[CYCLE], table.columns[name], strict=True)
        if cycle is not None and value is not None
    ]
    if not rows or any(isinstance(value, str) for row in rows for value in row):
        raise InvalidSetting("a cycling table holds numbers: write cycles and capacities as such")
    return [cycle for cycle, _ in rows], [value for _, value in rows]


def _stated_cycles(text: str, count: int) -> list[int]:
    """Read cycles written in one line."""
    if not text.strip():
        return []
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        raise InvalidSetting("cycles are whole numbers separated by commas: correct them") from None
    if len(found) != count or min(found) < 0:
        raise InvalidSetting(f"give one number of cycles, not negative, for each of the {count} profiles")
    return found


def _read(table: Table, place: int, stated: int | None) -> Particle:
    """Read one profile; what is wrong is said with its place in the list."""
    try:
        profile = read_profiles(table)
    except ProfileMismatch as wrong:
        raise ProfileMismatch(f"profile {place + 1}: {wrong}") from None
    cycles = stated if stated is not None else table.columns.get(CYCLES, [None])[0]
    if cycles is None:
        raise ProfileMismatch(
            f"profile {place + 1} does not say how often its particle was cycled: make it with cycles, or state them"
        )
    name = str(table.columns.get(PARTICLE, [""])[0] or "")
    return Particle(name, int(cycles), profile, {each: table.units[each] for each in profile.names})


def _joined(first: Particle, second: Particle) -> Particle:
    """Put two profiles of one particle together."""
    a, b = first.profile, second.profile
    if twice := sorted(set(a.names) & set(b.names)):
        raise ProfileMismatch(f"two profiles of {first.name!r} hold the map {twice[0]}: give each particle a name")
    if a.shells != b.shells or abs(a.step_nm / b.step_nm - 1) > 1e-3:
        raise ProfileMismatch(f"two profiles of {first.name!r} have other shells: give each particle a name")
    parts = {
        name: np.concatenate([getattr(a, name), getattr(b, name)])
        for name in ("mean", "sd", "n", "missing", "whole_mean", "whole_sd", "whole_n")
    }
    profile = DepthProfile(names=(*a.names, *b.names), step_nm=a.step_nm, fewest_shown=1, **parts)
    return Particle(first.name, first.cycles, profile, {**first.units, **second.units})


def _named(particle: Particle, name: str) -> Particle:
    return Particle(name, particle.cycles, particle.profile, particle.units)


def _numbered(particles: Sequence[Particle]) -> list[Particle]:
    """Tell particles of one name in different states apart."""
    count = Counter(particle.name for particle in particles)
    return [
        _named(each, f"{each.name} ({state_name(each.cycles)})") if count[each.name] > 1 else each for each in particles
    ]


def _check_units(particles: Sequence[Particle], shared: Sequence[str]) -> None:
    for name in shared:
        if len({particle.units[name] for particle in particles}) > 1:
            raise ProfileMismatch(f"the map {name} has several units: compare profiles made in the same way")


def _only(particle: Particle, names: Sequence[str]) -> Particle:
    """Keep some maps."""
    return Particle(particle.name, particle.cycles, chosen(particle.profile, names), particle.units)


def chosen(profile: DepthProfile, names: Sequence[str]) -> DepthProfile:
    """Return a profile of some of its maps, in this order."""
    places = [profile.names.index(name) for name in names]
    parts = {
        part: getattr(profile, part)[places]
        for part in ("mean", "sd", "n", "missing", "whole_mean", "whole_sd", "whole_n")
    }
    return DepthProfile(names=tuple(names), step_nm=profile.step_nm, fewest_shown=profile.fewest_shown, **parts)
