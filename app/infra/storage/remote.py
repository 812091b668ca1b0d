"""A store behind fsspec: S3 and what speaks it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from app.infra.storage.base import Store, StoreAway, check_key

COMPLETE = ".complete"


class RemoteStore(Store):
    """
    A bucket, or a prefix of one.

    A single object appears whole or not at all. A tree is many objects: its files are sent first, then a marker, and
    it stands only when the marker does.

    Parameters
    ----------
    url : str
        ``s3://bucket/prefix``.
    options : dict
        Handed to fsspec: ``key``, ``secret``, ``endpoint_url``.
    """

    def __init__(self, url: str, options: dict[str, str]) -> None:
        self._url = url
        self._options = options

    @cached_property
    def _files(self) -> Any:
        """Connect at first use: a forked worker must not inherit its parent's connection."""
        import fsspec

        protocol = self._url.partition("://")[0]
        return _Answering(fsspec.filesystem(protocol, **_filesystem_options(self._options)), _failures(protocol))

    @property
    def _root(self) -> str:
        return self._url.partition("://")[2].strip("/")

    def _path(self, key: str) -> str:
        return f"{self._root}/{check_key(key)}"

    def put_file(self, key: str, source: Path) -> None:
        """Send a finished file under a key."""
        if not self.exists(key):
            self._files.put_file(str(source), self._path(key))
            self._forget()
        source.unlink()

    def put_tree(self, key: str, source: Path) -> None:
        """Send a finished folder under a key, its marker last."""
        if not self._stands(key):
            for path in sorted(source.rglob("*")):
                if path.is_file():
                    self._files.put_file(str(path), f"{self._path(key)}/{path.relative_to(source).as_posix()}")
            self._files.pipe_file(f"{self._path(key)}/{COMPLETE}", b"")
            self._forget()
        shutil.rmtree(source)

    def _forget(self) -> None:
        """Drop listings kept from before a change, ours or another process's."""
        self._files.invalidate_cache()

    def _stands(self, key: str) -> bool:
        return self._size(f"{key}/{COMPLETE}") is not None

    def _size(self, key: str) -> int | None:
        self._forget()
        try:
            found = self._files.info(self._path(key))
        except FileNotFoundError:
            return None
        return int(found["size"]) if found["type"] == "file" else None

    def exists(self, key: str) -> bool:
        """Say whether a file or a whole tree stands under a key; folders within a tree stand with it."""
        if self._size(key) is not None or self._stands(key):
            return True
        return bool(self._in_tree(key)) and any(True for _ in self.keys(key))

    def _in_tree(self, key: str) -> bool:
        return any(self._stands(parent.as_posix()) for parent in PurePosixPath(key).parents if parent.name)

    def size(self, key: str) -> int:
        """Return the bytes of a file."""
        size = self._size(key)
        if size is None:
            raise FileNotFoundError(key)
        return size

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading."""
        self.size(key)
        return cast("BinaryIO", self._files.open(self._path(key), "rb"))

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of a file."""
        size = self.size(key)
        end = size if length is None else min(size, start + length)
        if start >= end:
            return b""
        return bytes(self._files.cat_file(self._path(key), start=start, end=end))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """List the keys of all files below a prefix."""
        self._forget()
        root = f"{self._root}/{prefix}".rstrip("/")
        try:
            found = self._files.find(root)
        except FileNotFoundError:
            return
        for path in sorted(found):
            key = str(path).removeprefix(self._root + "/")
            if not key.endswith("/" + COMPLETE) and not path.endswith("/"):
                yield key

    def sizes(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List all files below a prefix with their bytes."""
        self._forget()
        try:
            found = self._files.find(f"{self._root}/{prefix}".rstrip("/"), detail=True)
        except FileNotFoundError:
            return
        for path, about in found.items():
            key = str(path).removeprefix(self._root + "/")
            if not key.endswith(f"/{COMPLETE}"):
                yield key, int(about["size"])

    def delete(self, key: str) -> None:
        """Delete a file or folder, the marker first."""
        if self._size(key) is not None:
            self._files.rm_file(self._path(key))
        if self._stands(key):
            self._files.rm_file(f"{self._path(key)}/{COMPLETE}")
        for each in list(self.keys(key)):
            self._files.rm_file(self._path(each))
        self._forget()

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """Bring a file or folder to this machine for as long as the block runs."""
        if not self.exists(key):
            raise FileNotFoundError(key)
        with tempfile.TemporaryDirectory(prefix="lithoscope-") as folder:
            target = Path(folder) / PurePosixPath(key).name
            if self._size(key) is not None:
                self._files.get_file(self._path(key), str(target))
            else:
                self._bring_folder(key, target)
            yield target

    def _bring_folder(self, key: str, target: Path) -> None:
        for each in self.keys(key):
            path = target / each.removeprefix(key + "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files.get_file(self._path(each), str(path))


class _Answering:
    """A file system of fsspec; when it does not answer it says so with `StoreAway`, whatever its library raises."""

    def __init__(self, files: Any, failures: tuple[type[Exception], ...]) -> None:
        self._files = files
        self._failures = failures

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._files, name)

        def ask(*given: Any, **named: Any) -> Any:
            try:
                return act(*given, **named)
            except self._failures as error:
                raise StoreAway(f"the store does not answer: {type(error).__name__}") from error

        return ask


def _failures(protocol: str) -> tuple[type[Exception], ...]:
    """Return the errors of a protocol's library that are no OSError."""
    if protocol != "s3":
        return (TimeoutError,)
    from botocore.exceptions import BotoCoreError

    return (TimeoutError, BotoCoreError)


def _filesystem_options(options: dict[str, str]) -> dict[str, Any]:
    """Sort plain settings into what s3fs expects where."""
    client = {name: options[name] for name in ("endpoint_url", "region_name") if name in options}
    plain = {name: value for name, value in options.items() if name not in client}
    return {**plain, **({"client_kwargs": client} if client else {}), "skip_instance_cache": True}
