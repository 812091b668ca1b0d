"""The look of every figure: letters, colours that people with any colour vision tell apart, silent files."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from lithoscope import wording
from lithoscope.figures.record import Figure
from lithoscope.writers.scale_bar import scale_bar

INK, SOFT, LINE, GROUND = "#182022", "#4d595a", "#d5dad6", "#ffffff"
#: Okabe and Ito (2008), darkened where they would fade on white; told apart by mark and dash as well.
COLOURS = ("#0f5c63", "#b3541e", "#3a6fb7", "#a8457f", "#5d4a8a", "#6a8a1f", "#555f60", "#c79a1e")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)), (0, (3, 1)))
QUANTITY, GREY = "viridis", "gray"
OUTSIDE = "#eceeeb"
DPI = 240  # pages show three of its pixels as two
_LONG = 0.25  # of a picture: shorter bars have their words begin where they do
#: Read when a file is written; set once, before any thread draws: steady names in SVG, letters as curves.
mpl.rcParams.update({"svg.hashsalt": "lithoscope", "svg.fonttype": "path"})
RULES: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.7,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
    "image.interpolation": "nearest",
}


def styled() -> Any:
    """Return a context in which everything drawn has our look."""
    return mpl.rc_context(RULES)


def canvas(width_in: float, height_in: float) -> Canvas:
    """Return an empty sheet; matplotlib's global state is left alone."""
    return Canvas(figsize=(width_in, height_in), facecolor=GROUND, layout="constrained")


@dataclass(frozen=True, slots=True)
class Rows:
    """
    A sheet of pictures in rows and columns, laid out by hand: letting the library find the places takes seconds.

    Parameters
    ----------
    sheet : matplotlib.figure.Figure
    panels : (rows, columns) array of Axes
    bars : list of Axes
        One place for a colour bar below each column.
    """

    sheet: Canvas
    panels: NDArray[Any]
    bars: list[Axes]


def rows_of_pictures(
    heights_in: Sequence[float], columns: int, *, width_in: float, has_titles: bool = True, has_bars: bool = True
) -> Rows:
    """Lay out rows of pictures of these heights, with room for titles, row labels and a colour bar a column."""
    left, right, gap = 0.42, 0.08, 0.08
    head, foot = 0.3 if has_titles else 0.08, 0.55 if has_bars else 0.04
    height = head + sum(heights_in) + gap * len(heights_in) + foot
    width = left + columns * (width_in + gap) + right
    sheet = Canvas(figsize=(width, height), facecolor=GROUND)
    panels = np.empty((len(heights_in), columns), object)
    top = height - head
    for row, high in enumerate(heights_in):
        for column in range(columns):
            place = (left + column * (width_in + gap), top - high, width_in, high)
            panels[row, column] = sheet.add_axes(_shares(place, width, height))
        top -= high + gap
    bars = [
        sheet.add_axes(_shares((left + c * (width_in + gap) + 0.08, foot - 0.14, width_in - 0.16, 0.08), width, height))
        for c in range(columns if has_bars else 0)
    ]
    return Rows(sheet, panels, bars)


def _shares(place: tuple[float, float, float, float], width: float, height: float) -> tuple[float, float, float, float]:
    return place[0] / width, place[1] / height, place[2] / width, place[3] / height


def finished(sheet: Canvas, caption: str, name: str) -> Figure:
    """Write a sheet as PNG and SVG; the same sheet gives the same bytes."""
    png, svg = BytesIO(), BytesIO()
    sheet.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    sheet.savefig(svg, format="svg", dpi=DPI, metadata={"Date": None, "Creator": None})
    return Figure(png.getvalue(), svg.getvalue().decode("utf-8"), caption, name)


def with_unit(words: str, unit: str) -> str:
    """Write the words of an axis with its unit in brackets, which pure numbers have none of."""
    sign = wording.unit(unit)
    return f"{words} [{sign}]" if sign else words


def escaped(text: str) -> str:
    """Keep matplotlib from reading a dollar sign as the start of a formula."""
    return text.replace("$", r"\$")


def quiet(axes: Axes, *, grid: bool = True) -> None:
    """Leave an axis its two useful edges and a faint grid."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_axisbelow(True)
    axes.tick_params(length=2.5, width=0.6)
    if grid:
        axes.grid(visible=True, color=LINE, linewidth=0.5)


def lettered(panels: Sequence[Axes]) -> None:
    """Letter panels a, b, c ... when there is more than one."""
    for place, axes in enumerate(panels if len(panels) > 1 else ()):
        axes.set_title(_letter(place), loc="left", fontweight="bold", fontsize=9)


def _letter(place: int) -> str:
    turn, index = divmod(place, 26)
    return ("abcdefghijklmnopqrstuvwxyz"[turn - 1] if turn else "") + "abcdefghijklmnopqrstuvwxyz"[index]


def look(place: int) -> dict[str, Any]:
    """Return colour, mark and dash of the curve at a place."""
    return {
        "color": COLOURS[place % len(COLOURS)],
        "marker": MARKS[place % len(MARKS)],
        "linestyle": DASHES[place % len(DASHES)],
    }


def bar_in_nm(axes: Axes, *, width_px: int, pixel_nm: float | None, colour: str = INK) -> None:
    """Draw a scale bar into the lower left corner of a picture whose axes count pixels; none where no step is known."""
    if not pixel_nm:
        return
    bar = scale_bar(width_px * pixel_nm)
    length = bar.length_nm / pixel_nm / width_px
    place: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False, "zorder": 5}
    axes.add_line(
        Line2D([0.05, 0.05 + length], [0.05, 0.05], color=colour, linewidth=2.2, solid_capstyle="butt", **place)
    )
    at, side = (0.05 + length / 2, "center") if length > _LONG else (0.05, "left")
    axes.text(at, 0.075, bar.text, ha=side, va="bottom", fontsize=6.5, color=colour, **place)


def picture(axes: Axes, values: NDArray[Any], limits: tuple[float, float], *, colours: str = QUANTITY) -> Any:
    """Show an image between limits, what is NaN in the colour of nothing; axes are left off."""
    shades = mpl.colormaps[colours].with_extremes(bad=OUTSIDE)
    shown = axes.imshow(np.ma.masked_invalid(values), cmap=shades, vmin=limits[0], vmax=limits[1], origin="upper")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    return shown
