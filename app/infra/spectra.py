"""
Single spectra and maps of counts out of stored spectra, read a pixel or a few rows at a time.

Spectra lie in HDF5 (`lithoscope.writers.hdf5`), a tilt never in the chunk of another. h5py is imported by the first one
who asks, so a service nobody asks for spectra never loads it. Files of at most 64 MiB are hashed before they are
trusted, once in ten minutes; the packing's own checks guard chunks of larger ones, and ``admin verify`` all of them.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.infra.exports import DamagedTree
from app.infra.storage import Store
from app.infra.storage.checks import RecentChecks
from app.infra.storage.digests import BLOCK, sha256_of
from app.infra.turns import Busy, Turns

if TYPE_CHECKING:
    import h5py

_HASHED_BYTES = 64 * BLOCK
_BLOCK_VALUES = 1 << 22
_KEPT_CHANNELS = 1 << 19
_turns = Turns(2, wait_s=20.0, waiting=4)
_checks = RecentChecks()


class SpectraBusy(RuntimeError):
    """Other whole tilts are being summed; one more would take the threads of other requests."""


@dataclass(frozen=True)
class StoredSpectra:
    """
    Spectra of a published tree.

    Parameters
    ----------
    store : Store
        Where they lie.
    key, sha256 : str
        Of the HDF5 file.
    axes : str
        Axis letters, the energy last.
    """

    store: Store
    key: str
    sha256: str
    axes: str

    def spectrum(self, place: Sequence[int]) -> list[float]:
        """Return the spectrum of one pixel; ``place`` is an index along each axis but the energy."""
        with self._values() as values:
            found: list[float] = values[(*place, slice(None))].astype(float).tolist()
            return found

    def mean(self, tilt: int | None) -> list[float]:
        """
        Return the mean spectrum of all pixels, of a tilt series those of one tilt.

        Stored spectra never change: each mean is summed up once, and kept with the last ones asked for.
        """
        kept = _means.get((self.sha256, tilt))
        if kept is not None:
            return list(kept)
        with _turn(), self._values() as values:
            total, count = None, 0
            for rows in self._rows(values, tilt):
                spectra = rows.reshape(-1, rows.shape[-1])
                part = spectra.sum(axis=0, dtype=float)
                total, count = part if total is None else total + part, count + len(spectra)
            found = [] if total is None else (total / count).tolist()
        _means.keep((self.sha256, tilt), found)
        return list(found)

    def region(self, tilt: int | None, rows: range, columns: range) -> list[float]:
        """Return the mean spectrum of a rectangle of pixels; the axes end with y, x and energy."""
        before = () if tilt is None else (tilt,)
        with _turn(), self._values() as values:
            step = max(1, _BLOCK_VALUES // (values.shape[-1] * len(columns)))
            blocks = (
                values[(*before, slice(start, min(start + step, rows.stop)), slice(columns.start, columns.stop))]
                for start in range(rows.start, rows.stop, step)
            )
            total = sum(block.reshape(-1, block.shape[-1]).sum(axis=0, dtype=float) for block in blocks)
            found: list[float] = (total / (len(rows) * len(columns))).tolist()
            return found

    def counts(self, tilt: int | None, channels: slice) -> bytes:
        """Return each pixel's sum over some channels, row by row as little-endian float32."""
        with _turn(), self._values() as values:
            sums = (rows.sum(axis=-1, dtype=float) for rows in self._rows(values, tilt, channels))
            return b"".join(row.astype("<f4").tobytes() for row in sums)

    def _rows(self, values: "h5py.Dataset", tilt: int | None, channels: slice = slice(None)) -> Iterator[Any]:
        """Give some rows after the other, so that a tilt never stands in memory whole."""
        before = () if tilt is None else (tilt,)
        if self.axes in {"e", "te"}:
            yield values[(*before, channels)][None]
            return
        height = values.shape[self.axes.index("y") if "y" in self.axes else len(before)]
        row = max(1, values.size // (values.shape[0] if before else 1) // height)
        if row > _BLOCK_VALUES and self.axes.endswith("yxe"):
            yield from _parts_of_rows(values, before, channels)
            return
        step = _aligned(max(1, _BLOCK_VALUES // row), values.chunks and values.chunks[len(before)])
        for start in range(0, height, step):
            yield values[(*before, slice(start, start + step), ..., channels)]

    @contextmanager
    def _values(self) -> Iterator["h5py.Dataset"]:
        import h5py

        try:
            self._check()
            with self.store.local(self.key) as path, h5py.File(path, "r") as file:
                yield file["entry/data/data"]
        except (OSError, KeyError) as error:
            raise DamagedTree(self.key) from error

    def _check(self) -> None:
        if self.store.size(self.key) > _HASHED_BYTES or _checks.knows(self.store, self.key):
            return
        with self.store.open(self.key) as file:
            if sha256_of(file) != self.sha256:
                raise DamagedTree(self.key)
        _checks.note(self.store, self.key)


def _parts_of_rows(values: "h5py.Dataset", before: tuple[int, ...], channels: slice) -> Iterator[Any]:
    """Give parts of one row after the other, from left to right: a single row would fill memory."""
    height, width, length = values.shape[-3:]
    step = _aligned(max(1, _BLOCK_VALUES // length), values.chunks and values.chunks[-2])
    for row in range(height):
        for start in range(0, width, step):
            yield values[(*before, slice(row, row + 1), slice(start, start + step), channels)]


def _aligned(step: int, chunk: int | None) -> int:
    """Make steps whole chunks, so that none is unpacked twice."""
    return step if not chunk else max(1, step // chunk) * chunk


class _Means:
    """Mean spectra by the digest of what they are of and the tilt: the last ones, up to a number of channels."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int | None], list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, of: tuple[str, int | None]) -> list[float] | None:
        with self._lock:
            if of in self._kept:
                self._kept.move_to_end(of)
            return self._kept.get(of)

    def keep(self, of: tuple[str, int | None], found: list[float]) -> None:
        with self._lock:
            self._kept[of] = found
            while sum(map(len, self._kept.values())) > _KEPT_CHANNELS and len(self._kept) > 1:
                self._kept.popitem(last=False)


_means = _Means()


@contextmanager
def _turn() -> Iterator[None]:
    try:
        with _turns.taken():
            yield
    except Busy:
        raise SpectraBusy from None
