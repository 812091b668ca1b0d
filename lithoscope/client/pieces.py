"""Pieces of a file, read and hashed while the piece before is on its way."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader

MIB = 1024 * 1024
PIECE_BYTES = 8 * MIB


@dataclass(frozen=True, slots=True)
class Piece:
    """
    Some bytes of a file.

    Parameters
    ----------
    offset : int
        Where they begin.
    data : bytes
        Empty where the file ends before it should.
    digest : bytes
        Their SHA-256.
    whole : str or None
        SHA-256 of the whole file as it was read, hexadecimal; with its last piece only.
    """

    offset: int
    data: bytes
    digest: bytes
    whole: str | None = None

    @property
    def end(self) -> int:
        """Return where the next begins."""
        return self.offset + len(self.data)


@dataclass(slots=True)
class Hashed:
    """What of a file was hashed from its beginning on; kept, it saves reading that again when the file is resumed."""

    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    length: int = 0

    def take(self, data: bytes | memoryview) -> None:
        """Take in what comes next."""
        self.digest.update(data)
        self.length += len(data)


class Pieces:
    """
    Reads a file from front to back, in pieces of which some are read again; one thread does it all.

    Sending a piece takes the service's disk and this machine's line, reading and hashing the next takes this machine's
    disk and processor: done by turns, each waits for the other.

    Parameters
    ----------
    file : BufferedReader
        Open for reading.
    size : int
        Bytes it should have.
    reader : ThreadPoolExecutor
        One thread.
    piece_bytes : int
        Length of a piece.
    is_ahead : bool
        Whether the next piece is read before it is asked for; two are in memory then.
    hashed : Hashed, optional
        What was hashed of the same file before; it goes on growing.
    """

    def __init__(
        self,
        file: BufferedReader,
        size: int,
        reader: ThreadPoolExecutor,
        *,
        piece_bytes: int,
        is_ahead: bool,
        hashed: Hashed | None = None,
    ) -> None:
        self._file = file
        self._size = size
        self._reader = reader
        self._piece_bytes = piece_bytes
        self._is_ahead = is_ahead
        self._next: tuple[int, Future[Piece]] | None = None
        self._hashed = Hashed() if hashed is None else hashed

    def at(self, offset: int) -> Piece:
        """Return the piece that begins at an offset."""
        known, self._next = self._next, None
        piece = (known[1] if known is not None and known[0] == offset else self._begin(offset)).result()
        if self._is_ahead and piece.data and piece.end < self._size:
            self._next = (piece.end, self._begin(piece.end))
        return piece

    def digest(self) -> str:
        """Return the SHA-256 of the file as it was read; what this process did not send is read for it."""
        return self._reader.submit(self._whole).result()

    def _whole(self) -> str:
        self._catch_up(self._size)
        return self._hashed.digest.hexdigest()

    def _begin(self, offset: int) -> "Future[Piece]":
        return self._reader.submit(self._read, offset)

    def _read(self, offset: int) -> Piece:
        self._catch_up(offset)
        self._file.seek(offset)
        data = self._file.read(min(self._piece_bytes, self._size - offset))
        if offset <= self._hashed.length < offset + len(data):
            self._hashed.take(memoryview(data)[self._hashed.length - offset :])
        is_last = offset + len(data) >= self._size
        whole = self._hashed.digest.hexdigest() if is_last else None
        return Piece(offset, data, hashlib.sha256(data).digest(), whole)

    def _catch_up(self, offset: int) -> None:
        """Hash what was sent before this process began."""
        while self._hashed.length < offset:
            self._file.seek(self._hashed.length)
            block = self._file.read(min(self._piece_bytes, offset - self._hashed.length))
            if not block:
                return
            self._hashed.take(block)


@contextmanager
def pieces_of(
    file: BufferedReader,
    size: int,
    *,
    piece_bytes: int = PIECE_BYTES,
    is_ahead: bool = True,
    hashed: Hashed | None = None,
) -> Iterator[Pieces]:
    """Read a file in pieces; see `Pieces`."""
    with ThreadPoolExecutor(1, thread_name_prefix="pieces") as reader:
        yield Pieces(file, size, reader, piece_bytes=piece_bytes, is_ahead=is_ahead, hashed=hashed)
