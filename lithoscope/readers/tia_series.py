"""
Series files of TIA (.ser): header, dimensions and elements, each address held against the file before it is followed.

Layout as published: header, dimension array, offsets of the elements, offsets of their tags; an element is a short
header and its values.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError
from lithoscope.readers.limits import Limits, claimed_bytes

MAGIC = b"II\x97\x01"

_TYPES = {1: "<u1", 2: "<u2", 3: "<u4", 4: "<i1", 5: "<i2", 6: "<i4", 7: "<f4", 8: "<f8", 9: "<c8", 10: "<c16"}
_SPECTRUM, _IMAGE, _PLACED = 0x4120, 0x4122, 0x4142
_LAST_SHORT_VERSION = 0x0210
_MOST_DIMENSIONS = 8
_HEADER = struct.Struct("<HHHIIII")
_DIMENSION = struct.Struct("<IddII")
_ELEMENTS = {_SPECTRUM: struct.Struct("<ddIHI"), _IMAGE: struct.Struct("<ddIddIHII")}
_TAG = struct.Struct("<HHIdd")


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the scan: places, step and unit as written."""

    length: int
    step: float
    unit: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Position of the first value and step of one axis of an element, in SI units or eV."""

    first: float
    step: float


@dataclass(frozen=True, slots=True)
class Series:
    """
    What the header of a series says, checked.

    Parameters
    ----------
    path : Path
        The file.
    version, promised : int
        Version word and number of elements that were planned.
    dimensions : tuple of Dimension
        Of the scan, as written.
    offsets : tuple of int
        Where each recorded element begins [bytes].
    shape : tuple of int
        Of one element: energies, or (y, x).
    dtype : str
        Numpy's name of its values.
    scales : tuple of Scale
        Axes of the first element in the order of ``shape``.
    x_is_fast : bool
        Whether neighbouring elements of an area lie along x.
    """

    path: Path
    version: int
    promised: int
    dimensions: tuple[Dimension, ...]
    offsets: tuple[int, ...]
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[Scale, ...]
    x_is_fast: bool

    @property
    def is_spectra(self) -> bool:
        """Whether an element is a spectrum rather than an image."""
        return len(self.shape) == 1

    def values(self) -> NDArray[Any]:
        """Read the recorded elements, one after the other."""
        found = np.empty((len(self.offsets), *self.shape), np.dtype(self.dtype).newbyteorder("="))
        kind = _SPECTRUM if self.is_spectra else _IMAGE
        with self.path.open("rb") as stream:
            for index, offset in enumerate(self.offsets):
                shape, dtype, _ = _element(stream, offset, kind)
                if (shape, dtype) != (self.shape, self.dtype):
                    raise ReaderError(f"element {index + 1} of the series differs in size: send the elements apart")
                raw = _taken(stream, claimed_bytes(shape, np.dtype(dtype).itemsize))
                found[index] = np.frombuffer(raw, dtype).reshape(shape)
        return found


def open_series(path: Path, limits: Limits) -> Series:
    """
    Read the header and the tables of a series.

    Raises
    ------
    ReaderError
        ``truncated-file``, ``too-large`` or ``unreadable-file``.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        _, _, version, kind, tag, promised, valid = _HEADER.unpack(_taken(stream, _HEADER.size))
        if kind not in _ELEMENTS:
            raise ReaderError("the series holds neither spectra nor images: its header is damaged")
        if not 0 < valid <= promised:
            raise ReaderError("the series holds no element: the acquisition stopped before its first")
        width = 4 if version <= _LAST_SHORT_VERSION else 8
        table = int.from_bytes(_taken(stream, width), "little")
        dimensions = tuple(_dimensions(stream, limits))
        if table + 2 * width * promised > size:
            raise ReaderError("the series ends inside its table of elements: copy it again", code="truncated-file")
        stream.seek(table)
        offsets = np.frombuffer(_taken(stream, width * promised), f"<u{width}")[:valid].tolist()
        tags = np.frombuffer(_taken(stream, width * promised), f"<u{width}")[:valid].tolist()
        shape, dtype, scales = _element(stream, offsets[0], kind)
        _check_size(valid, shape, dtype, size)
        x_is_fast = tag != _PLACED or valid == 1 or _is_along_x(stream, tags)
    return Series(path, version, promised, dimensions, tuple(offsets), shape, dtype, scales, x_is_fast)


def _check_size(count: int, shape: tuple[int, ...], dtype: str, size: int) -> None:
    """Nothing is packed in these files: values that are more than the file were cut off or never there."""
    if claimed_bytes((count, *shape), np.dtype(dtype).itemsize) > size:
        raise ReaderError("the series promises more values than the file holds: copy it again", code="truncated-file")


def _dimensions(stream: BinaryIO, limits: Limits) -> Iterator[Dimension]:
    count = int.from_bytes(_taken(stream, 4), "little")
    if count > _MOST_DIMENSIONS:
        raise ReaderError(f"the series claims {count} dimensions: its header is damaged")
    for _ in range(count):
        length, _first, step, _place, described = _DIMENSION.unpack(_taken(stream, _DIMENSION.size))
        _text(stream, described, limits)
        unit = _text(stream, int.from_bytes(_taken(stream, 4), "little"), limits)
        yield Dimension(length, step, unit)


def _text(stream: BinaryIO, length: int, limits: Limits) -> str:
    if length > limits.text_bytes:
        raise ReaderError(f"a text of the series claims {length} bytes", code="too-large")
    return _taken(stream, length).decode("latin-1").strip("\0 ")


def _element(stream: BinaryIO, offset: int, kind: int) -> tuple[tuple[int, ...], str, tuple[Scale, ...]]:
    """Read the short header at an address: shape, type and scales; the values follow."""
    stream.seek(offset)
    form = _ELEMENTS[kind]
    fields = form.unpack(_taken(stream, form.size))
    *calibration, number_of_type, first, second = fields if kind == _IMAGE else (*fields, 1)
    if number_of_type not in _TYPES or min(first, second) < 1:
        raise ReaderError("an element of the series is empty or of an unknown type: the file is damaged")
    scales = tuple(
        Scale(calibration[i] - calibration[i + 2] * calibration[i + 1], calibration[i + 1])
        for i in range(0, len(calibration), 3)
    )
    shape = (first,) if kind == _SPECTRUM else (second, first)
    return shape, _TYPES[number_of_type], scales[::-1]


def _is_along_x(stream: BinaryIO, tags: list[int]) -> bool:
    """Tell whether the first two elements were recorded at one height."""
    heights = []
    for offset in tags[:2]:
        stream.seek(offset)
        heights.append(_TAG.unpack(_taken(stream, _TAG.size))[-1])
    return bool(heights[0] == heights[1])


def _taken(stream: BinaryIO, length: int) -> bytes:
    raw = stream.read(length)
    if len(raw) < length:
        raise ReaderError("the series ends before what it promises: copy it again", code="truncated-file")
    return raw
