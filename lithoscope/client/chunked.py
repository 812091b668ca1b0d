"""
An array of the service read chunk by chunk: where each lies in a shard is asked for once.

zarr asks for the index of a shard before every chunk, and for one chunk after the other; its steps between two chunks
take as long as a chunk does. What our writer makes is read here, anything else through zarr.
"""

import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, GzipCodec, ShardingCodec

from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError, NotFound

if TYPE_CHECKING:
    import zarr

Place = tuple[int, ...]
AT_ONCE = 8
JOINED_BYTES = 8 << 20
_EMPTY = 2**64 - 1
_CHECK_BYTES = 4
_GZIP = 16 + zlib.MAX_WBITS


def lazily(connection: Connection, path: str, stored: "zarr.Array[Any]") -> Any:
    """
    Return an array that is read by chunks when it is sliced: as our writer makes them, else zarr's own.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of the array, below ``/api/v1``.
    stored : zarr.Array
        The array as zarr opened it.
    """
    about: Any = stored.metadata
    codecs, is_sharded = tuple(about.codecs), isinstance(about.codecs[0], ShardingCodec)
    if is_sharded:
        shard = codecs[0]
        if len(codecs) > 1 or len(shard.index_codecs) != 2 or shard.index_location.value != "end":
            return stored
        codecs = tuple(shard.codecs)
    is_plain = isinstance(codecs[0], BytesCodec) and (codecs[0].endian is None or codecs[0].endian.value == "little")
    is_packed = len(codecs) == 2 and isinstance(codecs[1], GzipCodec)
    if stored.dtype.kind not in "biufc" or not is_plain or len(codecs) != 1 + is_packed:
        return stored
    return Chunked(connection, path, stored, is_packed=is_packed)


@dataclass(frozen=True, slots=True)
class _Part:
    """Chunks next to each other in a file: where they begin and how long each is [bytes]; no start is a whole file."""

    key: str
    start: int | None
    chunks: tuple[Place, ...]
    lengths: tuple[int, ...]


