"""The files on the facility's storage that a confined reader may open, and how they stood while they were read."""

import os
import resource
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.infra.storage.groups import PlacedGroup
from app.infra.storage.places import Placed, Root, Stamp, Unplaceable, open_in, stamp_of
from lithoscope.errors import ReaderError

TOGETHER = "together"
_BESIDES = 256


@dataclass(frozen=True, slots=True)
class InPlace:
    """
    What a reader is given.

    Parameters
    ----------
    task : dict
        What the task says of it: ``file``, or ``files`` of a group.
    lent : sequence of Path
        What may be read besides the task's own folder.
    """

    task: dict[str, Any]
    lent: Sequence[Path]


def lent_in_place(source: Placed) -> dict[str, Any]:
    """Write for a task which file, or which files of a folder, it is to read where they lie."""
    files = source.members if isinstance(source, PlacedGroup) else ()
    return {
        "root": str(source.root.path),
        "kept_out": str(source.root.kept_out),
        "path": source.place,
        "size_bytes": source.stamp.size_bytes,
        "mtime_ns": source.stamp.mtime_ns,
        "files": [[member.name, member.size_bytes, member.mtime_ns] for member in files],
    }


@contextmanager
def opened_in_place(task: dict[str, Any]) -> Iterator[InPlace]:
    """
    Open the files of a task before its process gives up all others, and name them by the open descriptors.

    What the reader opens again under these names are the same files, wherever their paths lead by then. Those of a
    group stand under their own names in a folder of the task's, as links to the descriptors.

    Yields
    ------
    given : InPlace
        To be read; empty when the task's file was lent to it otherwise.

    Raises
    ------
    ReaderError
        ``source-changed`` when a file is not the one that was registered, before or after it was read;
        ``too-many-open`` when this machine lets a process open fewer files than a group has.
    """
    lent = task.get("in_place")
    if lent is None:
        yield InPlace({}, ())
        return
    root = Root(Path(lent["root"]), Path(lent["kept_out"]))
    with ExitStack() as held:
        if lent["files"]:
            opened = _opened_group(root, lent, held)
            given = _linked(opened, Path(task["folder"]) / TOGETHER)
        else:
            opened = {"": _opened(root, lent, held)}
            path = _name_of(opened[""])
            given = InPlace({"file": str(path)}, [path])
        stamps = {name: stamp_of(file) for name, file in opened.items()}
        try:
            yield given
        finally:  # what a reader says of a file that was cut meanwhile is not true of the one that was registered
            for name, file in opened.items():
                if stamp_of(file) != stamps[name]:
                    raise _changed(name)


def _opened(root: Root, lent: dict[str, Any], held: ExitStack) -> BinaryIO:
    try:
        file = held.enter_context(root.open(lent["path"]))
    except Unplaceable as error:
        raise _changed() from error
    if stamp_of(file) != Stamp(lent["size_bytes"], lent["mtime_ns"]):
        raise _changed()
    return file


def _opened_group(root: Root, lent: dict[str, Any], held: ExitStack) -> dict[str, BinaryIO]:
    _allow(len(lent["files"]))
    opened, name = dict[str, BinaryIO](), ""
    try:
        with root.folder(lent["path"]) as folder:
            for name, size_bytes, mtime_ns in lent["files"]:
                opened[name] = held.enter_context(open_in(folder, name))
                if stamp_of(opened[name]) != Stamp(size_bytes, mtime_ns):
                    raise _changed(name)
    except Unplaceable as error:
        raise _changed(name) from error
    return opened


def _allow(files: int) -> None:
    """Let this process open as many files as it is given at once."""
    wanted = files + _BESIDES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        words = (
            f"a process may open {hard} files on the worker's machine and this dataset has {files}: have the facility "
            f"raise that limit to {wanted}, or send the files as one archive"
        )
        raise ReaderError(words, code="too-many-open")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _linked(opened: dict[str, BinaryIO], folder: Path) -> InPlace:
    folder.mkdir()
    paths = []
    for name, file in opened.items():
        paths.append(_name_of(file))
        (folder / name).symlink_to(paths[-1])
    return InPlace({"files": [str(folder / name) for name in opened]}, [folder, *paths])


def _name_of(file: BinaryIO) -> Path:
    return Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")


def _changed(name: str = "") -> ReaderError:
    what = f"{name}, a file on the facility's storage," if name else "the file on the facility's storage"
    words = f"{what} is not the one that was registered: put it back, or register it anew"
    return ReaderError(words, code="source-changed")
