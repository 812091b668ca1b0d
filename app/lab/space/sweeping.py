"""Counting the bytes of the store by any worker, a small store often: every file is looked at, so no page does it."""

import time
from collections import defaultdict
from datetime import timedelta

from app.infra.clock import now
from app.infra.house import House
from app.infra.storage.local import file_sizes
from app.lab.composition import Lab

OFTEN, SELDOM = timedelta(minutes=1), timedelta(hours=1)
#: Of a worker's time, at most this share is spent on counting, but for a store that takes longer than 4 s.
SHARE = 1e-3


class SpaceSweeper:
    """Counts at its first call and then once a minute to once an hour, unless another worker has done so meanwhile."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._pause = OFTEN
        self._next_s = 0.0

    def sweep(self) -> None:
        """Count when it is time; how long it took decides when it is time again."""
        if (began := time.monotonic()) < self._next_s:
            return
        with self._house.database.reading() as session:
            last = Lab(self._house, session).space.measured_at()
        if last is None or now() - last >= self._pause:
            measure(self._house)
            self._pause = pause_after(time.monotonic() - began)
        self._next_s = time.monotonic() + self._pause.total_seconds()


def pause_after(taken_s: float) -> timedelta:
    """Return when to count again after a count that took so long."""
    return min(max(timedelta(seconds=taken_s) / SHARE, OFTEN), SELDOM)


def measure(house: House) -> dict[str, tuple[int, int]]:
    """
    Count and keep bytes and files of each kind.

    Returns
    -------
    found : dict
        Kind to bytes and number of files.
    """
    with house.database.reading() as session:
        kind_of = Lab(house, session).space.kind_of()
    sizes: dict[str, int] = defaultdict(int)
    files: dict[str, int] = defaultdict(int)
    for key, size in house.store.sizes():
        kind = kind_of(key)
        sizes[kind] += size
        files[kind] += 1
    for _, size in file_sizes(house.staging):
        sizes["temporary"] += size
        files["temporary"] += 1
    found = {kind: (sizes[kind], files[kind]) for kind in sizes}
    with house.database.writing() as session:
        Lab(house, session).space.keep(found, now())
    return found
