"""
Tables as charts: curves with error bars or bands, laid out as SVG by the service.

A chart is drawn where its table says how (`lithoscope.tables.Plot`). It needs no script; with one, `chart.js` draws
the same rows anew in its place, to be zoomed, read out and saved. Curves of many points keep the first, least,
greatest and last value of each pixel column, so a spectrum of 2048 channels loses no peak. What a logarithmic axis
cannot show is left out, and the chart says how many points.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.portal import words
from lithoscope.tables import Line, Plot

WIDTH, HEIGHT = 720.0, 360.0
_WORD = re.compile(r"[A-Za-z]{3,}$")  # a unit that is a word
LEFT, RIGHT, TOP, BOTTOM = 72.0, 16.0, 14.0, 50.0
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
TICKS = 6
MOST_BARS = 60
FEW = 20  # so few points are marked each, or a curve of one or two steps is hardly seen
MOST_CURVES = 12
TONES = 8
Row = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from values to pixels, linear or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        if self.is_log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Return round values within the axis: pixel and words."""
        found = _decades(self.low, self.high) if self.is_log else _round(self.low, self.high)
        return [(self.at(value), words.number(value)) for value in found]


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve as the template writes it: points of polylines, of a band, bars (x, upper, lower) and marks (x, y)."""

    name: str
    tone: str
    lines: tuple[str, ...]
    band: str
    bars: tuple[Row, ...]
    marks: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A table's chart in its own coordinates."""

    title: str
    x_label: str
    y_label: str
    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    errors: str
    left_out: int
    not_shown: int
    readout: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Series:
    """Rows of one curve: x, y and the half length of its error bar, gaps as NaN."""

    name: str
    line: Line
    of: Any
    rows: list[Row]


def chart_of(plot: Plot, columns: Mapping[str, Sequence[Any]], units: Mapping[str, str]) -> Chart | None:
    """
    Lay a table's chart out.

    Parameters
    ----------
    plot : Plot
        How the table is drawn.
    columns, units : mapping
        The table's; null in a column is a gap.

    Returns
    -------
    chart : Chart or None
        None when there is no point to draw.
    """
    series = [_Series(name, line, of, _rows(plot, line, columns, of)) for name, line, of in _parted(plot, columns)]
    kept = [_Series(each.name, each.line, each.of, _drawable(plot, each.rows)) for each in series[:MOST_CURVES]]
    ends = [row for each in kept for row in each.rows if not math.isnan(row[1])]
    if not ends:
        return None
    x = Axis(*_range((row[0] for row in ends), is_log=plot.log_x), LEFT, WIDTH - RIGHT, plot.log_x)
    highs = [row[1] + sign * row[2] for row in ends for sign in (1, -1)]
    y = Axis(*_range(highs, is_log=plot.log_y, with_room=True), HEIGHT - BOTTOM, TOP, plot.log_y)
    left_out = sum(_count(each.rows) for each in series[:MOST_CURVES]) - len(ends)
    curves = tuple(_curve(each, f"series-{index % TONES}", x, y) for index, each in enumerate(kept))
    label = _label(plot.x_title or words.label_and_unit(plot.x)[0], _unit(plot.x, units))
    y_units = {_unit(line.y, units) for line in plot.lines}
    y_unit = y_units.pop() if len(y_units) == 1 else ""
    not_shown = len(series) - len(kept)
    return Chart(
        plot.title,
        label,
        _label(plot.y_title, y_unit),
        x,
        y,
        curves,
        plot.errors_in_words(),
        left_out,
        not_shown,
        _readout(plot, kept, units, y_unit),
    )


def _readout(plot: Plot, series: Sequence[_Series], units: Mapping[str, str], y_unit: str) -> dict[str, Any]:
    """Say of which columns the script draws each curve, and which value of the parting column a curve is of."""
    said = [
        {
            "title": each.name,
            "unit": _unit(each.line.y, units),
            "y": each.line.y,
            "error": each.line.error,
            "errorWords": each.line.error_words,
            "kind": each.line.kind,
            "of": each.of,
        }
        for each in series
    ]
    x_title = plot.x_title or words.label_and_unit(plot.x)[0]
    return {
        "title": plot.title,
        "x": {"column": plot.x, "title": x_title, "unit": _unit(plot.x, units), "isLog": plot.log_x},
        "y": {"title": plot.y_title, "unit": y_unit, "isLog": plot.log_y},
        "by": plot.by,
        "lines": said,
    }


def _parted(plot: Plot, columns: Mapping[str, Sequence[Any]]) -> Iterable[tuple[str, Line, Any]]:
    """Name each curve: a line, or a line of one value of the parting column."""
    if not plot.by:
        return [(_name(line), line, None) for line in plot.lines]
    values = list(dict.fromkeys(columns[plot.by]))
    only = len(plot.lines) == 1
    return [
        (_said(plot.by, value) if only else f"{_said(plot.by, value)}, {_name(line)}", line, value)
        for value in values
        for line in plot.lines
    ]


