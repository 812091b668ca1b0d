"""
How long a run will take, or how much memory it will hold, told from runs that have been.

Time and memory of an analysis follow a power of its size over the decades that matter, and scatter by a factor rather
than by an amount: so everything is done on logarithms. Where the runs there are say nothing about this size, the
estimate says so instead of guessing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression, stdev
from typing import Literal, Self

Basis = Literal["alike", "scaled", "unknown"]
ALIKE = 1.5  # sizes within this factor need no scaling
LEAST_ALIKE = 3  # runs that tell their own scatter
LEAST_SCALED = 4
LEAST_SPREAD = 2.0  # between the smallest and the largest size that a slope is told from
FARTHEST = 4.0  # beyond the sizes there have been
STEEPEST = 4.0  # no analysis here grows faster than the fourth power of its size
# Student's t, 95 % of one side, of 1 to 30 degrees of freedom
T_95 = (
    6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812,
    1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725,
    1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PastRun:
    """
    What a run needed.

    Parameters
    ----------
    size : float
        Of its work, in any measure that all runs share: numbers read, times iterations.
    value : float
        Seconds, or bytes.
    """

    size: float
    value: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    What the next run will need.

    Parameters
    ----------
    value : float or None
        In the unit of the runs; None where they do not tell.
    interval : (float, float) or None
        90 % of single further runs lie within; None where too few runs tell their scatter.
    runs : int
        How many it rests on.
    basis : {"alike", "scaled", "unknown"}
        Runs of about this size; a power law of the size; nothing.
    reason : str
        What it rests on, or why it is unknown.
    """

    value: float | None
    interval: tuple[float, float] | None
    runs: int
    basis: Basis
    reason: str

    @classmethod
    def unknown(cls, reason: str, runs: int = 0) -> Self:
        """Say that the runs do not tell."""
        return cls(None, None, runs, "unknown", reason)


@dataclass(frozen=True, slots=True)
class Total:
    """
    What several runs, one after another, will need.

    Parameters
    ----------
    value : float or None
        Sum over the runs that tell; None where none does.
    bounds : (float, float) or None
        Sums of the 90 % intervals, so wider than a 90 % interval of the sum; None where one of the runs has none.
    told, runs : int
        How many of how many runs tell: with fewer than all, the value is a lower bound.
    """

    value: float | None
    bounds: tuple[float, float] | None
    told: int
    runs: int


def together(totals: Sequence[Total]) -> Total:
    """Add totals, those that are lower bounds as such."""
    values = [each.value for each in totals if each.value is not None]
    bounds = [each.bounds for each in totals if each.bounds is not None]
    return Total(
        sum(values) if values or not totals else None,
        (sum(lower for lower, _ in bounds), sum(upper for _, upper in bounds))
        if 0 < len(bounds) == len(totals)
        else None,
        sum(each.told for each in totals),
        sum(each.runs for each in totals),
    )


def total(estimates: Sequence[Estimate]) -> Total:
    """Add what runs will need; what one of them does not tell is not guessed."""
    told = [(each.value, each.interval) for each in estimates if each.value is not None]
    value = sum(value for value, _ in told) if told or not estimates else None
    intervals = [interval for _, interval in told if interval is not None]
    bounds = None
    if told and len(intervals) == len(estimates):
        bounds = sum(lower for lower, _ in intervals), sum(upper for _, upper in intervals)
    return Total(value, bounds, len(told), len(estimates))


def estimate(past: Sequence[PastRun], size: float) -> Estimate:
    """
    Tell what a run of a size will need.

    Enough runs of about the same size speak for themselves; else a power law is fitted to runs of all sizes, and used
    to a factor of four beyond them.

    Parameters
    ----------
    past : sequence of PastRun
        Finished runs of the same method and version; those without a positive size or value are passed over.
    size : float
        Of the run to come, in their measure.
    """
    known = [run for run in past if run.size > 0 and run.value > 0]
    if not known or size <= 0:
        return Estimate.unknown("No run of this version has told its size and needs yet.")
    alike = [run for run in known if 1 / ALIKE <= run.size / size <= ALIKE]
    if len(alike) >= LEAST_ALIKE:
        return _of_alike(alike)
    return _scaled(known, size) or (_of_alike(alike) if alike else _too_different(known, size))


def _of_alike(alike: Sequence[PastRun]) -> Estimate:
    logs = [math.log(run.value) for run in alike]
    middle, n = fmean(logs), len(logs)
    half = _t(n - 1) * stdev(logs) * math.sqrt(1 + 1 / n) if n >= LEAST_ALIKE else None
    return Estimate(math.exp(middle), _around(middle, half), n, "alike", "Runs of inputs of about this size.")


def _scaled(known: Sequence[PastRun], size: float) -> Estimate | None:
    """Fit a power law; None where the runs are too few, too alike, too far from this size, or follow none."""
    smallest, largest = min(run.size for run in known), max(run.size for run in known)
    is_near = smallest / FARTHEST <= size <= largest * FARTHEST
    if len(known) < LEAST_SCALED or largest < LEAST_SPREAD * smallest or not is_near:
        return None
    x, y = [math.log(run.size) for run in known], [math.log(run.value) for run in known]
    line = linear_regression(x, y)
    if line.slope > STEEPEST:
        return None
    slope = max(line.slope, 0.0)  # a larger input never takes less: what falls is scatter
    offset, n, at = fmean(y) - slope * fmean(x), len(x), math.log(size)
    rest = sum((v - offset - slope * u) ** 2 for u, v in zip(x, y, strict=True)) / (n - 2)
    spread = sum((u - fmean(x)) ** 2 for u in x)
    half = _t(n - 2) * math.sqrt(rest * (1 + 1 / n + (at - fmean(x)) ** 2 / spread))
    middle = offset + slope * at
    reason = f"Scaled from runs of other sizes by the power {slope:.2g} of the size."
    return Estimate(math.exp(middle), _around(middle, half), n, "scaled", reason)


def _too_different(known: Sequence[PastRun], size: float) -> Estimate:
    largest = max(run.size for run in known)
    is_outside = size > largest or size < min(run.size for run in known)
    which = ("larger" if size > largest else "smaller") if is_outside else "other"
    return Estimate.unknown(f"The input is {which} than those of earlier runs, which do not tell how it scales.")


def _around(middle: float, half: float | None) -> tuple[float, float] | None:
    return None if half is None else (math.exp(middle - half), math.exp(middle + half))


def _t(degrees: int) -> float:
    return T_95[min(degrees, len(T_95)) - 1]
