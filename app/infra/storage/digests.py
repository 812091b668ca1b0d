"""Stored bytes compared with the digests they are known by."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.infra.storage.base import Store

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Damage:
    """
    A stored object whose bytes are not those it is known by.

    Parameters
    ----------
    key : str
        Its key in the store.
    path : str
        The file within a tree; empty for a file.
    problem : {"missing", "changed"}
        What is wrong.
    """

    key: str
    path: str
    problem: str


def sha256_of(file: BinaryIO, *, each_block: Callable[[], None] | None = None) -> str:
    """Hash a file to its end; ``each_block`` is called after every MiB, to show that the reader is alive."""
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
        if each_block is not None:
            each_block()
    return digest.hexdigest()


def tree_digest(files: dict[str, str]) -> str:
    """Return the digest of a tree: the SHA-256 of the canonical JSON of its files' digests by path."""
    return hashlib.sha256(json.dumps(files, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def tree_damage(store: Store, key: str) -> Iterator[Damage]:
    """Compare every file of a tree with its manifest, and the manifest with the key."""
    try:
        files = json.loads(store.read(f"{key}/manifest.json"))["files"]
    except FileNotFoundError:
        yield Damage(key, "manifest.json", "missing")
        return
    except (ValueError, KeyError, TypeError):
        yield Damage(key, "manifest.json", "changed")
        return
    if tree_digest(files) != key.rpartition("/")[2]:
        yield Damage(key, "manifest.json", "changed")
    for path, expected in files.items():
        try:
            with store.open(f"{key}/{path}") as file:
                found = sha256_of(file)
        except FileNotFoundError:
            yield Damage(key, path, "missing")
            continue
        if found != expected:
            yield Damage(key, path, "changed")
