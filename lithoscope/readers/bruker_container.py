"""
The container of Bruker's .bcf files: named streams in chunks of one file, each packed by zlib or plain.

Every address and length is held against the file before it is followed, since the container holds linked tables.
"""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lithoscope.errors import ReaderError
from lithoscope.readers.limits import Limits

MAGIC = b"AAMVHFSS"
_BASE, _HEADER, _ITEM = 0x118, 32, 0x200
_SMALLEST_CHUNK, _LARGEST_CHUNK = 1 << 10, 1 << 24
_PACKED, _FIRST_BLOCK, _BLOCK_HEADER = b"AACS", 0x80, 16


@dataclass(frozen=True, slots=True)
class Stream:
    """
    One stream of the container.

    Parameters
    ----------
    name : str
    size : int
        As stored [bytes].
    table : int
        Chunk that begins the table of its chunks.
    """

    name: str
    size: int
    table: int


class Container:
    """
    An open container.

    Parameters
    ----------
    path : Path
    limits : Limits

    Raises
    ------
    ReaderError
        ``truncated-file``, ``too-large`` or ``unreadable-file``.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._file_size = path.stat().st_size
        head = self._at(0, 0x14C)
        self._chunk = struct.unpack_from("<I", head, 0x128)[0]
        tree, items, _ = struct.unpack_from("<III", head, 0x140)
        if not _SMALLEST_CHUNK <= self._chunk <= _LARGEST_CHUNK or not 1 <= items <= limits.objects:
            raise ReaderError("the Bruker container has an impossible table of contents: it is damaged")
        self._room = self._chunk - _HEADER
        self.streams = self._contents(tree, items)

    def _at(self, place: int, length: int) -> bytes:
        if place < 0 or length < 0 or place > self._file_size:
            raise _cut()
        with self._path.open("rb") as file:
            file.seek(place)
            found = file.read(length)
        if len(found) < length:
            raise _cut()
        return found

    def _linked(self, first: int, chunks: int, used: int) -> bytes:
        """Read chunks that name the next one, the used part of each; the last may end with the file."""
        if chunks * self._chunk > self._file_size + self._chunk:
            raise _cut()
        found, place = [], first
        for index in range(chunks):
            start = self._chunk * place + _BASE
            (place,) = struct.unpack("<I", self._at(start, 4))
            left = self._file_size - start - _HEADER
            found.append(self._at(start + _HEADER, used if index < chunks - 1 else min(used, left)))
        return b"".join(found)

    def _contents(self, first: int, items: int) -> dict[str, Stream]:
        in_chunk = self._room // _ITEM
        raw = self._linked(first, -(-items // in_chunk), in_chunk * _ITEM)
        if len(raw) < items * _ITEM:
            raise _cut()
        found = {}
        for item in struct.iter_unpack("<iQ28x4x176x?3x256s32x", raw[: items * _ITEM]):
            table, size, is_folder, name = item
            if not is_folder:
                text = name.split(b"\0", 1)[0].decode("latin-1")
                found[text] = Stream(text, size, table)
        return found

    def read(self, name: str) -> bytes:
        """
        Read a stream and unpack it while counting.

        Raises
        ------
        ReaderError
            ``truncated-file``, ``compression-ratio``, ``too-large`` or ``unreadable-file``.
        """
        raw = b"".join(self._at(place, length) for place, length in self._places(name))
        return self._unpacked(raw) if raw.startswith(_PACKED) else raw

    def check(self, name: str) -> None:
        """
        Hold every address of a stream against the file without reading it.

        Raises
        ------
        ReaderError
            ``truncated-file`` or ``unreadable-file``.
        """
        if any(place + length > self._file_size for place, length in self._places(name)):
            raise _cut()

    def _places(self, name: str) -> list[tuple[int, int]]:
        """Find where the pieces of a stream lie and how long each is."""
        stream = self.streams.get(name)
        if stream is None or stream.size < 1:
            raise ReaderError(f"the Bruker file has no {name}: export it again")
        if stream.size > self._file_size:
            raise _cut()
        count = -(-stream.size // self._room)
        table = self._linked(stream.table, -(-count // (self._room // 4)), (self._room // 4) * 4)
        if len(table) < 4 * count:
            raise _cut()
        chunks = np.frombuffer(table, "<u4", count).tolist()
        lengths = [self._room] * (count - 1) + [stream.size - self._room * (count - 1)]
        return [(self._chunk * chunk + _BASE + _HEADER, length) for chunk, length in zip(chunks, lengths, strict=True)]

    def _unpacked(self, raw: bytes) -> bytes:
        if len(raw) < _FIRST_BLOCK:
            raise _cut()
        _, block_size, _, blocks = struct.unpack_from("<4I", raw)
        limits, found, written, place = self._limits, [], 0, _FIRST_BLOCK
        most = min(limits.array_bytes, limits.ratio * len(raw) + limits.ratio_floor_bytes)
        if block_size > limits.chunk_bytes or blocks > limits.objects:
            raise ReaderError("the Bruker container claims impossible blocks: it is damaged", code="too-large")
        for _ in range(blocks):
            if place + _BLOCK_HEADER > len(raw):
                raise _cut()
            (length,) = struct.unpack_from("<I", raw, place)
            place += _BLOCK_HEADER
            block = zlib.decompressobj().decompress(raw[place : place + length], block_size + 1)
            place += length
            written += len(block)
            if len(block) > block_size or written > most:
                raise ReaderError(
                    "a stream of the Bruker file unpacks to far more than it stores", code="compression-ratio"
                )
            found.append(block)
        return b"".join(found)


def _cut() -> ReaderError:
    return ReaderError("the Bruker file ends before what it lists: copy it again", code="truncated-file")
