"""Outlines laid over a region: the faces they cut it into, and how many of them can be cut by at all."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from lithoscope.rules.legs import Polygon

GRID_UM = 1e-9  # a femtometre, above the rounding of floats up to a metre: touching fields leave no sliver
MOST_MEETINGS = 40_000  # of two outlines, each way: there are about as many faces
MOST_OUTLINES = 2_000
MOST_SIDES = 200_000  # of all outlines that cut
CROSSINGS_OF_A_MEETING = 2  # of sides; two combs meet once and cross ten thousand times
MOST_CROWDED = 600  # of those that are looked at closely when there are too many meetings
Face = tuple[float, tuple[int, ...], tuple[int, ...]]


def shape_of(polygon: Polygon) -> BaseGeometry:
    """Return a polygon with its corners on the grid that all outlines share."""
    return shapely.set_precision(shapely.Polygon(polygon), GRID_UM)


def cuts(region: Polygon, outlines: Sequence[Polygon], *, most: int = MOST_MEETINGS) -> frozenset[int]:
    """
    Choose by which outlines a region is cut: all of them, unless they would cut it into too many faces.

    Each meeting of two outlines makes a face, so that a thousand drifted fields would make half a million. Which are
    left out is drawn by lot, so that those that stay lie spread out, and from the outlines alone: their order does not
    show.

    Parameters
    ----------
    region : polygon
        Corners [um].
    outlines : sequence of polygon
        All different.
    most : int
        How often two of them may meet, counted each way.

    Returns
    -------
    chosen : frozenset of int
        Their numbers, from 0.
    """
    order = sorted(range(len(outlines)), key=lambda number: sha256(repr(outlines[number]).encode()).digest())
    order = order[:MOST_OUTLINES]
    near = shapely.clip_by_rect([shapely.Polygon(outlines[n]).boundary for n in order], *shapely.Polygon(region).bounds)
    count = _within(shapely.STRtree(near).query(near), len(order), most)
    if count < len(order):
        near = near[:MOST_CROWDED]
        count = _within(shapely.STRtree(near).query(near, predicate="intersects"), len(near), most)
    whole = shapely.Polygon(region).boundary
    return frozenset(order[: _uncrossed([whole, *near[:count]], CROSSINGS_OF_A_MEETING * most)])


def _uncrossed(lines: Sequence[BaseGeometry], most: int) -> int:
    """Return how many lines after the first cross each other and it no more often than can be cut."""
    owners: list[int] = []  # the line of each side
    sides: list[Any] = []
    for number, line in enumerate(lines):
        for part in shapely.get_parts(line):
            corners = shapely.get_coordinates(part).tolist()
            sides += pairwise(corners)
        if len(sides) > MOST_SIDES:
            return max(0, number - 1)
        owners += [number] * (len(sides) - len(owners))
    drawn = shapely.linestrings(sides)
    tree, crossings, at_once = shapely.STRtree(drawn), 0, 1 + MOST_SIDES // len(sides)
    for start in range(0, len(sides), at_once):
        for one, other in tree.query(drawn[start : start + at_once], predicate="crosses").T.tolist():
            crossings += owners[start + one] > owners[other]
            if crossings > most:
                return max(0, int(owners[start + one]) - 1)
    return len(lines) - 1


def _within(meetings: Any, count: int, most: int) -> int:
    """Return how many outlines, counted from the first, meet no more often than can be cut."""
    later = meetings.max(axis=0)
    later.sort()
    return count if len(later) <= most else int(later[most])


def faces(region: Polygon, fields: Sequence[Polygon], others: Sequence[Polygon] = ()) -> Iterator[Face]:
    """
    Go through the faces that the outlines of fields together cut a region into.

    All outlines are noded once and faces told by a point within each. Outlines are clipped some way outside the region:
    what is left of them there bounds no face.

    Parameters
    ----------
    region : polygon
        Corners [um].
    fields, others : sequence of polygon
        What cuts it, and what only lies on it.

    Yields
    ------
    area : float
        Of the face [um²].
    covering, touching : tuple of int
        Numbers of the fields that cover it, and of the others that lie on some of it.
    """
    whole, shapes = shape_of(region), [shape_of(field) for field in fields]
    left, low, right, top = whole.bounds
    margin = max(right - left, top - low)
    near = shapely.clip_by_rect(
        [shape.boundary for shape in shapes], left - margin, low - margin, right + margin, top + margin
    )
    lines = shapely.unary_union([whole.boundary, *near], grid_size=GRID_UM)
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    points = shapely.point_on_surface(found)
    inside = shapely.STRtree(points).query(whole, predicate="contains")
    found, points = found[inside], points[inside]
    yield from zip(
        shapely.area(found).tolist(),
        _members(shapely.STRtree(points), shapes, "contains", len(found)),
        _members(shapely.STRtree(found), [shape_of(other) for other in others], "intersects", len(found)),
        strict=True,
    )


def _members(
    tree: shapely.STRtree, shapes: Sequence[BaseGeometry], predicate: Any, count: int
) -> list[tuple[int, ...]]:
    """Return for each thing in a tree the numbers of the shapes it belongs to."""
    if not shapes:
        return [()] * count
    members, things = tree.query([*shapes], predicate=predicate)
    order = things.argsort(kind="stable")
    numbers, ends = members[order].tolist(), things[order].searchsorted(range(count), side="right").tolist()
    return [tuple(numbers[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
