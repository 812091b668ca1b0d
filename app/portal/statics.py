"""
Style, scripts and drawings, as `frontend/` builds them: names change with their content, so browsers keep them.

Templates ask for a file by the name of its source; `manifest.json` says under which name it was built, `imports.json`
what it needs.
"""

import gzip
import json
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.errors import NotFound

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
#: A worker follows its own file's policy, not the page's: it asks this service only, and unpacks chunks by WebAssembly.
WORKER = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'"

router = APIRouter(include_in_schema=False)


@cache
def contents() -> dict[str, bytes]:
    """Read all static files once; they are few and small."""
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}


@cache
def built() -> dict[str, str]:
    """Return under which name each source was built."""
    names: dict[str, str] = json.loads(contents()["manifest.json"])
    return names


@cache
def packed(name: str) -> bytes:
    """Return a static file packed by gzip, once."""
    return gzip.compress(contents()[name], mtime=0)


def address(name: str) -> str:
    """Return the address of a static file; a name that does not exist is a mistake in a template."""
    return f"/static/{built()[name]}"


@cache
def preloads(*names: str) -> list[str]:
    """
    Return the addresses of scripts and of all they import, so that a page asks for them at once.

    A browser learns of an import only when it has read what imports it: file after file, and a worker's not before the
    page's own scripts ran.
    """
    imports: dict[str, list[str]] = json.loads(contents()["imports.json"])
    files = dict.fromkeys(file for name in names for file in [built()[name], *imports[name]])
    return [f"/static/{file}" for file in files]


@router.get("/static/{name:path}")
def static_file(name: str, request: Request) -> Response:
    """Serve a static file under the name that changes with its content."""
    if name not in contents():
        raise NotFound
    takes_packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if name.endswith(".js"):
        headers["Content-Security-Policy"] = WORKER
    if takes_packed:
        headers["Content-Encoding"] = "gzip"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(packed(name) if takes_packed else contents()[name], media_type=kind, headers=headers)
