"""Style, scripts and drawings: under an address that changes with their content, so browsers may keep them for ever."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from app.errors import NotFound

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@cache
def contents() -> dict[str, bytes]:
    """Read all static files once; they are few and small."""
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}


@cache
def digest() -> str:
    """Return one digest over all files, so that scripts may import each other by relative address."""
    total = hashlib.sha256()
    for name, content in sorted(contents().items()):
        total.update(f"{name}:{len(content)}:".encode() + content)
    return total.hexdigest()[:12]


def address(name: str) -> str:
    """Return the address of a static file; a name that does not exist is a mistake in a template."""
    if name not in contents():
        raise KeyError(name)
    return f"/static/{digest()}/{name}"


@router.get("/static/{version}/{name:path}")
def static_file(version: str, name: str) -> Response:
    """Serve a static file; only the present version is kept for ever."""
    content = contents().get(name)
    if content is None:
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "Cache-Control": FOR_EVER if version == digest() else "no-cache",
        "ETag": f'"{digest()}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=kind, headers=headers)
