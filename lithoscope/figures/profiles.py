"""Depth profiles side by side: a panel a map, a curve a particle or cycling state, the planted truth beside them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lithoscope.figures.limits import shown_name
from lithoscope.figures.plots import Curve, NothingToDraw, curves
from lithoscope.figures.record import Figure
from lithoscope.figures.style import INK, canvas, escaped, finished, lettered, look, quiet, styled, with_unit
from lithoscope.tables import Table

PANEL_IN, HIGH_IN, LEGEND_IN = 2.1, 1.9, 0.35
_MOST_PER_ROW = 4


def figure_of_profiles(
    profiles: Mapping[str, Table],
    *,
    truth: Mapping[str, Table] | None = None,
    x_words: str = "Depth",
    name: str = "depth profiles",
) -> Figure:
    """
    Draw what the plots of several tables have in common, each line of the plot in a panel of its own.

    Parameters
    ----------
    profiles : mapping of str to Table
        Particle or cycling state to its profile; every table has a plot with the same lines.
    truth : mapping of str to Table, optional
        Planted profiles under the same names, drawn as thin lines without marks.
    x_words : str
        Words of the horizontal axis.
    name : str

    Raises
    ------
    NothingToDraw
    """
    drawn = {title: _curves(table) for title, table in profiles.items()}
    panels = list(dict.fromkeys(each.title for group in drawn.values() for each in group))
    planted = {title: _curves(table) for title, table in (truth or {}).items()}
    first = next(iter(profiles.values()))
    rows = -(-len(panels) // _MOST_PER_ROW)
    columns = -(-len(panels) // rows)
    with styled():
        sheet = canvas(PANEL_IN * columns + 0.3, HIGH_IN * rows + LEGEND_IN)
        grid = sheet.subplots(rows, columns, squeeze=False)
        shown = list(grid.flat)
        for axes in shown[len(panels) :]:
            axes.remove()
        for axes, panel in zip(shown, panels, strict=False):
            _draw(axes, panel, drawn, planted)
            axes.set_xlabel(with_unit(x_words, first.units[first.plot.x] if first.plot else "1"))
        lettered(shown[: len(panels)])
        if len(drawn) > 1 or planted:
            handles, labels = shown[0].get_legend_handles_labels()
            sheet.legend(handles, labels, loc="outside upper center", ncols=min(6, len(labels)), frameon=False)
        bars = dict.fromkeys(each.plot.errors_in_words() for each in profiles.values() if each.plot)
        said = _caption(
            panels, list(drawn), has_truth=bool(planted), x_words=x_words, bars="; ".join(filter(None, bars))
        )
        return finished(sheet, said, name)


def _curves(table: Table) -> list[Curve]:
    if table.plot is None:
        raise NothingToDraw("the profile does not say how it is drawn: choose a table that has a plot")
    return list(curves(table, table.plot))


def _draw(axes: Axes, panel: str, drawn: Mapping[str, list[Curve]], planted: Mapping[str, list[Curve]]) -> None:
    unit = ""
    for place, (title, group) in enumerate(drawn.items()):
        style = look(place)
        for each in (each for each in group if each.title == panel):
            unit = each.unit
            error = np.where(np.isfinite(each.error), each.error, 0.0) if each.error.size else None
            bars: dict[str, Any] = {"capsize": 1.6, "elinewidth": 0.7, "capthick": 0.7, "markersize": 2.8}
            axes.errorbar(each.x, each.y, yerr=error, label=escaped(title), **style, **bars)
        for each in (each for each in planted.get(title, []) if each.title == panel):
            colour = style["color"] if len(drawn) > 1 else INK
            axes.plot(each.x, each.y, color=colour, linestyle=style["linestyle"], linewidth=0.8, alpha=0.75)
    if planted:
        axes.plot([], [], color=INK, linewidth=0.8, alpha=0.75, label="planted")
    quiet(axes)
    axes.set_ylabel(escaped(with_unit(shown_name(panel), unit)))


def _caption(panels: list[str], curves: list[str], *, has_truth: bool, x_words: str, bars: str) -> str:
    names = ", ".join(shown_name(panel) for panel in panels)
    sentences = [f"{names} against {x_words[:1].lower()}{x_words[1:]}."]
    if len(curves) > 1:
        sentences.append(f"Curves: {', '.join(curves)}.")
    if bars:
        sentences.append(f"Error bars: {bars}.")
    if has_truth:
        sentences.append("Thin lines without marks are the planted truth.")
    return " ".join(sentences)
