"""Where a sample is at a moment and what met it; corrections and the order of recording leave no trace."""

from dataclasses import asdict, replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.custody import Happening
from lithoscope.rules.custody_state import CustodyState, state_at
from tests.lithoscope.rules.happened import ATMOSPHERE_Pa, event, glovebox, hours

OPENED = event("disassembly", 0, place="glovebox", atmosphere="argon")


def test_a_sample_in_the_glovebox_is_said_to_be_there() -> None:
    state = state_at([OPENED, glovebox(0)], at=hours(5))
    assert (state.place, state.container, state.atmosphere) == ("glovebox", "glovebox", "argon")
    assert (state.temperature_K.value, state.is_gap, state.has_gaps) == (298.0, False, False)


def test_in_a_gap_nothing_is_said_of_where_it_is() -> None:
    state = state_at([OPENED, glovebox(0, 2)], at=hours(5))
    assert (state.place, state.atmosphere, state.is_gap, state.has_gaps) == (None, None, True, True)
    assert [(gap.start, gap.end) for gap in state.gaps] == [(hours(2), hours(5))]


def test_nothing_recorded_is_unknown_and_a_gap() -> None:
    state = state_at([], at=hours(5))
    assert (state.is_gap, state.air_exposure.value, state.since_disassembly.total.value) == (True, None, None)


def test_time_since_disassembly_is_told_by_glovebox_and_other() -> None:
    history = [OPENED, glovebox(0, 10), event("storage", 10, 16, container="inert_gas_shuttle", atmosphere="argon")]
    found = state_at(history, at=hours(20)).since_disassembly
    assert (found.total.value, found.glovebox.value, found.other.value) == (20.0, 10.0, 10.0)


def test_seconds_in_air_are_summed_over_transfers_and_storage_in_air() -> None:
    history = [
        OPENED,
        event("transfer", 1, 1.1, method="cooling_holder", air_exposure_s=3.0),
        event("storage", 2, 2 + 12 / 3600, atmosphere="air"),
        event("transfer", 3, 3.1, method="inert_gas_holder", air_exposure_s=0.0),
    ]
    state = state_at(history, at=hours(4))
    assert (state.air_exposure.value, state.air_exposure.unit) == (pytest.approx(15.0), "s")
    assert [air.event_id for air in state.air_events] == ["transfer@1", "storage@2"]


def test_one_silent_transfer_makes_the_sum_unknown_and_the_known_part_a_lower_bound() -> None:
    history = [
        OPENED,
        event("transfer", 1, method="cooling_holder", air_exposure_s=3.0),
        event("transfer", 2, method="uhv_suitcase"),
    ]
    state = state_at(history, at=hours(4))
    assert state.air_exposure.value is None
    assert "at least 3 s" in state.air_exposure.note
    assert state.silent_transfers == ("transfer@2",)


def test_a_storage_in_air_without_end_counts_until_the_sample_is_moved() -> None:
    history = [
        OPENED,
        event("storage", 1, atmosphere="air"),
        event("transfer", 2, method="glovebag", air_exposure_s=0.0),
    ]
    assert state_at(history, at=hours(9)).air_exposure.value == 3600.0


def test_a_carry_through_air_lasts_as_long_as_the_transfer() -> None:
    state = state_at([OPENED, event("transfer", 1, 1.5, method="ambient_air")], at=hours(4))
    assert state.air_exposure.value == 1800.0


def test_a_cell_opened_in_air_met_air_for_a_time_nobody_stated() -> None:
    state = state_at([event("disassembly", 0, atmosphere="air")], at=hours(1))
    assert state.air_exposure.value is None
    assert [air.event_id for air in state.air_events] == ["disassembly@0"]


def test_air_around_the_closed_cell_does_not_count() -> None:
    history = [event("transfer", -5, method="ambient_air", air_exposure_s=3600.0), OPENED, glovebox(0)]
    assert state_at(history, at=hours(1)).air_events == ()


def test_gas_exposure_counts_from_the_opening_of_the_cell() -> None:
    history = [glovebox(-10), OPENED]
    assert state_at(history, at=hours(1)).gas_exposure["O2"].value == pytest.approx(76.0 * 3600, rel=1e-9)


