"""The store's interface and the keys of what it holds."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO


class StoreAway(OSError):
    """The store does not answer; nothing is known of what it holds."""


class Store(ABC):
    """Where verified bytes live; keys are relative POSIX paths made by us, never by a user."""

    @abstractmethod
    def put_file(self, key: str, source: Path) -> None:
        """Move a finished file under a key, durably and atomically; an equal key already there is kept."""

    @abstractmethod
    def put_tree(self, key: str, source: Path) -> None:
        """Move a finished folder under a key, durably and atomically; an equal key already there is kept."""

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Say whether a file or folder stands under a key."""

    @abstractmethod
    def size(self, key: str) -> int:
        """Return the bytes of a file; FileNotFoundError when there is none."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """Open a file for reading; FileNotFoundError when there is none."""

    @abstractmethod
    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a range of a file; FileNotFoundError when there is none."""

    @abstractmethod
    def keys(self, prefix: str = "") -> Iterator[str]:
        """List the keys of all files below a prefix."""

    @abstractmethod
    def sizes(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List all files below a prefix with their bytes, in no order: for counting what is there."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Delete a file or folder; nothing happens when there is none."""

    @abstractmethod
    def local(self, key: str) -> AbstractContextManager[Path]:
        """Give a file or folder as a local path that is only read."""


def check_key(key: str) -> str:
    """Pass a key that stays within a store; keys are ours, so another is a fault of the service."""
    if not key or key.startswith("/") or {"", ".", ".."} & set(key.rstrip("/").split("/")):
        raise ValueError("a key left the store")
    return key


def blob_key(sha256: str) -> str:
    """Return the key of bytes with this digest."""
    return f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def tree_key(digest: str) -> str:
    """Return the key of a folder (a result or a dataset's array form) with this digest."""
    return f"trees/{digest[:2]}/{digest[2:4]}/{digest}"
