"""Estimates of runs to come: what past runs tell, and what they do not."""

import math
import random

import pytest

from lithoscope.rules.run_estimates import PastRun, estimate


def test_without_runs_nothing_is_guessed():
    found = estimate([], 1e6)
    assert (found.value, found.interval, found.runs, found.basis) == (None, None, 0, "unknown")


def test_one_run_of_the_same_size_tells_a_value_but_no_interval():
    found = estimate([PastRun(1e6, 12.0)], 1.1e6)
    assert (found.value, found.interval, found.runs, found.basis) == (pytest.approx(12.0), None, 1, "alike")


def test_a_run_of_another_size_tells_nothing():
    found = estimate([PastRun(1e6, 12.0)], 1e8)
    assert (found.value, found.basis) == (None, "unknown")
    assert "larger" in found.reason


def test_runs_that_follow_a_power_law_are_scaled_by_it():
    past = [PastRun(size, 2e-6 * size**1.5) for size in (1e3, 1e4, 3e4, 1e5)]
    found = estimate(past, 2e5)
    assert found.basis == "scaled"
    assert found.value == pytest.approx(2e-6 * 2e5**1.5)
    assert found.interval == pytest.approx((found.value, found.value))


def test_nothing_is_scaled_far_beyond_what_has_been():
    past = [PastRun(size, size) for size in (1e3, 1e4, 3e4, 1e5)]
    assert estimate(past, 1e7).basis == "unknown"


def test_a_larger_input_is_never_said_to_take_less():
    past = [PastRun(1e3, 10.0), PastRun(1e4, 9.0), PastRun(1e5, 8.0), PastRun(1e6, 7.0)]
    found = estimate(past, 3e6)
    assert found.value == pytest.approx(math.exp(sum(math.log(run.value) for run in past) / 4))


def test_nine_of_ten_further_runs_lie_within_the_interval():
    """Eight runs that scatter by 20 % about a power law, asked 2,000 times for one more."""
    drawn = random.Random(5)
    sizes = [1e3 * 10 ** (3 * step / 7) for step in range(8)]

    def run(size: float) -> PastRun:
        return PastRun(size, 1e-3 * size**0.9 * math.exp(drawn.gauss(0, 0.2)))

    inside = 0
    for _ in range(2000):
        found = estimate([run(size) for size in sizes], 8e4)
        assert found.interval is not None
        inside += found.interval[0] <= run(8e4).value <= found.interval[1]
    assert inside / 2000 == pytest.approx(0.9, abs=0.02)
