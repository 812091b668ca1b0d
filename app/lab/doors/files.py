"""Stored files over HTTP: strong tags, single ranges, and never bytes other than those promised."""

import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from app.errors import LabError, NotFound
from app.infra.house import House
from app.infra.storage import LocalStore, Store
from app.infra.storage.checks import RecentChecks
from app.infra.storage.digests import BLOCK, sha256_of
from app.infra.storage.places import FileAway, Placed

#: No browser takes stored bytes for something it may run.
ATTACHMENT = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
CHECKED_AT_ONCE_BYTES = 64 * BLOCK
_checks = RecentChecks()
_hashing = [threading.Lock() for _ in range(64)]
_RANGE = re.compile(r"^bytes=(\d{0,15})-(\d{0,15})$")


class IntegrityFailure(LabError):
    """Stored bytes are not those they are known by."""

    code, status, title = "integrity-failure", 500, "Stored bytes are damaged"

    def __init__(self) -> None:
        super().__init__("The stored bytes no longer match their SHA-256: ask the facility to restore them.")


class RangeNotSatisfiable(LabError):
    """A range that begins beyond the end."""

    code, status, title = "range-not-satisfiable", 416, "Range not satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__("The range begins beyond the end of the file.", headers={"Content-Range": f"bytes */{size}"})


@dataclass(frozen=True)
class StoredFile:
    """
    A file to serve.

    Parameters
    ----------
    key : str
        Its key in the store.
    sha256 : str
        What its bytes must hash to; also its ETag.
    media_type : str
        Its type.
    headers : dict
        Further headers of the answer.
    store : Store, optional
        Where it lies when that is not the house's store.
    """

    key: str
    sha256: str
    media_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    store: Store | None = None


def serve(house: House, request: Request, file: StoredFile) -> Response:
    """
    Answer a GET with a stored file: 200, 206, 304 or 416; 404 when it is not there.

    Up to 64 MiB the bytes are hashed before the first of them leaves, so damage is 500 ``integrity-failure`` and
    never silent (what was hashed within ten minutes and not written since goes out at once, since viewers ask for
    many parts); larger files are streamed and watched over by ``admin verify``. Behind nginx
    (``accel_redirect_prefix``) nginx sends the bytes.
    """
    headers = {
        "ETag": f'"{file.sha256}"',
        "Accept-Ranges": "bytes",
        **ATTACHMENT,
        **file.headers,
    }
    if _matches(request.headers.get("if-none-match"), file.sha256):
        return Response(status_code=304, headers=headers)
    prefix, store = house.settings.accel_redirect_prefix, file.store or house.store
    if prefix and isinstance(store, LocalStore) and store.exists(file.key):
        headers["X-Accel-Redirect"] = f"{prefix.rstrip('/')}/{quote(file.key)}"
        return Response(headers=headers, media_type=file.media_type)
    try:
        size = store.size(file.key)
        span = _range(request, file.sha256, size)
        if size <= CHECKED_AT_ONCE_BYTES:
            return _whole(store, file, headers, span, size=size)
        return _streamed(store, file, headers, span or (0, size), status=206 if span else 200, size=size)
    except FileAway:  # since it was looked at a moment before
        raise IntegrityFailure from None
    except (FileNotFoundError, IsADirectoryError):
        raise NotFound from None


def _matches(if_none_match: str | None, sha256: str) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in (if_none_match or "").split(",")]
    return sha256 in tags or "*" in tags


def _range(request: Request, sha256: str, size: int) -> tuple[int, int] | None:
    """Return (start, end) of a single range; anything else than one well-formed range is the whole file (RFC 9110)."""
    given = request.headers.get("if-range")
    match = _RANGE.match(request.headers.get("range", "").strip())
    if match is None or (given is not None and given.strip().strip('"') != sha256):
        return None
    first, last = match.groups()
    if not first:
        if not last:
            return None
        if int(last) == 0:
            raise RangeNotSatisfiable(size)
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last) + 1 if last else size, size)
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, end


def _whole(
    store: Store, file: StoredFile, headers: dict[str, str], span: tuple[int, int] | None, *, size: int
) -> Response:
    start, end = span or (0, size)
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    content = _sound(store, file, (start, end), size=size)
    return Response(content, 206 if span else 200, headers=headers, media_type=file.media_type)


def _sound(store: Store, file: StoredFile, span: tuple[int, int], *, size: int) -> bytes:
    """
    Read a part of a file that was hashed of late, or is hashed now, by one of those who ask for it at once.

    For a part of a local file, the file goes by block by block: that takes half the time of having it whole in memory.
    """
    start, end = span
    if not _checks.knows(store, file.key):
        with _hashing[hash(file.key) % len(_hashing)]:
            if not _checks.knows(store, file.key):
                is_part = isinstance(store, LocalStore) and end - start < size
                content = None if is_part else store.read(file.key)
                digest = _digest(store, file.key) if content is None else hashlib.sha256(content).hexdigest()
                if digest != file.sha256:
                    raise IntegrityFailure
                _checks.note(store, file.key)
                if content is not None:
                    return content[start:end]
    return store.read(file.key, start, end - start)


def _digest(store: Store, key: str) -> str:
    with store.open(key) as source:
        return sha256_of(source)


def _streamed(
    store: Store, file: StoredFile, headers: dict[str, str], span: tuple[int, int], *, status: int, size: int
) -> Response:
    start, end = span
    headers["Content-Length"] = str(end - start)
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"

    def blocks() -> Iterator[bytes]:
        with store.open(file.key) as source:
            source.seek(start)
            left = end - start
            while left and (block := source.read(min(BLOCK, left))):
                left -= len(block)
                if not left and isinstance(store, Placed):
                    store.check()  # a file that changed while it was read ends short of its last bytes
                yield block

    return StreamingResponse(blocks(), status, headers=headers, media_type=file.media_type)
