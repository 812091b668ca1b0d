"""A dose is complete only when records answer for all the beam."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.rules.beam_coverage import BEAM_KINDS, BeamKind, BeamRecord, RecordKind, Stay, coverage

START = datetime(2026, 10, 1, 8, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def log(*on: tuple[float, float], kind: RecordKind = "blanker_log", until: float = 1000.0) -> BeamRecord:
    return BeamRecord(kind, at(0), at(until), tuple((at(first), at(last)) for first, last in on))


def declaration(*covers: BeamKind, on: tuple[tuple[float, float], ...] = ()) -> BeamRecord:
    spans = tuple((at(first), at(last)) for first, last in on)
    return BeamRecord("operator", at(0), at(1000), spans, frozenset(covers))


def stay(start: float, end: float | None, frames_s: float | None) -> Stay:
    return Stay(f"exp_{start:g}", at(start), None if end is None else at(end), frames_s)


def test_recorded_scans_alone_are_a_lower_bound() -> None:
    found = coverage([stay(100, 110, 10)], [])
    assert (found.is_complete, found.is_lower_bound, found.uncovered) == (False, True, BEAM_KINDS)
    assert found.unaccounted_s.value is None
    assert "lower bound" in found.note


def test_a_log_that_shows_just_the_frames_makes_the_dose_complete() -> None:
    found = coverage([stay(100, 110, 10)], [log((100, 110))])
    assert (found.is_complete, found.uncovered, found.unaccounted_s.value) == (True, (), 0.0)
    assert found.unaccounted_s.source == "measured"


def test_beam_between_and_beside_the_frames_is_unaccounted_by_the_second() -> None:
    """On from 90 to 130: 10 s of search before, 10 s of flyback within, 10 s parked after a stay of 20 s."""
    found = coverage([stay(100, 120, 10)], [log((90, 130))])
    assert (found.is_complete, found.unaccounted_s.value, found.uncovered) == (False, 30.0, ())
    assert "30 s beyond" in found.note


def test_a_log_of_another_time_covers_nothing() -> None:
    found = coverage([stay(2000, 2010, 10)], [log()])
    assert (found.is_complete, found.uncovered) == (False, BEAM_KINDS)


def test_an_operator_answers_only_for_what_was_declared() -> None:
    half = coverage([stay(100, 110, 10)], [declaration("search", "focus")])
    assert (half.is_complete, half.uncovered) == (False, ("flyback", "parked"))
    both = [declaration("search", "focus"), declaration("flyback", "parked")]
    assert coverage([stay(100, 110, 10)], both).is_complete


def test_beam_an_operator_declares_beside_the_exposures_is_unaccounted() -> None:
    found = coverage([stay(100, 110, 10)], [declaration(*BEAM_KINDS, on=((50, 60), (100, 110)))])
    assert (found.is_complete, found.unaccounted_s.value, found.unaccounted_s.source) == (False, 10.0, "user")


def test_two_logs_of_the_same_beam_count_once() -> None:
    found = coverage([stay(100, 110, 10)], [log((100, 120)), log((105, 120), kind="valve_log")])
    assert found.unaccounted_s.value == 10.0


def test_an_exposure_without_end_or_without_frame_time_is_never_complete() -> None:
    assert "not say when it ended" in coverage([stay(100, None, None)], [log()]).note
    silent = coverage([stay(100, 110, None)], [log((100, 110))])
    assert (silent.is_complete, silent.unaccounted_s.value) == (False, None)


def test_frames_that_a_log_does_not_show_are_a_contradiction() -> None:
    found = coverage([stay(100, 110, 10)], [log()])
    assert not found.is_complete
    assert "less than the frames" in found.note


RUNNING = Stay("exp_1", at(100), at(150), 50.0, is_running=True)


def test_a_running_exposure_counts_as_beam_on_and_asks_for_search_and_focus_before_it() -> None:
    found = coverage([RUNNING], [])
    assert (found.is_complete, found.uncovered) == (False, ("search", "focus"))
    assert coverage([RUNNING], [declaration("search")]).uncovered == ("focus",)
    assert coverage([RUNNING], [declaration("search", "focus")]).is_complete
    assert coverage([RUNNING], [log((100, 150), until=150.0)]).is_complete
    assert not coverage([RUNNING, stay(10, 20, 10)], [declaration("search", "focus")]).is_complete


def test_records_until_a_running_exposure_began_answer_for_what_was_before_it() -> None:
    assert coverage([RUNNING], [log(until=100.0)]).uncovered == ()
    assert coverage([RUNNING], [log(until=99.0)]).uncovered == ("search", "focus")


def since(seconds: float) -> BeamRecord:
    return BeamRecord("valve_log", at(seconds), at(1000), ((at(100), at(110)),))


@pytest.mark.parametrize(
    "record", [since, lambda start: BeamRecord("operator", at(start), at(1000), (), frozenset(BEAM_KINDS))]
)
@pytest.mark.parametrize("is_running", [False, True])
def test_a_record_that_begins_with_an_exposure_does_not_answer_for_the_search_before_it(
    record: Callable[[float], BeamRecord], is_running: bool
) -> None:
    exposed = Stay("exp_1", at(100), at(110), 10.0, is_running=is_running)
    for start in (100.0, 99.5):
        found = coverage([exposed], [record(start)])
        assert (found.is_complete, found.uncovered) == (False, ("search", "focus"))
    assert coverage([exposed], [record(99.4)]).is_complete


def test_one_exposure_is_spoken_of_as_one() -> None:
    assert "1 exposure does not say when it ended" in coverage([stay(100, None, None)], [log()]).note
    both = coverage([stay(100, None, None), stay(200, None, None)], [log()])
    assert "2 exposures do not say when they ended" in both.note
    silent = coverage([stay(100, 110, None)], [log((100, 110))])
    assert "1 exposure within a log does not say how long the frames took" in silent.note
    assert silent.unaccounted_s.note == "1 exposure within a log does not say how long the frames took"


def test_beam_in_a_log_without_any_exposure_is_unaccounted() -> None:
    assert coverage([], [log((0, 60))]).unaccounted_s.value == 60.0
    assert coverage([], []).is_complete


def test_a_beam_that_only_custody_tells_of_leaves_a_lower_bound() -> None:
    told = [(at(50), at(60)), (at(105), at(106))]
    found = coverage([stay(100, 110, 10)], [log((100, 110))], told=told)
    assert (found.is_complete, "1 time without" in found.note) == (False, True)
    assert not coverage([], [], told=told).is_complete


spans = st.lists(st.tuples(st.floats(0, 900), st.floats(0, 90)), max_size=6)


@given(on=spans, stays=spans)
def test_no_time_is_lost_or_counted_twice(on: list[tuple[float, float]], stays: list[tuple[float, float]]) -> None:
    """Whole stays: what is on is either within a stay, and then its frames, or unaccounted."""
    logged = [(first, first + length) for first, length in on]
    members = [stay(first, first + length, 0.0) for first, length in stays]
    found = coverage(members, [log(*logged)])
    if not any(length for _, length in on):
        return
    marks = sorted({mark for span in logged for mark in span})
    whole = sum(
        last - first for first, last in pairwise(marks) if any(span[0] <= first and last <= span[1] for span in logged)
    )
    assert found.unaccounted_s.value == pytest.approx(whole, abs=1e-3)


def test_a_log_that_began_during_an_exposure_does_not_contradict_its_frames() -> None:
    late = BeamRecord("valve_log", at(105), at(1000), ((at(105), at(110)),))
    found = coverage([stay(100, 110, 10)], [late])
    assert not found.is_complete
    assert "less than the frames" not in found.note


def test_a_beam_on_for_more_than_half_a_second_beside_the_frames_counts() -> None:
    assert coverage([stay(100, 110, 10)], [log((100, 110.4))]).is_complete
    assert not coverage([stay(100, 110, 10)], [log((100, 110.7))]).is_complete
