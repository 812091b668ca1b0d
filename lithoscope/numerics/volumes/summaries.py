"""Mean, deviation, extremes and median of values that come part by part, in memory that does not grow with them."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGIT = 16
_DIGITS = 1 << _DIGIT
Parts = Callable[[], Iterable[NDArray[Any]]]


@dataclass(frozen=True, slots=True)
class Summary:
    """
    What is said of a set of values.

    Parameters
    ----------
    n, left_out : int
        Finite values, and others (NaN, infinities), which count for nothing.
    mean, sd, least, most, median : float or None
        ``sd`` is the standard deviation with n - 1; None where there are too few values to say.
    """

    n: int
    left_out: int
    mean: float | None
    sd: float | None
    least: float | None
    most: float | None
    median: float | None


def summary_of(parts: Parts) -> Summary:
    """
    Summarise values of one real type.

    Moments are merged part by part (Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115). The median is
    exact: numbers are ordered as their bits are, so its bits are found sixteen at a time, each by counting once more.

    Parameters
    ----------
    parts : callable
        Gives the parts anew at each call, in any shapes: twice for numbers of 32 bits, four times for 64.
    """
    n, left_out, mean, squares, least, most = 0, 0, 0.0, 0.0, math.inf, -math.inf
    counts, dtype = np.zeros(_DIGITS, np.int64), np.dtype(np.float32)
    for values, missing in _finite(parts):
        left_out += missing
        if not values.size:
            continue
        dtype = values.dtype
        wide = values.astype(np.float64)
        own = float(wide.mean())
        shift, share = own - mean, values.size / (n + values.size)
        squares += float(np.square(wide - own).sum()) + shift * shift * n * share
        n, mean = n + values.size, mean + shift * share
        least, most = min(least, float(wide.min())), max(most, float(wide.max()))
        keys = _keys(values)
        counts += np.bincount(keys >> keys.dtype.type(_bits(keys) - _DIGIT), minlength=_DIGITS)
    if not n:
        return Summary(0, left_out, None, None, None, None, None)
    keys_of_middles = _keys_of_ranks(parts, {(n - 1) // 2, n // 2}, counts, dtype.itemsize * 8)
    middles = [_value(key, dtype) for key in keys_of_middles]
    sd = math.sqrt(squares / (n - 1)) if n > 1 else None
    return Summary(n, left_out, mean, sd, least, most, sum(middles) / len(middles))


def _finite(parts: Parts) -> Iterator[tuple[NDArray[Any], int]]:
    """Give finite values of at least 16 bits, and how many others there were."""
    for part in parts():
        values = part.ravel()
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        elif values.dtype.itemsize == 1:
            values = values.astype(np.int16)
        yield values, part.size - values.size


def _keys_of_ranks(parts: Parts, ranks: Iterable[int], counts: NDArray[np.int64], width: int) -> list[int]:
    """Return the ordered bits of the values of some ranks; ``counts`` are those of the leading sixteen."""
    found = [_digit(counts, rank) for rank in ranks]
    for shift in range(width - 2 * _DIGIT, -1, -_DIGIT):
        tallies = {prefix: np.zeros(_DIGITS, np.int64) for prefix, _ in found}
        for values, _ in _finite(parts):
            keys = _keys(values)
            kind = keys.dtype.type
            for prefix in tallies:
                rest = keys[keys >> kind(shift + _DIGIT) == kind(prefix)]
                tallies[prefix] += np.bincount((rest >> kind(shift)) & kind(_DIGITS - 1), minlength=_DIGITS)
        digits = [(prefix, *_digit(tallies[prefix], rank)) for prefix, rank in found]
        found = [(prefix << _DIGIT | digit, rank) for prefix, digit, rank in digits]
    return [key for key, _ in found]


def _digit(counts: NDArray[np.int64], rank: int) -> tuple[int, int]:
    """Return in which count a rank falls, and its rank there."""
    summed = np.cumsum(counts)
    digit = int(np.searchsorted(summed, rank, side="right"))
    return digit, rank - int(summed[digit] - counts[digit])


def _bits(keys: NDArray[Any]) -> int:
    return keys.dtype.itemsize * 8


def _keys(values: NDArray[Any]) -> NDArray[Any]:
    """Return unsigned numbers that stand in the order of the values."""
    bits = values.view(f"u{values.dtype.itemsize}")
    if values.dtype.kind == "u":
        return bits
    kind = bits.dtype.type
    top = kind(1 << (_bits(bits) - 1))
    flips = top if values.dtype.kind == "i" else np.where(bits & top, kind(np.iinfo(bits.dtype).max), top)
    ordered: NDArray[Any] = np.bitwise_xor(bits, flips)
    return ordered


def _value(key: int, dtype: np.dtype[Any]) -> float:
    width = dtype.itemsize * 8
    top = 1 << (width - 1)
    if dtype.kind == "u":
        bits = key
    elif dtype.kind == "i" or key & top:
        bits = key ^ top
    else:
        bits = key ^ ((1 << width) - 1)
    return float(np.array([bits], f"u{dtype.itemsize}").view(dtype)[0])
