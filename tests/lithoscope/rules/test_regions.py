"""Regions are cut by the fields that met them; electrons are conserved and energies stay apart."""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from lithoscope.rules.legs import Leg, Polygon
from lithoscope.rules.outlines import cuts
from lithoscope.rules.regions import Cell, RegionDose, area, cells, polygon_problem, region_dose, shares_of
from lithoscope.units import Quantity


def box(x: float, y: float, width: float, height: float) -> Polygon:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def leg(name: str, fluence: float | None, place: Polygon | None, *, kV: float | None = 200.0, **more: object) -> Leg:
    unknown = Quantity.unknown("e/A^2", "no current")
    return Leg(
        exposure_id=name,
        mode="tem_field",
        purpose="acquisition",
        started_at=datetime(2026, 10, 1, tzinfo=UTC),
        ended_at=None,
        beam_energy=Quantity.unknown("kV") if kV is None else Quantity(kV, "kV", "header"),
        temperature_K=Quantity(293.0, "K", "user"),
        fluence=unknown if fluence is None else Quantity(fluence, "e/A^2", "measured", fluence / 10),
        rate=Quantity.unknown("e/(A^2 s)"),
        field_um=place,
        **more,  # type: ignore[arg-type]
    )


def shares(region: Polygon, legs: Sequence[Leg]) -> list[tuple[Cell, list[Leg]]]:
    return [(cell, [legs[n] for n in sorted(cell.members)]) for cell in cells(region, [each.field_um for each in legs])]


def doses(region: Polygon, *legs: Leg) -> list[RegionDose]:
    return region_dose(shares(region, legs))


def test_two_fields_cut_a_region_in_four() -> None:
    found = cells(box(0, 0, 10, 10), [box(0, 0, 6, 10), box(4, 0, 6, 10)])
    assert [(cell.area_um2, set(cell.members)) for cell in found] == [(40.0, {0}), (40.0, {1}), (20.0, {0, 1})]
    assert cells(box(0, 0, 10, 10), [box(20, 20, 5, 5)]) == [Cell(100.0, frozenset())]


def test_a_field_with_a_hole_around_the_region_s_middle_keeps_its_area() -> None:
    """A frame of four fields leaves the middle unexposed; a region within one field is one cell."""
    ring = [box(0, 0, 10, 2), box(0, 8, 10, 2), box(0, 0, 2, 10), box(8, 0, 2, 10)]
    middle = next(cell for cell in cells(box(0, 0, 10, 10), ring) if not cell.members)
    assert middle.area_um2 == pytest.approx(36.0)
    assert cells(box(4, 4, 1, 1), [box(0, 0, 10, 10)]) == [Cell(1.0, frozenset({0}))]


def test_atoms_and_wafers_are_cut_alike() -> None:
    for scale in (1e-3, 1.0, 1e5):
        found = cells(box(0, 0, scale, scale), [box(0, 0, scale / 3, scale)])
        assert [cell.area_um2 / scale**2 for cell in found] == [pytest.approx(2 / 3), pytest.approx(1 / 3)]


def test_overlapping_fields_add_where_they_overlap() -> None:
    (dose,) = doses(box(0, 0, 10, 10), leg("a", 100.0, box(0, 0, 6, 10)), leg("b", 50.0, box(4, 0, 6, 10)))
    assert dose.mean.total.value == pytest.approx(90.0)
    assert dose.peak.total.value == 150.0
    assert dose.peak.total.uncertainty == pytest.approx((10.0**2 + 5.0**2) ** 0.5)
    assert (dose.exposure_ids, dose.unplaced_ids, dose.mean_placed) == (("a", "b"), (), None)


def test_fields_that_touch_leave_no_sliver_of_double_dose() -> None:
    """Three tenths reached by adding is not three tenths: the edges are one edge."""
    step = 0.1 + 0.2
    tiles = [leg(f"t{n}", 100.0, box(n * step, 0, 0.3, 1)) for n in range(7)]
    (dose,) = doses(box(0, 0, 2.1, 1), *tiles)
    assert dose.peak.total.value == 100.0
    assert dose.mean.total.value == pytest.approx(100.0)


