"""Particles in three dimensions with a quarter cut away: one row a particle, one column a map, as published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.figures.limits import shown_name
from lithoscope.figures.maps import Map, colours_of, limits_in_words
from lithoscope.figures.record import Figure
from lithoscope.figures.rendering import body_of, coloured, values_at, viewed
from lithoscope.figures.slices import colour_bar
from lithoscope.figures.style import bar_in_nm, escaped, finished, picture, rows_of_pictures, styled

PANEL_IN = 1.5
SIDE_PX, ANGLE_DEG = 360, 55.0


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    One row: a particle with its maps.

    Parameters
    ----------
    title : str
        Beside the row: a state, a particle, measured or planted.
    maps : sequence of Map
        The same maps with the same limits in every row.
    particle : (z, y, x) array
    voxel_nm : float, optional
        Edge of a voxel [nm].
    """

    title: str
    maps: Sequence[Map]
    particle: NDArray[Any]
    voxel_nm: float | None = None


def figure_of_renderings(
    rows: Sequence[Rendered], *, angle_deg: float = ANGLE_DEG, name: str = "particles with a quarter cut away"
) -> Figure:
    """
    Draw particles from one side.

    Parameters
    ----------
    rows : sequence of Rendered
        At least one.
    angle_deg : float
        How far they are turned about y.
    name : str
    """
    maps = rows[0].maps
    with styled():
        grid = rows_of_pictures([PANEL_IN] * len(rows), len(maps), width_in=PANEL_IN)
        panels = grid.panels
        for line, row in zip(panels, rows, strict=True):
            _draw_row(line, row, angle_deg)
        for column, each in enumerate(maps):
            panels[0, column].set_title(escaped(shown_name(each.name)))
            colour_bar(grid.bars[column], panels[0, column], each)
        return finished(grid.sheet, _caption(rows), name)


def _draw_row(line: Sequence[Any], row: Rendered, angle_deg: float) -> None:
    body = body_of(row.particle, side_px=SIDE_PX)
    view = viewed(body, angle_deg)
    for axes, each in zip(line, row.maps, strict=True):
        values = values_at(each.values, row.particle, body.voxels)
        picture(axes, np.full((1, 1), np.nan), each.limits, colours=each.colours)  # what the colour bar belongs to
        axes.imshow(coloured(view, values, each.limits, colours_of(each.colours)), interpolation="antialiased")
    line[0].set_ylabel(escaped(row.title), fontsize=8)
    pixel_nm = row.voxel_nm and row.voxel_nm * body.voxels_per_px
    bar_in_nm(line[0], width_px=SIDE_PX, pixel_nm=pixel_nm)


def _caption(rows: Sequence[Rendered]) -> str:
    is_one = len(rows) == 1
    listed = ", ".join(row.title for row in rows if row.title)
    who, order = ("The particle", "") if is_one else (f"{len(rows)} particles", f", from top to bottom: {listed}")
    bars = "There is one scale bar." if is_one else "Each row has a scale bar of its own."
    return " ".join(
        [
            f"{who} in three dimensions with the front quarter cut away{order}.",
            "The cut shows the values inside, hardly shaded; the surface is shaded.",
            f"Colours: {limits_in_words(rows[0].maps)}.",
            bars if all(row.voxel_nm for row in rows) else "Where there is no scale bar the step is unknown.",
        ]
    )
