"""
Files that lie on the facility's own storage and stay there: found below a root, opened and read, never changed.

A path is followed from its root folder by folder and no link is followed on the way, so that nobody who may write to
the storage can lead the service to another file between two looks.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from app.infra.storage.base import Store

LONGEST = 1024


class Unplaceable(ValueError):
    """Why a path cannot be registered."""


class FileAway(OSError):
    """
    A registered file that is not there, or not as it was.

    Parameters
    ----------
    problem : {"missing", "changed"}
        What is wrong.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells without reading that a file was written to."""

    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Root:
    """
    A folder of the facility's storage.

    Parameters
    ----------
    path : Path
        Where this machine sees it.
    kept_out : Path
        The service's own folder: what lies there is never registered, wherever the root begins.
    """

    path: Path
    kept_out: Path

    def find(self, given: str) -> str:
        """
        Return where a path leads below the root, links resolved.

        Raises
        ------
        Unplaceable
            It leads out of the root, to nothing, or to what is no plain file.
        """
        relative = _checked(given)
        root = self.path.resolve()
        try:
            found = (root / relative).resolve()
        except (OSError, RuntimeError):
            raise Unplaceable("Its links lead in circles.") from None
        if not found.is_relative_to(root) or found.is_relative_to(self.kept_out.resolve()):
            raise Unplaceable("It leads out of the root: register the file where it lies.")
        place = found.relative_to(root).as_posix()
        with self.open(place):
            return place

    def open(self, place: str) -> BinaryIO:
        """
        Open a plain file for reading, following no link.

        Raises
        ------
        Unplaceable
            There is no plain file, or it may not be read.
        """
        *folders, name = PurePosixPath(place).parts or (".",)
        try:
            folder = os.open(self.path.resolve(), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            raise Unplaceable("The root cannot be reached now: is the storage there?") from None
        try:
            for each in folders:
                inner = os.open(each, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                os.close(folder)
                folder = inner
            if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise Unplaceable("It is no plain file: a folder, link, pipe or device is not registered.")
            file = os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder), "rb")
        except PermissionError:
            raise Unplaceable("The service may not read it: give its account the right to.") from None
        except OSError:
            raise Unplaceable("There is no such file below the root.") from None
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise Unplaceable("It is no plain file: a folder, link, pipe or device is not registered.")
        return file


def _checked(given: str) -> PurePosixPath:
    path = PurePosixPath(given)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in given:
        raise Unplaceable("Write it relative to the root, without '..'.")
    if len(given) > LONGEST:
        raise Unplaceable(f"It has more than {LONGEST} characters.")
    return path


def stamp_of(file: BinaryIO) -> Stamp:
    """Say how an open file stands."""
    found = os.fstat(file.fileno())
    return Stamp(found.st_size, found.st_mtime_ns)


class Placed(Store):
    """
    One registered file as a store of one key, read only, which it looks at before every use.

    Parameters
    ----------
    root : Root
        Where it lies.
    place : str
        Its path below the root, which is also its key.
    stamp : Stamp
        How it stood when it was hashed.
    """

    def __init__(self, root: Root, place: str, stamp: Stamp) -> None:
        self.root = root
        self.place = place
        self.stamp = stamp

    def path(self, key: str) -> Path:
        """Return the path of the file."""
        return self.root.path.resolve() / key

    def check(self) -> None:
        """Raise `FileAway` unless the file stands as it was hashed."""
        self.open(self.place).close()

    def open(self, key: str) -> BinaryIO:
        """Open the file; `FileAway` unless it stands as it was hashed."""
        try:
            file = self.root.open(key)
        except Unplaceable:
            raise FileAway("missing") from None
        if stamp_of(file) != self.stamp:
            file.close()
            raise FileAway("changed")
        return file

    def size(self, key: str) -> int:
        """Return its bytes."""
        with self.open(key):
            return self.stamp.size_bytes

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of it."""
        with self.open(key) as file:
            file.seek(start)
            found = file.read(-1 if length is None else length)
            if stamp_of(file) != self.stamp:
                raise FileAway("changed")
            return found

    def exists(self, key: str) -> bool:
        """Say whether it stands as it was hashed."""
        try:
            self.open(key).close()
        except FileAway:
            return False
        return True

    def keys(self, prefix: str = "") -> Iterator[str]:
        """List its key."""
        yield from (key for key in (self.place,) if key.startswith(prefix))

    def sizes(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List its key with its bytes."""
        yield from ((key, self.stamp.size_bytes) for key in self.keys(prefix))

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """Name it by an open descriptor: under this the same file is opened, wherever its path leads by then."""
        with self.open(key) as file:
            yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")

    def put_file(self, key: str, source: Path) -> None:  # noqa: ARG002 - the interface of stores
        """Refuse: nothing is written to the facility's storage."""
        raise PermissionError(key)

    def put_tree(self, key: str, source: Path) -> None:  # noqa: ARG002 - the interface of stores
        """Refuse: nothing is written to the facility's storage."""
        raise PermissionError(key)

    def delete(self, key: str) -> None:
        """Refuse: nothing is deleted on the facility's storage."""
        raise PermissionError(key)


class Places:
    """
    The roots of the facility's storage that files may be registered from.

    Parameters
    ----------
    roots : mapping of str to Root
        By the names people write.
    """

    def __init__(self, roots: Mapping[str, Root]) -> None:
        self._roots = roots

    def root(self, name: str) -> Root | None:
        """Return a root; None where the settings name it no longer."""
        return self._roots.get(name)

    def is_reachable(self, name: str) -> bool:
        """Say whether a root is there."""
        found = self._roots.get(name)
        return found is not None and found.path.is_dir()

    def placed(self, root: str, place: str, stamp: Stamp) -> Placed:
        """
        Return a registered file, to be read.

        Raises
        ------
        FileAway
            Its root is no longer among the settings.
        """
        found = self._roots.get(root)
        if found is None:
            raise FileAway("missing")
        return Placed(found, place, stamp)
