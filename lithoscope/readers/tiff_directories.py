"""The directories of a TIFF file, walked without decoding: sizes are held against the file, circles are found."""

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from lithoscope.errors import ReaderError
from lithoscope.readers.limits import ArrayEntry, Source

WIDTH, LENGTH, BITS, COMPRESSION, DESCRIPTION, SAMPLES = 256, 257, 258, 259, 270, 277
_STRIP_OFFSETS, _ROWS, _STRIP_COUNTS = 273, 278, 279
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_COUNTS, _FORMAT = 322, 323, 324, 325, 339
_TEXT_TAGS = (270, 700, 33550, 34680, 34682, 34118, 51123)
_CODES = {1: "u1", 2: "S1", 3: "u2", 4: "u4", 5: "u4", 6: "i1", 7: "u1", 8: "i2", 9: "i4", 10: "i4", 11: "f4", 12: "f8",
          13: "u4", 16: "u8", 17: "i8", 18: "u8"}  # fmt: skip
_WANTED = {WIDTH, LENGTH, BITS, COMPRESSION, SAMPLES, _STRIP_OFFSETS, _ROWS, _STRIP_COUNTS, _TILE_WIDTH, _TILE_LENGTH,
           _TILE_OFFSETS, _TILE_COUNTS, _FORMAT, *_TEXT_TAGS}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """One directory: its image's claim and its texts."""

    entry: ArrayEntry
    compression: int
    texts: dict[int, bytes]


class Directories:
    """
    Walks the chain of directories.

    Parameters
    ----------
    source : Source
        The file, and how many pages and how long texts it may have.
    """

    def __init__(self, source: Source) -> None:
        self._path = source.path
        self._limits = source.limits
        self._size = source.size
        self._order = "<"
        self._big = False

    def pages(self) -> list[Page]:
        """
        List the pages.

        Raises
        ------
        ReaderError
            ``truncated-file``, ``link-cycle``, ``too-large`` or ``unreadable-file``.
        """
        found: list[Page] = []
        with self._path.open("rb") as stream:
            offset, seen = self._first(stream), set[int]()
            while offset:
                if offset in seen:
                    raise ReaderError("the TIFF pages lead in a circle", code="link-cycle")
                if len(seen) >= self._limits.objects:
                    raise ReaderError(f"the TIFF has more than {self._limits.objects} pages", code="too-large")
                seen.add(offset)
                tags, offset = self._directory(stream, offset)
                found.append(self._page(stream, tags, len(found)))
        if not found:
            raise ReaderError("the TIFF holds no page: copy it again", code="truncated-file")
        return found

    def _first(self, stream: BinaryIO) -> int:
        head = self._take(stream, 8)
        self._order = "<" if head[:2] == b"II" else ">"
        self._big = struct.unpack(self._order + "H", head[2:4])[0] == 43
        if not self._big:
            return int(struct.unpack(self._order + "I", head[4:])[0])
        return int(struct.unpack(self._order + "Q", self._take(stream, 8))[0])

    def _take(self, stream: BinaryIO, count: int) -> bytes:
        if stream.tell() + count > self._size:
            raise ReaderError("the TIFF ends inside its directories: copy it again", code="truncated-file")
        return stream.read(count)

    def _directory(self, stream: BinaryIO, offset: int) -> tuple[dict[int, tuple[int, int, bytes]], int]:
        if offset >= self._size:
            raise ReaderError("a TIFF page begins behind the end of the file: copy it again", code="truncated-file")
        stream.seek(offset)
        count_code, entry_code, next_code = ("Q", "HHQ8s", "Q") if self._big else ("H", "HHI4s", "I")
        (count,) = struct.unpack(self._order + count_code, self._take(stream, struct.calcsize("<" + count_code)))
        width = struct.calcsize("<" + entry_code)
        raw = self._take(stream, count * width)
        tags: dict[int, tuple[int, int, bytes]] = {}
        for number, kind, length, value in struct.iter_unpack(self._order + entry_code, raw):
            tags.setdefault(number, (kind, length, value))
        (following,) = struct.unpack(self._order + next_code, self._take(stream, struct.calcsize("<" + next_code)))
        return tags, following

    def _values(self, stream: BinaryIO, tag: tuple[int, int, bytes]) -> Any:
        kind, count, inline = tag
        dtype = np.dtype(self._order + _CODES.get(kind, "u1"))
        size = count * dtype.itemsize
        if size > self._limits.text_bytes:
            raise ReaderError(f"a TIFF tag claims {size} bytes", code="too-large")
        if size <= len(inline):
            raw = inline[:size]
        else:
            stream.seek(struct.unpack(self._order + ("Q" if self._big else "I"), inline)[0])
            raw = self._take(stream, size)
        return raw if dtype.kind == "S" else np.frombuffer(raw, dtype)

    def _page(self, stream: BinaryIO, raw: dict[int, tuple[int, int, bytes]], index: int) -> Page:
        values = {number: self._values(stream, raw[number]) for number in _WANTED & raw.keys()}
        texts = {number: bytes(values[number]) for number in _TEXT_TAGS if number in values}

        def one(number: int, default: int) -> int:
            found = values.get(number)
            return int(found[0]) if found is not None and len(found) else default

        width, length, samples = one(WIDTH, 0), one(LENGTH, 0), one(SAMPLES, 1)
        if not width or not length:
            raise ReaderError(f"TIFF page {index + 1} has no size: the file is damaged")
        dtype = {1: "u", 2: "i", 3: "f", 6: "c"}.get(one(_FORMAT, 1), "u") + str(max(one(BITS, 1) // 8, 1))
        chunks = (
            (one(_TILE_LENGTH, 0), one(_TILE_WIDTH, 0))
            if _TILE_WIDTH in values
            else (min(one(_ROWS, length), length), width)
        )
        stored = self._stored(values, index)
        shape = (length, width) if samples == 1 else (length, width, samples)
        entry = ArrayEntry(f"page {index + 1}", shape, self._order + dtype, chunks, stored)
        return Page(entry, one(COMPRESSION, 1), texts)

    def _stored(self, values: dict[int, Any], index: int) -> int:
        tiled = _TILE_OFFSETS in values
        offsets = values.get(_TILE_OFFSETS if tiled else _STRIP_OFFSETS, np.empty(0, "u4")).astype(object)
        counts = values.get(_TILE_COUNTS if tiled else _STRIP_COUNTS, np.empty(0, "u4")).astype(object)
        if len(offsets) != len(counts) or not len(offsets):
            raise ReaderError(f"TIFF page {index + 1} does not say where its pixels are: the file is damaged")
        if max(int(o) + int(c) for o, c in zip(offsets, counts, strict=True)) > self._size:
            raise ReaderError(
                f"the pixels of TIFF page {index + 1} end behind the file: copy it again", code="truncated-file"
            )
        return int(sum(counts))
