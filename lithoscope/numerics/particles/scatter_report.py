"""Inhomogeneity of particles as tables, and its average over the particles of one cycling state."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.particles.comparison_reading import state_name
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.group_scatter import group_scatter
from lithoscope.numerics.particles.groups import OF_PARTICLES
from lithoscope.numerics.particles.inhomogeneity import Inhomogeneity, Scatter
from lithoscope.numerics.particles.merits import Merits
from lithoscope.numerics.particles.profiles import or_null
from lithoscope.tables import Line, Plot, Table

Float = NDArray[np.float64]
FIGURES = ("raw", "corrected", "corrected_low", "corrected_high", "upper_limit", "variance")


class ParticleScatter(NamedTuple):
    """Inhomogeneity of one map of one particle."""

    particle: str
    cycles: int
    map: str
    unit: str
    step_nm: float
    shells: Inhomogeneity


def scatter_table(found: Sequence[ParticleScatter], cycles: int | None) -> Table:
    """
    List the scatter of each map by shell.

    Parameters
    ----------
    found : sequence of ParticleScatter
        Maps of one particle.
    cycles : int, optional
        Cycles the particle went through, if known.
    """
    columns: dict[str, list[Any]] = {
        name: []
        for name in ("particle", "cycles", "map", "shell", "depth_nm", *FIGURES, "is_upper_limit", "voxels", "blocks")
    }
    for each in found:
        shells, rows = each.shells, len(each.shells.raw)
        columns["particle"] += [each.particle] * rows
        columns["cycles"] += [cycles] * rows
        columns["map"] += [each.map] * rows
        columns["shell"] += list(range(1, rows + 1))
        columns["depth_nm"] += ((np.arange(rows) + 0.5) * each.step_nm).tolist()
        values = (shells.raw, shells.corrected, shells.low, shells.high, shells.upper_limit, shells.variance)
        for name, value in zip(FIGURES, values, strict=True):
            columns[name] += or_null(value)
        columns["is_upper_limit"] += shells.is_upper_limit.tolist()
        columns["voxels"] += shells.n.tolist()
        columns["blocks"] += shells.blocks.tolist()
    unit = found[0].unit
    units = dict.fromkeys(columns, "1") | {"depth_nm": "nm"} | dict.fromkeys(FIGURES[:-1], unit)
    title = "Inhomogeneity: standard deviation within a shell, with and without the noise"
    lines = (
        Line("raw", title="with noise, as published"),
        Line("corrected", title="without noise"),
        Line("upper_limit", title="upper limit", kind="points"),
    )
    plot = Plot(x="depth_nm", lines=lines, by="map", title=title, x_title="Depth below the surface")
    return Table(columns, units, plot)


def read_scatters(tables: Sequence[Table]) -> list[ParticleScatter]:
    """
    Read back what `scatter_table` wrote, by map and then by state.

    Raises
    ------
    ProfileMismatch
        A table is no inhomogeneity or does not say its cycles.
    """
    found: list[ParticleScatter] = []
    for place, table in enumerate(tables):
        columns = table.columns
        if not {"map", "voxels", "blocks", *FIGURES} <= columns.keys() or not columns["map"]:
            raise ProfileMismatch(f"table {place + 1} is no inhomogeneity: give what particle_inhomogeneity makes")
        if columns["cycles"][0] is None:
            raise ProfileMismatch(f"inhomogeneity {place + 1} does not say how often its particle was cycled")
        for name in dict.fromkeys(columns["map"]):
            rows = [row for row, each in enumerate(columns["map"]) if each == name]
            raw, middle, low, high, limit, variance = (_numbers(columns[figure], rows) for figure in FIGURES)
            n, blocks = (np.array([columns[each][row] for row in rows], np.int64) for each in ("voxels", "blocks"))
            shells = Inhomogeneity(raw, middle, low, high, limit, variance, n, blocks, _whole(raw, variance, n))
            step = 2 * float(columns["depth_nm"][rows[0]])
            label = str(columns["particle"][0] or place + 1)
            unit = table.units["raw"]
            found.append(ParticleScatter(label, int(columns["cycles"][0]), str(name), unit, step, shells))
    return sorted(found, key=lambda each: (each.map, each.cycles))


def whole_scatter(scatters: Sequence[ParticleScatter], cycles: int) -> Merits:
    """Return the published, uncorrected inhomogeneity of each map over whole particles of a state."""
    found: Merits = {}
    for each in scatters:
        if each.cycles == cycles:
            found.setdefault(f"{each.map}_inhomogeneity", (each.unit, []))[1].append(each.shells.particle.raw)
    return found


def scatter_states(scatters: Sequence[ParticleScatter]) -> Table:
    """List the inhomogeneity of each map by depth, averaged over the particles of each state."""
    blocks: list[dict[str, list[Any]]] = []
    for (name, cycles), group in groupby(scatters, key=lambda each: (each.map, each.cycles)):
        members = list(group)
        if len({round(each.step_nm, 6) for each in members}) > 1:
            raise ProfileMismatch(f"inhomogeneities of {name} differ in their step: average those of one kind")
        table = group_scatter([each.shells for each in members]).table()
        rows = len(table.columns["shell"])
        depth = ((np.arange(rows) + 0.5) * members[0].step_nm).tolist()
        label = f"{name}, {state_name(cycles)}"
        frame = {"curve": [label] * rows, "map": [name] * rows, "cycles": [cycles] * rows, "depth_nm": depth}
        blocks.append(frame | table.columns)
    columns = {name: [value for block in blocks for value in block[name]] for name in blocks[0]}
    plain = {"curve", "map", "cycles", "shell", "particles"}
    units = {name: "1" if name in plain else "nm" if name == "depth_nm" else scatters[0].unit for name in columns}
    line = Line("raw_mean", error="raw_standard_deviation", title="with noise, as published", error_words=OF_PARTICLES)
    plot = Plot(
        x="depth_nm",
        lines=(line,),
        by="curve",
        title="Inhomogeneity by state",
        x_title="Depth below the surface",
        y_title="Standard deviation within a shell",
    )
    return Table(columns, units, plot)


def _numbers(values: Sequence[Any], rows: Sequence[int]) -> Float:
    return np.array([np.nan if values[row] is None else float(values[row]) for row in rows])


def _whole(raw: Float, variance: Float, n: NDArray[np.int64]) -> Scatter:
    """Put the shells together, each about its own mean; the interval is not known any more."""
    weight = np.where(np.isfinite(raw), np.maximum(n - 1, 0), 0)
    total = int(weight.sum())
    unknown = float("nan")
    if not total:
        return Scatter(unknown, unknown, unknown, unknown, unknown, unknown, int(n.sum()), 0)
    whole = float(np.sqrt(np.nan_to_num(raw) ** 2 @ weight / total))
    without = float(np.nan_to_num(variance) @ weight / total)
    return Scatter(whole, unknown, unknown, unknown, unknown, without, int(n.sum()), 0)
