"""Slices through the middle of a particle along three directions, every map in a column with its own colour bar."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lithoscope import wording
from lithoscope.figures.limits import shown_name
from lithoscope.figures.maps import Map, boxed, limits_in_words
from lithoscope.figures.record import Figure
from lithoscope.figures.style import OUTSIDE, bar_in_nm, escaped, finished, picture, rows_of_pictures, styled

PANEL_IN = 1.25
#: The axis cut across, and the letters of the picture's rows and columns.
CUTS = ((0, "z", "y", "x"), (1, "y", "z", "x"), (2, "x", "z", "y"))


def figure_of_slices(
    maps: Sequence[Map],
    particle: NDArray[Any],
    *,
    voxel_nm: float | None = None,
    truth: Sequence[Map] = (),
    name: str = "slices through the particle",
) -> Figure:
    """
    Draw the three middle slices of every map.

    Parameters
    ----------
    maps : sequence of Map
    particle : (z, y, x) array
        Its mask: what lies outside is left blank. Slices go through its middle.
    voxel_nm : float, optional
        Edge of a voxel [nm]; without it there is no scale bar.
    truth : sequence of Map
        The planted values of the same maps, drawn in rows below the measured ones between the same limits.
    name : str
    """
    shown, mask = boxed(maps, particle)
    planted = boxed(truth, particle)[0] if truth else []
    middle = [round(float(place)) for place in _middle(mask)]
    rows = [(each, cut) for cut in CUTS for each in ([shown, planted] if planted else [shown])]
    with styled():
        widest = max(mask.shape[1:])
        heights = [PANEL_IN * mask.shape["zyx".index(cut[2])] / widest for _, cut in rows]
        grid = rows_of_pictures(heights, len(shown), width_in=PANEL_IN)
        sheet, panels = grid.sheet, grid.panels
        for row, (group, cut) in zip(panels, rows, strict=True):
            _draw_row(row, group, mask, cut, middle=middle)
            _widen(row, widest)
            kind = "" if not planted else "planted\n" if group is planted else "measured\n"
            row[0].set_ylabel(f"{kind}{cut[2]}–{cut[3]}", fontsize=8)
        for column, each in enumerate(shown):
            panels[0, column].set_title(escaped(shown_name(each.name)))
            colour_bar(grid.bars[column], panels[0, column], each)
        bar_in_nm(panels[0, 0], width_px=widest, pixel_nm=voxel_nm)
        return finished(sheet, _caption(maps, has_truth=bool(planted), has_bar=bool(voxel_nm)), name)


def colour_bar(place: Axes, panel: Axes, each: Map) -> None:
    """Draw the one colour bar of a column of panels."""
    bar = panel.figure.colorbar(panel.images[0], cax=place, orientation="horizontal")
    bar.outline.set_linewidth(0.5)
    low, high = each.limits
    bar.set_ticks([low, high])
    bar.set_ticklabels([wording.number(low, 3), f"{wording.number(high, 3)} {wording.unit(each.unit)}".rstrip()])
    first, last = bar.ax.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    bar.ax.tick_params(labelsize=6.5, length=2)


def _draw_row(
    row: Sequence[Axes], maps: Sequence[Map], mask: NDArray[np.bool_], cut: tuple[int, str, str, str], *, middle: Any
) -> None:
    axis = cut[0]
    place = middle[axis]
    inside = np.take(mask, place, axis)
    for axes, each in zip(row, maps, strict=True):
        values = np.where(inside, np.take(each.values, place, axis), np.nan)
        picture(axes, values, each.limits, colours=each.colours)


def _widen(row: Sequence[Axes], width_px: int) -> None:
    """Give narrower pictures room on both sides, so that all are drawn to one scale."""
    for axes in row:
        left, right = axes.get_xlim()
        room = (width_px - (right - left)) / 2
        axes.set_xlim(left - room, right + room)
        axes.set_facecolor(OUTSIDE)


def _middle(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(np.argwhere(mask).mean(axis=0) if mask.any() else np.array(mask.shape) / 2)


def _caption(maps: Sequence[Map], *, has_truth: bool, has_bar: bool) -> str:
    names = ", ".join(shown_name(each.name) for each in maps)
    sentences = [
        f"Slices through the middle of the particle, across z, y and x from top to bottom, of {names}.",
        f"Colours: {limits_in_words(maps)}.",
        "Outside the particle, and where a map has no value, nothing is drawn.",
    ]
    if has_truth:
        sentences.append("Each row of the reconstruction is followed by the planted truth between the same limits.")
    sentences.append("The scale bar holds for all panels." if has_bar else "The step is unknown: no scale bar.")
    return " ".join(sentences)
