"""The staging file of an upload: written and hashed in one pass, durable where the row says so."""

import hashlib
import os
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from app.infra.storage import sync


class Digest(Protocol):
    """A running SHA-256."""

    def update(self, data: bytes | bytearray, /) -> None:
        """Take in more bytes."""

    def hexdigest(self) -> str:
        """Return the digest so far."""

    def copy(self) -> "Digest":
        """Return an independent copy."""


_hashers = ThreadPoolExecutor(4, thread_name_prefix="upload-hash")


class RunningHashes:
    """
    Hash states of unfinished uploads at their committed offsets.

    They live in this process only: after a restart, or on another replica, a state is missing and the finished file
    is read again.
    """

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._states: OrderedDict[str, tuple[int, Digest]] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, upload_id: str, offset: int) -> Digest | None:
        """Return a copy of the state at an offset, None when it is not known."""
        if offset == 0:
            return hashlib.sha256()
        with self._lock:
            known, state = self._states.get(upload_id, (-1, None))
            return state.copy() if state is not None and known == offset else None

    def keep(self, upload_id: str, offset: int, state: Digest) -> None:
        """Remember the state at an offset."""
        with self._lock:
            self._states[upload_id] = (offset, state.copy())
            self._states.move_to_end(upload_id)
            while len(self._states) > self._most:
                self._states.popitem(last=False)

    def forget(self, upload_id: str) -> None:
        """Drop the state of an upload that is over."""
        with self._lock:
            self._states.pop(upload_id, None)


hashes = RunningHashes()


def folder(staging: Path) -> Path:
    """Return the folder of staging files, made when missing."""
    uploads = staging / "uploads"
    uploads.mkdir(parents=True, exist_ok=True)
    return uploads


def path_of(staging: Path, upload_id: str) -> Path:
    """Return the staging file of an upload: named by our id, never by the sender's file name."""
    return folder(staging) / upload_id


class StagingFile:
    """
    An upload's file, opened to write on from its committed offset.

    Parameters
    ----------
    path : Path
        Where it lies.
    offset : int
        The committed offset; what lies beyond it was never acknowledged and is cut off.
    digest : Digest, optional
        The hash state at the offset.

    Raises
    ------
    ShortFile
        The file holds less than was committed.
    """

    def __init__(self, path: Path, offset: int, digest: Digest | None) -> None:
        is_new = not path.exists()
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held = os.fstat(self._descriptor).st_size
        if held < offset:
            os.close(self._descriptor)
            raise ShortFile(held)
        os.ftruncate(self._descriptor, offset)
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        if is_new:
            sync(path.parent)
        self.offset = offset
        self.digest = digest

    def write(self, block: bytes | bytearray, *, of_body: Digest | None = None) -> None:
        """
        Append a block; the hashes run on other threads meanwhile, since all of this lets go of the interpreter.

        Parameters
        ----------
        block : bytes or bytearray
            What comes next.
        of_body : Digest, optional
            The digest of the request's body alone.
        """
        hashing = [_hashers.submit(each.update, block) for each in (self.digest, of_body) if each is not None]
        try:
            with memoryview(block) as view:
                written = 0
                while written < len(view):
                    written += os.write(self._descriptor, view[written:])
        finally:
            for each in hashing:
                each.result()
        self.offset += len(block)

    def sync(self) -> None:
        """Make what was written durable."""
        os.fsync(self._descriptor)

    def cut(self, offset: int) -> None:
        """Take back what was written beyond an offset."""
        os.ftruncate(self._descriptor, offset)
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        self.offset = offset

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


class ShortFile(Exception):
    """A staging file that lost bytes it had been credited with (restored from a backup without staging)."""

    def __init__(self, held: int) -> None:
        super().__init__(f"{held} bytes are left")
        self.held = held
