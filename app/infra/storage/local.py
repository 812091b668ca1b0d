"""A store in a folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from app.infra.storage.base import Store, check_key


@lru_cache(maxsize=4096)
def _within(root: Path, key: str) -> Path:
    """Join a checked key: a viewer asks for the parts of a few files, thousands of times."""
    return root / check_key(key)


class LocalStore(Store):
    """A folder on a local or shared file system."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.root.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Return the path of a key."""
        return _within(self.root, key)

    def put_file(self, key: str, source: Path) -> None:
        """Move a finished file under a key."""
        target = self.path(key)
        if target.exists():
            source.unlink()
            return
        with source.open("rb") as file:
            os.fsync(file.fileno())
        self._rename(source, target)

    def put_tree(self, key: str, source: Path) -> None:
        """Move a finished folder under a key."""
        target = self.path(key)
        if target.exists():
            shutil.rmtree(source)
            return
        for path in source.rglob("*"):
            sync(path)
        sync(source)
        self._rename(source, target)

    def _rename(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.rename(target)
        except OSError:
            if not target.is_dir():
                raise
            shutil.rmtree(source)  # another worker published the same content a moment before
        folder = target.parent
        while folder.is_relative_to(self.root):
            sync(folder)
            folder = folder.parent

    def exists(self, key: str) -> bool:
        """Say whether a file or folder stands under a key."""
        return self.path(key).exists()

    def size(self, key: str) -> int:
        """Return the bytes of a file."""
        return self.path(key).stat().st_size

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading."""
        return self.path(key).open("rb")

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of a file."""
        try:
            with self.path(key).open("rb") as file:
                file.seek(start)
                return file.read(-1 if length is None else length)
        except IsADirectoryError:
            raise FileNotFoundError(key) from None

    def keys(self, prefix: str = "") -> Iterator[str]:
        """List the keys of all files below a prefix."""
        for path in sorted((self.root / prefix).rglob("*")):
            if path.is_file():
                yield path.relative_to(self.root).as_posix()

    def sizes(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List all files below a prefix with their bytes."""
        for path, size in file_sizes(self.root / prefix):
            yield path.relative_to(self.root).as_posix(), size

    def delete(self, key: str) -> None:
        """Delete a file or folder."""
        path = self.path(key)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """Give the path itself."""
        path = self.path(key)
        if not path.exists():
            raise FileNotFoundError(key)
        yield path


def file_sizes(folder: Path) -> Iterator[tuple[Path, int]]:
    """Go through the files below a folder with their bytes; what goes away meanwhile is left out."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            try:
                yield path, path.lstat().st_size
            except FileNotFoundError:
                continue


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
