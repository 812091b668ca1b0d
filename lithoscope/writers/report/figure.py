"""
The custody timeline: where the sample was, its shelf-life clocks and the dose it had taken, on one time axis.

Only matplotlib's objects are used, never its global state, so that requests may draw at the same time. Every atmosphere
has a hatch of its own and every beam energy a line of its own: the figure reads without colour.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lithoscope.rules.report import Report
from lithoscope.wording import duration
from lithoscope.writers.report.bands import draw_bands, draw_events
from lithoscope.writers.report.curves import draw_clocks, draw_dose, radiations
from lithoscope.writers.report.timescale import TimeScale, time_scale

FigureFormat = Literal["svg", "pdf", "png"]
WIDTH_IN = 7.2
INK = "#222222"
LETTER = 0.0072  # width of a small letter on the axis
LINE = 0.001  # width of a thin line on the axis
#: Read when a file is written; set once, before any thread draws: TrueType in PDF, steady names in SVG.
mpl.rcParams.update({"svg.hashsalt": "lithoscope", "svg.fonttype": "path", "pdf.fonttype": 42})


def figure_bytes(report: Report, format: FigureFormat) -> bytes:  # noqa: A002 - as matplotlib and typst call it
    """
    Draw the timeline of a report.

    Parameters
    ----------
    report : Report
        What to draw.
    format : {"svg", "pdf", "png"}
        Fonts are embedded in each; the same report gives the same bytes.
    """
    figure = timeline(report)
    target = BytesIO()
    silent: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    figure.savefig(target, format=format, dpi=200, metadata=silent[format])
    return target.getvalue()


def timeline(report: Report) -> Figure:
    """Draw the figure: custody above, clocks between, one panel of dose for each kind of beam below."""
    kinds = radiations(report.exposures)
    heights = [0.62, max(0.25, 0.27 * len(report.clocks)), *(1.25 for _ in kinds or [""])]
    margins_in = (0.95, 1.05)
    height = sum(heights) + sum(margins_in) + 0.16 * len(heights)
    figure = Figure(figsize=(WIDTH_IN, height), facecolor="white")
    grid = figure.add_gridspec(
        len(heights),
        1,
        height_ratios=heights,
        left=0.16,
        right=0.985,
        top=1 - margins_in[0] / height,
        bottom=margins_in[1] / height,
        hspace=0.16 * len(heights) / sum(heights),
    )
    scale = time_scale(_moments(report))
    panels = [figure.add_subplot(grid[row]) for row in range(len(heights))]
    for axes in panels:
        _frame(axes, scale)
    draw_bands(panels[0], report.bands, scale)
    draw_events(panels[0], report.events, scale)
    draw_clocks(panels[1], report.clocks, scale, at=report.at)
    draw_dose(panels[2:], report, scale)
    _ticks(panels[-1], scale)
    return figure


def _moments(report: Report) -> list[datetime]:
    stays = [edge for band in report.bands for edge in (band.started_at, band.ended_at)]
    stamps = [each.started_at for each in (*report.events, *report.exposures)]
    ends = [each.ended_at for each in (*report.events, *report.exposures)]
    dated = [moment for moment in (*stays, *stamps, *ends) if moment is not None and moment <= report.at]
    return dated or [report.at]


def _frame(axes: Axes, scale: TimeScale) -> None:
    axes.set_xlim(0, 1)
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.tick_params(axis="y", labelsize=7, colors=INK, length=2)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_axisbelow(True)
    if not scale.is_even:
        seen = dict.fromkeys(round(place / LINE) * LINE for place in scale.places)  # one of lines that would overlie
        lines = [[(place, 0.0), (place, 1.0)] for place in seen]
        style: dict[str, Any] = {
            "colors": "#dddddd",
            "linewidths": 0.4,
            "zorder": 0,
            "transform": axes.get_xaxis_transform(),
        }
        axes.add_collection(LineCollection(lines, **style), autolim=False)


def _ticks(axes: Axes, scale: TimeScale) -> None:
    """Write dates where there is room, and under an uneven axis the length of each interval that has room."""
    moments = scale.moments()
    if scale.is_even:
        first, last = moments[0], moments[-1]
        step = (last - first) / 5
        moments = [first + step * part for part in range(6)]
    chosen = _apart([(scale.place(moment), moment) for moment in moments], 0.055)
    axes.set_xticks([place for place, _ in chosen])
    many_days = (moments[-1] - moments[0]).total_seconds() > 86400
    form = "%d %b %H:%M" if many_days else "%H:%M:%S"
    axes.set_xticklabels([f"{moment:{form}}" for _, moment in chosen], rotation=45, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", bottom=True, labelbottom=True, labelsize=6.5, length=3, colors=INK)
    years = " and ".join(dict.fromkeys(f"{moment:%Y}" for moment in (moments[0], moments[-1])))
    words = f"time, UTC, {years}"
    if not scale.is_even:
        _lengths(axes, scale)
        words += "; each interval is drawn by the logarithm of its length, written above the axis"
    axes.set_xlabel(words, fontsize=7, color=INK)


def _lengths(axes: Axes, scale: TimeScale) -> None:
    edges = list(zip(scale.knots_s, scale.places, strict=True))
    for (start, left), (end, right) in pairwise(edges):
        words = duration(end - start)
        if right - left > LETTER * (len(words) + 0.5):
            axes.annotate(
                words,
                ((left + right) / 2, 0),
                xycoords="axes fraction",
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=5,
                color="#666666",
            )


def _apart(places: Sequence[tuple[float, datetime]], least: float) -> list[tuple[float, datetime]]:
    chosen: list[tuple[float, datetime]] = []
    for place, moment in places:
        if not chosen or place - chosen[-1][0] >= least:
            chosen.append((place, moment))
    return chosen
