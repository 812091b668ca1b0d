"""The stays of a sample: every second is told, and what nobody recorded is a gap."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.chain import Stay, chain, gaps
from lithoscope.rules.custody import Happening
from tests.lithoscope.rules.happened import event, glovebox, hours


def told(stays: tuple[Stay, ...]) -> list[tuple[float, float, str | None]]:
    return [
        ((stay.start - hours(0)).total_seconds() / 3600, (stay.end - hours(0)).total_seconds() / 3600, stay.kind)
        for stay in stays
    ]


def test_nothing_recorded_is_no_chain() -> None:
    assert chain([], at=hours(1)) == ()


def test_time_between_two_records_is_a_gap() -> None:
    stays = chain([glovebox(0, 2), glovebox(5, 6)], at=hours(6))
    assert told(stays) == [(0, 2, "storage"), (2, 5, None), (5, 6, "storage")]
    assert [stay.is_gap for stay in stays] == [False, True, False]
    assert stays[1].place is None
    assert stays[1].temperature_K.value is None


def test_time_after_the_last_record_is_a_gap() -> None:
    assert told(chain([glovebox(0, 2)], at=hours(9))) == [(0, 2, "storage"), (2, 9, None)]


def test_a_storage_without_end_holds_until_the_sample_is_moved() -> None:
    stays = chain([glovebox(0), event("transfer", 3, 4, method="inert_gas_holder")], at=hours(6))
    assert told(stays) == [(0, 3, "storage"), (3, 4, "transfer"), (4, 6, None)]


def test_a_storage_without_end_holds_until_another_place_is_named() -> None:
    stays = chain([glovebox(0), event("mounting", 3, place="FIB", holder="stub")], at=hours(6))
    assert told(stays) == [(0, 3, "storage"), (3, 6, None)]


def test_a_cooling_holds_its_temperature_until_it_is_warmed() -> None:
    history = [event("cooling", 0, 1, temperature_K=95.0), event("heating", 5, 6, temperature_K=293.0)]
    stays = chain(history, at=hours(8))
    assert [stay.temperature_K.value for stay in stays] == [None, 95.0, None, None]
    assert told(stays) == [(0, 1, "cooling"), (1, 5, "cooling"), (5, 6, "heating"), (6, 8, None)]


def test_the_latest_record_speaks_first_and_the_earlier_fills_in_what_it_leaves_out() -> None:
    chamber = event("storage", 0, 9, place="FIB", atmosphere="vacuum", pressure_Pa=1e-4)
    stays = chain([chamber, event("fib_milling", 2, 3, temperature_K=100.0, ion_source="Ar")], at=hours(9))
    milling = stays[1]
    assert (milling.place, milling.pressure_Pa.value, milling.temperature_K.value) == ("FIB", 1e-4, 100.0)
    assert milling.evidence == ("fib_milling@2", "storage@0")


def test_the_chain_ends_with_the_disposal() -> None:
    assert told(chain([glovebox(0), event("disposal", 3)], at=hours(9))) == [(0, 3, "storage")]


def test_a_duration_is_an_interval() -> None:
    assert told(chain([event("wash", 0, solvent="DMC", duration_s=1800.0)], at=hours(0.5))) == [(0, 0.5, "wash")]


def test_gaps_of_a_few_minutes_are_shown_and_leave_nothing_open() -> None:
    stays = chain([glovebox(0, 1), glovebox(1.1, 2)], at=hours(2))
    assert stays[1].is_gap
    assert gaps(stays) == ()


def test_a_storage_without_end_goes_on_while_it_is_heated() -> None:
    stays = chain([glovebox(0), event("heating", 3, 4, temperature_K=353.0)], at=hours(6))
    assert told(stays) == [(0, 3, "storage"), (3, 4, "heating"), (4, 6, "storage")]


def test_a_sample_on_its_way_to_the_cold_has_no_temperature_whatever_its_chamber_has() -> None:
    chamber = event("storage", 0, 9, atmosphere="vacuum", temperature_K=298.0)
    stays = chain([chamber, event("cooling", 2, 3, temperature_K=95.0)], at=hours(9))
    assert [stay.temperature_K.value for stay in stays] == [298.0, None, 95.0]


def test_a_warm_up_between_two_coolings_ends_the_first_cold() -> None:
    """-178 to 20 degrees in 40 minutes; the second cooling says nothing of the time between."""
    history = [
        event("cooling", 0, 0.5, temperature_K=95.0),
        event("transfer", 1, 1.5, method="cryo_transfer_holder", temperature_K=98.0),
        event("heating", 2, 2 + 40 / 60, temperature_K=293.15),
        event("transfer", 4, 4.5, method="cryo_transfer_holder", temperature_K=98.0),
        event("cooling", 5, 5.5, temperature_K=95.0),
    ]
    stays = chain(history, at=hours(6))
    cold = [stay for stay in stays if (stay.temperature_K.value or 999.0) < 103.15]
    between = [stay for stay in cold if hours(1.5) <= stay.start < hours(4)]
    assert between == []
    assert [stay.temperature_K.value for stay in cold] == [95.0, 98.0, 98.0, 95.0]


def test_a_note_however_long_says_nothing_of_where_the_sample_was() -> None:
    assert told(chain([glovebox(0, 1), event("note", 1, 5)], at=hours(5))) == [(0, 1, "storage"), (1, 5, None)]


def test_handling_takes_a_quarter_of_an_hour_at_most() -> None:
    assert gaps(chain([glovebox(0, 1), glovebox(1.25, 2)], at=hours(2))) == ()
    assert len(gaps(chain([glovebox(0, 1), glovebox(1.3, 2)], at=hours(2)))) == 1


times = st.integers(0, 40)
records = st.builds(
    lambda kind, start, length, more: event(kind, start, None if length is None else start + length, **more),
    st.sampled_from(["storage", "transfer", "cooling", "heating", "fib_milling", "mounting", "note"]),
    times,
    st.one_of(st.none(), st.integers(1, 20)),
    st.sampled_from([{}, {"temperature_K": 95.0}, {"place": "A"}, {"place": "B"}, {"atmosphere": "argon"}]),
)


@given(history=st.lists(records, max_size=8))
def test_every_moment_from_the_first_record_on_is_told_exactly_once(history: list[Happening]) -> None:
    stays = chain(history, at=hours(50))
    if history:
        assert stays[0].start == min(each.occurred_at for each in history)
        assert stays[-1].end == hours(50)
    assert all(first.end == second.start for first, second in pairwise(stays))
    assert all(stay.is_gap == (not stay.evidence) for stay in stays)


@given(history=st.lists(records, max_size=6), data=st.data())
def test_the_order_of_recording_does_not_matter(history: list[Happening], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(history))
    assert chain(shuffled, at=hours(50)) == chain(history, at=hours(50))
