"""Clocks as bars and cumulative dose as steps, on the time axis of the custody bands."""

from collections.abc import Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from lithoscope import wording
from lithoscope.rules.report import ClockRow, Record, Report
from lithoscope.rules.report_words import quantity
from lithoscope.units import Quantity
from lithoscope.writers.report.timescale import TimeScale

INK = "#222222"
LOOKS = {
    "fresh": ("#e6f2e4", "", "fresh"),
    "due": ("#f0c75e", "///", "due"),
    "overdue": ("#8c2d19", "", "overdue"),
    "unknown": ("#ffffff", "..", "unknown"),
}
LETTERS = 115  # of this size span the axis
LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))
COLOURS = ("#1b4f8a", "#b3541e", "#3b7d3b", "#6b3e8f", "#555555")
MARKS = ("o", "s", "^", "D", "x")
FIRST_RISE = 2.5  # the first dose rises from the foot of the axis, since a logarithm has no zero
RADIATION_OF_UNIT = {"e/A^2": "electrons", "photons/um^2": "photons", "ions/nm^2": "ions"}


def radiations(exposures: Sequence[Record]) -> list[str]:
    """Return the units of fluence there are, one panel each."""
    return list(dict.fromkeys(_fluence(record).unit for record in exposures))


def draw_clocks(axes: Axes, clocks: Sequence[ClockRow], scale: TimeScale, *, at: datetime) -> None:
    """Draw each clock from its start: fresh, due and overdue stretches, and its present state in words."""
    axes.set_ylim(max(1, len(clocks)) - 0.5, -0.5)
    axes.set_yticks(range(len(clocks)))
    axes.set_yticklabels([_wrapped(clock.title) for clock in clocks], fontsize=6, linespacing=0.95)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if not clocks:
        axes.text(0.5, 0, "no shelf-life clock runs for this sample", ha="center", va="center", fontsize=6, color=INK)
    for row, clock in enumerate(clocks):
        _clock(axes, row, clock, scale=scale, at=at)


def draw_dose(panels: Sequence[Axes], report: Report, scale: TimeScale) -> None:
    """Draw cumulative dose on a log axis, one line per beam energy; energies are never added."""
    units = radiations(report.exposures)
    if not units:
        panels[0].set_yticks([])
        panels[0].text(0.5, 0.5, "no exposure is recorded", ha="center", va="center", fontsize=7, color=INK)
    for axes, unit in zip(panels, units, strict=False):
        records = [record for record in report.exposures if _fluence(record).unit == unit]
        _cumulative(axes, records, scale)
        bound = "" if report.dose_is_complete else ",\nlower bound"
        axes.set_ylabel(f"{RADIATION_OF_UNIT[unit]}\n{wording.unit(unit)}{bound}", fontsize=6.5, color=INK)


def _clock(axes: Axes, row: int, clock: ClockRow, *, scale: TimeScale, at: datetime) -> None:
    if clock.started_at is None:
        axes.text(0.005, row, f"{clock.state}: start not recorded", va="center", fontsize=6, color=INK)
        return
    known = [(min(start, at), look) for start, look in _course(clock, at) if start is not None]
    ends = [start for start, _ in known[1:]] + [at]
    for (start, (face, hatch, word)), end in zip(known, ends, strict=True):
        left, right = scale.place(start), scale.place(end)
        if right > left:
            _stretch(axes, (left, right), row, fill=(face, hatch), word=word)


def _course(clock: ClockRow, at: datetime) -> list[tuple[datetime | None, tuple[str, str, str]]]:
    """
    Return from when on a clock is drawn as what.

    Its moments are drawn only where they lead to its present state; air, a gap or a stop decide otherwise, and then the
    whole clock is drawn as what it is now, so that nothing looks fresh that is not.
    """
    due, overdue = clock.due_at or clock.overdue_at, clock.overdue_at
    led_to = "overdue" if overdue and overdue <= at else "due" if due and due <= at else "fresh"
    if led_to != clock.state:
        return [(clock.started_at, LOOKS[clock.state])]
    return [(clock.started_at, LOOKS["fresh"]), (due, LOOKS["due"]), (overdue, LOOKS["overdue"])]