class Chunked:
    """
    An array whose selections fetch the chunks they touch and nothing else.

    Parameters
    ----------
    connection : Connection
        To the service.
    path : str
        Address of the array, below ``/api/v1``.
    stored : zarr.Array
        The array as zarr opened it: little-endian numbers in chunks, packed by gzip or not, in shards or not.
    is_packed : bool
        Whether its chunks are packed.
    """

    def __init__(self, connection: Connection, path: str, stored: "zarr.Array[Any]", *, is_packed: bool) -> None:
        self.shape, self.ndim, self.chunks = stored.shape, stored.ndim, stored.chunks
        self.dtype = stored.dtype.newbyteorder("<")
        self._connection = connection
        self._path = path
        self._about: Any = stored.metadata
        self._is_packed = is_packed
        self._in_shard = None if stored.shards is None else tuple(map(ceil, np.divide(stored.shards, stored.chunks)))
        self._indices: dict[Place, NDArray[np.uint64] | None] = {}
        self._locks: dict[Place, threading.Lock] = {}

    def __getitem__(self, selection: Any) -> NDArray[Any]:
        """Read a selection by whole numbers and slices, one for each axis or fewer; others are for dask and xarray."""
        given = selection if isinstance(selection, tuple) else (selection,)
        given = (*given, *(slice(None) for _ in range(self.ndim - len(given))))
        bounds, left = zip(*map(_bounds, given, self.shape), strict=True) if given else ((), ())
        block = np.empty([stop - start for start, stop in bounds], self.dtype)
        if block.size:
            self._fill(block, bounds)
        values: NDArray[Any] = block[left]
        return values

    def _fill(self, block: NDArray[Any], bounds: Sequence[tuple[int, int]]) -> None:
        spans = zip(bounds, self.chunks, strict=True)
        touched = list(product(*(range(start // length, -(-stop // length)) for (start, stop), length in spans)))

        def put(part: _Part) -> None:
            for chunk, values in self._fetched(part):
                self._put(block, bounds, chunk, values)

        if len(touched) == 1:
            put(next(self._parts(touched)))
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(put, self._parts(touched)):
                pass  # the first failure is raised, and what has not begun is left

    def _put(
        self, block: NDArray[Any], bounds: Sequence[tuple[int, int]], chunk: Place, values: NDArray[Any] | None
    ) -> None:
        into, out_of = [], []
        for (start, stop), number, length in zip(bounds, chunk, self.chunks, strict=True):
            begin, end = max(start, number * length), min(stop, (number + 1) * length)
            into.append(slice(begin - start, end - start))
            out_of.append(slice(begin - number * length, end - number * length))
        block[tuple(into)] = self._about.fill_value if values is None else values[tuple(out_of)]

    def _parts(self, chunks: Iterable[Place]) -> Iterator[_Part]:
        """Find where chunks lie; those next to each other in one shard are asked for together."""
        if self._in_shard is None:
            yield from (_Part(self._about.encode_chunk_key(chunk), None, (chunk,), (0,)) for chunk in chunks)
            return
        shards: dict[Place, list[tuple[Place, Place]]] = {}
        for chunk in chunks:
            shard, inside = zip(*map(divmod, chunk, self._in_shard), strict=True)
            shards.setdefault(shard, []).append((chunk, inside))
        for shard, places in shards.items():
            table = self._index(shard)
            lying = [(*((_EMPTY, 0) if table is None else map(int, table[inside])), chunk) for chunk, inside in places]
            yield from self._joined(self._about.encode_chunk_key(shard), sorted(lying))

    def _joined(self, key: str, lying: list[tuple[int, int, Place]]) -> Iterator[_Part]:
        some: list[tuple[int, int, Place]] = []
        for start, written, chunk in lying:
            length = 0 if start == _EMPTY else written  # the index writes "none" for both
            if some and (start != some[-1][0] + some[-1][1] or start + length - some[0][0] > JOINED_BYTES):
                yield _part(key, some)
                some = []
            some.append((start, length, chunk))
        yield _part(key, some)

    def _index(self, shard: Place) -> NDArray[np.uint64] | None:
        """Return where each chunk of a shard begins and how long it is [bytes]; None for a shard without any."""
        with self._locks.setdefault(shard, threading.Lock()):
            if shard not in self._indices:
                shape = (*(self._in_shard or ()), 2)
                size = prod(shape) * 8 + _CHECK_BYTES
                content = self._content(self._about.encode_chunk_key(shard), -size)
                if content is not None and len(content) != size:
                    raise self._damaged(shard)
                table = None if content is None else np.frombuffer(content[:-_CHECK_BYTES], "<u8").reshape(shape)
                self._indices[shard] = table
            return self._indices[shard]

    def _fetched(self, part: _Part) -> list[tuple[Place, NDArray[Any] | None]]:
        """Fetch chunks that lie next to each other; no values are those of one that was never written."""
        if part.start is None:
            content = self._content(part.key)
            return [(part.chunks[0], None if content is None else self._unpacked(content, part.chunks[0]))]
        if not any(part.lengths):
            return [(chunk, None) for chunk in part.chunks]
        stop = part.start + sum(part.lengths)
        content = self._content(part.key, part.start, stop) or b""
        if len(content) != stop - part.start:
            raise self._damaged(part.chunks[0])
        found: list[tuple[Place, NDArray[Any] | None]] = []
        begin = 0
        for chunk, length in zip(part.chunks, part.lengths, strict=True):
            found.append((chunk, self._unpacked(content[begin : begin + length], chunk)))
            begin += length
        return found

    def _content(self, key: str, start: int | None = None, stop: int | None = None) -> bytes | None:
        """Fetch a file or a part of it, of which a negative start is the end; None when there is none."""
        headers = None
        if start is not None:
            headers = {"Range": f"bytes={start}" if stop is None else f"bytes={start}-{stop - 1}"}
        try:
            answer = self._connection.send("GET", f"{self._path}/{key}", headers=headers)
        except NotFound:
            return None
        return answer.content if answer.status_code == 206 else answer.content[start:stop]  # a proxy may give it whole

    def _unpacked(self, content: bytes, chunk: Place) -> NDArray[Any]:
        size = prod(self.chunks) * self.dtype.itemsize
        try:
            raw = _unzipped(content, size) if self._is_packed else content
            return np.frombuffer(raw, self.dtype).reshape(self.chunks)
        except (zlib.error, ValueError):
            raise self._damaged(chunk) from None

    def _damaged(self, place: Place) -> ClientError:
        words = ", ".join(map(str, place))
        return ClientError(f"{self._path}: what came for chunk {words} is damaged or cut; read it again")


def _unzipped(content: bytes, size: int) -> bytes:
    """Unpack so many bytes and their check sum, and never more, whatever came."""
    unpacking = zlib.decompressobj(_GZIP)
    raw = unpacking.decompress(content, size + 1)
    if not unpacking.eof:
        raise ValueError("it is cut, or more than its array says")
    return raw


def _part(key: str, some: list[tuple[int, int, Place]]) -> _Part:
    return _Part(key, some[0][0], tuple(chunk for *_, chunk in some), tuple(length for _, length, _ in some))


def _bounds(wanted: Any, length: int) -> tuple[tuple[int, int], int | slice]:
    """Return the first and the last + 1 place along an axis that are read, and what of these is wanted."""
    if not isinstance(wanted, slice):
        place = index(wanted)
        if not -length <= place < length:
            raise IndexError(f"{place} is outside an axis of {length}")
        return (place % length, place % length + 1), 0
    places = range(*wanted.indices(length))
    if not places:
        return (0, 0), slice(None)
    return (min(places[0], places[-1]), max(places[0], places[-1]) + 1), slice(None, None, places.step)
