"""Time as the collector sees it; a rehearsal puts a faster one in its place."""

import time
from typing import Protocol


class Clock(Protocol):
    """The PC's clock, which may be wrong and jump, and a steady one, which only counts."""

    def wall_s(self) -> float:
        """Return what the PC believes the time is [s since 1970]."""
        ...

    def steady_s(self) -> float:
        """Return seconds that only go forward."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def wall_s(self) -> float:
        """Return what the PC believes the time is [s since 1970]."""
        return time.time()

    def steady_s(self) -> float:
        """Return seconds that only go forward."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


SYSTEM = SystemClock()