def test_fluences_of_different_beam_energies_never_meet() -> None:
    place = box(0, 0, 10, 10)
    found = doses(place, leg("a", 100.0, place), leg("b", 50.0, place, kV=2.0), leg("c", 1.0, place))
    assert [(dose.beam_energy.value, dose.mean.total.value) for dose in found] == [(200.0, 101.0), (2.0, 50.0)]


def test_exposures_of_unknown_energies_stand_alone() -> None:
    place = box(0, 0, 10, 10)
    found = doses(place, leg("a", 100.0, place, kV=None), leg("b", 50.0, place, kV=None))
    assert [dose.mean.total.value for dose in found] == [100.0, 50.0]


def test_ions_of_different_sources_stand_apart() -> None:
    place = box(0, 0, 10, 10)
    found = doses(place, leg("a", 1.0, place, ion_source="Ga"), leg("b", 2.0, place, ion_source="Ar"))
    assert [(dose.ion_source, dose.mean.total.value) for dose in found] == [("Ga", 1.0), ("Ar", 2.0)]


def test_an_exposure_without_place_counts_everywhere_and_leaves_an_interval() -> None:
    (dose,) = doses(box(0, 0, 10, 10), leg("a", 100.0, box(0, 0, 5, 10)), leg("b", 40.0, None))
    assert dose.mean_placed is not None
    assert dose.peak_placed is not None
    assert (dose.mean_placed.total.value, dose.mean.total.value) == (50.0, 90.0)
    assert (dose.peak_placed.total.value, dose.peak.total.value) == (100.0, 140.0)
    assert dose.unplaced_ids == ("b",)


def test_an_unknown_exposure_makes_its_region_unknown_and_leaves_a_lower_bound() -> None:
    (dose,) = doses(box(0, 0, 10, 10), leg("a", 100.0, box(0, 0, 10, 10)), leg("b", None, box(0, 0, 1, 1)))
    assert (dose.mean.total.value, dose.mean.known_part.value) == (None, pytest.approx(100.0))
    assert (dose.peak.total.value, dose.peak.known_part.value) == (None, 100.0)


def test_the_peak_is_taken_within_the_spots_of_a_probe_smaller_than_its_step() -> None:
    place = box(0, 0, 10, 10)
    (dose,) = doses(place, leg("a", 100.0, place, local_fluence=Quantity(5000.0, "e/A^2", "measured")))
    assert (dose.mean.total.value, dose.peak.total.value) == (100.0, 5000.0)


def test_a_region_no_beam_reached_has_no_dose() -> None:
    assert doses(box(0, 0, 10, 10), leg("a", 100.0, box(50, 50, 1, 1))) == []


@pytest.mark.parametrize(
    ("polygon", "word"),
    [
        (((0.0, 0.0), (1.0, 0.0), (0.0, 0.0)), "three different corners"),
        (((0.0, 0.0), (1.0, 1.0), (2.0, 2.0)), "one line|cross"),
        (((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)), "cross itself"),
        (((0.0, 0.0), (1e-10, 0.0), (0.0, 1e-10)), "enclose an area"),
    ],
)
def test_points_that_bound_no_area_are_told_why(polygon: Polygon, word: str) -> None:
    said = polygon_problem(polygon) or ""
    assert any(part in said for part in word.split("|")), said
    assert polygon_problem(box(0, 0, 1, 1)) is None


def plainly_cut(region: Polygon, fields: Sequence[Polygon]) -> dict[frozenset[int], float]:
    """Cut by one field after another: what the faces of one noding must agree with."""
    pieces: list[tuple[BaseGeometry, frozenset[int]]] = [(shapely.Polygon(region), frozenset())]
    for number, field in enumerate(fields):
        shape = shapely.Polygon(field)
        halves = [(piece.intersection(shape), {*members, number}) for piece, members in pieces]
        rest = [(piece.difference(shape), members) for piece, members in pieces]
        pieces = [(piece, frozenset(members)) for piece, members in [*halves, *rest] if piece.area > 1e-6]
    sizes: dict[frozenset[int], float] = {}
    for piece, members in pieces:
        sizes[members] = sizes.get(members, 0.0) + piece.area
    return sizes


