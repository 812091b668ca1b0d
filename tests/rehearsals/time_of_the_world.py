"""One time for several processes: the truth and the PC's error, in a file that all of them map."""

import mmap
import struct
from pathlib import Path

_LAYOUT = struct.Struct("<dd")


class TimeOfTheWorld:
    """
    The true time of a rehearsal and how far the PC's clock is ahead.

    Parameters
    ----------
    path : Path
        The shared file; made when missing.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_LAYOUT.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _LAYOUT.size)

    @property
    def true_s(self) -> float:
        """Return the truth [s since 1970]."""
        return float(_LAYOUT.unpack(self._shared[:])[0])

    @property
    def error_s(self) -> float:
        """Return how far the PC is ahead [s]."""
        return float(_LAYOUT.unpack(self._shared[:])[1])

    def set(self, true_s: float, error_s: float) -> None:
        """Move everybody's time."""
        self._shared[:] = _LAYOUT.pack(true_s, error_s)


class ClockOfThePC:
    """The collector's clock: wrong as the PC's is, and steady in the world's seconds."""

    def __init__(self, world: TimeOfTheWorld) -> None:
        self._world = world

    def wall_s(self) -> float:
        return self._world.true_s + self._world.error_s

    def steady_s(self) -> float:
        return self._world.true_s

    def sleep(self, seconds: float) -> None:
        del seconds
