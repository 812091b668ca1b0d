"""Regions and fields of beams drawn in the coordinates of the sample."""

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from app.portal import words
from lithoscope.rules.legs import Leg

WIDTH, HEIGHT = 480.0, 360.0
MARGIN = 1.2
STEPS = (1, 2, 5)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline: its corners in the picture, what it is, where it leads."""

    points: str
    kind: str
    told: str
    href: str
    label_at: Point


@dataclass(frozen=True, slots=True)
class Picture:
    """Outlines on one scale, with a bar of a round length."""

    shapes: tuple[Shape, ...]
    bar: float
    bar_label: str
    left_out: int = 0


def draw(regions: Iterable[Any], legs: Iterable[Leg], *, listed: Container[str] | None = None) -> Picture | None:
    """
    Draw regions and the fields of beams whose place is known; None when there is nothing to draw.

    Parameters
    ----------
    regions : iterable of Region
    legs : iterable of Leg
    listed : container of str or None
        Exposures that stand on the page: their fields alone are drawn and lead there. Left out, all are, and lead to
        the history of the sample.
    """
    placed = [leg for leg in legs if leg.field_um]
    shown = [leg for leg in placed if listed is None or leg.exposure_id in listed]
    given: list[tuple[str, str, str, Sequence[Any]]] = [
        ("region", region.name, f"/regions/{region.id}", region.polygon_um) for region in regions
    ]
    given += [
        ("field", f"{words.title(leg.mode)}: {words.quantity(leg.fluence)}", _lead(leg, listed), leg.field_um or ())
        for leg in shown
    ]
    if not given:
        return None
    corners = [(float(x), float(y)) for *_, outline in given for x, y in outline]
    (left, right), (low, high) = _bounds(x for x, _ in corners), _bounds(y for _, y in corners)
    scale = MARGIN * max((right - left) / WIDTH, (high - low) / HEIGHT) or 1.0
    middle = ((left + right) / 2, (low + high) / 2)
    shapes = tuple(
        _shape(kind, told, href, [_place(point, middle, scale) for point in outline])
        for kind, told, href, outline in given
    )
    length = _bar(scale * WIDTH / 3)
    return Picture(shapes, length / scale, f"{words.number(length)} µm", len(placed) - len(shown))


def choices(regions: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    """Return regions as a form draws them behind the outline that is asked for."""
    return tuple((region.name, json.dumps(region.polygon_um)) for region in regions)


def _bar(most: float) -> float:
    """Return the longest of 1, 2 and 5 times a power of ten that is no longer than this."""
    decade = 10.0 ** floor(log10(most))
    return max(step * decade for step in STEPS if step * decade <= most or step == 1)


def _lead(leg: Leg, listed: Container[str] | None) -> str:
    return f"/things/{leg.exposure_id}" if listed is None else f"#{leg.exposure_id}"


def _bounds(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    return min(found), max(found)


def _place(point: Sequence[float], middle: Point, scale: float) -> Point:
    return WIDTH / 2 + (point[0] - middle[0]) / scale, HEIGHT / 2 - (point[1] - middle[1]) / scale


def _shape(kind: str, told: str, href: str, points: Sequence[Point]) -> Shape:
    written = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Shape(written, kind, told, href, (min(x for x, _ in points) + 4, min(y for _, y in points) + 14))
