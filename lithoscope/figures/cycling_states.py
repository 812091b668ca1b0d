"""States of cycling side by side, as published: a panel for each map, and figures beside the capacity."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from matplotlib.axes import Axes

from lithoscope.figures.plots import curves, draw_curves, label
from lithoscope.figures.record import Figure
from lithoscope.figures.style import canvas, finished, lettered, styled
from lithoscope.numerics.particles.comparison_report import Comparison, compare_particles
from lithoscope.numerics.particles.groups import OF_PARTICLES
from lithoscope.numerics.particles.profile_report import SD
from lithoscope.tables import Line, Table

ACROSS, PANEL_IN = 3, (2.6, 2.1)
#: More panels are not read: the tables hold every map.
MOST_PANELS = 11


class DrawnComparison(NamedTuple):
    """A comparison with its figure; see `Comparison`."""

    states: Table
    relative: Table
    curves: Table
    gradients: Table
    merits: Table
    differences: Table
    scatter: Table | None
    figure: Figure
    notes: tuple[str, ...]


def compare_and_draw(
    profiles: Sequence[Table],
    capacity: Table | None = None,
    inhomogeneity: Sequence[Table] = (),
    *,
    cycles: str = "",
    shown: str = "",
    smallest_change_percent: float = 2.0,
    smallest_change_fraction: float = 0.05,
    confidence: float = 0.95,
) -> DrawnComparison:
    """
    Compare particles as `compare_particles` does, which describes parameters and refusals, and draw every map.

    Returns
    -------
    DrawnComparison
    """
    found = compare_particles(
        profiles,
        capacity,
        inhomogeneity,
        cycles=cycles,
        shown=shown,
        smallest_change_percent=smallest_change_percent,
        smallest_change_fraction=smallest_change_fraction,
        confidence=confidence,
    )
    parts = found._asdict()
    notes = parts.pop("notes")
    return DrawnComparison(**parts, figure=draw_comparison(found), notes=notes)


def draw_comparison(found: Comparison) -> Figure:
    """Draw the average of each map by depth, state by state, and the figures of the states beside the capacity lost."""
    names = [name for name in found.states.columns if f"{name}{SD}" in found.states.columns]
    panels = names[:MOST_PANELS]
    rows = -(-(len(panels) + 1) // ACROSS)
    with styled():
        sheet = canvas(ACROSS * PANEL_IN[0], rows * PANEL_IN[1] + 0.3)
        grid = list(sheet.subplots(rows, ACROSS, squeeze=False).ravel())
        for axes, name in zip(grid, panels, strict=False):
            _draw(axes, _of_map(found.states, name))
        last = len(panels)
        _draw(grid[last], _untitled(found.merits))
        for empty in grid[last + 1 :]:
            empty.set_axis_off()
        for axes in {grid[0], grid[last]}:
            axes.legend(frameon=False)
        lettered(grid[: last + 1])
        return finished(sheet, _caption(found, len(names)), "comparison of cycling states")


def _draw(axes: Axes, table: Table) -> None:
    """Draw a table into a panel; a panel without a number stays empty."""
    plot = table.plot
    if plot is None or all(value is None for line in plot.lines for value in table.columns[line.y]):
        return
    drawn = list(curves(table, plot))
    draw_curves(axes, drawn)
    label(axes, table, plot, drawn)


def _of_map(table: Table, name: str) -> Table:
    """Return the averages with another map to be drawn."""
    if table.plot is None:
        return table
    line = Line(name, error=f"{name}{SD}", title=name, error_words=OF_PARTICLES)
    return replace(table, plot=replace(table.plot, lines=(line,), title="", y_title=name))


def _untitled(table: Table) -> Table:
    """Return a table drawn without a title: the caption says it."""
    return table if table.plot is None else replace(table, plot=replace(table.plot, title=""))


def _caption(found: Comparison, maps: int) -> str:
    """Say what is drawn, how many particles are behind it, and which gradients are none."""
    merits = found.merits.columns
    counts = zip(merits["state"], merits["particles"], strict=True)
    said = [
        f"Averages over the particles of each state: {', '.join(f'{state} (n = {count})' for state, count in counts)}.",
        "Bars are standard deviations over particles; a single particle has none.",
    ]
    if maps > MOST_PANELS:
        said.append(f"The first {MOST_PANELS} of {maps} maps are drawn.")
    gradients = found.gradients.columns
    rows = zip(gradients["map"], gradients["state"], gradients["is_flagged"], strict=True)
    if flagged := [f"{name} ({state})" for name, state, is_flagged in rows if is_flagged]:
        said.append(f"Gradients that come from averaging unlike particles: {', '.join(flagged)}.")
    return " ".join(said)
