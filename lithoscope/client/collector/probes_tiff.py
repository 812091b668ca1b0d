"""
TIFF and BigTIFF: the chain of directories ends, and every strip and tile lies within the file.

References
----------
TIFF Revision 6.0 (Adobe, 1992); the BigTIFF design, libtiff.
"""

import struct
from dataclasses import dataclass
from io import BufferedReader

MOST_DIRECTORIES = 100_000
_OFFSETS, _COUNTS = {273, 324}, {279, 325}
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LETTER = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How the file writes its numbers."""

    order: str
    count: str
    entry: int
    offset: str

    @property
    def width(self) -> int:
        """Return the bytes of an offset."""
        return struct.calcsize(self.offset)


def tiff(file: BufferedReader, size: int) -> str | None:
    """Walk the directories."""
    head = _read(file, 0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        return "it does not begin as a TIFF file"
    (magic,) = struct.unpack(f"{order}H", head[2:4])
    if magic not in {42, 43}:
        return "it does not begin as a TIFF file"
    form = _Form(order, "Q", 20, "Q") if magic == 43 else _Form(order, "H", 12, "I")
    (at,) = struct.unpack_from(f"{order}{form.offset}", head, 8 if magic == 43 else 4)
    if at == 0:
        return "its first directory is not written"
    return _chain(file, size, form, at)


def _chain(file: BufferedReader, size: int, form: _Form, at: int) -> str | None:
    seen = 0
    while at and seen < MOST_DIRECTORIES:
        head = _read(file, at, struct.calcsize(form.count))
        if at + len(head) > size or len(head) < struct.calcsize(form.count):
            return f"directory {seen + 1} lies beyond the end"
        (entries,) = struct.unpack(f"{form.order}{form.count}", head)
        if at + len(head) + entries * form.entry + form.width > size:
            return f"directory {seen + 1} is cut"
        table = _read(file, at + len(head), entries * form.entry + form.width)
        end = _end_of_data(file, form, table, entries)
        if end > size:
            return f"image {seen + 1} is cut: {size} of {end} bytes are there"
        (at,) = struct.unpack_from(f"{form.order}{form.offset}", table, entries * form.entry)
        seen += 1
    return None


def _end_of_data(file: BufferedReader, form: _Form, table: bytes, entries: int) -> int:
    """Return where the last strip or tile of a directory ends."""
    offsets: list[int] = []
    counts: list[int] = []
    for index in range(entries):
        tag, kind = struct.unpack_from(f"{form.order}HH", table, index * form.entry)
        if tag in _OFFSETS or tag in _COUNTS:
            values = _values(file, form, table[index * form.entry : (index + 1) * form.entry], kind)
            (offsets if tag in _OFFSETS else counts).extend(values)
    return max((at + count for at, count in zip(offsets, counts, strict=False)), default=0)


def _values(file: BufferedReader, form: _Form, entry: bytes, kind: int) -> tuple[int, ...]:
    number = form.offset
    (count,) = struct.unpack_from(f"{form.order}{number}", entry, 4)
    letter, length = _LETTER.get(kind, "I"), count * _BYTES.get(kind, 4)
    inline = entry[4 + form.width :]
    if length > len(inline):
        (at,) = struct.unpack(f"{form.order}{number}", inline)
        inline = _read(file, at, length)
    return struct.unpack(f"{form.order}{count}{letter}", inline[:length])


def _read(file: BufferedReader, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
