"""The drawn history: everything in its place, nothing shown fresher than it is."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.portal.drawing import Mark, draw, ticks
from lithoscope.rules.legs import Leg
from lithoscope.units import Quantity

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
UNKNOWN_K = Quantity.unknown("K")


def hour(number):
    return START + timedelta(hours=number)


def stay(start, end, atmosphere="argon", *, is_gap=False):
    kelvin = Quantity(100.0, "K", "user") if not is_gap else UNKNOWN_K
    return SimpleNamespace(
        start=hour(start), end=hour(end), atmosphere=atmosphere, temperature_K=kelvin, place="Box", is_gap=is_gap,
        evidence=() if is_gap else ("evt_1",),
    )  # fmt: skip


def leg(number, fluence, *, energy=200.0):
    known = Quantity.unknown("e/A^2") if fluence is None else Quantity(fluence, "e/A^2", "measured")
    kilovolt = Quantity.unknown("kV") if energy is None else Quantity(energy, "kV", "user")
    rate = Quantity.unknown("e/(A^2 s)")
    return Leg(f"exp_{number}", "tem_field", None, hour(number), hour(number + 0.5), kilovolt, UNKNOWN_K, known, rate)


def clock(state, *, due=None, overdue=None, unknown=None, stopped=None):
    moment = {"due_at": due, "overdue_at": overdue, "unknown_at": unknown, "stopped_at": stopped}
    stated = {name: None if at is None else hour(at) for name, at in moment.items()}
    return SimpleNamespace(title="Storage", state=state, started_at=hour(0), **stated)


def drawn(*, stays=(), events=(), legs=(), clocks=(), now=10):
    made = draw(stays=stays, events=events, legs=legs, clocks=clocks, now=hour(now))
    assert made is not None
    return made


def test_without_any_moment_nothing_is_drawn():
    assert draw(stays=(), events=(), legs=(), clocks=(clock("fresh"),), now=START) is None


def test_a_gap_is_drawn_as_a_gap_and_says_so():
    bands = drawn(stays=[stay(0, 4), stay(4, 6, None, is_gap=True), stay(6, 10, None)]).bands
    assert [band.tone for band in bands] == ["inert", "gap", "other"]
    assert bands[1].told == "not recorded"
    assert bands[2].told.startswith("Atmosphere unknown")


def test_signs_at_one_moment_stand_below_each_other():
    marks = [Mark(hour(1), "event", "", f"E{number}", "#e") for number in range(3)]
    assert len({mark.y for mark in drawn(events=marks).marks}) == 3


@pytest.mark.parametrize(
    ("given", "tones"),
    [
        (clock("fresh", due=12, overdue=20), ["fresh", "due", "overdue"]),
        (clock("due", due=5, overdue=20), ["fresh", "due", "overdue"]),
        (clock("overdue", due=2, overdue=4), ["fresh", "due", "overdue"]),
        (clock("overdue"), ["overdue"]),
        (clock("unknown", due=2, overdue=20), ["unknown"]),
        (clock("unknown", unknown=6, overdue=12), ["fresh", "unknown", "overdue"]),
        (clock("overdue", due=5, overdue=5), ["fresh", "overdue"]),
        (clock("overdue", due=30, overdue=40), ["overdue"]),
        (clock("due", stopped=3), ["due"]),
    ],
)
def test_a_clock_is_drawn_as_what_its_moments_lead_to_and_never_fresher_than_it_is(given, tones):
    made = drawn(stays=[stay(0, 10)], clocks=[given])
    assert [bar.tone for bar in made.clocks] == tones
    assert [bar.tone for bar in made.bounds] == tones[1:]


def test_sums_of_different_beam_energies_are_curves_of_their_own():
    (lane,) = drawn(legs=[leg(1, 100.0), leg(2, 300.0, energy=80.0), leg(3, 50.0)]).curves
    assert [curve.label for curve in lane.curves] == ["200\u00a0kV: 150\u00a0e/Å²", "80\u00a0kV: 300\u00a0e/Å²"]


def test_a_dose_nobody_knows_makes_the_sum_a_lower_bound():
    (lane,) = drawn(legs=[leg(1, 100.0), leg(2, None)]).curves
    (curve,) = lane.curves
    assert curve.is_lower_bound
    assert curve.label == "200\u00a0kV: at least 100\u00a0e/Å²"


def test_a_long_wait_does_not_squeeze_what_happened():
    made = drawn(stays=[stay(0, 4)], events=[Mark(hour(4), "event", "", "End", "#e")], now=2000)
    assert made.end < hour(10)
    assert made.last > hour(1999)


@pytest.mark.parametrize("hours", [0.02, 1, 7, 30, 100, 2000, 20_000, 300_000])
def test_the_axis_carries_a_few_round_moments(hours):
    found = ticks(hour(0), hour(hours))
    assert 1 <= len(found) <= 6
    assert all(START <= at < hour(hours) for at, _ in found)


def test_a_moment_stands_at_its_share_of_the_window():
    made = drawn(stays=[stay(0, 10)])
    assert float(made.x(made.start)) == 0
    assert float(made.x(made.end)) == 100


def test_beams_of_unknown_energy_are_summed_with_no_other():
    (lane,) = drawn(legs=[leg(1, 100.0, energy=None), leg(2, 50.0, energy=None)]).curves
    assert [curve.label for curve in lane.curves] == [f"beam energy unknown: {n}\u00a0e/Å²" for n in (100, 50)]