def test_a_disposed_sample_is_nowhere() -> None:
    state = state_at([OPENED, glovebox(0), event("disposal", 3)], at=hours(9))
    assert (state.is_disposed, state.since_disassembly.total.value) == (True, 3.0)


# --- promises for every history ---------------------------------------------------------------------------------------
details = st.fixed_dictionaries(
    {},
    optional={
        "temperature_K": st.sampled_from([90.0, 103.0, 298.0]),
        "pressure_Pa": st.sampled_from([1e-5, 101_325.0]),
        "atmosphere": st.sampled_from(["argon", "vacuum", "air"]),
        "o2_ppm": st.sampled_from([0.1, 5.0]),
        "air_exposure_s": st.sampled_from([0.0, 15.0]),
        "method": st.sampled_from(["inert_gas_shuttle", "ambient_air"]),
        "container": st.sampled_from(["glovebox", "inert_gas_shuttle"]),
    },
)
happenings = st.builds(
    lambda kind, start, length, place, more: event(
        kind, start, None if length is None else start + length, place=place, **more
    ),
    st.sampled_from(["disassembly", "storage", "transfer", "cooling", "heating", "fib_milling", "surface_renewal"]),
    st.integers(0, 60),
    st.one_of(st.none(), st.integers(1, 20)),
    st.sampled_from([None, "glovebox", "FIB"]),
    details,
)
histories = st.lists(happenings, max_size=7, unique_by=lambda each: each.id)


def without_ids(value: Any) -> Any:
    """Leave out what names an event: a correction has a name of its own."""
    if isinstance(value, dict):
        named = {"event_id", "evidence", "silent_transfers", "note", "decided_by", "reason"}
        return {name: without_ids(each) for name, each in value.items() if name not in named}
    return [without_ids(each) for each in value] if isinstance(value, list | tuple) else value


def plain(state: CustodyState) -> Any:
    return without_ids(asdict(state))


@given(history=histories, right=happenings, at=st.integers(0, 80), data=st.data())
def test_a_correction_changes_the_state_exactly_as_if_it_had_been_recorded_rightly_at_first(
    history: list[Happening], right: Happening, at: int, data: st.DataObject
) -> None:
    """A correction is recorded last, under an id of its own, in the place of what it supersedes."""
    corrected = [*history, replace(right, id="evt-correction")]
    place = data.draw(st.integers(0, len(history)))
    at_first = [*history[:place], replace(right, id="evt-first"), *history[place:]]
    assert plain(state_at(corrected, at=hours(at))) == plain(state_at(at_first, at=hours(at)))


@given(history=histories, at=st.integers(0, 80), data=st.data())
def test_the_order_of_recording_does_not_matter(history: list[Happening], at: int, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(history))
    assert state_at(shuffled, at=hours(at)) == state_at(history, at=hours(at))


@given(history=histories, at=st.integers(0, 80))
def test_what_happens_later_changes_nothing(history: list[Happening], at: int) -> None:
    until_then = [each for each in history if each.occurred_at <= hours(at)]
    assert state_at(until_then, at=hours(at)) == state_at(history, at=hours(at))


@given(history=histories, at=st.integers(0, 80))
def test_an_unstated_time_in_air_never_counts_as_none(history: list[Happening], at: int) -> None:
    state = state_at(history, at=hours(at))
    if state.silent_transfers:
        assert state.air_exposure.value is None


@pytest.mark.parametrize("lasted_h", [None, 0.1])
def test_seconds_of_air_within_a_transfer_leave_the_gas_exposure_without_an_upper_end(lasted_h: float | None) -> None:
    """15 s of air at one atmosphere are 2.4e9 langmuir of oxygen; two hours in the glovebox are 5e5."""
    argon = {"atmosphere": "argon", "o2_ppm": 0.1, "h2o_ppm": 0.1, "pressure_Pa": ATMOSPHERE_Pa}
    end = None if lasted_h is None else 1 + lasted_h
    carried = event("transfer", 1, end, method="inert_gas_holder", air_exposure_s=15.0, **argon)
    state = state_at([event("disassembly", 0), glovebox(0, 1), carried, glovebox(end or 1)], at=hours(2))
    for found in state.gas_exposure.values():
        assert (found.value, found.interval) == (None, None)
        assert found.note.startswith("air of unknown pressure met it (transfer@1)")


