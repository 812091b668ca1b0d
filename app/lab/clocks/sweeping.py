"""Clocks computed by older tables, or by none, are computed again: by any process, at intervals."""

import time

from app.infra.house import House
from app.lab.composition import Lab

BATCH = 50
LOOK_EVERY_S = 600.0


class ClockSweeper:
    """Goes on batch by batch while stale clocks are left, then looks again every ten minutes."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._next_s = 0.0

    def sweep(self) -> None:
        """Compute one batch anew when it is time."""
        if time.monotonic() >= self._next_s and refresh_stale(self._house) == 0:
            self._next_s = time.monotonic() + LOOK_EVERY_S


def refresh_stale(house: House) -> int:
    """Compute one batch of stale clocks anew; returns of how many samples."""
    with house.database.writing() as session:
        return Lab(house, session).clocks.refresh_stale(BATCH)
