"""Where beams overlapped: a region cut into cells of one history each, and the dose of each beam energy in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum

import shapely
from shapely.geometry.base import BaseGeometry

from lithoscope.rules.accumulation import Accumulated, accumulate_legs, by_beam, summed_with
from lithoscope.rules.legs import FLUENCE_UNIT, Leg, Polygon, Radiation
from lithoscope.units import Quantity, weakest

GRID_UM = 1e-9  # a femtometre, above the rounding of floats up to a metre: touching fields leave no sliver
Share = tuple[float, Sequence[Leg]]


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A part of a region that the same fields cover everywhere.

    Parameters
    ----------
    area_um2 : float
        Its area [um²].
    members : frozenset of int
        Numbers of the fields that cover it, from 0 in the order given; a field without place covers every cell.
    """

    area_um2: float
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class RegionDose:
    """
    Fluence of one beam energy over a region.

    Parameters
    ----------
    radiation : {"electrons", "photons", "ions"}
        What the beam was made of.
    beam_energy : Quantity
        Its energy; fluences of different ones are never summed.
    ion_source : str or None
        What ions are made of.
    mean, peak : Accumulated
        Over the region's area, and in its worst cell (there within the spots of a probe smaller than its step).
        Exposures that nobody placed are taken to have covered all of it.
    mean_placed, peak_placed : Accumulated or None
        The same without those: with `mean` and `peak` the interval in which the dose lies. None when all are placed.
    exposure_ids, unplaced_ids : tuple of str
        Those that reached the region, and those of them that nobody placed.
    """

    radiation: Radiation
    beam_energy: Quantity
    ion_source: str | None
    mean: Accumulated
    peak: Accumulated
    mean_placed: Accumulated | None
    peak_placed: Accumulated | None
    exposure_ids: tuple[str, ...]
    unplaced_ids: tuple[str, ...]


def polygon_problem(polygon: Polygon) -> str | None:
    """Say why points do not bound an area, or None."""
    if len(set(polygon)) < 3:
        return "a polygon needs at least three different corners"
    shape = shapely.Polygon(polygon)
    if not shape.is_valid:
        return "the outline of a polygon must not cross itself: give its corners in order"
    if shapely.set_precision(shape, GRID_UM).area <= 0:
        return "a polygon must enclose an area: its corners lie on one line"
    return None


def area(polygon: Polygon) -> float:
    """Return the area of a polygon [um²]."""
    return float(shapely.Polygon(polygon).area)


def cells(region: Polygon, fields: Sequence[Polygon | None]) -> list[Cell]:
    """
    Cut a region along the outlines of fields.

    Every place of the region lies in exactly one cell, so that the areas of cells add up to its own and electrons are
    neither lost nor counted twice. All outlines together are noded once and the faces between them told by a point
    within each; equal outlines are cut once, so that a series of frames costs no more than one.

    Parameters
    ----------
    region : polygon
        Corners [um].
    fields : sequence of polygon or None
        What was lit, in the same coordinates; None where nobody said.

    Returns
    -------
    cells : list of Cell
        Largest first.
    """
    everywhere = frozenset(number for number, field in enumerate(fields) if field is None)
    outlines: dict[Polygon, set[int]] = {}
    for number, field in enumerate(fields):
        if field is not None:
            outlines.setdefault(field, set()).add(number)
    numbers = [*outlines.values()]
    merged: dict[frozenset[int], list[float]] = {}
    for size, covering in _faces(_shape(region), [_shape(outline) for outline in outlines]):
        members = everywhere.union(*(numbers[one] for one in covering))
        merged.setdefault(members, []).append(size)
    found = [Cell(fsum(sizes), members) for members, sizes in merged.items()]
    return sorted(found, key=lambda cell: -cell.area_um2)


def _shape(polygon: Polygon) -> BaseGeometry:
    return shapely.set_precision(shapely.Polygon(polygon), GRID_UM)


