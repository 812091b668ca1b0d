"""Work that would take the threads of other requests waits for its turn, and not for long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Busy(RuntimeError):
    """Others are at work, and no turn came in time."""


class Turns:
    """
    So many at once.

    Parameters
    ----------
    at_once : int
        How many work beside each other.
    wait_s : float
        How long one more waits.
    """

    def __init__(self, at_once: int, *, wait_s: float) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._wait_s = wait_s

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a turn; Busy when none came in time."""
        if not self._free.acquire(timeout=self._wait_s):
            raise Busy
        try:
            yield
        finally:
            self._free.release()