def test_forty_overlapping_fields_are_cut_as_by_one_after_another() -> None:
    random = Random(4)
    fields = [
        box(*(round(random.uniform(-2, 9), 1) for _ in "xy"), *(round(random.uniform(1, 6), 1) for _ in "wh"))
        for _ in range(40)
    ]
    found = {cell.members: cell.area_um2 for cell in cells(box(0, 0, 10, 10), fields)}
    assert len(found) > 200
    assert found == pytest.approx(plainly_cut(box(0, 0, 10, 10), fields))


def test_a_thousand_frames_of_few_fields_are_cut_by_few_outlines() -> None:
    fields = [box(n % 5, n % 5, 4, 4) for n in range(1000)]
    found = cells(box(0, 0, 10, 10), fields)
    assert len(found) == len(cells(box(0, 0, 10, 10), fields[:5]))
    assert {len(cell.members) % 200 for cell in found} == {0}


def test_more_overlaps_than_can_be_cut_leave_an_interval_that_holds_the_dose() -> None:
    """Of 40 drifted fields all meet: some are followed, the others count wherever they may have been."""
    fields = [box(n / 20, n / 20, 5, 5) for n in range(40)]
    region = box(0, 0, 8, 8)
    legs = [leg(f"e{n}", 1.0, field) for n, field in enumerate(fields)]
    found = shares_of(region, legs, most_meetings=900)
    assert sum(cell.area_um2 for cell, _ in found) == pytest.approx(area(region))
    loose = {each.exposure_id for _, members in found for each in members if each.is_loose}
    assert 5 < len(loose) < 20
    (dose,) = region_dose(found)
    assert dose.mean_placed is not None
    assert dose.peak_placed is not None
    assert set(dose.unplaced_ids) == loose
    mean = 40 * 25 / 64
    assert (dose.mean_placed.total.value or 0) < mean < (dose.mean.total.value or 0)
    assert (dose.peak_placed.total.value or 0) < 40.0 == dose.peak.total.value


def test_which_fields_are_followed_does_not_depend_on_their_order() -> None:
    fields = [box(n / 20, n / 20, 5, 5) for n in range(40)]
    chosen = {fields[n] for n in cuts(box(0, 0, 8, 8), fields, most=900)}
    assert {fields[::-1][n] for n in cuts(box(0, 0, 8, 8), fields[::-1], most=900)} == chosen


def test_fields_far_larger_than_the_region_and_those_beside_it_cost_no_cut() -> None:
    wide = [box(-100 - n, -100 - n, 300 + n, 300 + n) for n in range(900)]
    beside = [box(50 + n / 100, 50, 5, 5) for n in range(900)]
    assert cells(box(0, 0, 1, 1), [*wide, *beside]) == [Cell(1.0, frozenset(range(900)))]


side = st.floats(0.5, 20).map(lambda value: round(value, 3))
corner = st.floats(-10, 10).map(lambda value: round(value, 3))
boxes = st.builds(box, corner, corner, side, side)
fluences = st.floats(0.0, 1e6)


@given(region=boxes, fields=st.lists(boxes, max_size=6))
def test_the_cells_of_a_region_are_its_area(region: Polygon, fields: list[Polygon]) -> None:
    found = cells(region, list(fields))
    assert sum(cell.area_um2 for cell in found) == pytest.approx(area(region), rel=1e-6)
    assert all(cell.area_um2 > 0 for cell in found)