def test_a_transfer_that_says_nothing_of_air_leaves_the_gas_exposure_unknown() -> None:
    carried = event("transfer", 1, method="inert_gas_holder")
    state = state_at([event("disassembly", 0), glovebox(0, 1), carried, glovebox(1)], at=hours(2))
    assert state.gas_exposure["O2"].value is None
    assert "time in air is not stated by transfer@1" in state.gas_exposure["O2"].note


def test_a_transfer_without_air_leaves_the_gas_exposure_known() -> None:
    carried = event("transfer", 1, method="inert_gas_holder", air_exposure_s=0.0)
    state = state_at([event("disassembly", 0), glovebox(0, 1), carried, glovebox(1)], at=hours(2))
    assert state.gas_exposure["O2"].value == pytest.approx(76.0 * 7200, rel=1e-9)


def test_air_of_less_than_a_second_is_air() -> None:
    state = state_at([OPENED, event("transfer", 1, 1.1, method="cooling_holder", air_exposure_s=0.4)], at=hours(2))
    assert state.air_exposure.value == 0.4
    assert [air.event_id for air in state.air_events] == ["transfer@1"]


def test_no_seconds_in_air_is_another_statement_than_none_at_all() -> None:
    """Zero seconds stated are zero; nothing stated is unknown."""
    stated = state_at([OPENED, event("transfer", 1, 1.1, method="uhv_suitcase", air_exposure_s=0)], at=hours(2))
    silent = state_at([OPENED, event("transfer", 1, 1.1, method="uhv_suitcase")], at=hours(2))
    assert (stated.air_exposure.value, stated.silent_transfers) == (0.0, ())
    assert (silent.air_exposure.value, silent.silent_transfers) == (None, ("transfer@1",))


def test_of_two_disassemblies_the_first_opened_the_cell() -> None:
    later = event("disassembly", 6, place="glovebox", atmosphere="argon")
    assert state_at([OPENED, glovebox(0), later], at=hours(10)).since_disassembly.total.value == 10.0


def test_the_pressure_is_that_of_the_present_stay() -> None:
    assert state_at([OPENED, glovebox(0)], at=hours(5)).pressure_Pa.value == ATMOSPHERE_Pa


def test_storage_under_inert_gas_in_nothing_else_named_is_time_in_the_glovebox_and_nothing_else_is() -> None:
    history = [
        OPENED,
        event("storage", 0, 4, atmosphere="argon"),
        event("storage", 4, 5, atmosphere="vacuum"),
        event("mounting", 5, 6, atmosphere="argon"),
    ]
    assert state_at(history, at=hours(6)).since_disassembly.glovebox.value == 4.0


def test_records_that_overlap_count_once_and_time_zones_do_not_matter() -> None:
    tokyo = timezone(timedelta(hours=9))
    history = [OPENED, glovebox(0, 6), glovebox(4, 10)]
    abroad = [
        replace(
            each,
            occurred_at=each.occurred_at.astimezone(tokyo),
            ended_at=each.ended_at and each.ended_at.astimezone(tokyo),
        )
        for each in history
    ]
    here = state_at(history, at=hours(10))
    assert here.since_disassembly.glovebox.value == 10.0
    assert here.gas_exposure["O2"].value == pytest.approx(76.0 * 36_000)
    assert state_at(abroad, at=hours(10)) == here


def test_air_through_which_a_sample_went_leaves_its_gas_exposure_open() -> None:
    through = event("transfer", 5, method="ambient_air")
    found = state_at([OPENED, glovebox(0, 5), through, glovebox(5, 9)], at=hours(9)).gas_exposure["O2"]
    assert (found.value, found.interval) == (None, None)
    assert "transfer@5" in found.note
