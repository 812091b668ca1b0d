"""Bytes out: one PUT up to 16 MiB, above it tus 1.0.0 in checked pieces that survive cuts and restarts."""

import base64
import hashlib
from collections.abc import Callable
from io import BufferedReader

from lithoscope.client.config import config_path
from lithoscope.client.connection import LONGEST_WAIT_S, Connection, back_off_s
from lithoscope.client.pieces import MIB, PIECE_BYTES, Piece, pieces_of
from lithoscope.client.problems import ClientError, Problem, Unreachable
from lithoscope.client.tus import (
    GONE,
    OVER,
    TUS_HEADERS,
    Begin,
    LocalFile,
    Outcome,
    Sendable,
    Transfer,
    dataset_of,
    identity_of,
)

__all__ = ["MIB", "PIECE_BYTES", "DigestMismatch", "LocalFile", "Sendable", "send_file"]

SINGLE_PUT_BYTES = 16 * MIB
_PATIENCE = 30  # failures in a row without one byte of progress, with back-off: about a quarter of an hour

Report = Callable[[float, float], None]


class DigestMismatch(ClientError):
    """The service holds other bytes than were read here: the file changed while it was sent."""

    def __init__(self) -> None:
        super().__init__("the file changed while it was sent: send it again when nothing writes to it any more")


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
    return dataset_of(answer.json())


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
        transfer, offset = self._resume() or self._create()
        with self._source.open() as file:
            sha256 = self._send(file, transfer, offset)
        self._report(self._size, self._size)
        return self._finish(transfer, sha256)

    def _send(self, file: BufferedReader, transfer: Transfer, offset: int) -> str:
        """Send from an offset to the end; return the digest of the whole."""
        failures = 0
        with pieces_of(file, self._size) as pieces:
            while offset < self._size:
                self._report(offset, self._size)
                outcome = self._piece(transfer, pieces.at(offset))
                failures = 0 if outcome.offset > offset else failures + 1
                if failures >= _PATIENCE:
                    raise Unreachable(f"no byte got through in {failures} tries: run the same command again to resume")
                if failures:
                    self._connection.sleep(outcome.wait_s or back_off_s(failures))
                offset = self._offset(transfer, fallback=offset) if failures else outcome.offset
            return pieces.digest()

    def _piece(self, transfer: Transfer, piece: Piece) -> Outcome:
        if not piece.data:
            raise DigestMismatch
        try:
            return transfer.send(piece)
        except Problem as problem:
            if problem.code != "digest-mismatch":
                raise
            self._journal.forget()
            raise DigestMismatch from None

    def _create(self) -> tuple[Transfer, int]:
        transfer = Begin(self._size, self._metadata).by(self._connection)
        self._journal.keep(transfer.location)
        return transfer, 0

    def _resume(self) -> tuple[Transfer, int] | None:
        location = self._journal.find()
        if location is None or not self._exists(location):
            return None
        answer = self._connection.send("HEAD", location, headers=TUS_HEADERS)
        return Transfer(self._connection, location, self._size), int(answer.headers["upload-offset"])

    def _exists(self, location: str) -> bool:
        try:
            state = self._connection.get(location).get("state")
        except Problem as problem:
            if problem.status in GONE:
                return False
            raise
        return state not in OVER

    def _offset(self, transfer: Transfer, fallback: int) -> int:
        try:
            offset = transfer.offset()
        except (Unreachable, Problem):
            return fallback
        if offset is None:
            self._journal.forget()
            raise ClientError("the unfinished upload has expired on the service: run the same command again")
        return offset

    def _finish(self, transfer: Transfer, sha256: str) -> str:
        record = self._connection.get(transfer.location)
        wait_s = 0.2
        while record["state"] in {"receiving", "verifying"}:
            self._connection.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            record = self._connection.get(transfer.location)
        self._journal.forget()
        if record.get("sha256") not in {None, sha256}:
            raise DigestMismatch
        if record["state"] != "verified":
            raise ClientError(
                f"the upload {record['state']}: {(record.get('problem') or {}).get('detail', 'no reason')}"
            )
        return dataset_of(record)


class _Journal:
    """Where an unfinished transfer of this file to this service stands, kept beside the client's configuration."""

    def __init__(self, url: str, source: Sendable, metadata: dict[str, str]) -> None:
        self._file = config_path().parent / "uploads" / identity_of(url, source, metadata)

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
