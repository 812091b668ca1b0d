"""NumPy's .npy: one array without calibration; never its pickled kind."""

from pathlib import Path
from typing import Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Manifest, Source, check_array, claimed_bytes
from lithoscope.units import Quantity

SUFFIXES = (".npy",)
SMALLEST_HEADER_BYTES = 10

_MAGIC = b"\x93NUMPY"
_KINDS = {1: ("x", "stack"), 2: ("yx", "image"), 3: ("zyx", "volume"), 4: ("czyx", "volume")}


def recognises(head: bytes) -> bool:
    """Tell .npy by its magic string."""
    return head.startswith(_MAGIC)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return head.startswith(_MAGIC) or _MAGIC.startswith(head)


def inspect(source: Source) -> Manifest:
    """Parse the header only and hold its claim against the file."""
    shape, dtype, _fortran, start = _header(source.path)
    if dtype.hasobject:
        raise ReaderError("the file holds pickled objects, which can run code: save numbers", code="pickled-content")
    if dtype.kind not in "biufc":
        raise ReaderError("the file holds no plain numbers: save an array of one number type")
    stored = source.size - start
    entry = ArrayEntry("data", shape, dtype.str, None, claimed_bytes(shape, dtype.itemsize))
    size = check_array(entry, dtype.itemsize, source.limits)
    if size > stored:
        raise ReaderError(f"the header promises {size} bytes and {stored} follow", code="truncated-file")
    return Manifest("npy", (entry,))


def read(source: Source) -> Reading:
    """Read the array; 1 to 4 dimensions are named (c, z, y, x) from the last."""
    inspect(source)
    values = np.load(source.path, allow_pickle=False)
    if values.ndim not in _KINDS:
        raise ReaderError(f"the array has {values.ndim} dimensions: 1 to 4 can be named")
    axes, kind = _KINDS[values.ndim]
    unknown = Quantity.unknown("nm", "the npy format holds no pixel size")
    array = LabelledArray(values, axes, {axis: unknown for axis in axes if axis != "c"}, kind=kind)
    return Reading((array,), metadata={"pixel_size_nm": unknown}, calibration={"pixel_size_nm": unknown})


def _header(path: Path) -> tuple[tuple[int, ...], np.dtype[Any], bool, int]:
    with path.open("rb") as stream:
        try:
            version = np.lib.format.read_magic(stream)
            parse = {(1, 0): np.lib.format.read_array_header_1_0}.get(version, np.lib.format.read_array_header_2_0)
            shape, fortran, dtype = parse(stream)
        except ValueError as error:
            code = "truncated-file" if "EOF" in str(error) or "expected" in str(error) else None
            raise ReaderError("the npy header is damaged or cut: save it again", code=code) from error
        return tuple(int(length) for length in shape), dtype, fortran, stream.tell()
