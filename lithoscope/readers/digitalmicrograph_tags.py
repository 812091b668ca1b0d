"""The tag tree of DigitalMicrograph files: walked once, every length checked against the file before it is believed."""

import struct
from dataclasses import dataclass
from mmap import mmap
from typing import Any

import numpy as np

from lithoscope.errors import ReaderError
from lithoscope.readers.limits import Limits

#: numpy codes of the elementary tag types, and what the struct module calls them
_ELEMENTS = {2: "i2", 3: "i4", 4: "u2", 5: "u4", 6: "f4", 7: "f8", 8: "?", 9: "i1", 10: "u1", 11: "i8", 12: "u8"}
_PACKED = {
    "i2": "h",
    "i4": "i",
    "u2": "H",
    "u4": "I",
    "f4": "f",
    "f8": "d",
    "?": "?",
    "i1": "b",
    "u1": "B",
    "i8": "q",
    "u8": "Q",
}
_STRUCT, _TEXT, _ARRAY = 15, 18, 20
_GROUP, _DATA = 20, 21
_LONG_ARRAY = 4096
_PIXELS = "Data"


@dataclass(frozen=True, slots=True)
class Block:
    """A long array that stays in the file: where it lies and what it is made of."""

    offset: int
    count: int
    dtype: str
    stored_bytes: int


class TagReader:
    """
    Reads the tags of one open file.

    Parameters
    ----------
    raw : mmap
        The whole file; only tags are touched.
    limits : Limits
        How many tags and how deep.
    """

    def __init__(self, raw: mmap, limits: Limits) -> None:
        self._raw = raw
        self._size = len(raw)
        self._at = 0
        self._limits = limits
        self._objects = 0
        self.version = 0
        self.order = "<"
        self._name = ""

    def read(self) -> dict[str, Any]:
        """
        Walk the whole tree.

        Returns
        -------
        tags : nested mapping
            Names to plain values; unnamed tags are ``TagGroup0`` and ``Data0``; arrays longer than 4096 and pixels of
            16 bits are `Block`.

        Raises
        ------
        ReaderError
            ``truncated-file``, ``too-large`` or ``unreadable-file``.
        """
        (self.version,) = struct.unpack(">i", self._take(4))
        if self.version not in (3, 4):
            raise ReaderError("the file does not begin as DigitalMicrograph 3 or 4", code="type-mismatch")
        promised = self._integer()
        self.order = "<" if struct.unpack(">i", self._take(4))[0] == 1 else ">"
        if promised > self._size:
            raise ReaderError(
                f"the header promises {promised} bytes and the file has {self._size}: copy it again",
                code="truncated-file",
            )
        return self._group(1)

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if count < 0 or end > self._size:
            raise ReaderError("the file ends inside its tag tree: copy it again", code="truncated-file")
        taken = self._raw[self._at : end]
        self._at = end
        return taken

    def _integer(self) -> int:
        """Read a length: 4 bytes in version 3, 8 in version 4."""
        code, width = (">i", 4) if self.version == 3 else (">q", 8)
        return int(struct.unpack(code, self._take(width))[0])

    def _group(self, depth: int) -> dict[str, Any]:
        if depth > self._limits.depth:
            raise ReaderError(f"the tags are nested deeper than {self._limits.depth}", code="too-large")
        self._take(2)  # sorted and open: how DigitalMicrograph showed the group
        tags: dict[str, Any] = {}
        groups = values = 0
        for _ in range(self._counted(self._integer())):
            kind, name = self._entry()
            if kind == _GROUP:
                tags[name or f"TagGroup{groups}"] = self._group(depth + 1)
                groups += not name
            else:
                self._name = name
                tags[name or f"Data{values}"] = self._value()
                values += not name
        return tags

    def _counted(self, count: int) -> int:
        self._objects += count
        if count < 0 or self._objects > self._limits.objects:
            raise ReaderError(f"the file has more than {self._limits.objects} tags", code="too-large")
        return count

    def _entry(self) -> tuple[int, str]:
        kind, length = struct.unpack(">BH", self._take(3))
        if kind not in (_GROUP, _DATA):
            raise ReaderError("a tag is neither group nor value: the tag tree is damaged")
        name = self._take(length).decode("latin-1")
        if self.version == 4:
            self._take(8)  # bytes of this tag, which its own description repeats
        return kind, name

    def _value(self) -> Any:
        if self._take(4) != b"%%%%":
            raise ReaderError("a tag has no value marker: the tag tree is damaged")
        count = self._integer()
        if not 1 <= count <= _LONG_ARRAY:
            raise ReaderError("a tag describes itself at impossible length: the tag tree is damaged")
        width, packed = (4, ">%di") if self.version == 3 else (8, ">%dq")
        description = list(struct.unpack(packed % count, self._take(count * width)))
        return self._described(description)

    def _described(self, description: list[int]) -> Any:
        kind = description[0]
        try:
            if kind in _ELEMENTS:
                return self._element(_ELEMENTS[kind])
            if kind == _TEXT:
                return self._take(description[1]).decode("utf-16-le" if self.order == "<" else "utf-16-be", "replace")
            if kind == _STRUCT:
                return [self._element(code) for code in _field_codes(description)]
            if kind == _ARRAY:
                return self._array(description[1:])
        except (IndexError, KeyError):
            raise ReaderError("a tag's description contradicts itself: the tag tree is damaged") from None
        raise ReaderError("a tag has a type DigitalMicrograph does not know: the tag tree is damaged")

    def _array(self, description: list[int]) -> Any:
        count = description[-1]
        codes = _field_codes(description[:-1]) if description[0] == _STRUCT else [_ELEMENTS[description[0]]]
        itemsize = sum(np.dtype(code).itemsize for code in codes)
        start = self._at
        stored = count * itemsize
        if count < 0 or start + stored > self._size:
            raise ReaderError("the file ends inside an array: copy it again", code="truncated-file")
        is_pixels = codes[0] == "u2" and self._name == _PIXELS  # else 16-bit numbers are text
        if len(codes) > 1 or count > _LONG_ARRAY or is_pixels:
            self._at = start + stored
            dtype = self.order + codes[0] if len(codes) == 1 else "V"
            return Block(start, count, dtype, stored)
        values = self._elements(codes[0], count)
        if codes[0] == "u2":
            return _text(values)
        return values

    def _element(self, code: str) -> Any:
        packed = self.order + _PACKED[code]
        return struct.unpack(packed, self._take(struct.calcsize(packed)))[0]

    def _elements(self, code: str, count: int) -> list[Any]:
        raw = self._take(np.dtype(code).itemsize * count)
        values: list[Any] = np.frombuffer(raw, self.order + code).tolist()
        return values


def _field_codes(description: list[int]) -> list[str]:
    """Types of a struct: [15, name length, fields, (name length, type) ...]."""
    fields = description[2]
    types = description[4 : 4 + 2 * fields : 2]
    if len(types) != fields:
        raise IndexError(fields)
    return [_ELEMENTS[kind] for kind in types]


def _text(values: list[int]) -> str:
    """Arrays of 16-bit numbers are how DigitalMicrograph stores text."""
    return np.array(values, "<u2").tobytes().decode("utf-16-le", "replace")
