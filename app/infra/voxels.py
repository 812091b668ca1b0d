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
_checks = RecentChecks()


class NotASingleNumber(ValueError):
    """The array holds something else than plain numbers, or is packed in a way our writer never uses."""


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
        try:
            about = json.loads(self._sound("zarr.json"))
            return self._value(about, place)
        except (FileNotFoundError, zlib.error, EOFError, gzip.BadGzipFile, struct.error) as error:
            raise DamagedTree(self.path) from error

    def attributes(self) -> dict[str, Any]:
        """Return what the writer noted beside an array or group."""
        try:
            return dict(json.loads(self._sound("zarr.json"))["attributes"])
        except FileNotFoundError as error:
            raise DamagedTree(self.path) from error

    def _value(self, about: dict[str, Any], place: Sequence[int]) -> float | int | bool:
        form = _FORMATS.get(about["data_type"])
        if form is None:
            raise NotASingleNumber(f"the array holds {about['data_type']}: read it in a program")
        outer = about["chunk_grid"]["configuration"]["chunk_shape"]
        name = "/".join(["c", *(str(index // length) for index, length in zip(place, outer, strict=True))])
        if f"{self.path}/{name}" not in self.files:  # a chunk of nothing but the fill value is not written
            return _plain(about["fill_value"])
        within = [index % length for index, length in zip(place, outer, strict=True)]
        codecs, shape, start, length = about["codecs"], outer, 0, None
        if codecs[0]["name"] == "sharding_indexed":
            shard = codecs[0]["configuration"]
            codecs, shape = shard["codecs"], shard["chunk_shape"]
            start, length = self._span(name, outer, shape, within)
            if start == _EMPTY:
                return _plain(about["fill_value"])
            within = [index % size for index, size in zip(within, shape, strict=True)]
        chunk = self._chunk(name, codecs, start, length)
        number: float | int | bool
        (number,) = struct.unpack_from(f"<{form}", chunk, struct.calcsize(f"<{form}") * _flat(within, shape))
        return number

    def _span(self, name: str, outer: list[int], inner: list[int], within: list[int]) -> tuple[int, int]:
        """Find a chunk within its shard by the checked index at the shard's end: start and length of each."""
        counts = [whole // part for whole, part in zip(outer, inner, strict=True)]
        size = 16 * math.prod(counts)
        key = f"{self.tree}/{self.path}/{name}"
        index = self.store.read(key, max(0, self.store.size(key) - size - 4))
        (check,) = struct.unpack_from("<I", index, size)
        if google_crc32c.value(index[:size]) != check:
            raise DamagedTree(f"{self.path}/{name}")
        place = [index // part for index, part in zip(within, inner, strict=True)]
        start, length = struct.unpack_from("<QQ", index, 16 * _flat(place, counts))
        return start, length

    def _chunk(self, name: str, codecs: list[dict[str, Any]], start: int, length: int | None) -> bytes:
        names = [codec["name"] for codec in codecs]
        if names not in (["bytes"], ["bytes", "gzip"]):
            raise NotASingleNumber("the array is packed in a way that is not read here: read it in a program")
        if names == ["bytes"]:
            self._check_file(name)
        content = self.store.read(f"{self.tree}/{self.path}/{name}", start, length)
        return gzip.decompress(content) if "gzip" in names else content

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
