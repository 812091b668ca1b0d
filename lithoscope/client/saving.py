"""Answers of the service as files: never over another file, and never half a file under a good name."""

import re
from pathlib import Path
from typing import Any

from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError


def save(connection: Connection, path: str, target: Path | None, **params: Any) -> Path:
    """
    Save an answer under a fresh name first, so that a broken transfer never looks like a file.

    Without a target it is saved in the working folder under the name the service gives it, never over another file.
    """
    with connection.stream(path, **params) as response:
        target = target or fresh(_given_name(response.headers["content-disposition"]))
        part = target.with_name(f"{target.name}.part")
        with part.open("wb") as file:
            for block in response.iter_bytes(1024 * 1024):
                file.write(block)
    part.replace(target)
    return target


def fresh(target: Path | str) -> Path:
    """Return the path of a file to be written, refusing one that exists."""
    path = Path(target)
    if path.exists():
        raise ClientError(f"{path} exists already: choose another name")
    return path


def _given_name(disposition: str) -> str:
    found = re.search(r'filename="([A-Za-z0-9_][A-Za-z0-9._-]*)"', disposition)
    return found[1] if found else "download"
