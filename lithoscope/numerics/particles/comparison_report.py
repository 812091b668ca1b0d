"""Particles of several cycling states side by side: averages by depth, gradients, and figures beside the capacity."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles.comparison import compare_states
from lithoscope.numerics.particles.comparison_reading import (
    Particle,
    chosen,
    lost_by_cycle,
    read_particles,
    state_name,
)
from lithoscope.numerics.particles.groups import OF_PARTICLES, GroupProfile, group_profile, mean_sd_n
from lithoscope.numerics.particles.merits import merits_of
from lithoscope.numerics.particles.profile_report import DEPTH, OF_VOXELS, RELATIVE, SD
from lithoscope.numerics.particles.profiles import or_null
from lithoscope.numerics.particles.scatter_report import read_scatters, scatter_states, whole_scatter
from lithoscope.tables import Line, Plot, Table

Float = NDArray[np.float64]
STATE, CYCLES, COUNT = "state", "cycles", "_particles"
LOST_PERCENT, LOST_UNCERTAINTY = "capacity_lost_percent", "capacity_lost_uncertainty_percent"


class Comparison(NamedTuple):
    """
    Particles of several cycling states.

    Attributes
    ----------
    states, relative : Table
        Mean, standard deviation and number of particles by depth, and by depth over each particle's radius.
    curves : Table
        Every particle's own profile.
    gradients : Table
        Where a gradient of an average comes from.
    merits : Table
        A row for each state: figures with their standard deviation, and the capacity lost.
    differences : Table
        Each figure of each state with its difference to the first.
    scatter : Table or None
        Inhomogeneity by depth, averaged over the particles of a state.
    notes : tuple of str
    """

    states: Table
    relative: Table
    curves: Table
    gradients: Table
    merits: Table
    differences: Table
    scatter: Table | None
    notes: tuple[str, ...]


def compare_particles(
    profiles: Sequence[Table],
    capacity: Table | None = None,
    inhomogeneity: Sequence[Table] = (),
    *,
    cycles: str = "",
    shown: str = "",
    smallest_change_percent: float = 2.0,
    smallest_change_fraction: float = 0.05,
    confidence: float = 0.95,
) -> Comparison:
    """
    Average particles of each cycling state and set the states side by side.

    Parameters
    ----------
    profiles : sequence of Table
        Depth profiles, as `profile_report.profile_particle` writes them.
    capacity : Table, optional
        Retention curve of the cell, or cycles with discharge capacities.
    inhomogeneity : sequence of Table, optional
        Scatter by shell of the particles, as `scatter_report` writes it.
    cycles : str
        Cycles of each profile, separated by commas, in place of what the tables say.
    shown : str
        The map that the tables draw; the first one when empty.
    smallest_change_percent, smallest_change_fraction : float
        Changes with depth up to these are not called a gradient, of compositions [at%] and of fractions [1].
    confidence : float
        Of the intervals of differences [1].

    Returns
    -------
    Comparison

    Raises
    ------
    ProfileMismatch, InvalidSetting
    """
    particles, notes = read_particles(profiles, cycles=cycles)
    names = particles[0].profile.names
    if shown and shown not in names:
        raise InvalidSetting(f"the maps of all particles are {', '.join(names)}: show one of them")
    changes = {"at%": smallest_change_percent, "%": smallest_change_percent, "1": smallest_change_fraction}
    states = [list(group) for _, group in groupby(particles, key=lambda each: each.cycles)]
    groups = [_groups(state, changes) for state in states]
    units, drawn = dict(particles[0].units), shown or names[0]
    scatters = read_scatters(inhomogeneity)
    merits = [merits_of(state) | whole_scatter(scatters, state[0].cycles) for state in states]
    lost, missed = _lost(states, lost_by_cycle(capacity))
    return Comparison(
        _by_depth(states, groups, units, drawn),
        _by_radius(states, groups, units, drawn),
        _curves(particles, units, drawn),
        _gradients(states, groups, units, changes),
        _merits(states, merits, lost),
        _differences(states, merits, confidence),
        scatter_states(scatters) if scatters else None,
        (*notes, *missed, *_few(states), *_flagged(states, groups)),
    )


Groups = dict[str, tuple[GroupProfile, int]]


def _groups(state: Sequence[Particle], changes: Mapping[str, float]) -> Groups:
    """Average the particles of a state; each map with the smallest change that means anything in its unit."""
    found: Groups = {}
    units = state[0].units
    for unit in dict.fromkeys(units[name] for name in state[0].profile.names):
        names = [name for name in state[0].profile.names if units[name] == unit]
        profiles = [chosen(each.profile, names) for each in state]
        group = group_profile(
            profiles, smallest_change=changes.get(unit, 0.0), particles=tuple(each.name for each in state)
        )
        found |= {name: (group, place) for place, name in enumerate(names)}
    return found


def _plot(x: str, drawn: str, *, by: str, title: str, x_title: str, error_words: str = OF_PARTICLES) -> Plot:
    line = Line(drawn, error=f"{drawn}{SD}", title=drawn, error_words=error_words)
    return Plot(x=x, lines=(line,), by=by, title=f"{drawn}: {title}", x_title=x_title, y_title=drawn)


def _stacked(blocks: Sequence[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    return {name: [value for block in blocks for value in block[name]] for name in blocks[0]}


def _of_columns(columns: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, str]:
    """Return the unit of each column: that of its map, nm for depths, else none."""
    of_maps = {f"{name}{ending}": unit for name, unit in units.items() for ending in ("", SD, "_shared")}
    return {name: of_maps.get(name, "nm" if name == DEPTH else "1") for name in columns}


def _by_depth(
    states: Sequence[Sequence[Particle]], groups: Sequence[Groups], units: dict[str, str], drawn: str
) -> Table:
    """List the averages of each state by depth."""
    blocks = []
    for state, found in zip(states, groups, strict=True):
        depth = next(iter(found.values()))[0].depth_nm
        block = _frame(state, len(depth)) | {DEPTH: depth.tolist()}
        for name, (group, place) in found.items():
            block[name], block[f"{name}{SD}"] = or_null(group.mean[place]), or_null(group.sd[place])
            block[f"{name}{COUNT}"] = group.n[place].tolist()
            block[f"{name}_shared"] = or_null(group.within[place])
        blocks.append(block)
    columns = _stacked(blocks)
    plot = _plot(DEPTH, drawn, by=STATE, title="mean of each state", x_title="Depth below the surface")
    return Table(columns, _of_columns(columns, units), plot)


def _by_radius(
    states: Sequence[Sequence[Particle]], groups: Sequence[Groups], units: dict[str, str], drawn: str
) -> Table:
    """List the averages of each state over the particles' own radii."""
    blocks = []
    for state, found in zip(states, groups, strict=True):
        depth = next(iter(found.values()))[0].relative_depth
        block = _frame(state, len(depth)) | {RELATIVE: depth.tolist()}
        for name, (group, place) in found.items():
            mean, sd, n = mean_sd_n(group.relative_curves[:, place])
            block |= {name: or_null(mean), f"{name}{SD}": or_null(sd), f"{name}{COUNT}": n.tolist()}
        blocks.append(block)
    columns = _stacked(blocks)
    plot = _plot(RELATIVE, drawn, by=STATE, title="mean of each state", x_title="Depth over the radius")
    return Table(columns, _of_columns(columns, units), plot)


