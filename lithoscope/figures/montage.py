"""Images at a glance: a tilt series in the order of its tilts, repeated scans in that of time, maps side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope import wording
from lithoscope.figures.limits import Limits, limits_of, shown_name
from lithoscope.figures.maps import Map, limits_in_words
from lithoscope.figures.record import Figure
from lithoscope.figures.slices import colour_bar
from lithoscope.figures.style import (
    GREY,
    INK,
    QUANTITY,
    bar_in_nm,
    escaped,
    finished,
    picture,
    rows_of_pictures,
    styled,
)

PANEL_IN, WIDE_IN = 0.85, 1.35
_MOST_PER_ROW = 8
_BAR_PANELS = 2  # a colour bar as wide as one panel has no room for its numbers
_WHITE = "#ffffff"


def figure_of_tilts(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    names: Sequence[str] = ("dark field",),
    unit: str = "counts",
    limits: str = "own",
    pixel_nm: float | None = None,
    name: str = "tilt series",
) -> Figure:
    """
    Draw every projection of a tilt series, each map a block of rows.

    Parameters
    ----------
    projections : (t, y, x) or (c, t, y, x) array
        Where all tilts are equal, scans in the order of time; a single projection has its maps side by side.
    angles_deg : (t,) array
        Their tilts [deg].
    names : sequence of str
        Of the maps.
    unit : str
        Of the values.
    limits : str
        Colour limits, see `lithoscope.figures.limits.limits_of`.
    pixel_nm : float, optional
        Step [nm]; without it there is no scale bar.
    name : str
    """
    series, angles = np.asarray(projections), np.asarray(angles_deg, float)
    blocks = series if series.ndim == 4 else series[None]
    colours = GREY if len(blocks) == 1 else QUANTITY
    maps = [
        Map(each, values, unit, limits_of(each, values, limits), colours)
        for each, values in zip(names, blocks, strict=True)
    ]
    if len(angles) == 1 and len(maps) > 1:
        single = [Map(each.name, each.values[0], each.unit, each.limits, each.colours) for each in maps]
        return figure_of_images([ImageRow(_degrees(angles[0]), single, pixel_nm)], name=name)
    is_repeated = bool(np.ptp(angles) == 0) and len(angles) > 1
    order = np.argsort(angles, kind="stable")
    words = [f"scan {n + 1}" for n in range(len(angles))] if is_repeated else [_degrees(angles[n]) for n in order]
    columns = min(len(angles), _MOST_PER_ROW)
    lines = -(-len(angles) // columns)
    high = PANEL_IN * blocks.shape[2] / blocks.shape[3]
    with styled():
        has_bar = len(maps) == 1
        heights = [high] * (lines * len(maps))
        grid = rows_of_pictures(heights, columns, width_in=PANEL_IN, has_titles=False, has_bars=has_bar)
        for block, each in enumerate(maps):
            panels = grid.panels[block * lines : (block + 1) * lines]
            _draw_block(panels, each.values[order], words, each)
            panels[0, 0].set_ylabel(escaped(shown_name(each.name)), fontsize=8)
            bar_in_nm(panels[0, 0], width_px=blocks.shape[3], pixel_nm=pixel_nm, colour=_WHITE)
        if has_bar:
            first, last = grid.bars[0].get_position(), grid.bars[min(columns, _BAR_PANELS) - 1].get_position()
            grid.bars[0].set_position((first.x0, first.y0, last.x1 - first.x0, first.height))
            colour_bar(grid.bars[0], grid.panels[0, 0], maps[0])
        for bar in grid.bars[1:]:
            bar.remove()
        return finished(grid.sheet, _caption(maps, angles, is_repeated=is_repeated), name)


@dataclass(frozen=True, slots=True)
class ImageRow:
    """
    One row of images.

    Parameters
    ----------
    title : str
        Beside the row: a particle, a cycling state, a tilt.
    maps : sequence of Map
        Images (y, x); the same maps with the same limits in every row.
    pixel_nm : float, optional
        Step [nm].
    """

    title: str
    maps: Sequence[Map]
    pixel_nm: float | None = None


def figure_of_images(rows: Sequence[ImageRow], *, name: str = "maps side by side") -> Figure:
    """
    Draw images side by side: one row a particle, one column a map with its colour bar.

    Parameters
    ----------
    rows : sequence of ImageRow
        At least one.
    name : str
    """
    first = rows[0].maps
    heights = [WIDE_IN * row.maps[0].values.shape[0] / row.maps[0].values.shape[1] for row in rows]
    with styled():
        grid = rows_of_pictures(heights, len(first), width_in=WIDE_IN)
        for line, row in zip(grid.panels, rows, strict=True):
            for axes, each in zip(line, row.maps, strict=True):
                picture(axes, each.values, each.limits, colours=each.colours)
            line[0].set_ylabel(escaped(row.title), fontsize=8)
            values = row.maps[0].values
            colour = INK if np.isnan(values).any() else _WHITE  # what is blank is light
            bar_in_nm(line[0], width_px=values.shape[1], pixel_nm=row.pixel_nm, colour=colour)
        for column, each in enumerate(first):
            grid.panels[0, column].set_title(escaped(shown_name(each.name)))
            colour_bar(grid.bars[column], grid.panels[0, column], each)
        titles = ", ".join(row.title for row in rows if row.title)
        caption = f"Maps of {titles}, from top to bottom." if len(rows) > 1 else f"Maps, {titles or 'one image'}."
        return finished(grid.sheet, f"{caption} Colours: {limits_in_words(first)}.", name)


def _draw_block(panels: NDArray[Any], values: NDArray[Any], words: Sequence[str], shown: Map) -> None:
    limits: Limits = shown.limits
    for place, axes in enumerate(panels.flat):
        if place >= len(values):
            axes.remove()
            continue
        picture(axes, values[place].astype(np.float64), limits, colours=shown.colours)
        label: dict[str, Any] = {"transform": axes.transAxes, "color": _WHITE, "fontsize": 6.5, "va": "top"}
        ground = {"facecolor": "#000000", "alpha": 0.35, "linewidth": 0, "pad": 1.0}
        axes.text(0.04, 0.96, words[place], bbox=ground, **label)


def _degrees(angle: float) -> str:
    return f"{wording.number(float(angle), 3)}°"


def _caption(maps: Sequence[Map], angles: NDArray[Any], *, is_repeated: bool) -> str:
    first, last = _degrees(angles.min()), _degrees(angles.max())
    if is_repeated:
        what = f"{wording.count(len(angles), 'scan')} at {first} in the order of time."
    else:
        what = f"{wording.count(len(angles), 'projection')} from {first} to {last}, the tilt in each corner."
    return f"{what} One scale of colour a map, the same in all: {limits_in_words(maps)}."
