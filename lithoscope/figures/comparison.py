"""Cycling states side by side: mean and standard deviation, every single particle, and how many there are."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lithoscope.figures.limits import shown_name
from lithoscope.figures.plots import NothingToDraw
from lithoscope.figures.record import Figure
from lithoscope.figures.style import (
    COLOURS,
    INK,
    MARKS,
    SOFT,
    canvas,
    escaped,
    finished,
    lettered,
    quiet,
    styled,
    with_unit,
)

PANEL_IN, HIGH_IN = 2.2, 2.2
_MOST_PER_ROW = 3
_MOST_ON_A_LINE = 3
#: The least height of a panel, as a part of its largest value: less would draw noise as mountains.
_LEAST_SPAN = 0.02
#: For each state in its order: for each figure its value in each particle.
States = Mapping[str, Mapping[str, Sequence[float | None]]]


def figure_of_comparison(
    states: States,
    *,
    units: Mapping[str, str] | None = None,
    truth: Mapping[str, Mapping[str, float]] | None = None,
    name: str = "comparison of cycling states",
) -> Figure:
    """
    Draw figures of particles against their state.

    Parameters
    ----------
    states : mapping of str to mapping of str to sequence of float
        State, figure, one value a particle; None and values that are not finite are left out.
    units : mapping of str to str, optional
        Of each figure.
    truth : mapping of str to mapping of str to float, optional
        State, figure, planted value.
    name : str

    Raises
    ------
    NothingToDraw
    """
    figures = list(dict.fromkeys(figure for given in states.values() for figure in given))
    if not any(_finite(given.get(figure, ())).size for given in states.values() for figure in figures):
        raise NothingToDraw("no state has a particle with a value")
    rows = -(-len(figures) // _MOST_PER_ROW)
    columns = -(-len(figures) // rows)
    with styled():
        sheet = canvas(PANEL_IN * columns + 0.2, HIGH_IN * rows)
        panels = list(sheet.subplots(rows, columns, squeeze=False).flat)
        for axes in panels[len(figures) :]:
            axes.remove()
        for place, (axes, figure) in enumerate(zip(panels, figures, strict=False)):
            _draw(axes, [_finite(given.get(figure, ())) for given in states.values()], place)
            _draw_truth(axes, [given.get(figure) for given in (truth or {}).values()])
            _leave_room(axes)
            counts = [_finite(given.get(figure, ())).size for given in states.values()]
            labels = [
                f"{_narrow(state, len(states))}\nn = {count}" for state, count in zip(states, counts, strict=True)
            ]
            axes.set_xticks(range(len(states)), labels)
            axes.set_xlabel("Cycling state")
            axes.set_ylabel(escaped(with_unit(shown_name(figure), (units or {}).get(figure, "1"))))
        lettered(panels[: len(figures)])
        return finished(sheet, _caption(states, figures, has_truth=bool(truth)), name)


def _draw(axes: Axes, groups: Sequence[NDArray[np.float64]], place: int) -> None:
    colour, mark = COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]
    means = [float(group.mean()) if group.size else np.nan for group in groups]
    spreads = [float(group.std(ddof=1)) if group.size > 1 else np.nan for group in groups]
    axes.errorbar(range(len(groups)), means, yerr=spreads, color=colour, marker=mark, capsize=3, linewidth=1.0)
    for at, group in enumerate(groups):
        if group.size < 2:  # the mark is the particle
            continue
        aside = np.linspace(-0.16, 0.16, group.size)
        axes.plot(at + 0.02 + aside, group, linestyle="none", marker=".", color=SOFT, markersize=4, zorder=3)
    axes.set_xlim(-0.5, len(groups) - 0.5)
    quiet(axes)


def _draw_truth(axes: Axes, planted: Sequence[float | None]) -> None:
    for at, value in enumerate(planted):
        if value is not None:
            axes.plot([at - 0.3, at + 0.3], [value, value], color=INK, linewidth=0.9, linestyle="--")


def _narrow(state: str, states: int) -> str:
    """Write a state below a mark; many leave room for a word a line."""
    return escaped(state.replace(" ", "\n") if states > _MOST_ON_A_LINE else state)


def _leave_room(axes: Axes) -> None:
    """Draw no difference larger than it is: widen what spans next to nothing, and write whole numbers."""
    drawn = np.concatenate([np.asarray(line.get_ydata(), np.float64) for line in axes.lines])
    if not np.any(drawn[np.isfinite(drawn)]):
        axes.set_ylim(0, 1)  # nothing at all of it, which has no scale of its own
    low, high = axes.get_ylim()
    least = _LEAST_SPAN * max(abs(low), abs(high))
    if high - low < least:
        axes.set_ylim((low + high - least) / 2, (low + high + least) / 2)
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)


def _finite(values: Sequence[float | None]) -> NDArray[np.float64]:
    numbers = np.array([np.nan if value is None else value for value in values], np.float64)
    return numbers[np.isfinite(numbers)]


def _caption(states: States, figures: Sequence[str], *, has_truth: bool) -> str:
    names = ", ".join(shown_name(figure) for figure in figures)
    sentences = [
        f"{names} of particles in the states {', '.join(states)}.",
        "Marks are means over the particles of a state, small dots single particles of several, n how many there are.",
        "Error bars are one standard deviation over the particles; a single one has none.",
    ]
    if has_truth:
        sentences.append("Dashed lines are the planted values.")
    return " ".join(sentences)
