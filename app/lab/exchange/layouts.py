"""How an array of a crate lies in files, by its own ``zarr.json``; only as our writers lay arrays out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from app.lab.exchange.refusals import BadCrate
from app.lab.schemas import Whole

MIB = 1024 * 1024
MOST_CHUNK_BYTES = 64 * MIB
MOST_SHARD_CHUNKS = 1 << 16
#: Gzip packs at most so tightly; chunks of nothing but zeros are not written at all, so some are free.
MOST_EXPANSION, FREE_BYTES = 1000, 1024 * MIB
_ITEM_BYTES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8,
    "float16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip

Lengths = Annotated[list[Annotated[Whole, Field(ge=0, le=2**40)]], Field(min_length=1, max_length=8)]
Chunks = Annotated[list[Annotated[Whole, Field(ge=1, le=2**40)]], Field(min_length=1, max_length=8)]


class _Codec(BaseModel):
    name: str
    configuration: dict[str, Any] = Field(default_factory=dict)


class _Shard(BaseModel):
    chunk_shape: Chunks
    codecs: Annotated[list[_Codec], Field(min_length=1, max_length=2)]
    index_codecs: Annotated[list[_Codec], Field(min_length=2, max_length=2)]
    index_location: Literal["end"] = "end"


class _Regular(BaseModel):
    chunk_shape: Chunks


class _Grid(BaseModel):
    name: Literal["regular"]
    configuration: _Regular


class _Slashes(BaseModel):
    separator: Literal["/"] = "/"


class _Keys(BaseModel):
    name: Literal["default"]
    configuration: _Slashes = Field(default_factory=_Slashes)


class _About(BaseModel):
    """An array's ``zarr.json`` as our writers make it (Zarr v3, core specification 3.0)."""

    shape: Lengths
    data_type: str
    chunk_grid: _Grid
    chunk_key_encoding: _Keys
    codecs: Annotated[list[_Codec], Field(min_length=1, max_length=2)]
    storage_transformers: Annotated[list[Any], Field(max_length=0)] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """How an array lies in files: lengths of the whole, of what one file and one chunk hold; how a chunk is packed."""

    shape: tuple[int, ...]
    files: tuple[int, ...]
    chunks: tuple[int, ...]
    data_type: str
    is_sharded: bool
    is_packed: bool

    @property
    def chunk_bytes(self) -> int:
        """Return the bytes of one chunk, unpacked."""
        return math.prod(self.chunks) * _ITEM_BYTES[self.data_type]

    @property
    def all_bytes(self) -> int:
        """Return the bytes of the whole array, unpacked."""
        return math.prod(self.shape) * _ITEM_BYTES[self.data_type]

    @property
    def chunks_of_file(self) -> int:
        """Return how many chunks one file has room for."""
        return math.prod(whole // part for whole, part in zip(self.files, self.chunks, strict=True))


def layout_of(about: Mapping[str, Any], entity: str, crate_bytes: int) -> Layout:
    """
    Return how an array lies in files, refusing what our writers never make and what nobody could hold.

    Parameters
    ----------
    about : mapping
        Its ``zarr.json``.
    entity : str
        That file's path in the crate, for the words of a refusal.
    crate_bytes : int
        What was sent in all.
    """
    try:
        stated = _About.model_validate(about)
        is_sharded = stated.codecs[0].name == "sharding_indexed"
        shard = _Shard.model_validate(stated.codecs[0].configuration) if is_sharded else None
    except ValidationError as error:
        raise _unlike(entity) from error
    codecs = [codec.name for codec in (shard.codecs if shard else stated.codecs)]
    indexed = [codec.name for codec in shard.index_codecs] if shard else ["bytes", "crc32c"]
    files = tuple(stated.chunk_grid.configuration.chunk_shape)
    chunks = tuple(shard.chunk_shape) if shard else files
    is_known = codecs in (["bytes"], ["bytes", "gzip"]) and indexed == ["bytes", "crc32c"]
    if not is_known or (shard and len(stated.codecs) > 1) or stated.data_type not in _ITEM_BYTES:
        raise _unlike(entity)
    if not len(stated.shape) == len(files) == len(chunks) or any(map(int.__mod__, files, chunks)):
        raise _unlike(entity)
    layout = Layout(tuple(stated.shape), files, chunks, stated.data_type, is_sharded, "gzip" in codecs)
    _check_sizes(layout, entity, crate_bytes)
    return layout


def _unlike(entity: str) -> BadCrate:
    return BadCrate.at(entity, "The array is not laid out as Lithoscope writes it: export the crate again.")


def _check_sizes(layout: Layout, entity: str, crate_bytes: int) -> None:
    if layout.chunk_bytes > MOST_CHUNK_BYTES:
        raise BadCrate.at(entity, f"A chunk of it would take more than {MOST_CHUNK_BYTES // MIB} MiB of memory.")
    if layout.chunks_of_file > MOST_SHARD_CHUNKS:
        raise BadCrate.at(entity, f"A file of it would hold more than {MOST_SHARD_CHUNKS} chunks.")
    if layout.all_bytes > MOST_EXPANSION * crate_bytes + FREE_BYTES:
        raise BadCrate.at(entity, f"Its shape is that of an array of {layout.all_bytes} bytes, which were never sent.")
