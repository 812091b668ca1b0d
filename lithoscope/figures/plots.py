"""A table drawn as its plot says: curves, points and steps with error bars, units on both axes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from lithoscope import wording
from lithoscope.errors import ScienceError
from lithoscope.figures.limits import with_states
from lithoscope.figures.record import Figure
from lithoscope.figures.style import canvas, escaped, finished, look, quiet, styled, with_unit
from lithoscope.tables import Line, Plot, Table

Float = NDArray[np.float64]
WIDTH_IN, HEIGHT_IN, LEGEND_IN = 4.8, 3.1, 1.5
_DENSE = 60  # curves of more places are drawn without marks
_IN_SIDE = 4  # longer legends stand beside the plot
_TITLE_LETTERS = 64


class NothingToDraw(ScienceError):
    """A table that does not say how it is drawn, or has no numbers to draw."""

    code = "nothing-to-draw"


@dataclass(frozen=True, slots=True)
class Curve:
    """
    What one curve is made of, in the order of the table.

    Parameters
    ----------
    title : str
        Words of the legend.
    x, y, error : (n,) array
        NaN where the table has no number; `error` is empty where the curve has none.
    kind : {"line", "points", "step"}
    unit : str
        Of `y`.
    """

    title: str
    x: Float
    y: Float
    error: Float
    kind: str
    unit: str


def figure_of_table(table: Table) -> Figure:
    """
    Draw a table as its plot says.

    Parameters
    ----------
    table : Table
        With a plot; what is null stays a gap.

    Raises
    ------
    NothingToDraw
    """
    plot = table.plot
    if plot is None:
        raise NothingToDraw("the table does not say how it is drawn: choose a table that has a plot")
    drawn = list(curves(table, plot))
    with styled():
        is_beside = len(drawn) > _IN_SIDE
        sheet = canvas(WIDTH_IN + (LEGEND_IN if is_beside else 0), HEIGHT_IN)
        axes = sheet.add_subplot()
        draw_curves(axes, drawn)
        label(axes, table, plot, drawn)
        if len(drawn) > 1:
            beside: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0}
            axes.legend(frameon=False, **(beside if is_beside else {"loc": "best"}))
        return finished(sheet, _caption(table, plot, drawn), plot.title or "plot of a table")


def curves(table: Table, plot: Plot) -> Iterator[Curve]:
    """
    Take the curves of a plot out of its table: one for each line and each value of the column that parts them.

    Raises
    ------
    NothingToDraw
    """
    groups = _groups(table, plot)
    if not any(np.isfinite(_numbers(table.columns[line.y])).any() for line in plot.lines):
        raise NothingToDraw("the table has no number to draw")
    for line in plot.lines:
        for group, rows in groups:
            words = line.title or line.y.replace("_", " ")
            title = words if group is None else group if len(plot.lines) == 1 else f"{words}, {group}"
            yield Curve(
                title,
                _numbers(table.columns[plot.x])[rows],
                _numbers(table.columns[line.y])[rows],
                _numbers(table.columns[line.error])[rows] if line.error else np.zeros(0),
                line.kind,
                table.units[line.y],
            )


def draw_curves(axes: Axes, drawn: Sequence[Curve]) -> None:
    """Draw curves into a panel, each with its own colour, dash and mark."""
    for place, curve in enumerate(drawn):
        _draw(axes, curve, look(place))
    quiet(axes)


def _draw(axes: Axes, curve: Curve, style: dict[str, Any]) -> None:
    mark = "" if len(curve.x) > _DENSE and curve.kind != "points" else style["marker"]
    line = {"color": style["color"], "label": escaped(with_states(curve.title))}
    if curve.kind == "step":
        axes.step(curve.x, curve.y, where="mid", linestyle=style["linestyle"], **line)
        return
    dash = "none" if curve.kind == "points" else style["linestyle"]
    if not curve.error.size:
        axes.plot(curve.x, curve.y, linestyle=dash, marker=mark, **line)
    elif len(curve.x) > _DENSE and curve.kind == "line":
        axes.plot(curve.x, curve.y, linestyle=dash, **line)
        low, high = curve.y - curve.error, curve.y + curve.error
        axes.fill_between(curve.x, low, high, color=style["color"], alpha=0.2, linewidth=0)
    else:
        error = np.where(np.isfinite(curve.error), curve.error, 0.0)
        axes.errorbar(
            curve.x, curve.y, yerr=error, linestyle=dash, marker=mark, capsize=1.8, elinewidth=0.8, capthick=0.8, **line
        )


def label(axes: Axes, table: Table, plot: Plot, drawn: Sequence[Curve]) -> None:
    """Write title, axes with units, and logarithms where they are asked for."""
    units = {curve.unit for curve in drawn}
    unit = units.pop() if len(units) == 1 else "1"
    words = plot.y_title or (_line_words(plot.lines[0]) if len(plot.lines) == 1 else "")
    axes.set_ylabel(escaped(with_unit(_sentence(with_states(words)), unit) if words else wording.unit(unit)))
    axes.set_xlabel(escaped(with_unit(_sentence(plot.x_title or _words(plot.x)), table.units[plot.x])))
    if plot.title:
        axes.set_title(escaped(_short(plot.title)), loc="left")
    if all((curve.x[np.isfinite(curve.x)] % 1 == 0).all() for curve in drawn):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if plot.log_x and any((curve.x > 0).any() for curve in drawn):
        axes.set_xscale("log")
    if plot.log_y and any((curve.y > 0).any() for curve in drawn):
        axes.set_yscale("log", nonpositive="mask")


def _groups(table: Table, plot: Plot) -> list[tuple[str | None, list[int]]]:
    if not plot.by:
        return [(None, list(range(len(table.columns[plot.x]))))]
    found: dict[Any, list[int]] = {}
    for row, value in enumerate(table.columns[plot.by]):
        found.setdefault(value, []).append(row)
    return [(_group_words(value, table.units[plot.by]), rows) for value, rows in found.items()]


def _group_words(value: Any, unit: str) -> str:
    return with_unit(f"{value:g}", unit) if isinstance(value, float) else str(value)


def _numbers(column: Sequence[Any]) -> Float:
    return np.array([np.nan if value is None else float(value) for value in column], np.float64)


def _words(column: str) -> str:
    """Write a column's name without the unit at its end, which the axis writes itself."""
    stem, _, ending = column.rpartition("_")
    return (stem if stem and ending in {"nm", "eV", "deg", "px", "s", "h", "percent"} else column).replace("_", " ")


def _short(title: str) -> str:
    """Return a title that fits above the plot: what follows a semicolon stands in the caption."""
    return title if len(title) <= _TITLE_LETTERS else shorten(title.partition(";")[0], _TITLE_LETTERS, placeholder=" …")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _caption(table: Table, plot: Plot, drawn: Sequence[Curve]) -> str:
    title = plot.title or f"{_sentence(plot.y_title or drawn[0].title)} against {_words(plot.x)}"
    sentences = [f"{title}."]
    if errors := plot.errors_in_words():
        what = "Bars and bands" if any(len(curve.x) > _DENSE for curve in drawn) else "Error bars"
        sentences.append(f"{what}: {errors}.")
    units = dict.fromkeys(curve.unit for curve in drawn)
    if len(units) > 1:
        told = ", ".join(f"{with_unit(_line_words(line), table.units[line.y])}" for line in plot.lines)
        sentences.append(f"Units of the curves: {told}.")
    if any(np.isnan(curve.y).any() for curve in drawn):
        sentences.append("Gaps are places without a value.")
    return " ".join(sentences)


def _line_words(line: Line) -> str:
    return line.title or line.y.replace("_", " ")
