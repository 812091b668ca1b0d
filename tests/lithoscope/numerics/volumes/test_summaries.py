"""Values that come in parts are summed up exactly as if they had come at once."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lithoscope.numerics.volumes.summaries import summary_of

NOISE = np.random.default_rng(5)
KINDS = ["?", "i1", "u1", "i2", "u2", "f2", "i4", "u4", "f4", "i8", "u8", "f8"]


def summed(values: Any, count: int = 7) -> Any:
    return summary_of(lambda: np.array_split(values, count))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 2, 999, 1000])
def test_every_kind_of_number_gives_what_numpy_gives(kind, size):
    values = np.clip(NOISE.normal(0 if kind[0] in "if" else 60, 25, size), -127 if kind[0] in "if" else 0, 127)
    values = values.astype(kind)
    found, wide = summed(values), values.astype(float)
    assert (found.n, found.left_out) == (size, 0)
    assert found.mean == pytest.approx(wide.mean())
    assert (found.least, found.most, found.median) == (wide.min(), wide.max(), np.median(wide))
    assert found.sd == (pytest.approx(wide.std(ddof=1)) if size > 1 else None)


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_the_median_is_exact_among_values_of_all_sizes_and_signs(kind):
    values = (NOISE.normal(size=10_001) * 10.0 ** NOISE.integers(-30, 30, 10_001)).astype(kind)
    assert summed(values).median == np.median(values)


def test_places_without_a_value_count_for_nothing():
    values = np.array([np.nan, 1, 2, np.inf, 3, -np.inf], "f4")
    found = summed(values, 3)
    assert (found.n, found.left_out, found.mean, found.median) == (3, 3, 2.0, 2.0)


def test_nothing_at_all_is_said_of_nothing():
    found = summary_of(lambda: [np.full(5, np.nan, "f4")])
    assert (found.n, found.left_out, found.mean, found.sd, found.median) == (0, 5, None, None, None)
    assert summary_of(list).n == 0


def test_a_large_offset_does_not_drown_the_deviation():
    values = 1e9 + NOISE.normal(0, 1e-3, 50_000)
    assert summed(values).sd == pytest.approx(1e-3, rel=0.02)


def test_the_order_and_cut_of_parts_change_nothing():
    values = NOISE.normal(size=5000).astype("f4")
    one, other = summed(values, 1), summed(NOISE.permutation(values), 40)
    assert (one.n, one.median, one.least) == (other.n, other.median, other.least)
    assert (one.mean, one.sd) == (pytest.approx(other.mean), pytest.approx(other.sd))


def test_memory_is_that_of_a_part():
    def parts() -> Iterator[Any]:
        for seed in range(64):
            yield np.random.default_rng(seed).random((64, 64, 16), dtype="f4")

    tracemalloc.start()
    assert summary_of(parts).n == 64 * 64 * 64 * 16
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 * 64 * 64 * 16 * 4 / 4
