"""
A folder of scans as the archive the service reads, put together while it is sent: no second copy is written.

The archive only stores, so that every byte of it lies in one of the files or in a few small records, its length is
known beforehand, and a transfer that was cut can go on in the middle.
"""

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lithoscope.client.problems import ClientError
from lithoscope.simultaneous import MANIFEST

SUFFIXES = (".emd", ".dm3", ".dm4")
_BLOCK = 1 << 20
_STORED, _NEEDS_ZIP64, _UTF8 = 0, 45, 1 << 11
_ELSEWHERE = 0xFFFFFFFF
_EPOCH = 0x21  # 1 January 1980, so that equal files give equal archives


@dataclass(frozen=True, slots=True)
class _Segment:
    """Bytes of the archive: a record of its own, or a whole file."""

    start: int
    length: int
    source: bytes | Path


class PackedFiles:
    """
    A stored zip archive of files, all under their own names.

    Parameters
    ----------
    name : str
        What the archive is called.
    files : sequence of Path
        What is in it; each is read once here for its check sum.
    """

    def __init__(self, name: str, files: Sequence[Path]) -> None:
        self.name = name
        self.files = list(files)
        self._segments = list(_segments(self.files))
        self.size = self._segments[-1].start + self._segments[-1].length

    @property
    def identity(self) -> list[object]:
        """Say what a resumed transfer must find unchanged."""
        states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in self.files]
        return [str(self.files[0].parent.resolve()), self.size, states]

    def open(self) -> io.BufferedReader:
        """Open the archive for reading from any place."""
        return io.BufferedReader(_Reader(self._segments, self.size), _BLOCK)


class PackedFolder(PackedFiles):
    """
    A stored zip archive of the scans of a folder.

    Parameters
    ----------
    folder : Path
        With ``series.csv`` and the files it names, or Velox or DigitalMicrograph files of one tilt series.

    Raises
    ------
    ClientError
        If it holds no scans.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder.resolve().name}.zip", _scans(folder))


class _Reader(io.RawIOBase):
    """The segments one after the other."""

    def __init__(self, segments: Sequence[_Segment], size: int) -> None:
        self._segments, self._size, self._at = segments, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        for segment in self._segments:
            within = self._at - segment.start
            if 0 <= within < segment.length:
                piece = self._piece(segment, within, min(len(buffer), segment.length - within))
                buffer[: len(piece)] = piece
                self._at += len(piece)
                return len(piece)
        return 0

    def _piece(self, segment: _Segment, within: int, length: int) -> bytes:
        if isinstance(segment.source, bytes):
            return segment.source[within : within + length]
        with segment.source.open("rb") as file:
            file.seek(within)
            piece = file.read(length)
        if not piece:
            raise ClientError(f"{segment.source.name} became shorter while it was sent: send the folder again")
        return piece


def _scans(folder: Path) -> list[Path]:
    manifest = folder / MANIFEST
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not files:
        raise ClientError(f"the folder holds none of {', '.join(SUFFIXES)}: give the folder of one tilt series")
    return [*([manifest] if manifest.is_file() else []), *files]


def _segments(files: Sequence[Path]) -> Iterator[_Segment]:
    at, central = 0, b""
    for path in files:
        name, size, check = path.name.encode(), path.stat().st_size, _crc32(path)
        common = struct.pack("<HHHHHI", _NEEDS_ZIP64, _UTF8, _STORED, 0, _EPOCH, check)
        lengths = struct.pack("<IIHH", _ELSEWHERE, _ELSEWHERE, len(name), 20)
        header = b"PK\x03\x04" + common + lengths + name + struct.pack("<HHQQ", 1, 16, size, size)
        lengths = struct.pack("<IIHHHHHII", _ELSEWHERE, _ELSEWHERE, len(name), 28, 0, 0, 0, 0, _ELSEWHERE)
        extra = struct.pack("<HHQQQ", 1, 24, size, size, at)
        central += b"PK\x01\x02" + struct.pack("<H", _NEEDS_ZIP64) + common + lengths + name + extra
        yield _Segment(at, len(header), header)
        if size:
            yield _Segment(at + len(header), size, path)
        at += len(header) + size
    end = _end(len(files), len(central), at)
    yield _Segment(at, len(central) + len(end), central + end)


def _end(count: int, central_bytes: int, central_at: int) -> bytes:
    """Write the three closing records of an archive whose lengths may need eight bytes."""
    record = struct.pack("<QHHIIQQQQ", 44, _NEEDS_ZIP64, _NEEDS_ZIP64, 0, 0, count, count, central_bytes, central_at)
    locator = struct.pack("<IQI", 0, central_at + central_bytes, 1)
    end = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, _ELSEWHERE, _ELSEWHERE, 0)
    return b"PK\x06\x06" + record + b"PK\x06\x07" + locator + b"PK\x05\x06" + end


def _crc32(path: Path) -> int:
    check = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check = zlib.crc32(block, check)
    return check
