"""
One value out of a stored OME-Zarr array, read through one chunk of it.

The service looks at a voxel to say where it comes from; neither the array nor numpy is loaded for that. What our own
writer makes is understood (Zarr v3, regular chunks, shards with an index at their end, gzip or nothing), all else is
refused.
"""

import gzip
import hashlib
import json
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import google_crc32c

from app.infra.exports import DamagedTree
from app.infra.storage import Store
from app.infra.storage.checks import RecentChecks
from app.infra.storage.digests import sha256_of

_FORMATS = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d",
}  # fmt: skip
_EMPTY = 2**64 - 1
_OF_ZARR_2 = (".zgroup", ".zattrs", ".zarray")
_checks = RecentChecks()


class NotASingleNumber(ValueError):
    """The array holds something else than plain numbers, or is packed in a way our writer never uses."""


@dataclass(frozen=True)
class Layout:
    """
    How an array lies in files.

    Parameters
    ----------
    format : str
        Letter of its numbers for `struct` and numpy, little-endian: ``<f``.
    shape, files, chunks : tuple of int
        Lengths of the array, of what one file holds, and of what is packed as one.
    codecs : tuple of str
        What a chunk went through.
    is_sharded : bool
        Whether a file holds several chunks and an index.
    fill_value : number
        What chunks that were not written hold.
    """

    format: str
    shape: tuple[int, ...]
    files: tuple[int, ...]
    chunks: tuple[int, ...]
    codecs: tuple[str, ...]
    is_sharded: bool
    fill_value: float | int | bool

    @classmethod
    def of(cls, about: dict[str, Any]) -> "Layout":
        """Read an array's ``zarr.json``; NotASingleNumber for what is no plain number."""
        form = _FORMATS.get(about["data_type"])
        if form is None:
            raise NotASingleNumber(f"the array holds {about['data_type']}: read it in a program")
        files = chunks = tuple(about["chunk_grid"]["configuration"]["chunk_shape"])
        codecs = about["codecs"]
        is_sharded = codecs[0]["name"] == "sharding_indexed"
        if is_sharded:
            shard = codecs[0]["configuration"]
            codecs, chunks = shard["codecs"], tuple(shard["chunk_shape"])
        names = tuple(codec["name"] for codec in codecs)
        fill = _plain(about["fill_value"])
        return cls(f"<{form}", tuple(about["shape"]), files, chunks, names, is_sharded, fill)


@dataclass(frozen=True)
class StoredArray:
    """
    An array of a published tree.

    Parameters
    ----------
    store : Store
        Where it lies.
    tree : str
        Key of the tree.
    path : str
        Of the array within the tree: ``volume.ome.zarr/0``.
    files : mapping
        SHA-256 of each file of the tree by its path, as the manifest says.
    """

    store: Store
    tree: str
    path: str
    files: dict[str, str]

    def value(self, place: Sequence[int]) -> float | int | bool:
        """
        Read one value.

        A chunk packed with gzip carries its own check; one kept as it is has none, so its file is hashed first, once
        in ten minutes.

        Parameters
        ----------
        place : sequence of int
            Index along each axis, slow to fast, within the shape.

        Raises
        ------
        DamagedTree
            The stored bytes are not those that were written.
        NotASingleNumber
            The array is not of a kind this reads.
        """
        layout = self.layout()
        chunk = self.chunk(layout, place)
        if chunk is None:
            return layout.fill_value
        within = [index % length for index, length in zip(place, layout.chunks, strict=True)]
        number: float | int | bool
        try:
            (number,) = struct.unpack_from(
                layout.format, chunk, struct.calcsize(layout.format) * _flat(within, layout.chunks)
            )
        except struct.error as error:
            raise DamagedTree(self.path) from error
        return number

    def attributes(self) -> dict[str, Any]:
        """Return what the writer noted beside an array or group."""
        try:
            return dict(json.loads(self._sound("zarr.json"))["attributes"])
        except FileNotFoundError as error:
            raise DamagedTree(self.path) from error

    def layout(self) -> "Layout":
        """Return how the array is laid out, as its own metadata says."""
        try:
            return Layout.of(json.loads(self._sound("zarr.json")))
        except FileNotFoundError as error:
            raise DamagedTree(self.path) from error

    def chunk(self, layout: "Layout", place: Sequence[int]) -> bytes | None:
        """
        Read the chunk that holds a place; None is a chunk of nothing but the fill value, which is not written.

        Parameters
        ----------
        layout : Layout
            Of this array.
        place : sequence of int
            Index along each axis, slow to fast, within the shape.
        """
        name = "/".join(["c", *(str(index // length) for index, length in zip(place, layout.files, strict=True))])
        if f"{self.path}/{name}" not in self.files:
            return None
        try:
            start, length = self._span(name, layout, place) if layout.is_sharded else (0, None)
            return None if start == _EMPTY else self._chunk(name, layout.codecs, start, length)
        except (FileNotFoundError, zlib.error, EOFError, gzip.BadGzipFile, struct.error) as error:
            raise DamagedTree(self.path) from error

    def _span(self, name: str, layout: "Layout", place: Sequence[int]) -> tuple[int, int]:
        """Find a chunk within its shard by the checked index at the shard's end: start and length of each."""
        counts = [whole // part for whole, part in zip(layout.files, layout.chunks, strict=True)]
        size = 16 * math.prod(counts)
        key = f"{self.tree}/{self.path}/{name}"
        index = self.store.read(key, max(0, self.store.size(key) - size - 4))
        (check,) = struct.unpack_from("<I", index, size)
        if google_crc32c.value(index[:size]) != check:
            raise DamagedTree(f"{self.path}/{name}")
        within = [at % whole // part for at, whole, part in zip(place, layout.files, layout.chunks, strict=True)]
        start, length = struct.unpack_from("<QQ", index, 16 * _flat(within, counts))
        return start, length

    def _chunk(self, name: str, codecs: Sequence[str], start: int, length: int | None) -> bytes:
        if tuple(codecs) not in {("bytes",), ("bytes", "gzip")}:
            raise NotASingleNumber("the array is packed in a way that is not read here: read it in a program")
        if "gzip" not in codecs:
            self._check_file(name)
        content = self.store.read(f"{self.tree}/{self.path}/{name}", start, length)
        return gzip.decompress(content) if "gzip" in codecs else content

    def _check_file(self, name: str) -> None:
        key, path = f"{self.tree}/{self.path}/{name}", f"{self.path}/{name}"
        if _checks.knows(self.store, key):
            return
        with self.store.open(key) as file:
            digest = sha256_of(file)
        if digest != self.files[path]:
            raise DamagedTree(path)
        _checks.note(self.store, key)

    def _sound(self, name: str) -> bytes:
        path = f"{self.path}/{name}"
        if path not in self.files and any(f"{self.path}/{old}" in self.files for old in _OF_ZARR_2):
            raise NotASingleNumber("the array is stored as Zarr 2, which is not read here: read it in a program")
        content = self.store.read(f"{self.tree}/{path}")
        if hashlib.sha256(content).hexdigest() != self.files.get(path):
            raise DamagedTree(path)
        return content


def _flat(place: Sequence[int], shape: Sequence[int]) -> int:
    """Return the position of a place in memory, the last axis running fastest."""
    steps = [1, *accumulate(reversed(shape), lambda left, right: left * right)]
    return sum(index * step for index, step in zip(reversed(place), steps, strict=False))


def _plain(fill_value: Any) -> float | int | bool:
    """Return a fill value; those JSON has no number for are written as words."""
    value: float | int | bool = float(fill_value) if isinstance(fill_value, str) else fill_value
    return value