def _frame(state: Sequence[Particle], rows: int) -> dict[str, list[Any]]:
    cycles = state[0].cycles
    return {STATE: [state_name(cycles)] * rows, CYCLES: [cycles] * rows, "particles": [len(state)] * rows}


def _curves(particles: Sequence[Particle], units: dict[str, str], drawn: str) -> Table:
    """List every particle's own profile; its deviation is that of the voxels of a shell."""
    blocks = []
    for each in particles:
        profile, rows = each.profile, each.profile.shells
        block: dict[str, list[Any]] = {"particle": [each.name] * rows}
        block |= {name: values for name, values in _frame([each], rows).items() if name != "particles"}
        block |= {DEPTH: profile.depth_nm.tolist(), RELATIVE: profile.relative_depth.tolist()}
        for place, name in enumerate(profile.names):
            block |= {name: or_null(profile.mean[place]), f"{name}{SD}": or_null(profile.sd[place])}
        blocks.append(block)
    columns = _stacked(blocks)
    below = "Depth below the surface"
    plot = _plot(DEPTH, drawn, by="particle", title="every particle", x_title=below, error_words=OF_VOXELS)
    return Table(columns, _of_columns(columns, units), plot)


def _gradients(
    states: Sequence[Sequence[Particle]],
    groups: Sequence[Groups],
    units: dict[str, str],
    changes: Mapping[str, float],
) -> Table:
    """List where the gradient of each map of each state comes from."""
    rows: list[dict[str, Any]] = []
    for state, found in zip(states, groups, strict=True):
        for name, (group, place) in found.items():
            gradient = group.gradients[place]
            rows.append(
                {
                    STATE: state_name(state[0].cycles),
                    CYCLES: state[0].cycles,
                    "particles": len(state),
                    "map": name,
                    "unit": units[name],
                    "apparent": gradient.apparent,
                    "within": gradient.within,
                    "between": gradient.between,
                    "smallest_change": changes.get(units[name], 0.0),
                    "origin": gradient.origin,
                    "is_flagged": gradient.is_flagged,
                }
            )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return Table(columns, dict.fromkeys(columns, "1"))


