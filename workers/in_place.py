"""The one file on the facility's storage that a confined reader may open, and how it stood while it was read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.infra.storage.places import Root, Stamp, Unplaceable, stamp_of
from lithoscope.errors import ReaderError


def lent_in_place(root: Root, place: str, stamp: Stamp) -> dict[str, Any]:
    """Write for a task which file it is to read where it lies."""
    return {
        "root": str(root.path),
        "kept_out": str(root.kept_out),
        "path": place,
        "size_bytes": stamp.size_bytes,
        "mtime_ns": stamp.mtime_ns,
    }


@contextmanager
def opened_in_place(task: dict[str, Any]) -> Iterator[Path | None]:
    """
    Open the file of a task before its process gives up all others, and name it by the open descriptor.

    What the reader opens again under this name is the same file, wherever its path leads by then.

    Yields
    ------
    path : Path or None
        To be read; None when the task's file was lent to it otherwise.

    Raises
    ------
    ReaderError
        ``source-changed`` when the file is not the one that was registered, before or after it was read.
    """
    lent = task.get("in_place")
    if lent is None:
        yield None
        return
    stamp = Stamp(lent["size_bytes"], lent["mtime_ns"])
    try:
        file = Root(Path(lent["root"]), Path(lent["kept_out"])).open(lent["path"])
    except Unplaceable as error:
        raise _changed() from error
    with file:
        if stamp_of(file) != stamp:
            raise _changed()
        try:
            yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
        finally:  # what a reader says of a file that was cut meanwhile is not true of the one that was registered
            if stamp_of(file) != stamp:
                raise _changed()


def _changed() -> ReaderError:
    words = "the file on the facility's storage is not the one that was registered: put it back, or register it anew"
    return ReaderError(words, code="source-changed")
