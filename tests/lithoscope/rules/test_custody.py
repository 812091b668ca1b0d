"""What the recorded history adds up to, and what it leaves unknown."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.custody import Happening, air_exposure, clock_skew, storage_time, summarise

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


def stay(start: float, end: float | None) -> Happening:
    return Happening("storage", hours(start), None if end is None else hours(end))


def transfer(start: float, **details: object) -> Happening:
    return Happening("transfer", hours(start), None, {"method": "uhv_suitcase", **details})


def test_stays_add_up_and_an_open_one_counts_to_the_moment_asked_for() -> None:
    quantity = storage_time([stay(0, 5), stay(10, None)], at=hours(12))
    assert (quantity.value, quantity.unit) == (7.0, "h")
    assert "without end" in quantity.note


def test_hours_covered_by_two_records_count_once() -> None:
    assert storage_time([stay(0, 5), stay(3, 8), stay(4, 6)], at=hours(20)).value == 8.0


def test_what_happens_after_the_moment_does_not_count() -> None:
    summary = summarise([stay(0, 5), transfer(6, air_exposure_s=3.0), stay(7, 9)], at=hours(2))
    assert summary.storage.value == 2.0
    assert summary.transfer_methods == ()


def test_nothing_recorded_is_unknown_and_not_zero() -> None:
    summary = summarise([], at=NOON)
    values = (summary.storage.value, summary.air_exposure.value, summary.since_disassembly.value)
    assert values == (None, None, None)


def test_one_silent_transfer_makes_the_time_in_air_unknown() -> None:
    quantity = air_exposure([transfer(0, air_exposure_s=15.0), transfer(1, air_exposure_s=None)])
    assert quantity.source == "unknown"
    assert quantity.note == "1 of 2 transfers do not state their time in air"


def test_time_in_air_carries_the_weakest_source() -> None:
    logged = Happening("transfer", NOON, None, {"method": "glovebag", "air_exposure_s": 5.0}, "measured")
    guessed = Happening("transfer", hours(1), None, {"method": "glovebag", "air_exposure_s": 10.0}, "assumed")
    quantity = air_exposure([logged, guessed])
    assert (quantity.value, quantity.source) == (15.0, "assumed")


def test_the_clock_runs_from_the_first_opening() -> None:
    openings = [Happening("disassembly", hours(5)), Happening("disassembly", hours(1))]
    assert summarise(openings, at=hours(25)).since_disassembly.value == 24.0


def test_methods_are_named_once_in_the_order_of_use() -> None:
    history = [transfer(2, method="glovebag"), transfer(1), transfer(3)]
    assert summarise(history, at=hours(9)).transfer_methods == ("uhv_suitcase", "glovebag")


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=8))
def test_storage_is_never_longer_than_from_first_to_last(bounds: list[tuple[float, float]]) -> None:
    stays = [stay(min(pair), max(pair)) for pair in bounds]
    first, last = min(min(pair) for pair in bounds), max(max(pair) for pair in bounds)
    quantity = storage_time(stays, at=hours(200))
    assert quantity.value is not None
    assert max(max(pair) - min(pair) for pair in bounds) - 1e-6 <= quantity.value <= last - first + 1e-6


@pytest.mark.parametrize(
    ("ahead_s", "offset_s", "is_doubted"),
    [(0, None, False), (119, None, False), (121, None, True), (-1e6, None, False), (0, 121, True), (0, -121, True)],
)
def test_a_clock_is_doubted_beyond_two_minutes(ahead_s: float, offset_s: float | None, *, is_doubted: bool) -> None:
    said = clock_skew(occurred_at=NOON + timedelta(seconds=ahead_s), received_at=NOON, clock_offset_s=offset_s)
    assert (said is not None) == is_doubted