def _said(column: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    label, unit = words.label_and_unit(column)
    return f"{label} {words.number(value)} {words.unit(unit)}".strip()


def _name(line: Line) -> str:
    return line.title or words.label_and_unit(line.y)[0]


def _unit(column: str, units: Mapping[str, str]) -> str:
    return words.unit(units.get(column) or words.label_and_unit(column)[1])


def _label(text: str, unit: str) -> str:
    """Write what an axis shows with its unit; counts are counted in counts, which nobody says twice."""
    is_said = bool(_WORD.match(unit)) and unit.lower() in re.split(r"[^a-z]+", text.lower())
    return f"{text} [{unit}]" if unit and text and not is_said else text or unit


def _rows(plot: Plot, line: Line, columns: Mapping[str, Sequence[Any]], of: Any) -> list[Row]:
    errors = columns[line.error] if line.error else [0.0] * len(columns[line.y])
    parts = columns[plot.by] if plot.by else [None] * len(errors)
    found = zip(columns[plot.x], columns[line.y], errors, parts, strict=True)
    return [(_real(x), _real(y), 0.0 if math.isnan(_real(e)) else _real(e)) for x, y, e, part in found if part == of]


def _real(value: Any) -> float:
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if is_number else math.nan


def _count(rows: list[Row]) -> int:
    return sum(not math.isnan(x) and not math.isnan(y) for x, y, _ in rows)


def _drawable(plot: Plot, rows: list[Row]) -> list[Row]:
    """Make gaps of what an axis cannot show; an error bar below a logarithmic axis ends where it can be drawn."""
    return [
        (x, math.nan if plot.log_y and not y > 0 else y, min(e, 0.9 * y) if plot.log_y and y > 0 else e)
        for x, y, e in rows
        if not math.isnan(x) and not (plot.log_x and x <= 0)
    ]


def _range(values: Iterable[float], *, is_log: bool, with_room: bool = False) -> tuple[float, float]:
    found = list(values)
    low, high = min(found), max(found)
    if is_log:
        return (low / 1.1, high * 1.1) if with_room or low == high else (low, high)
    if with_room and 0 <= low < 0.35 * high:
        low = 0.0
    room = (0.06 * (high - low) or abs(high) * 0.1 or 1.0) if with_room or low == high else 0.0
    return low - (room if low != 0 or low == high else 0.0), high + room


def _round(low: float, high: float) -> list[float]:
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in STEPS if power * each >= rough * 0.999)
    return [round(number * step, 12) for number in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    marks = (1.0,) if last - first > 2 else (1.0, 2.0, 5.0)
    every = max(1, (last - first) // TICKS)
    found = [mark * 10.0**power for power in range(first, last + 1, every) for mark in marks]
    return [value for value in found if low <= value <= high]


def _curve(series: _Series, tone: str, x: Axis, y: Axis) -> Curve:
    pixels = [(x.at(at), y.at(value), y.at(value + e), y.at(value - e)) if not math.isnan(value) else None
              for at, value, e in series.rows]  # fmt: skip
    known = [pixel for pixel in pixels if pixel]
    has_error = bool(series.line.error)
    is_long = len(known) > MOST_BARS
    is_band = has_error and is_long and series.line.kind != "points"
    bars = tuple((at, up, down) for at, _, up, down in known if up != down) if has_error and not is_band else ()
    is_marked = series.line.kind == "points" or bars or (len(known) <= FEW and series.line.kind == "line")
    marks = tuple((at, value) for at, value, _, _ in known) if is_marked else ()
    outline = [(at, up) for at, _, up, _ in known] + [(at, down) for at, _, _, down in reversed(known)]
    runs = [] if series.line.kind == "points" else _runs([pixel and (pixel[0], pixel[1]) for pixel in pixels])
    stepped = [_stepped(run) if series.line.kind == "step" else run for run in runs]
    lines = tuple(_points(_thinned(run)) for run in stepped)
    return Curve(series.name, tone, lines, _points(outline) if is_band else "", bars, marks)


def _runs(pixels: Iterable[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Part a curve at its gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for pixel in pixels:
        if pixel is not None:
            runs[-1].append(pixel)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _stepped(run: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Hold each value from halfway to its neighbour before to halfway to the one after."""
    if len(run) < 2:
        return run
    middles = [(left[0] + right[0]) / 2 for left, right in pairwise(run)]
    edges = [run[0][0], *middles, run[-1][0]]
    return [(edge, y) for k, (_, y) in enumerate(run) for edge in (edges[k], edges[k + 1])]


def _thinned(run: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Keep of each pixel column its first, least, greatest and last point."""
    if len(run) <= 2 * WIDTH:
        return run
    columns: dict[int, list[tuple[float, float]]] = {}
    for point in run:
        columns.setdefault(int(point[0]), []).append(point)
    return [
        point
        for points in columns.values()
        for point in dict.fromkeys(
            (points[0], min(points, key=lambda p: p[1]), max(points, key=lambda p: p[1]), points[-1])
        )
    ]


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
