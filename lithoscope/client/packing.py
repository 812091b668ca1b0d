"""
A folder of scans as the archive the service reads, put together while it is sent: no second copy is written.

The archive only stores (`lithoscope.stored_zip`), so that its length is known beforehand and a transfer that was cut
can go on in the middle.
"""

import io
import zlib
from collections.abc import Sequence
from pathlib import Path

from lithoscope.client.problems import ClientError
from lithoscope.simultaneous import MANIFEST
from lithoscope.stored_zip import Entry, StoredZip, size_of

SUFFIXES = (".emd", ".dm3", ".dm4")
_BLOCK = 1 << 20


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
        self._entries = [Entry(path.name, path.stat().st_size, _crc32(path)) for path in self.files]
        self.size = size_of([(entry.name, entry.size_bytes) for entry in self._entries])

    @property
    def identity(self) -> list[object]:
        """Say what a resumed transfer must find unchanged."""
        states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in self.files]
        return [str(self.files[0].parent.resolve()), self.size, states]

    def open(self) -> io.BufferedReader:
        """Open the archive for reading from any place."""
        return io.BufferedReader(StoredZip(self._entries, self._piece), _BLOCK)

    def _piece(self, number: int, within: int, length: int) -> bytes:
        path = self.files[number]
        with path.open("rb") as file:
            file.seek(within)
            piece = file.read(length)
        if not piece:
            raise ClientError(f"{path.name} became shorter while it was sent: send the folder again")
        return piece


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


def _scans(folder: Path) -> list[Path]:
    manifest = folder / MANIFEST
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not files:
        raise ClientError(f"the folder holds none of {', '.join(SUFFIXES)}: give the folder of one tilt series")
    return [*([manifest] if manifest.is_file() else []), *files]


def _crc32(path: Path) -> int:
    check = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check = zlib.crc32(block, check)
    return check