def _few(states: Sequence[Sequence[Particle]]) -> list[str]:
    """Say which states have too few particles for their deviation to mean much."""
    words = {
        1: "has 1 particle: nothing is known of how particles of this state differ",
        2: "has 2 particles: the deviation of two is that of all particles only within a factor of 0.45 to 32 (95 %, "
        "normal), and where both are of one sample it says nothing of how samples differ",
    }
    return [
        f"few-particles: {state_name(state[0].cycles)} {words[len(state)]}" for state in states if len(state) in words
    ]


def _flagged(states: Sequence[Sequence[Particle]], groups: Sequence[Groups]) -> list[str]:
    """Say which gradients of averages are none of the particles."""
    return [
        f"gradient-of-the-group: {name} of {state_name(state[0].cycles)} changes with depth because particles of "
        "unlike size and composition are averaged; look at the curves of the particles"
        for state, found in zip(states, groups, strict=True)
        for name, (group, place) in found.items()
        if group.gradients[place].is_flagged
    ]


def _lost(
    states: Sequence[Sequence[Particle]], lost: Mapping[int, tuple[float, float]]
) -> tuple[list[tuple[float, float] | None], list[str]]:
    """Return the capacity lost in each state; nothing is lost before the first cycle, and nothing is interpolated."""
    known = {0: (0.0, 0.0), **lost} if lost else {}
    found = [known.get(state[0].cycles) for state in states]
    missed = [
        f"capacity-not-measured: the cycling data do not hold cycle {state[0].cycles}; its loss stays open"
        for state, each in zip(states, found, strict=True)
        if lost and each is None
    ]
    return found, missed


def _merits(
    states: Sequence[Sequence[Particle]],
    merits: Sequence[Mapping[str, tuple[str, list[float]]]],
    lost: Sequence[tuple[float, float] | None],
) -> Table:
    """List the figures of each state in a row, with their deviation over the particles."""
    columns: dict[str, list[Any]] = _stacked([_frame(state, 1) for state in states])
    units = dict.fromkeys(columns, "1")
    for name in dict.fromkeys(name for figures in merits for name in figures):
        unit = next(figures[name][0] for figures in merits if name in figures)
        values = [np.array(figures[name][1]) if name in figures else np.empty(0) for figures in merits]
        mean, sd, _ = (np.array(part) for part in zip(*(mean_sd_n(each) for each in values), strict=True))
        columns |= {name: or_null(mean), f"{name}{SD}": or_null(sd)}
        units |= {name: unit, f"{name}{SD}": unit}
    columns[LOST_PERCENT] = [None if each is None else 100 * each[0] for each in lost]
    columns[LOST_UNCERTAINTY] = or_null(np.array([np.nan if each is None else 100 * each[1] for each in lost]))
    return Table(columns, units | {LOST_PERCENT: "%", LOST_UNCERTAINTY: "%"}, _merit_plot(columns))


def _merit_plot(columns: Mapping[str, Sequence[Any]]) -> Plot:
    """Draw what is told in per cent beside the capacity, else the first figure."""
    rock_salt = "rock_salt_of_atoms_percent"
    wanted = [
        (rock_salt, f"{rock_salt}{SD}", "Rock salt, of atoms", OF_PARTICLES),
        (LOST_PERCENT, LOST_UNCERTAINTY, "Capacity lost", "standard uncertainty"),
    ]
    lines = tuple(
        Line(name, error=error, title=title, error_words=words)
        for name, error, title, words in wanted
        if any(value is not None for value in columns.get(name, ()))
    )
    first = next(name for name in columns if name not in {STATE, CYCLES, "particles"})
    lines = lines or (Line(first, error=f"{first}{SD}", error_words=OF_PARTICLES),)
    return Plot(x=CYCLES, lines=lines, title="States of cycling", x_title="Cycles", y_title="")


def _differences(
    states: Sequence[Sequence[Particle]], merits: Sequence[Mapping[str, tuple[str, list[float]]]], confidence: float
) -> Table:
    """List each figure of each state with its difference to the first state and Welch's interval."""
    units = {name: unit for figures in merits for name, (unit, _) in figures.items()}
    table = compare_states(
        {
            state_name(state[0].cycles): {name: values for name, (_, values) in figures.items()}
            for state, figures in zip(states, merits, strict=True)
        },
        confidence=confidence,
    )
    columns = {**table.columns, "unit": [units[str(name)] for name in table.columns["figure"]]}
    return Table(columns, dict.fromkeys(columns, "1"))