def _faces(region: BaseGeometry, fields: Sequence[BaseGeometry]) -> Iterator[tuple[float, list[int]]]:
    """Go through the faces that all outlines together cut the region into: area, and which fields cover it."""
    lines = shapely.unary_union([shape.boundary for shape in (region, *fields)], grid_size=GRID_UM)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    places = shapely.STRtree(shapely.point_on_surface(faces))
    covering: dict[int, list[int]] = {face: [] for face in places.query(region, predicate="contains").tolist()}
    if fields:
        for field, face in zip(*places.query(list(fields), predicate="contains").tolist(), strict=True):
            if face in covering:
                covering[face].append(field)
    for face, owners in covering.items():
        yield float(faces[face].area), owners


def region_dose(shares: Sequence[tuple[Cell, Sequence[Leg]]]) -> list[RegionDose]:
    """
    Add up the fluence of each beam energy over the cells of a region.

    A leg of unknown fluence makes what it reached unknown and leaves the known part as a lower bound; fluences of
    unknown beam energies stand alone. Legs calibrated by the same readings share their uncertainty; that of one leg is
    shared by all cells.
    """
    legs = {leg.exposure_id: leg for _, members in shares for leg in members}
    return [_of_beam(members, shares) for members in by_beam(legs.values())]


def _of_beam(legs: Sequence[Leg], shares: Sequence[tuple[Cell, Sequence[Leg]]]) -> RegionDose:
    beam, radiation = summed_with(legs[0]), legs[0].radiation
    unplaced = tuple(leg.exposure_id for leg in legs if leg.field_um is None)
    ours = [(cell.area_um2, [leg for leg in members if summed_with(leg) == beam]) for cell, members in shares]
    placed = [(size, [leg for leg in members if leg.field_um is not None]) for size, members in ours]
    return RegionDose(
        radiation=radiation,
        beam_energy=legs[0].beam_energy,
        ion_source=legs[0].ion_source,
        mean=_mean(ours, radiation),
        peak=_peak(ours, radiation),
        mean_placed=_mean(placed, radiation) if unplaced else None,
        peak_placed=_peak(placed, radiation) if unplaced else None,
        exposure_ids=tuple(leg.exposure_id for leg in legs),
        unplaced_ids=unplaced,
    )


def _mean(shares: Sequence[Share], radiation: Radiation) -> Accumulated:
    """Average over the area: each leg counts by the part of the region it covered."""
    whole = sum(size for size, _ in shares)
    parts: dict[str, float] = {}
    legs: dict[str, Leg] = {}
    for size, members in shares:
        for leg in members:
            legs[leg.exposure_id] = leg
            parts[leg.exposure_id] = parts.get(leg.exposure_id, 0.0) + size / whole
    fluences = [_scaled(leg.fluence, parts[name]) for name, leg in legs.items()]
    return _sum([*legs.values()], fluences, radiation)


def _peak(shares: Sequence[Share], radiation: Radiation) -> Accumulated:
    """Return the dose of the worst cell; an unknown one may be the worst, so it makes the peak unknown."""
    sums = [_sum(members, [_worst(leg) for leg in members], radiation) for _, members in shares]
    known_part = _largest([each.known_part for each in sums], radiation)
    silent = next((each.total for each in sums if each.total.value is None), None)
    return Accumulated(silent or _largest([each.total for each in sums], radiation), known_part)


def _worst(leg: Leg) -> Quantity:
    return leg.fluence if leg.local_fluence is None else leg.local_fluence


def _sum(legs: Sequence[Leg], fluences: Sequence[Quantity], radiation: Radiation) -> Accumulated:
    if not legs:
        nothing = Quantity(0.0, FLUENCE_UNIT[radiation], "assumed", note="no recorded beam of this energy reached it")
        return Accumulated(nothing, nothing)
    return accumulate_legs(legs, fluences, note="recorded exposures that reached it")


def _largest(doses: Sequence[Quantity], radiation: Radiation) -> Quantity:
    known = [dose for dose in doses if dose.value is not None]
    nothing = Quantity.unknown(FLUENCE_UNIT[radiation], "no fluence is known")
    return max(known, key=lambda dose: dose.value or 0.0, default=nothing)


def _scaled(fluence: Quantity, part: float) -> Quantity:
    if fluence.value is None:
        return fluence
    spread = None if fluence.uncertainty is None else fluence.uncertainty * part
    return Quantity(fluence.value * part, fluence.unit, weakest(fluence.source), uncertainty=spread, note=fluence.note)
