"""Files of published trees (OME-Zarr chunks, slices, tables), shared by datasets and results."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from fastapi import Request, Response

from app.errors import NotFound
from app.infra.house import House
from app.infra.storage import Store
from app.lab.doors.files import IntegrityFailure, StoredFile, serve

_MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml; charset=utf-8",
    "gif": "image/gif",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "h5": "application/x-hdf5",
}


_DESCRIBED, _MOST_LEVELS = "zarr.json", 16
#: A drawing holds its own styles and pixels, and may do nothing else.
_DRAWING = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}


def serve_tree_file(house: House, request: Request, tree: str | None, path: str) -> Response:
    """
    Answer a GET with one file of a published tree.

    Only what the tree's ``manifest.json`` names is served, so no path leads out of the tree. The answer carries the
    file's SHA-256 as ETag, knows single ranges, and may be kept for ever: trees never change.

    Parameters
    ----------
    house : House
        Settings and store.
    request : Request
        For Range, If-Range and If-None-Match.
    tree : str or None
        The tree's key (``Dataset.store_key``, ``Result.store_key``); None is a thing without a tree.
    path : str
        The file, relative to the tree: ``<name>.ome.zarr/0/c/0/0/0``.

    Raises
    ------
    NotFound
        Nothing of that name; for a Zarr chunk it means "all fill value".
    IntegrityFailure
        The stored bytes are not those of the manifest.
    """
    path, sha256 = _found(house, tree, path)
    ending = path.rpartition(".")[2]
    media_type = _MEDIA_TYPES.get(ending, "application/octet-stream")
    headers = {"Cache-Control": "private, max-age=31536000, immutable", **(_DRAWING if ending == "svg" else {})}
    return serve(house, request, StoredFile(f"{tree}/{path}", sha256, media_type, headers))


def _found(house: House, tree: str | None, path: str) -> tuple[str, str]:
    """Find a file and its SHA-256; a group that is no image, as of a list of events, is called ``<name>.zarr``."""
    files = files_of(house.store, tree) if tree else {}
    for candidate in (path, path.replace(".ome.zarr/", ".zarr/", 1)):
        if candidate in files:
            return candidate, files[candidate]
    raise NotFound


def tree_json(house: House, tree: str | None, path: str) -> Any:
    """Read one JSON file of a published tree for a page; missing or damaged ones are refused."""
    sha256 = files_of(house.store, tree).get(path) if tree else None
    if sha256 is None:
        raise NotFound
    return _json(house.store, tree or "", path, sha256)


def _json(store: Store, tree: str, path: str, sha256: str) -> Any:
    content = store.read(f"{tree}/{path}")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise IntegrityFailure
    return json.loads(content)


@lru_cache(maxsize=256)
def described(store: Store, tree: str, group: str) -> dict[str, Any]:
    """
    Return the descriptions (``zarr.json``) of a group of levels and of each level by their paths within it.

    Empty for a group of Zarr 2 or of more levels than any pyramid has; trees never change, so they are read once.
    """
    files = files_of(store, tree)
    names = [path for path in files if path.startswith(f"{group}/") and path.endswith(f"/{_DESCRIBED}")]
    if f"{group}/{_DESCRIBED}" not in names or len(names) > _MOST_LEVELS:
        return {}
    return {path.removeprefix(f"{group}/"): _json(store, tree, path, files[path]) for path in names}


@lru_cache(maxsize=128)
def files_of(store: Store, tree: str) -> dict[str, str]:
    """Return the SHA-256 of each file of a tree by its path, as its manifest says; NotFound when there is no tree."""
    try:
        manifest = json.loads(store.read(f"{tree}/manifest.json"))
    except FileNotFoundError:
        raise NotFound from None
    return dict(manifest["files"])


def array_path(name: str, path: str) -> str:
    """Return the path of a file of an array's OME-Zarr group within its tree."""
    return f"{name}.ome.zarr/{path}"


def display_path(name: str, path: str) -> str:
    """Return the path of a file of an array's display copy within its tree."""
    return f"{name}.display/{path}"


def slice_path(name: str, axis: str) -> str:
    """Return the path of an array's mid-slice picture within its tree."""
    return f"{name}.slices/{axis}.png"
