"""
Files that lie on the facility's own storage and stay there: found below a root, opened and read, never changed.

A path is followed from its root folder by folder and no link is followed on the way, so that nobody who may write to
the storage can lead the service to another file between two looks.
"""

import os
import stat
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from app.infra.storage.base import Store

LONGEST = 1024
_NOT_PLAIN = "It is no plain file: a folder, link, pipe or device is not registered."


class Unplaceable(ValueError):
    """Why a path cannot be registered."""


class FileAway(OSError):
    """
    A registered file that is not there, or not as it was.

    Parameters
    ----------
    problem : {"missing", "changed"}
        What is wrong.
    files : sequence of str
        Which files of a group it concerns; none for a file of its own.
    """

    def __init__(self, problem: str, files: Sequence[str] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.files = tuple(files)


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
        place = self.resolved(given)
        with self.open(place):
            return place

    def resolved(self, given: str) -> str:
        """
        Return where a path would lead below the root, links resolved, whatever is there.

        Raises
        ------
        Unplaceable
            It leads out of the root.
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
        if len(place) > LONGEST or any("\ud800" <= mark <= "\udfff" for mark in place):
            raise Unplaceable(f"Its links lead to a path of more than {LONGEST} characters or no UTF-8: rename that.")
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
        with self.folder(PurePosixPath(*folders).as_posix()) as folder:
            return open_in(folder, name)

    @contextmanager
    def folder(self, place: str) -> Iterator[int]:
        """
        Go to a folder, following no link.

        Yields
        ------
        descriptor : int
            Names it, to open what lies in it (`open_in`).

        Raises
        ------
        Unplaceable
            There is no such folder, or it may not be entered.
        """
        try:
            folder = os.open(self.path.resolve(), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            raise Unplaceable("The root cannot be reached now: is the storage there?") from None
        try:
            for each in PurePosixPath(place).parts:
                with _as_unplaceable():
                    inner = os.open(each, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)


def open_in(folder: int, name: str) -> BinaryIO:
    """
    Open a plain file of a folder for reading, following no link.

    Raises
    ------
    Unplaceable
        There is no plain file, or it may not be read.
    """
    with _as_unplaceable():
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise Unplaceable(_NOT_PLAIN)
        file = os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Unplaceable(_NOT_PLAIN)
    return file


@contextmanager
def _as_unplaceable() -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise Unplaceable("The service may not read it: give its account the right to.") from None
    except OSError:
        raise Unplaceable("There is no such file below the root.") from None


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

    def state(self) -> Hashable:
        """Say how it stands on the disk now, for knowing it again."""
        found = self.path(self.place).stat()
        return str(self.path(self.place)), found.st_ino, found.st_mtime_ns, found.st_size

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

    def known(self, name: str) -> Root:
        """
        Return a root that something was registered below.

        Raises
        ------
        FileAway
            It is no longer among the settings.
        """
        found = self._roots.get(name)
        if found is None:
            raise FileAway("missing")
        return found
