"""A tilt series at a glance: its projections in the order of their tilts, each map a block, one scale for all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope import wording
from lithoscope.figures.limits import limits_of, shown_name
from lithoscope.figures.maps import Map
from lithoscope.figures.record import Figure
from lithoscope.figures.slices import colour_bar
from lithoscope.figures.style import GREY, QUANTITY, bar_in_nm, escaped, finished, picture, rows_of_pictures, styled

PANEL_IN = 0.85
_MOST_PER_ROW = 8


def figure_of_tilts(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    names: Sequence[str] = ("dark field",),
    unit: str = "counts",
    pixel_nm: float | None = None,
    name: str = "tilt series",
) -> Figure:
    """
    Draw every projection of a tilt series.

    Parameters
    ----------
    projections : (t, y, x) or (c, t, y, x) array
    angles_deg : (t,) array
        Their tilts [deg].
    names : sequence of str
        Of the maps.
    unit : str
        Of the values.
    pixel_nm : float, optional
        Step [nm]; without it there is no scale bar.
    name : str
    """
    series = np.asarray(projections)
    maps = series if series.ndim == 4 else series[None]
    angles = np.asarray(angles_deg, float)
    order = np.argsort(angles, kind="stable")
    columns = min(len(angles), _MOST_PER_ROW)
    lines = -(-len(angles) // columns)
    high = PANEL_IN * maps.shape[2] / maps.shape[3]
    with styled():
        grid = rows_of_pictures([high] * (lines * len(maps)), columns, width_in=PANEL_IN)
        for block, (values, each) in enumerate(zip(maps, names, strict=True)):
            panels = grid.panels[block * lines : (block + 1) * lines]
            shown = Map(each, values, unit, limits_of(each, values, "own"), GREY if len(maps) == 1 else QUANTITY)
            _draw_block(panels, values[order], angles[order], shown)
            panels[0, 0].set_ylabel(escaped(shown_name(each)), fontsize=8)
            bar_in_nm(panels[0, 0], width_px=maps.shape[3], pixel_nm=pixel_nm, colour="#ffffff")
        if len(maps) == 1:
            colour_bar(grid.bars[0], grid.panels[0, 0], shown)
        for bar in grid.bars[1 if len(maps) == 1 else 0 :]:
            bar.remove()
        return finished(grid.sheet, _caption(maps, angles, names, unit=unit), name)


def _draw_block(panels: NDArray[Any], values: NDArray[Any], angles: NDArray[Any], shown: Map) -> None:
    for place, axes in enumerate(panels.flat):
        if place >= len(values):
            axes.remove()
            continue
        picture(axes, values[place].astype(np.float64), shown.limits, colours=shown.colours)
        tilt = f"{wording.number(float(angles[place]), 3)}°"
        label: dict[str, Any] = {"transform": axes.transAxes, "color": "#ffffff", "fontsize": 6.5, "va": "top"}
        axes.text(0.04, 0.96, tilt, bbox={"facecolor": "#000000", "alpha": 0.35, "linewidth": 0, "pad": 1.0}, **label)


def _caption(maps: NDArray[Any], angles: NDArray[Any], names: Sequence[str], *, unit: str) -> str:
    spans = []
    for each, values in zip(names, maps, strict=True):
        low, high = limits_of(each, values, "own")
        spans.append(f"{shown_name(each)} {wording.number(low, 3)} to {wording.number(high, 3)} {wording.unit(unit)}")
    first, last = (wording.number(float(edge), 3) for edge in (angles.min(), angles.max()))
    return (
        f"{wording.count(len(angles), 'projection')} from {first}° to {last}°, the tilt in each corner. "
        f"One scale of colour for all tilts: {'; '.join(spans)} (0.5th to 99.5th percentile)."
    )
