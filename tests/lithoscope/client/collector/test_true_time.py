"""The service's time at the PC: carried over jumps of its clock, starts without network, and files of before a jump."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from lithoscope.client.collector import Journal
from lithoscope.client.collector.true_time import TrueTime

TRUE_S = 1_800_000_000.0


@dataclass
class PC:
    """A PC whose clocks are set by hand."""

    true_s: float = TRUE_S
    ahead_s: float = 0.0

    def wall_s(self) -> float:
        return self.true_s + self.ahead_s

    def steady_s(self) -> float:
        return self.true_s - TRUE_S + 1000.0

    def sleep(self, seconds: float) -> None:
        self.true_s += seconds

    def heard(self, true_time: TrueTime) -> None:
        """Measure as a heartbeat does."""
        true_time.measure(self.true_s, sent_steady_s=self.steady_s())


@pytest.fixture
def pc() -> PC:
    return PC(ahead_s=420.0)


@pytest.fixture
def journal(tmp_path: Path):
    journal = Journal(tmp_path / "journal")
    yield journal
    journal.close()


def test_nobody_knows_before_the_first_measurement(pc: PC, journal: Journal):
    true_time = TrueTime(pc, journal)
    assert true_time.offset_s() is None
    assert true_time.offset_at(pc.wall_s()) is None


def test_a_jump_is_seen_without_the_network(pc: PC, journal: Journal):
    true_time = TrueTime(pc, journal)
    pc.heard(true_time)
    pc.sleep(3600.0)
    pc.ahead_s = -60.0
    assert true_time.offset_s() == pytest.approx(-60.0)


@pytest.mark.parametrize("jump_s", [-900.0, -60.0, 60.0, 900.0])
def test_a_file_of_before_a_jump_keeps_the_offset_of_its_time(pc: PC, journal: Journal, jump_s: float):
    true_time = TrueTime(pc, journal)
    pc.heard(true_time)
    pc.sleep(60.0)
    true_time.offset_s()
    pc.sleep(10.0)
    before = pc.wall_s()
    pc.sleep(2.0)
    pc.ahead_s += jump_s
    pc.sleep(2.0)
    after = pc.wall_s()
    pc.sleep(2.0)
    assert true_time.offset_at(before) == pytest.approx(420.0)
    assert true_time.offset_at(after) == pytest.approx(420.0 + jump_s)


def set_back(pc: PC, journal: Journal) -> tuple[TrueTime, float]:
    """Set a clock back by 300 s after 600 s; return a time it showed after 540 s and after 840 s."""
    true_time = TrueTime(pc, journal)
    pc.heard(true_time)
    pc.sleep(600.0)
    true_time.offset_s()
    twice = pc.wall_s() - 60.0
    pc.ahead_s -= 300.0
    pc.sleep(300.0)
    true_time.offset_s()
    return true_time, twice


def test_a_time_that_a_clock_set_back_gave_twice_has_both_offsets(pc: PC, journal: Journal):
    once = pc.wall_s() + 60.0
    true_time, twice = set_back(pc, journal)
    assert true_time.possible_offsets(once) == pytest.approx([420.0])
    assert true_time.possible_offsets(twice) == pytest.approx([120.0, 420.0])
    assert true_time.offset_at(twice) == pytest.approx(120.0)


@pytest.mark.parametrize(
    ("looked_s", "seen_s", "offsets"),
    [
        (600.0, None, [120.0, 420.0]),  # named up to two minutes after it was written
        (700.0, None, [120.0]),
        (5000.0, None, [120.0, 420.0]),  # moved here
        (None, 840.0, [120.0, 420.0]),
        (None, 600.0, [420.0]),
        (530.0, 545.0, [420.0]),
        (700.0, 710.0, [120.0, 420.0]),  # no moment fits what was seen
    ],
)
def test_what_was_seen_of_a_folder_tells_which_of_two_moments_it_was(
    pc: PC, journal: Journal, looked_s: float | None, seen_s: float | None, offsets: list[float]
):
    true_time, twice = set_back(pc, journal)
    between = tuple(None if each is None else TRUE_S + each for each in (looked_s, seen_s))
    assert true_time.possible_offsets(twice, between_s=between) == pytest.approx(offsets)


def test_files_older_than_every_measurement_have_the_first_offset(pc: PC, journal: Journal):
    true_time = TrueTime(pc, journal)
    pc.heard(true_time)
    pc.sleep(60.0)
    pc.ahead_s = 0.0
    true_time.offset_s()
    assert true_time.offset_at(TRUE_S - 86400.0) == pytest.approx(420.0)


def test_a_start_without_network_knows_the_clock_and_its_jumps(pc: PC, journal: Journal):
    pc.heard(TrueTime(pc, journal))
    pc.sleep(600.0)
    between = pc.wall_s()
    pc.sleep(600.0)
    again = TrueTime(pc, journal)
    assert again.offset_s() == pytest.approx(420.0)
    pc.ahead_s = -300.0
    pc.sleep(15.0)
    assert again.offset_s() == pytest.approx(-300.0)
    assert TrueTime(pc, journal).offset_at(between) == pytest.approx(420.0)
    assert TrueTime(pc, journal).offset_at(pc.wall_s()) == pytest.approx(-300.0)


def test_after_a_start_of_the_pc_the_last_offset_holds_until_the_first_heartbeat(pc: PC, journal: Journal):
    pc.heard(TrueTime(pc, journal))
    noted = journal.noted("clock")
    journal.note("clock", {**noted, "boot": "of another day"}, 0.0)
    pc.ahead_s = 500.0
    true_time = TrueTime(pc, journal)
    assert true_time.offset_s() == pytest.approx(420.0)
    pc.heard(true_time)
    assert true_time.offset_s() == pytest.approx(500.0)
