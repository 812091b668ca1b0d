"""
tus 1.0.0 as one request at a time: what `Client.upload` and the collector share.

Nothing here waits or remembers. Who calls asks for the offset of record after every failure, decides how long to wait,
and keeps the address of the transfer where it survives.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol

import httpx

from lithoscope.client.connection import Connection, retry_after_s
from lithoscope.client.pieces import Piece
from lithoscope.client.problems import Problem, Unreachable, problem_of

BLOCK_BYTES = 256 * 1024
GONE = frozenset({404, 410})
RETRY = frozenset({408, 409, 423, 429, 460, 500, 502, 503, 504})
OVER = frozenset({"failed", "terminated", "expired"})
TUS_HEADERS = {"Tus-Resumable": "1.0.0"}


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of a piece.

    Parameters
    ----------
    offset : int
        Where the transfer stands as far as this answer says.
    wait_s : float or None
        How long the service asks to wait.
    reason : str
        Why nothing was taken; empty when it was.
    is_silent : bool
        Nobody answered.
    """

    offset: int
    wait_s: float | None = None
    reason: str = ""
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """
    One upload on the service.

    Parameters
    ----------
    connection : Connection
        To the service.
    location : str
        Its address.
    size : int
        Number of bytes in all.
    """

    connection: Connection
    location: str
    size: int

    def send(self, piece: Piece) -> Outcome:
        """
        Send one piece once; with the last one the service refuses a file whose bytes are others than were read here.

        Parameters
        ----------
        piece : Piece
            At most 64 MiB.

        Raises
        ------
        Problem
            The service refuses for good.
        """
        headers = {
            **TUS_HEADERS,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(piece.offset),
            "Upload-Checksum": f"sha256 {_base64(piece.digest)}",
            "Content-Length": str(len(piece.data)),
        }
        if piece.whole is not None:
            headers["Repr-Digest"] = f"sha-256=:{_base64(bytes.fromhex(piece.whole))}:"
        try:
            answer = self.connection.once("PATCH", self.location, headers=headers, content=_blocks(piece.data))
        except Unreachable as error:
            return Outcome(piece.offset, None, str(error), is_silent=True)
        if answer.status_code == 204:
            return Outcome(int(answer.headers["upload-offset"]))
        problem = problem_of(answer)
        if answer.status_code not in RETRY or _is_final(problem):
            raise problem
        return Outcome(piece.offset, retry_after_s(answer), str(problem))

    def offset(self) -> int | None:
        """Ask where it stands; None when it is over or unknown."""
        answer = self.connection.once("HEAD", self.location, headers=TUS_HEADERS)
        if answer.status_code in GONE:
            return None
        if answer.is_error or "upload-offset" not in answer.headers:
            raise problem_of(answer)
        return int(answer.headers["upload-offset"])

    def record(self) -> dict[str, Any]:
        """Return the service's record of it."""
        answer = self.connection.once("GET", self.location)
        if answer.is_error:
            raise problem_of(answer)
        return dict(answer.json())

    def end(self) -> None:
        """Drop it with its bytes; one that is over already is no matter."""
        answer = self.connection.once("DELETE", self.location, headers=TUS_HEADERS)
        if answer.is_error and answer.status_code not in GONE:
            raise problem_of(answer)


def _is_final(problem: Problem) -> bool:
    """Tell the conflicts that no repetition mends."""
    return problem.code in {"duplicate-content", "digest-mismatch", "bytes-lost"}


@dataclass(frozen=True, slots=True)
class Begin:
    """
    The request that begins a transfer; repeated under the same key it gives the same transfer.

    Parameters
    ----------
    size : int
        Number of bytes.
    metadata : dict
        ``filename``, ``project_id``, optionally ``sample_id``, ``sha256`` and ``attributes`` (JSON text).
    key : str
        Idempotency-Key.
    """

    size: int
    metadata: Mapping[str, str]
    key: str = ""
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Write the headers."""
        pairs = [f"{name} {_base64(value.encode())}" for name, value in self.metadata.items()]
        headers = {**TUS_HEADERS, "Upload-Length": str(self.size), "Upload-Metadata": ",".join(pairs)}
        object.__setattr__(self, "headers", headers | ({"Idempotency-Key": self.key} if self.key else {}))

    def by(self, connection: Connection) -> Transfer:
        """Ask again and again, as the connection does."""
        answer = connection.send("POST", "/uploads", headers=self.headers)
        return Transfer(connection, self.location_in(answer), self.size)

    @staticmethod
    def location_in(answer: httpx.Response) -> str:
        """Return the address an answer gives."""
        return httpx.URL(answer.headers["location"]).path


def dataset_of(record: dict[str, Any]) -> str:
    """Return the dataset that a finished upload, or a dataset's own record, names."""
    return str(record["dataset_id"] if "dataset_id" in record else record["id"])


def identity_of(url: str, source: Sendable, metadata: Mapping[str, str]) -> str:
    """Name a transfer of this source to this service, for who remembers it."""
    name = json.dumps([url, *source.identity, sorted(metadata.items())])
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _blocks(piece: bytes) -> Iterator[bytes]:
    """Give a piece in blocks: the socket copies what is left of a block after each write."""
    for start in range(0, len(piece), BLOCK_BYTES):
        yield piece[start : start + BLOCK_BYTES]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
