"""One time axis for months of storage and seconds of beam."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import asinh

EVEN_RATIO = 60.0
SHORTEST_S = 1.0


@dataclass(frozen=True)
class TimeScale:
    """
    Places of moments on an axis from 0 to 1.

    Parameters
    ----------
    knots_s : tuple of float
        Moments between which the axis is even, seconds since the epoch.
    places : tuple of float
        Where they lie.
    is_even : bool
        One second has the same length everywhere. Else each interval between two records is drawn with the
        logarithm of its length, so that none vanishes beside the longest.
    """

    knots_s: tuple[float, ...]
    places: tuple[float, ...]
    is_even: bool

    def place(self, moment: datetime) -> float:
        """Return where a moment lies, held within the axis."""
        seconds = moment.timestamp()
        if seconds <= self.knots_s[0]:
            return 0.0
        if seconds >= self.knots_s[-1]:
            return 1.0
        right = bisect_right(self.knots_s, seconds)
        start, end = self.knots_s[right - 1], self.knots_s[right]
        low, high = self.places[right - 1], self.places[right]
        return low + (high - low) * (seconds - start) / (end - start)

    def moments(self) -> list[datetime]:
        """Return the knots as moments."""
        return [datetime.fromtimestamp(seconds, UTC) for seconds in self.knots_s]


def time_scale(moments: Iterable[datetime]) -> TimeScale:
    """
    Lay out the moments of a history.

    The axis is even when the longest interval is at most 60 times the shortest; else broken into intervals.
    """
    knots = sorted({moment.timestamp() for moment in moments})
    if not knots:
        return TimeScale((0.0, 1.0), (0.0, 1.0), is_even=True)
    if len(knots) == 1:
        knots = [knots[0] - 1800.0, knots[0] + 1800.0]
    gaps = [end - start for start, end in pairwise(knots)]
    is_even = max(gaps) <= EVEN_RATIO * min(gaps)
    widths = gaps if is_even else [_width(gap) for gap in gaps]
    return TimeScale(tuple(knots), tuple(_summed(widths)), is_even)


def _width(seconds: float) -> float:
    """Return the drawn width of an interval: even up to a minute or so, then as the logarithm."""
    return 0.6 + asinh(max(seconds, SHORTEST_S) / 60.0)


def _summed(widths: Sequence[float]) -> list[float]:
    total, run, places = sum(widths), 0.0, [0.0]
    for width in widths:
        run += width
        places.append(run / total)
    places[-1] = 1.0
    return places
