"""Facts of a record: never more certain than what was written down."""

from dataclasses import replace
from math import inf
from typing import Any

from lithoscope.rules.exposure_facts import exposure_fact
from lithoscope.rules.legs import Leg
from lithoscope.rules.record import Record, event_fact, history_fact
from lithoscope.rules.shelf_life import Specimen
from lithoscope.units import Quantity
from tests.lithoscope.rules.chains import DAY, Beam, dose, exposed, happened

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def record(*events: Any, legs: tuple[Leg, ...] = ()) -> Record:
    at = DAY.replace(year=2027)
    return Record.until(at, specimen=Specimen("sei"), history=events, legs=legs, coverage=Beam())


def carried(name: str, hours: float, **details: Any) -> Any:
    return happened(name, "transfer", hours, lasted_h=0.1, details={"method": "cooling_holder", **details})


def test_seconds_in_air_are_known_only_when_every_transfer_states_its_own() -> None:
    three, none, silent = carried("a", 1, air_exposure_s=3.0), carried("b", 2, air_exposure_s=0), carried("c", 3)
    known = history_fact("air_exposure_s", record(three, none))
    assert (known.lower, known.upper, known.decided_by) == (3.0, 3.0, ("evt_a",))
    open_ = history_fact("air_exposure_s", record(three, none, silent))
    assert (open_.lower, open_.upper) == (3.0, inf)
    assert history_fact("air_exposure_s", record()).upper == inf


def test_a_transfer_in_air_lasted_as_long_as_it_states_else_as_its_interval_else_longer_than_nothing() -> None:
    assert event_fact("air_exposure_s", carried("a", 1, atmosphere="air", air_exposure_s=2.0)).upper == 2.0
    assert event_fact("air_exposure_s", carried("a", 1, atmosphere="air")).lower == 360.0
    moment = replace(carried("a", 1, atmosphere="air"), ended_at=None)
    at_once = replace(moment, ended_at=moment.occurred_at)
    for event in (moment, at_once):
        fact = event_fact("air_exposure_s", event)
        assert 0.0 < fact.lower < 0.1
        assert fact.upper == inf


def test_the_largest_current_of_a_milling_is_bounded_by_the_steps_that_state_theirs() -> None:
    def largest(*currents: float | None) -> tuple[float, float]:
        steps = [{"ion_current_nA": current} for current in currents]
        fact = event_fact("largest_current_nA", happened("m", "fib_milling", 1, details={"steps": steps}))
        return fact.lower, fact.upper

    assert largest(16.0, 120.0, 0.5) == (120.0, 120.0)
    assert largest(16.0, None) == (16.0, inf)
    assert largest() == (0.0, inf)


def test_exposures_count_in_order_of_time_however_they_were_recorded() -> None:
    late, early = exposed("late", 9), exposed("early", 8)
    assert [each.ids for each in record(legs=(late, early)).exposures(())] == [("exp_early",), ("exp_late",)]


def test_a_running_beam_has_a_rate_and_no_final_dose() -> None:
    leg = exposed("live", 8, is_running=True)
    whole = record(legs=(leg,))
    assert exposure_fact("dose_e_per_A2", leg, whole).upper == inf
    assert exposure_fact("dose_rate_e_per_A2_s", leg, whole).is_known


def accumulated(leg: Leg, *others: Leg) -> tuple[float, float]:
    fact = exposure_fact("accumulated_dose_e_per_A2", leg, record(legs=(*others, leg)))
    return fact.lower, fact.upper


def test_a_place_took_what_met_it_before_and_at_the_same_moment() -> None:
    image = exposed("image", 8, **dose(100.0), field_um=SQUARE)
    same = exposed("same", 8, **dose(40.0), field_um=SQUARE)
    later = exposed("later", 9, **dose(40.0), field_um=SQUARE)
    above = exposed("above", 7, **dose(40.0), field_um=tuple((x, y + 3.0) for x, y in SQUARE))
    below = replace(above, field_um=tuple((x, y - 3.0) for x, y in SQUARE))
    assert accumulated(image, same) == (140.0, 140.0)
    for elsewhere in (later, above, below):
        assert accumulated(image, elsewhere) == (100.0, 100.0)


def test_doses_of_other_or_unknown_energies_never_enter_the_sum() -> None:
    image = exposed("image", 8, **dose(100.0), field_um=SQUARE)
    slow = exposed("slow", 7, **dose(40.0), field_um=SQUARE, beam_energy=Quantity(2.0, "kV", "header"))
    unknown = replace(slow, beam_energy=Quantity.unknown("kV"))
    assert accumulated(image, slow) == (100.0, inf)
    assert accumulated(replace(image, beam_energy=Quantity.unknown("kV")), unknown) == (100.0, inf)
