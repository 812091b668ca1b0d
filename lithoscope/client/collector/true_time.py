"""How far the PC's clock is ahead of the service's, also when it jumps while the network is out."""

from dataclasses import dataclass

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal

NOTE = "clock"


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A moment of which the service's time is known."""

    true_s: float
    steady_s: float
    round_trip_s: float


class TrueTime:
    """
    The service's time, carried on by the steady clock between measurements.

    Parameters
    ----------
    clock : Clock
        The PC's.
    journal : Journal
        Keeps the last measurement for a start without network.
    """

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._anchor: _Anchor | None = None
        noted = journal.noted(NOTE)
        self._remembered: float | None = None if noted is None else float(noted["offset_s"])

    def measure(self, received_s: float, *, sent_steady_s: float) -> None:
        """Take the middle of a round trip that began at a steady moment as the time the service stamped it."""
        steady_s = self._clock.steady_s()
        round_trip_s = max(0.0, steady_s - sent_steady_s)
        self._anchor = _Anchor(received_s, sent_steady_s + round_trip_s / 2, round_trip_s)
        offset_s = self.offset_s()
        self._journal.note(NOTE, {"offset_s": offset_s, "round_trip_s": round_trip_s}, self._clock.wall_s())

    def offset_s(self) -> float | None:
        """Return how far the PC is ahead now; None when nobody ever measured it."""
        if self._anchor is None:
            return self._remembered
        true_s = self._anchor.true_s + self._clock.steady_s() - self._anchor.steady_s
        return self._clock.wall_s() - true_s

    @property
    def round_trip_s(self) -> float | None:
        """Return how long the measuring round trip took; None before the first of this run."""
        return None if self._anchor is None else self._anchor.round_trip_s
