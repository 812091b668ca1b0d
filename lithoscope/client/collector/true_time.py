"""How far the PC's clock is ahead of the service's, also when it jumps while the network is out."""

import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal

NOTE = "clock"
JUMP_S = 0.5  # a smaller change of the offset is drift or a long round trip
MOST_PERIODS = 200
EVEN_S = 2.0  # some file systems count in steps of two seconds
NAMED_LATE_S = 120.0  # programs write under another name, or elsewhere, and move the finished file to its place
UNSEEN = (None, None)
_BOOT = Path("/proc/sys/kernel/random/boot_id")

Between = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A moment of which the service's time is known."""

    true_s: float
    steady_s: float
    round_trip_s: float


@dataclass(slots=True)
class _Period:
    """A stretch of true time in which the PC's clock was ahead by so much."""

    since_s: float
    until_s: float
    offset_s: float

    def has(self, mtime_s: float) -> bool:
        """Say whether a time of change by the PC's clock can be of this stretch."""
        return self.since_s - JUMP_S <= mtime_s - self.offset_s <= self.until_s + JUMP_S


class TrueTime:
    """
    The service's time, carried on by the steady clock between measurements and over starts of the program.

    Parameters
    ----------
    clock : Clock
        The PC's.
    journal : Journal
        Keeps the last measurement and the jumps for a start without network.
    """

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._anchor: _Anchor | None = None
        self._lock = threading.Lock()
        noted = journal.noted(NOTE) or {}
        self._remembered: float | None = noted.get("offset_s")
        self._periods = [_Period(**each) for each in noted.get("periods", [])]
        if noted.get("boot") and noted["boot"] == _boot():  # the steady clock still counts from the same moment
            self._anchor = _Anchor(**noted["anchor"])

    def measure(self, received_s: float, *, sent_steady_s: float) -> None:
        """Take the middle of a round trip that began at a steady moment as the time the service stamped it."""
        steady_s = self._clock.steady_s()
        round_trip_s = max(0.0, steady_s - sent_steady_s)
        self._anchor = _Anchor(received_s, sent_steady_s + round_trip_s / 2, round_trip_s)
        self.offset_s()
        self._keep()

    def offset_s(self) -> float | None:
        """Return how far the PC is ahead now; None when nobody ever measured it."""
        anchor = self._anchor
        if anchor is None:
            return self._remembered
        true_s = anchor.true_s + self._clock.steady_s() - anchor.steady_s
        offset_s = self._clock.wall_s() - true_s
        if self._follow(true_s, offset_s):
            self._keep()
        return offset_s

    def true_s(self) -> float | None:
        """Return the service's time [s since 1970]; None before the first measurement of this boot."""
        anchor = self._anchor
        return None if anchor is None else anchor.true_s + self._clock.steady_s() - anchor.steady_s

    def offset_at(self, mtime_s: float, *, between_s: Between = UNSEEN) -> float | None:
        """Return how far the PC was ahead when it gave a file this time of change; see `possible_offsets`."""
        now_s = self.offset_s()
        if known := self.possible_offsets(mtime_s, between_s=between_s):
            return known[0]
        with self._lock:
            first = self._periods[0] if self._periods else None
        return first.offset_s if first is not None and mtime_s - first.offset_s < first.since_s else now_s

    def possible_offsets(self, mtime_s: float, *, between_s: Between = UNSEEN) -> list[float]:
        """
        Return every offset under which the PC can have given a file this time of change, the latest first.

        A clock that is set back gives some times twice; which of the two a file has, the file does not say. The
        look at its folder that did not yet find it so may, and the one that did.

        Parameters
        ----------
        mtime_s : float
            The PC's time of change [s since 1970].
        between_s : tuple of (float or None, float or None), optional
            Moments, by the service's time, of the last look before the change was seen and of the one that saw it.

        Returns
        -------
        list of float
            How far the PC was ahead [s]; empty where no known stretch fits.
        """
        with self._lock:
            fitting = [each.offset_s for each in reversed(self._periods) if each.has(mtime_s)]
        after_s, before_s = between_s
        first_s = -inf if after_s is None else after_s - NAMED_LATE_S
        last_s = inf if before_s is None else before_s + EVEN_S
        return [each for each in fitting if first_s <= mtime_s - each <= last_s] or fitting

    def _follow(self, true_s: float, offset_s: float) -> bool:
        """Lengthen the present stretch, or begin another where the clock was last looked at; say whether it did."""
        with self._lock:
            last = self._periods[-1] if self._periods else None
            if last is not None and abs(last.offset_s - offset_s) <= JUMP_S:
                last.until_s = max(last.until_s, true_s)
                return False
            since_s = true_s if last is None else last.until_s
            if last is not None:
                last.until_s = true_s  # it jumped at some moment since the last look: both may hold
            self._periods = [*self._periods, _Period(since_s, true_s, offset_s)][-MOST_PERIODS:]
            return True

    def _keep(self) -> None:
        anchor = self._anchor
        if anchor is None:
            return
        with self._lock:
            periods = [asdict(each) for each in self._periods]
        noted = {"offset_s": periods[-1]["offset_s"] if periods else None, "round_trip_s": anchor.round_trip_s}
        noted |= {"anchor": asdict(anchor), "periods": periods, "boot": _boot()}
        self._journal.note(NOTE, noted, self._clock.wall_s())

    @property
    def round_trip_s(self) -> float | None:
        """Return how long the measuring round trip took; None before the first of this boot."""
        return None if self._anchor is None else self._anchor.round_trip_s


def _boot() -> str:
    """Name this run of the operating system; empty where it has no name, and the first heartbeat measures anew."""
    with suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return ""
