"""Calibrations and storage series drawn: points with uncertainties, curves with bands, two axes of round numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

from app.portal import words

WIDTH, HEIGHT = 480.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 14.0, 46.0
STEPS = (1.0, 2.0, 5.0, 10.0)
TICKS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """A measured pair; ``spread`` is its standard uncertainty upward and downward."""

    x: float
    y: float
    spread: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve with its band: (x, y, lower, upper) from left to right."""

    name: str
    rows: Sequence[tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve as the template writes it."""

    name: str
    line: str
    band: str
    tone: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything the template writes, in its own coordinates."""

    title: str
    x_label: str
    y_label: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    points: tuple[tuple[float, float, float | None, float | None], ...]
    curves: tuple[Drawn, ...]


def plot(title: str, x_label: str, y_label: str, *, points: Sequence[Point], curves: Sequence[Curve] = ()) -> Plot:
    """Lay out a plot that shows all points and curves, with zero in both axes."""
    right = _top([point.x for point in points] + [row[0] for curve in curves for row in curve.rows])
    high = _top(
        [point.y + (point.spread or 0.0) for point in points] + [row[1] for curve in curves for row in curve.rows]
    )
    low = min(0.0, *(point.y - (point.spread or 0.0) for point in points), 0.0)

    def at_x(value: float) -> float:
        return LEFT + value / right * (WIDTH - LEFT - RIGHT)

    def at_y(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    drawn = tuple(
        Drawn(
            curve.name,
            _line((at_x(x), at_y(y)) for x, y, _, _ in curve.rows),
            _line(
                [(at_x(x), at_y(up)) for x, _, _, up in curve.rows]
                + [(at_x(x), at_y(down)) for x, _, down, _ in reversed(curve.rows)]
            ),
            f"series-{index % 4}",
        )
        for index, curve in enumerate(curves)
    )
    marks = tuple(
        (
            at_x(point.x),
            at_y(point.y),
            None if point.spread is None else at_y(point.y - point.spread),
            None if point.spread is None else at_y(point.y + point.spread),
        )
        for point in points
    )
    x_ticks = tuple((at_x(value), words.number(value)) for value in _ticks(0.0, right))
    y_ticks = tuple((at_y(value), words.number(value)) for value in _ticks(low, high))
    return Plot(title, x_label, y_label, x_ticks, y_ticks, marks, drawn)


def _top(values: Iterable[float]) -> float:
    return 1.05 * max([value for value in values if isfinite(value)] or [1.0]) or 1.0


def _ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(power * each for each in STEPS if power * each >= rough)
    first = -floor(-low / step)
    return [round(number * step, 12) for number in range(first, floor(high / step) + 1)]


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
