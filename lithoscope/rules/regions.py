"""Where beams overlapped: a region cut into cells of one history each, and the dose of each beam energy in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

import shapely

from lithoscope.rules.accumulation import Accumulated, accumulate_legs, by_beam
from lithoscope.rules.legs import FLUENCE_UNIT, Leg, Polygon, Radiation
from lithoscope.rules.outlines import MOST_MEETINGS, cuts, faces, shape_of
from lithoscope.units import Quantity, weakest

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
    loose : frozenset of int
        Those of them that may cover only some of it, or none: too many overlap for the region to be cut by all.
    """

    area_um2: float
    members: frozenset[int]
    loose: frozenset[int] = frozenset()


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
    if shape_of(polygon).area <= 0:
        return "a polygon must enclose an area: its corners lie on one line"
    return None


def area(polygon: Polygon) -> float:
    """Return the area of a polygon [um²]."""
    return float(shapely.Polygon(polygon).area)


def cells(region: Polygon, fields: Sequence[Polygon | None], *, most_meetings: int = MOST_MEETINGS) -> list[Cell]:
    """
    Cut a region along the outlines of fields.

    Every place of the region lies in exactly one cell, so that the areas of cells add up to its own and electrons are
    neither lost nor counted twice. Equal outlines are cut once, so that a series of frames costs no more than one.
    Where hundreds of different ones overlap, the region is cut by as many as can be; the others are members of every
    cell they touch, and said to be `loose` there: what they gave to it lies between nothing and all.

    Parameters
    ----------
    region : polygon
        Corners [um].
    fields : sequence of polygon or None
        What was lit, in the same coordinates; None where nobody said.
    most_meetings : int
        How often two different outlines may meet, counted each way, before some are left loose.

    Returns
    -------
    cells : list of Cell
        Largest first.
    """
    everywhere = frozenset(number for number, field in enumerate(fields) if field is None)
    alike: dict[Polygon, list[int]] = {}
    for number, field in enumerate(fields):
        if field is not None:
            alike.setdefault(field, []).append(number)
    outlines = [*alike]
    chosen = sorted(cuts(region, outlines, most=most_meetings))
    others = sorted({*range(len(outlines))}.difference(chosen))
    cutting = [alike[outlines[one]] for one in chosen]
    lying = [alike[outlines[one]] for one in others]
    merged: dict[tuple[tuple[int, ...], tuple[int, ...]], list[float]] = {}
    for size, covering, touching in faces(region, [outlines[n] for n in chosen], [outlines[n] for n in others]):
        merged.setdefault((covering, touching), []).append(size)
    found = []
    for (covering, touching), sizes in merged.items():
        loose = frozenset[int]().union(*(lying[one] for one in touching))
        found.append(Cell(fsum(sizes), everywhere.union(loose, *(cutting[one] for one in covering)), loose))
    return sorted(found, key=lambda cell: -cell.area_um2)


def shares_of(
    region: Polygon, legs: Sequence[Leg], *, most_meetings: int = MOST_MEETINGS
) -> list[tuple[Cell, tuple[Leg, ...]]]:
    """
    Cut a region by the fields of legs: its cells, largest first, each with the legs that reached it.

    A leg without place counts in every cell. One that is loose in the cut is given without its place, and says so: it
    counts in the cells it touches as one that may have missed them.
    """
    found = cells(region, [leg.field_um for leg in legs], most_meetings=most_meetings)
    loose = frozenset[int]().union(*(cell.loose for cell in found))
    given = [replace(leg, field_um=None, is_loose=True) if n in loose else leg for n, leg in enumerate(legs)]
    return [(cell, tuple(given[number] for number in sorted(cell.members))) for cell in found]


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
    radiation, names = legs[0].radiation, {leg.exposure_id for leg in legs}
    unplaced = tuple(leg.exposure_id for leg in legs if leg.field_um is None)
    ours = [(cell.area_um2, [leg for leg in members if leg.exposure_id in names]) for cell, members in shares]
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
    fluences = {leg.exposure_id: _worst(leg) for _, members in shares for leg in members}
    known = {name: fluence.value for name, fluence in fluences.items() if fluence.value is not None}

    def given(members: Sequence[Leg]) -> float:
        """Add up what is known; a place of which nothing is known comes after one that no beam reached."""
        doses = [known[leg.exposure_id] for leg in members if leg.exposure_id in known]
        return fsum(doses) if doses or not members else -1.0

    def account(members: Sequence[Leg]) -> Accumulated:
        return _sum(members, [fluences[leg.exposure_id] for leg in members], radiation)

    worst = account(max((members for _, members in shares), key=given))
    silent = next((members for _, members in shares if any(leg.exposure_id not in known for leg in members)), None)
    return worst if silent is None else Accumulated(account(silent).total, worst.known_part)


def _worst(leg: Leg) -> Quantity:
    return leg.fluence if leg.local_fluence is None else leg.local_fluence


def _sum(legs: Sequence[Leg], fluences: Sequence[Quantity], radiation: Radiation) -> Accumulated:
    if not legs:
        nothing = Quantity(0.0, FLUENCE_UNIT[radiation], "assumed", note="no recorded beam of this energy reached it")
        return Accumulated(nothing, nothing)
    return accumulate_legs(legs, fluences, note="recorded exposures that reached it")


def _scaled(fluence: Quantity, part: float) -> Quantity:
    if fluence.value is None:
        return fluence
    spread = None if fluence.uncertainty is None else fluence.uncertainty * part
    return Quantity(fluence.value * part, fluence.unit, weakest(fluence.source), uncertainty=spread, note=fluence.note)
