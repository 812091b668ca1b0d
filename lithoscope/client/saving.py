"""Answers of the service as files: never over another file, never half a file, and cut transfers go on."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from lithoscope.client.connection import Connection, back_off_s
from lithoscope.client.problems import ClientError, Problem, Unreachable

_PATIENCE = 8  # cuts in a row without one new byte
_TAG = re.compile(r'^"([0-9a-f]{64})"$')

Report = Callable[[float, float | None], None]


class DamagedDownload(ClientError):
    """What arrived is not what the service promised."""

    def __init__(self, target: Path) -> None:
        super().__init__(f"{target.name} arrived damaged and was thrown away: fetch it again")


def _silent(done: float, total: float | None) -> None:
    """Tell nobody."""


def save(connection: Connection, path: str, target: Path | None, **params: Any) -> Path:
    """Save an answer as `fetch` does, telling nobody how far it is."""
    return fetch(connection, path, target, params=params, report=_silent)


def fetch(connection: Connection, path: str, target: Path | None, *, params: Mapping[str, Any], report: Report) -> Path:
    """
    Save an answer under a fresh name first, so that a broken transfer never looks like a file.

    Where the service names the SHA-256 of what it sends (its ETag), a transfer that was cut goes on with the bytes that
    are in the ``.part`` file beside the target, also after a restart, and the whole is checked in the end.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of the answer.
    target : Path or None
        The file to write; None takes the name the service gives it, in the working folder and never over another file.
    params : mapping
        Query of the address.
    report : callable
        Told the bytes that are here, and those there are in all where that is known.

    Raises
    ------
    DamagedDownload
        The bytes are not those of the SHA-256.
    """
    part = _Part(target)
    failures = 0
    while True:
        before = part.size
        try:
            with connection.stream(path, headers=part.headers(), **params) as response:
                part.take(response, report)
            return part.finish()
        except Unreachable:
            failures = 1 if part.size > before else failures + 1
            if part.tag is None or failures > _PATIENCE:
                raise
            connection.sleep(back_off_s(failures))
        except Problem as problem:
            if problem.status != 416:
                raise
            part.forget()  # it holds more than the service has: another content


class _Part:
    """The bytes that are here already, and the SHA-256 they belong to, which lies in a file beside them."""

    def __init__(self, target: Path | None) -> None:
        self.target = target
        self.tag: str | None = None
        if target is not None and self._path.exists() and self._note.exists():
            noted = self._note.read_text(encoding="ascii").strip()
            self.tag = noted if re.fullmatch(r"[0-9a-f]{64}", noted) else None

    @property
    def _path(self) -> Path:
        return self._beside("part")

    @property
    def _note(self) -> Path:
        return self._beside("part.sha256")

    def _beside(self, ending: str) -> Path:
        if self.target is None:
            raise ClientError("a download without a name has no place yet")
        return self.target.with_name(f"{self.target.name}.{ending}")

    @property
    def size(self) -> int:
        """Return how much is here of the content that is fetched."""
        return self._path.stat().st_size if self.tag is not None and self._path.exists() else 0

    def headers(self) -> dict[str, str]:
        """Ask for the rest of the same content; all of it when that has changed."""
        plain = {"Accept-Encoding": "identity"}
        return plain | ({"Range": f"bytes={self.size}-", "If-Range": f'"{self.tag}"'} if self.size else {})

    def take(self, response: httpx.Response, report: Report) -> None:
        """Write what comes behind what is here, or anew."""
        if self.target is None:
            self.target = fresh(_given_name(response.headers["content-disposition"]))
        goes_on = response.status_code == 206
        found = _TAG.match(response.headers.get("etag", ""))
        self.tag = found[1] if found else None
        if self.tag is not None:
            self._note.write_text(self.tag, encoding="ascii")
        done = self.size if goes_on else 0
        length = response.headers.get("content-length", "")
        total = done + int(length) if length.isdecimal() else None
        with self._path.open("ab" if goes_on else "wb") as file:
            for block in response.iter_bytes():  # as they come: a cut loses nothing that arrived
                file.write(block)
                done += len(block)
                report(done, total)

    def finish(self) -> Path:
        """Check the whole and give it its name."""
        part, target = self._path, self._path.with_suffix("")
        if self.tag is not None and _sha256(part) != self.tag:
            self.forget()
            raise DamagedDownload(target)
        part.replace(target)
        self._note.unlink(missing_ok=True)
        return target

    def forget(self) -> None:
        """Throw away what is here."""
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.tag = None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fresh(target: Path | str) -> Path:
    """Return the path of a file to be written, refusing one that exists."""
    path = Path(target)
    if path.exists():
        raise ClientError(f"{path} exists already: choose another name")
    return path


def _given_name(disposition: str) -> str:
    found = re.search(r'filename="([A-Za-z0-9_][A-Za-z0-9._-]*)"', disposition)
    return found[1] if found else "download"
