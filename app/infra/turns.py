"""Work that would take the threads of other requests waits for its turn, and not for long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Busy(RuntimeError):
    """Others are at work, and no turn came in time, or many wait for one already."""


class Turns:
    """
    So many at once.

    Parameters
    ----------
    at_once : int
        How many work beside each other.
    wait_s : float
        How long one more waits.
    waiting : int
        How many may wait: each holds a thread that other requests need.
    """

    def __init__(self, at_once: int, *, wait_s: float, waiting: int) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._wait_s = wait_s

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a turn; Busy when none came in time, and at once when there is no place to wait."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            if not self._free.acquire(timeout=self._wait_s):
                raise Busy
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._places.release()
