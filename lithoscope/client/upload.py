"""Bytes out: one PUT up to 16 MiB, above it tus 1.0.0 in checked pieces that survive cuts and restarts."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol

import httpx

from lithoscope.client.config import config_path
from lithoscope.client.connection import LONGEST_WAIT_S, Connection, back_off_s, retry_after_s
from lithoscope.client.problems import ClientError, Problem, Unreachable, problem_of

MIB = 1024 * 1024
SINGLE_PUT_BYTES = 16 * MIB
PIECE_BYTES = 8 * MIB
_PATIENCE = 30  # failures in a row without one byte of progress, with back-off: about a quarter of an hour
_GONE = frozenset({404, 410})
_RETRY = frozenset({408, 409, 423, 429, 460, 500, 502, 503, 504})

Report = Callable[[float, float], None]


class DigestMismatch(ClientError):
    """The service holds other bytes than were read here: the file changed while it was sent."""


class Sendable(Protocol):
    """Bytes of known number that can be read from any place."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    @property
    def identity(self) -> list[object]:
        """Say what a resumed transfer must find unchanged."""
        ...

    def open(self) -> BufferedReader:
        """Open them for reading."""
        ...


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is only read."""

    path: Path

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self.path.stat().st_size

    @property
    def identity(self) -> list[object]:
        """Say what a resumed transfer must find unchanged."""
        status = self.path.stat()
        return [str(self.path.resolve()), status.st_size, status.st_mtime_ns]

    def open(self) -> BufferedReader:
        """Open it for reading."""
        return self.path.open("rb")


def send_file(connection: Connection, source: Sendable, metadata: dict[str, str], report: Report) -> str:
    """
    Send a file and return the id of its dataset.

    Parameters
    ----------
    connection : Connection
        To the service.
    source : Sendable
        The file, or a folder packed on its way.
    metadata : dict
        ``filename``, ``project_id`` and optionally ``sample_id`` and ``attributes`` (JSON text).
    report : callable
        Told bytes done and bytes in all.
    """
    if source.size <= SINGLE_PUT_BYTES and "attributes" not in metadata:
        return _put(connection, source, metadata, report)
    return _TusUpload(connection, source, metadata, report).run()


def _put(connection: Connection, source: Sendable, metadata: dict[str, str], report: Report) -> str:
    with source.open() as stream:
        body = stream.read()
    digest = hashlib.sha256(body).digest()
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
    }
    answer = connection.send("PUT", "/uploads", params=metadata, headers=headers, content=body)
    report(len(body), len(body))
    return _dataset_id(answer.json())


def _dataset_id(record: dict[str, Any]) -> str:
    return str(record["dataset_id"] if "dataset_id" in record else record["id"])


class _TusUpload:
    """One transfer; the service's offset is the truth, and it is asked for after every failure."""

    def __init__(self, connection: Connection, source: Sendable, metadata: dict[str, str], report: Report) -> None:
        self._connection = connection
        self._source = source
        self._size = source.size
        self._metadata = metadata
        self._report = report
        self._journal = _Journal(connection.url, source, metadata)

    def run(self) -> str:
        """Send what is missing; return the dataset's id."""
        location, offset = self._resume() or self._create()
        with self._source.open() as file:
            self._send(file, location, offset)
        self._report(self._size, self._size)
        return self._finish(location)

    def _send(self, file: BufferedReader, location: str, offset: int) -> None:
        failures = 0
        while offset < self._size:
            self._report(offset, self._size)
            file.seek(offset)
            reached, wait_s = self._step(location, offset, file.read(PIECE_BYTES))
            failures = 0 if reached > offset else failures + 1
            if failures >= _PATIENCE:
                raise Unreachable(f"no byte got through in {failures} tries: run the same command again to resume")
            if failures:
                self._connection.sleep(wait_s or back_off_s(failures))
                reached = self._offset(location, fallback=offset)
            offset = reached

    def _headers(self) -> dict[str, str]:
        return {"Tus-Resumable": "1.0.0"}

    def _create(self) -> tuple[str, int]:
        pairs = [f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in self._metadata.items()]
        headers = {**self._headers(), "Upload-Length": str(self._size), "Upload-Metadata": ",".join(pairs)}
        answer = self._connection.send("POST", "/uploads", headers=headers)
        location = httpx.URL(answer.headers["location"]).path
        self._journal.keep(location)
        return location, 0

    def _resume(self) -> tuple[str, int] | None:
        location = self._journal.find()
        if location is None:
            return None
        answer = self._connection.send("HEAD", location, headers=self._headers()) if self._exists(location) else None
        return (location, int(answer.headers["upload-offset"])) if answer is not None else None

    def _exists(self, location: str) -> bool:
        try:
            state = self._connection.get(location).get("state")
        except Problem as problem:
            if problem.status in _GONE:
                return False
            raise
        return state not in {"failed", "terminated", "expired"}

    def _step(self, location: str, offset: int, piece: bytes) -> tuple[int, float | None]:
        """Send one piece; return the offset reached and how long the service asks to wait."""
        checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        headers = {
            **self._headers(),
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {checksum}",
        }
        try:
            answer = self._connection.once("PATCH", location, headers=headers, content=piece)
        except Unreachable:
            return offset, None
        if answer.status_code == 204:
            return int(answer.headers["upload-offset"]), None
        if answer.status_code not in _RETRY:
            raise problem_of(answer)
        return offset, retry_after_s(answer)

    def _offset(self, location: str, fallback: int) -> int:
        try:
            answer = self._connection.once("HEAD", location, headers=self._headers())
        except Unreachable:
            return fallback
        if answer.status_code in _GONE:
            self._journal.forget()
            raise ClientError("the unfinished upload has expired on the service: run the same command again")
        return int(answer.headers.get("upload-offset", fallback))

    def _finish(self, location: str) -> str:
        record = self._connection.get(location)
        wait_s = 0.2
        while record["state"] in {"receiving", "verifying"}:
            self._connection.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            record = self._connection.get(location)
        self._journal.forget()
        if record["state"] != "verified":
            raise ClientError(
                f"the upload {record['state']}: {(record.get('problem') or {}).get('detail', 'no reason')}"
            )
        if record.get("sha256") not in {None, self._digest()}:
            raise DigestMismatch("the file changed while it was sent: send it again when nothing writes to it any more")
        return _dataset_id(record)

    def _digest(self) -> str:
        with self._source.open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class _Journal:
    """Where an unfinished transfer of this file to this service stands, kept beside the client's configuration."""

    def __init__(self, url: str, source: Sendable, metadata: dict[str, str]) -> None:
        name = json.dumps([url, *source.identity, sorted(metadata.items())])
        self._file = config_path().parent / "uploads" / hashlib.sha256(name.encode()).hexdigest()[:32]

    def find(self) -> str | None:
        """Return the address of the transfer."""
        return self._file.read_text(encoding="utf-8") if self._file.exists() else None

    def keep(self, location: str) -> None:
        """Remember the address."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(location, encoding="utf-8")

    def forget(self) -> None:
        """The transfer is over."""
        self._file.unlink(missing_ok=True)
