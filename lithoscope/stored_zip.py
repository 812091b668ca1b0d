"""
A zip archive that only stores, put together while it is read: every byte of it lies in one of its files or in a few
small records, and equal files under equal names give equal archives.
"""

import io
import struct
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath

_STORED, _NEEDS_ZIP64, _UTF8 = 0, 45, 1 << 11
_ELSEWHERE = 0xFFFFFFFF
_EPOCH = 0x21  # 1 January 1980, so that equal files give equal archives
_HEAD_BYTES, _DIRECTORY_BYTES, _END_BYTES = 50, 74, 98  # besides names

_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{i}" for name in ("com", "lpt") for i in range(1, 10))}

#: Number of the file, where to begin and how many bytes at most [bytes]: gives at least one.
Piece = Callable[[int, int, int], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One file of an archive.

    Parameters
    ----------
    name : str
        As the archive calls it.
    size_bytes : int
        Its length.
    crc32 : int
        Check sum of its bytes.
    """

    name: str
    size_bytes: int
    crc32: int


def unfit(name: str) -> str | None:
    """Say what is wrong with the name or path of a file in an archive; None when nothing is."""
    pure = PureWindowsPath(name)
    if not name or "\0" in name or "\\" in name or pure.drive or pure.root or name.startswith("/"):
        return "it has an absolute, drive or empty name"
    if ".." in pure.parts:
        return "its name leads out of the archive"
    if any(part.split(".")[0].strip().casefold() in _DEVICES for part in pure.parts):
        return "it is named like a device"
    return None


def size_of(files: Sequence[tuple[str, int]]) -> int:
    """Return the length of the archive of files with these names and lengths [bytes]."""
    each = (_HEAD_BYTES + _DIRECTORY_BYTES + 2 * len(name.encode()) + size for name, size in files)
    return sum(each) + _END_BYTES


def head_of(entry: Entry) -> bytes:
    """Write the record before the bytes of a file."""
    name = entry.name.encode()
    lengths = struct.pack("<IIHH", _ELSEWHERE, _ELSEWHERE, len(name), 20)
    sizes = struct.pack("<HHQQ", 1, 16, entry.size_bytes, entry.size_bytes)
    return b"PK\x03\x04" + _common(entry) + lengths + name + sizes


def end_of(entries: Sequence[Entry]) -> bytes:
    """Write the records after the last file: the table of contents and how it is found."""
    at, directory = 0, []
    for entry in entries:
        name = entry.name.encode()
        lengths = struct.pack("<IIHHHHHII", _ELSEWHERE, _ELSEWHERE, len(name), 28, 0, 0, 0, 0, _ELSEWHERE)
        extra = struct.pack("<HHQQQ", 1, 24, entry.size_bytes, entry.size_bytes, at)
        version = struct.pack("<H", _NEEDS_ZIP64)
        directory.append(b"PK\x01\x02" + version + _common(entry) + lengths + name + extra)
        at += _HEAD_BYTES + len(name) + entry.size_bytes
    central = b"".join(directory)
    return central + _closing(len(entries), len(central), at)


def _common(entry: Entry) -> bytes:
    return struct.pack("<HHHHHI", _NEEDS_ZIP64, _UTF8, _STORED, 0, _EPOCH, entry.crc32)


def _closing(count: int, central_bytes: int, central_at: int) -> bytes:
    """Write the three closing records of an archive whose lengths may need eight bytes."""
    record = struct.pack("<QHHIIQQQQ", 44, _NEEDS_ZIP64, _NEEDS_ZIP64, 0, 0, count, count, central_bytes, central_at)
    locator = struct.pack("<IQI", 0, central_at + central_bytes, 1)
    end = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, _ELSEWHERE, _ELSEWHERE, 0)
    return b"PK\x06\x06" + record + b"PK\x06\x07" + locator + b"PK\x05\x06" + end


class StoredZip(io.RawIOBase):
    """
    The archive of some files as one that is read from any place.

    Parameters
    ----------
    entries : sequence of Entry
        Its files, in their order.
    piece : callable
        Reads bytes of a file by its number among the entries; what it raises when there are none reaches the reader.
    """

    def __init__(self, entries: Sequence[Entry], piece: Piece) -> None:
        self._piece = piece
        self._at = 0
        self._starts: list[int] = []
        self._sources: list[bytes | int] = []
        self._lengths: list[int] = []
        self.size = 0
        for index, entry in enumerate(entries):
            self._add(head := head_of(entry), len(head))
            self._add(index, entry.size_bytes)
        self._add(end := end_of(entries), len(end))

    def _add(self, source: bytes | int, length: int) -> None:
        if length:
            self._starts.append(self.size)
            self._sources.append(source)
            self._lengths.append(length)
            self.size += length

    def readable(self) -> bool:
        """It is only read."""
        return True

    def seekable(self) -> bool:
        """It is read from any place."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place [bytes]."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def tell(self) -> int:
        """Return the place [bytes]."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what stands in one segment from here on."""
        if self._at >= self.size:
            return 0
        number = bisect_right(self._starts, self._at) - 1
        source, within = self._sources[number], self._at - self._starts[number]
        length = min(len(buffer), self._lengths[number] - within)
        found = source[within : within + length] if isinstance(source, bytes) else self._piece(source, within, length)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
