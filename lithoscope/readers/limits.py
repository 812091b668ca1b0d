"""What a file may ask of us, and the account of what it holds: decided before any array is read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

from lithoscope.errors import ReaderError

GIB = 1 << 30
MIB = 1 << 20
_SERIES_AXES = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The most that one file may claim.

    Parameters
    ----------
    array_bytes : int
        Size of one array in memory [bytes].
    total_bytes : int
        Size of all arrays of a file together [bytes].
    series_bytes : int
        Size of all spectra of tilt series together, of which no more than a tilt is ever in memory [bytes].
    chunk_bytes : int
        Size of one decompressed chunk, strip or tile [bytes].
    ratio : int
        Largest ratio of bytes in memory to bytes stored; asked only of data above ``ratio_floor_bytes``, because
        small blank images compress without bound.
    objects, depth : int
        Objects of a container (groups, tags, pages, archive members) and how deep they may be nested.
    text_bytes : int
        Size of one header, XML or JSON text [bytes].
    """

    array_bytes: int = 8 * GIB
    total_bytes: int = 16 * GIB
    series_bytes: int = 256 * GIB
    chunk_bytes: int = 256 * MIB
    ratio: int = 1000
    ratio_floor_bytes: int = 16 * MIB
    objects: int = 100_000
    depth: int = 64
    text_bytes: int = 64 * MIB


@dataclass(frozen=True, slots=True)
class Source:
    """
    One file to be read.

    Parameters
    ----------
    path : Path
        The bytes.
    name : str
        What the file is called; where it is stored says nothing.
    limits : Limits
        What it may claim.
    """

    path: Path
    name: str
    limits: Limits

    @property
    def size(self) -> int:
        """Length of the file [bytes]."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True)
class ArrayEntry:
    """
    One array of a file, as its header claims it.

    Parameters
    ----------
    name : str
        Path or number inside the file.
    shape : tuple of int
        Slow to fast, in the file's own order.
    dtype : str
        Numpy's short name (``<u2``).
    chunks : tuple of int or None
        Shape of a stored chunk; None when contiguous.
    stored_bytes : int
        Bytes it takes in the file.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    chunks: tuple[int, ...] | None
    stored_bytes: int

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "chunks": list(self.chunks) if self.chunks else None,
            "stored_bytes": self.stored_bytes,
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What an inspected file is and holds.

    Parameters
    ----------
    format : str
        ``digitalmicrograph``, ``mrc``, ``velox``, ``gosh``, ``tiff``, ``hdf5``, ``npy``, ``emsa``, ``bruker``, ``tia``,
        ``edax``, ``simultaneous_tilt_series``.
    arrays : tuple of ArrayEntry
        Every array the header names.
    details : mapping
        Plain JSON facts worth keeping (version, byte order, a user block's size).
    """

    format: str
    arrays: tuple[ArrayEntry, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        return {
            "format": self.format,
            "arrays": [entry.to_json() for entry in self.arrays],
            "details": dict(self.details),
        }


def claimed_bytes(shape: Iterable[int], itemsize: int) -> int:
    """Multiply in Python's unbounded integers: a product that wraps round looks small."""
    return prod((int(length) for length in shape), start=int(itemsize))


def is_by_tilt(entry: ArrayEntry) -> bool:
    """Tell spectra (t, y, x, e) stored so that a tilt can be read without its neighbours."""
    return len(entry.shape) == _SERIES_AXES and entry.chunks is not None and entry.chunks[0] == 1


def check_array(entry: ArrayEntry, itemsize: int, limits: Limits) -> int:
    """
    Refuse an array that is too large, unpacks from too little or comes in chunks that are too large.

    Of an array that can be read tilt by tilt, one tilt counts: who reads it whole asks again.

    Returns
    -------
    size : int
        Its size in memory [bytes].

    Raises
    ------
    ReaderError
        ``too-large``, ``chunk-too-large`` or ``compression-ratio``.
    """
    if any(length < 0 for length in entry.shape):
        raise ReaderError(f"array {entry.name!r} claims a negative length: the header is damaged")
    size = claimed_bytes(entry.shape, itemsize)
    held = size // entry.shape[0] if is_by_tilt(entry) and entry.shape[0] else size
    if held > limits.array_bytes:
        raise ReaderError(
            f"array {entry.name!r} claims {size} bytes, {limits.array_bytes} are allowed: crop or split it",
            code="too-large",
        )
    if entry.chunks and claimed_bytes(entry.chunks, itemsize) > limits.chunk_bytes:
        raise ReaderError(
            f"array {entry.name!r} is stored in chunks of more than {limits.chunk_bytes} bytes: use smaller ones",
            code="chunk-too-large",
        )
    if size > limits.ratio_floor_bytes and size > limits.ratio * entry.stored_bytes:
        raise ReaderError(
            f"array {entry.name!r} would unpack {size} bytes from {entry.stored_bytes}: more than {limits.ratio} to 1",
            code="compression-ratio",
        )
    return size


def check_total(sizes: Iterable[int], limits: Limits, *, by_tilt: Iterable[int] = ()) -> None:
    """Refuse a file whose arrays together are too large, those that are read tilt by tilt by a bound of their own."""
    total, series = sum(sizes), sum(by_tilt)
    if series > limits.series_bytes:
        raise ReaderError(
            f"the file's series claim {series} bytes together, {limits.series_bytes} are allowed: split it",
            code="too-large",
        )
    if total > limits.total_bytes:
        raise ReaderError(
            f"the file's arrays claim {total} bytes together, {limits.total_bytes} are allowed: split it",
            code="too-large",
        )