def _stretch(axes: Axes, across: tuple[float, float], row: int, *, fill: tuple[str, str], word: str) -> None:
    """Draw one stretch of a clock, with its state in words where there is room."""
    left, right = across
    face, hatch = fill
    place, size = (left, row - 0.36), (right - left, 0.72)
    axes.add_patch(Rectangle(place, *size, facecolor=face, hatch=hatch, edgecolor="#555555", linewidth=0.5))
    if size[0] * LETTERS > len(word):
        frame = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
        axes.text((left + right) / 2, row, word, ha="center", va="center", fontsize=5.5, color=INK, bbox=frame)


def _cumulative(axes: Axes, records: Sequence[Record], scale: TimeScale) -> None:
    axes.set_yscale("log")
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(_energy(record), []).append(record)
    reached: list[float] = []
    foot = min((value for record in records if (value := _fluence(record).value)), default=1.0) / FIRST_RISE
    for place, (energy, members) in enumerate(groups.items()):
        known = [record for record in members if _fluence(record).value and record.started_at is not None]
        unknown = [record for record in members if _fluence(record).value is None and record.started_at is not None]
        colour, mark = COLOURS[place % len(COLOURS)], MARKS[place % len(MARKS)]
        if known:
            across, up = _steps(known, scale, foot=foot)
            reached += up[1::2]
            axes.plot(across, up, linestyle=LINES[place % len(LINES)], color=colour, linewidth=1.1, label=energy)
            axes.plot(across[1::2], up[1::2], linestyle="", marker=mark, markersize=3, color=colour)
        for record in unknown:
            axes.axvline(_when(record, scale), color=colour, linewidth=0.8, linestyle=(0, (1, 1)))
            style: dict[str, Any] = {
                "transform": axes.get_xaxis_transform(),
                "rotation": 90,
                "va": "top",
                "ha": "right",
            }
            axes.text(_when(record, scale), 0.97, "dose unknown ", fontsize=5.5, color=INK, **style)
    axes.yaxis.set_minor_formatter(NullFormatter())
    if reached:
        low, high = foot, max(reached) * FIRST_RISE
        axes.set_ylim(low, high)
        steps = (1.0, 2.0, 5.0) if high < 300 * low else (1.0,)
        axes.yaxis.set_major_locator(LogLocator(subs=steps, numticks=9))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: wording.number(value, 2)))
        axes.grid(axis="y", color="#e8e8e8", linewidth=0.4)
        axes.legend(loc="upper left", fontsize=6, frameon=False, handlelength=3)


def _steps(records: Sequence[Record], scale: TimeScale, *, foot: float) -> tuple[list[float], list[float]]:
    """Return the corners of the sum: it rises over each exposure and then stays to the end of the axis."""
    across: list[float] = []
    up: list[float] = []
    total = 0.0
    for record in sorted(records, key=lambda each: (_when(each, scale), each.number)):
        before = total or foot
        total += _fluence(record).value or 0.0
        end = scale.place(record.ended_at) if record.ended_at is not None else _when(record, scale)
        across += [_when(record, scale), end]
        up += [before, total]
    return [*across, 1.0], [*up, total]


def _when(record: Record, scale: TimeScale) -> float:
    return scale.place(record.started_at) if record.started_at is not None else 0.0


def _fluence(record: Record) -> Quantity:
    value = record.fields.get("fluence")
    return value if isinstance(value, Quantity) else Quantity.unknown("e/A^2")


def _energy(record: Record) -> str:
    value = record.fields.get("beam_energy")
    if isinstance(value, Quantity) and value.value is not None:
        return quantity(Quantity(value.value, value.unit, value.source))
    return "beam energy not recorded"


def _wrapped(text: str) -> str:
    """Break a title over two lines; a dollar sign is no formula."""
    lines = wrap(text, 26, max_lines=2, placeholder=" …")
    return "\n".join(lines).replace("$", r"\$")
