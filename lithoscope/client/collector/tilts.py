"""
Stage tilt out of DigitalMicrograph and Velox files, read on the instrument's PC without numpy or h5py.

Both are bounded: so many tags, so many bytes. What they do not find here the service's readers may find in the file.
"""

import math
import re
import struct
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import Any

from lithoscope.client.collector import velox_tree

MOST_TAGS, MOST_DEPTH = 50_000, 32
MOST_VELOX_BYTES = 64 << 20
_STAGE = ("Microscope Info", "Stage Position", "Stage Alpha")
_LETTERS = {2: "h", 3: "i", 4: "H", 5: "I", 6: "f", 7: "d", 8: "?", 9: "b", 10: "B", 11: "q", 12: "Q"}
_STRUCT, _TEXT, _ARRAY = 15, 18, 20
_GROUP, _DATA = 20, 21
_MOST_NUMBERS = 4096
_ALPHA = re.compile(rb'"AlphaTilt"\s*:\s*"?([-+]?[0-9.]+(?:[eE][-+]?\d+)?)(?=["\s,}])')
_BLOCK, _OVERLAP = 1 << 20, 64


def of_digital_micrograph(file: BufferedReader) -> float | None:
    """
    Walk the tags of a DM3 or DM4 file to the stage's tilt [deg].

    Returns
    -------
    tilt : float or None
        None where no image has one, or two of them differ.

    Raises
    ------
    struct.error
        The file ends too early.
    """
    file.seek(0)
    tags = _Tags(file)
    try:
        tags.group(())
    except _Damaged:
        return None
    return _the_one(tags.tilts)


def of_velox(file: BufferedReader) -> float | None:
    """
    Read the stage's tilt [deg] from the headers of a Velox file.

    Where the file's own trees do not lead there, up to 64 MiB are looked through for the text, which lies unpacked.

    Returns
    -------
    tilt : float or None
        None where there is none, or two differ.
    """
    size = file.seek(0, 2)
    try:
        return _the_one(_tilts(velox_tree.headers(file)))
    except (velox_tree.NotUnderstood, struct.error, IndexError):
        return _the_one(_tilts(_blocks(file))) if size <= MOST_VELOX_BYTES else None


def _tilts(texts: Iterable[bytes]) -> set[float]:
    return {math.degrees(_number(match[1])) for text in texts for match in _ALPHA.finditer(text)}


def _blocks(file: BufferedReader) -> Iterator[bytes]:
    """Read a file from its beginning in blocks that overlap by more than a tilt takes."""
    file.seek(0)
    rest = b""
    while block := file.read(_BLOCK):
        yield rest + block
        rest = block[-_OVERLAP:]


class _Damaged(Exception):
    """The tags contradict themselves, or are too many."""


class _Tags:
    """A walk over tags that keeps one kind of them and steps over the rest."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._left = MOST_TAGS
        (version,) = self._taken(">I")
        if version not in {3, 4}:
            raise struct.error("not DigitalMicrograph")
        self._word, self._is_long = ("Q", True) if version == 4 else ("I", False)
        self._taken(f">{self._word}")
        self._order = "<" if self._taken(">I")[0] == 1 else ">"
        self.tilts: set[float] = set()

    def group(self, path: tuple[str, ...]) -> None:
        """Visit what a group holds; its name and those above it are the path."""
        self._taken(">2B")
        (count,) = self._taken(f">{self._word}")
        self._left -= count
        if self._left < 0 or len(path) > MOST_DEPTH:
            raise _Damaged
        for _ in range(count):
            kind, length = self._taken(">BH")
            name = self._file.read(length).decode("latin-1")
            if self._is_long:
                self._taken(">Q")
            if kind == _GROUP:
                self.group((*path, name))
            elif kind == _DATA:
                self._value((*path, name))
            else:
                raise _Damaged

    def _value(self, path: tuple[str, ...]) -> None:
        marker, count = self._taken(f">4s{self._word}")
        if marker != b"%%%%" or not 1 <= count <= _MOST_NUMBERS:
            raise _Damaged
        described = self._taken(f">{count}{self._word}")
        try:
            if path[-3:] == _STAGE and path[0] == "ImageList" and described[0] in _LETTERS:
                value = float(self._taken(self._order + _LETTERS[described[0]])[0])
                self.tilts.add(value)
            else:
                self._file.seek(_length(described), 1)
        except (IndexError, KeyError, OverflowError, OSError) as error:
            raise _Damaged from error

    def _taken(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(form, self._file.read(struct.calcsize(form)))


def _length(described: tuple[Any, ...]) -> int:
    """Return how many bytes a value has, from the numbers that describe it."""
    kind = described[0]
    if kind == _TEXT:
        return int(described[1])
    if kind == _STRUCT:
        return sum(_width(each) for each in described[4 : 4 + 2 * described[2] : 2])
    if kind == _ARRAY:
        element = described[1:-1]
        return int((_length(element) if element[0] == _STRUCT else _width(element[0])) * described[-1])
    return _width(kind)


def _width(kind: int) -> int:
    return struct.calcsize(f"<{_LETTERS[kind]}")


def _number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _the_one(found: set[float]) -> float | None:
    """Return the tilt that all agree on, to the precision it is told with."""
    rounded = {round(each, 4) for each in found if math.isfinite(each)}
    tilt = rounded.pop() if len(rounded) == 1 else None
    return tilt if tilt is not None and abs(tilt) <= 180 else None