@given(region=boxes, given=st.lists(st.tuples(boxes, fluences), min_size=1, max_size=6))
def test_electrons_are_conserved(region: Polygon, given: list[tuple[Polygon, float]]) -> None:
    """What the cells took is what each field gave to its overlap with the region, and nothing less than nothing."""
    legs = [leg(f"e{n}", fluence, place) for n, (place, fluence) in enumerate(given)]
    taken = sum(
        cell.area_um2 * sum(each.fluence.value or 0 for each in members) for cell, members in shares(region, legs)
    )
    given_to_it = sum(
        (each.fluence.value or 0) * cell.area_um2
        for each in legs
        for cell in cells(region, [each.field_um])
        if cell.members
    )
    assert taken == pytest.approx(given_to_it, rel=1e-6, abs=1e-3)
    for dose in doses(region, *legs):
        assert (dose.mean.total.value or 0) * area(region) == pytest.approx(taken, rel=1e-6, abs=1e-3)
        assert 0 <= (dose.mean.total.value or 0) <= (dose.peak.total.value or 0) * (1 + 1e-6) + 1e-6


@given(region=boxes, given=st.lists(st.tuples(boxes, fluences), min_size=1, max_size=5), cut=st.floats(0.1, 0.9))
def test_the_parts_of_a_region_took_together_what_it_took(
    region: Polygon, given: list[tuple[Polygon, float]], cut: float
) -> None:
    (x, y), _, (right, top), _ = region
    middle = round(x + cut * (right - x), 3)
    legs = [leg(f"e{n}", fluence, place) for n, (place, fluence) in enumerate(given)]

    def taken(part: Polygon) -> float:
        return sum((dose.mean.total.value or 0) * area(part) for dose in doses(part, *legs))

    parts = taken(box(x, y, middle - x, top - y)) + taken(box(middle, y, right - middle, top - y))
    assert parts == pytest.approx(taken(region), rel=1e-6, abs=1e-3)


@given(
    region=boxes,
    given=st.lists(st.tuples(boxes, fluences, st.sampled_from([2.0, 80.0, 200.0])), min_size=1, max_size=6),
    random=st.randoms(),
)
def test_energies_never_meet_and_the_order_of_exposures_does_not_show(
    region: Polygon, given: list[tuple[Polygon, float, float]], random: Random
) -> None:
    legs = [leg(f"e{n}", fluence, place, kV=kV) for n, (place, fluence, kV) in enumerate(given)]
    found = {dose.beam_energy.value: dose for dose in doses(region, *legs)}
    random.shuffle(legs)
    again = {dose.beam_energy.value: dose for dose in doses(region, *legs)}
    assert found.keys() == again.keys()
    for kV, dose in found.items():
        alone = [each for each in legs if each.beam_energy.value == kV]
        (by_itself,) = doses(region, *alone)
        for other in (again[kV], by_itself):
            assert dose.mean.total.value == pytest.approx(other.mean.total.value, rel=1e-6, abs=1e-6)
            assert dose.peak.total.value == pytest.approx(other.peak.total.value, rel=1e-6, abs=1e-6)


def comb(teeth: int) -> Polygon:
    """Return a field like a comb: it meets another once, and crosses it with every tooth."""
    width = 100.0 / teeth
    corners = [(0.0, -1.0), (0.0, 0.0)]
    for tooth in range(teeth):
        x = tooth * width
        corners += [(x + width / 9, 101.0), (x + width / 2, 101.0), (x + width / 2, 0.0), (x + width, 0.0)]
    return (*corners, (101.0, -1.0))


def test_outlines_that_cross_without_end_are_told_of_as_loose_instead_of_cut() -> None:
    upright = comb(240)
    lying = tuple((y, x) for x, y in upright)
    found = cells(box(0, 0, 100, 100), [upright, lying])
    assert sum(cell.area_um2 for cell in found) == pytest.approx(1e4)
    assert frozenset().union(*(cell.loose for cell in found)) in ({0}, {1})
    few = cells(box(0, 0, 100, 100), [comb(20), tuple((y, x) for x, y in comb(20))])
    assert not any(cell.loose for cell in few)
