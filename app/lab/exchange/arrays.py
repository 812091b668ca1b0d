"""
Arrays of a crate, before they are kept: each held against its record and against the bytes that are there.

What reads stored arrays takes their own metadata at its word, as it may for what was written here. Of a crate the
words are somebody else's: chunks that nobody could hold in memory, packed bytes that unpack without end, shapes beyond
what was sent, or another size than the record says, which decides whether a job is let near them.
"""

import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import BaseModel, Field, ValidationError

from app.infra.hdf5_claims import Hdf5Refused, hdf5_claims
from app.infra.storage.digests import BLOCK
from app.lab.exchange.archive import parsed
from app.lab.exchange.refusals import BadCrate
from app.lab.schemas import Whole

ABOUT, SPECTRA = "zarr.json", "/entry/data/data"
MIB = 1024 * 1024
MOST_ABOUT_BYTES = 4 * MIB
MOST_CHUNK_BYTES = 64 * MIB
MOST_SHARD_CHUNKS = 1 << 16
#: Gzip packs at most so tightly; chunks of nothing but zeros are not written at all, so some are free.
MOST_EXPANSION, FREE_BYTES = 1000, 1024 * MIB
_ITEM_BYTES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8,
    "float16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip
_EMPTY = 2**64 - 1
_OF_ZARR_2 = frozenset({".zarray", ".zgroup", ".zattrs", ".zmetadata"})
_GZIP_WINDOW = 31

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
class _Layout:
    """How an array lies in files: lengths of the whole, of what one file and one chunk hold; how a chunk is packed."""

    shape: tuple[int, ...]
    files: tuple[int, ...]
    chunks: tuple[int, ...]
    data_type: str
    is_sharded: bool
    is_packed: bool

    @property
    def chunk_bytes(self) -> int:
        return math.prod(self.chunks) * _ITEM_BYTES[self.data_type]

    @property
    def all_bytes(self) -> int:
        return math.prod(self.shape) * _ITEM_BYTES[self.data_type]

    @property
    def chunks_of_file(self) -> int:
        return math.prod(whole // part for whole, part in zip(self.files, self.chunks, strict=True))


def check_arrays(
    folder: Path, files: Mapping[str, str], summaries: Sequence[Mapping[str, Any]], *, where: str, crate_bytes: int
) -> None:
    """
    Refuse a folder whose arrays are not what its records say, or not what anybody should unpack.

    Parameters
    ----------
    folder : Path
        Unpacked.
    files : mapping
        Its files, as its manifest names them.
    summaries : sequence of mapping
        What the records say of its arrays.
    where : str
        Its path in the crate, for the words of a refusal.
    crate_bytes : int
        What was sent in all.
    """
    abouts = {
        name.removesuffix(f"/{ABOUT}"): _read(folder, name, where) for name in files if name.endswith(f"/{ABOUT}")
    }
    if old := [name for name in files if name.rpartition("/")[2] in _OF_ZARR_2]:
        raise BadCrate.at(f"{where}/{old[0]}", "The array is stored as Zarr 2: export the crate again.")
    layouts = {}
    for path, about in abouts.items():
        if about.get("node_type") == "array":
            layouts[path] = _layout(about, f"{where}/{path}/{ABOUT}", crate_bytes)
        elif about.get("consolidated_metadata") is not None:
            raise BadCrate.at(f"{where}/{path}/{ABOUT}", "It speaks for the arrays below it: export the crate again.")
    for name in files:
        if (found := _array_of(name, layouts)) is not None and not name.endswith(f"/{ABOUT}"):
            _check_file(folder / name, name.removeprefix(f"{found}/"), layouts[found], f"{where}/{name}")
    spectra = _spectra(folder, files, where)
    for summary in summaries:
        _check_summary(summary, abouts, layouts, where)
        if summary["kind"] == "spectra" and spectra.get(summary["path"]) != tuple(summary.get("shape") or ()):
            raise _other(f"{where}/{summary['path']}")


def _spectra(folder: Path, files: Mapping[str, str], where: str) -> dict[str, tuple[int, ...]]:
    """Return the shape of the spectra in each HDF5 file; one that leads out of itself is refused."""
    names = sorted(name for name in files if name.endswith(".h5"))
    try:
        claims = hdf5_claims([folder / name for name in names], SPECTRA)
    except Hdf5Refused as error:
        raise BadCrate.at(f"{where}/{error.path.relative_to(folder)}", f"It is refused: {error}.") from error
    return {name: claims.get(folder / name, ()) for name in names}


def _read(folder: Path, name: str, where: str) -> Mapping[str, Any]:
    path = folder / name
    if path.stat().st_size > MOST_ABOUT_BYTES:
        raise BadCrate.at(f"{where}/{name}", f"It has more than {MOST_ABOUT_BYTES // MIB} MiB: export the crate again.")
    about = parsed(path.read_bytes(), f"{where}/{name}")
    if not isinstance(about, Mapping) or about.get("zarr_format") != 3:
        raise BadCrate.at(f"{where}/{name}", "It describes no array of Zarr 3: export the crate again.")
    return about


def _layout(about: Mapping[str, Any], entity: str, crate_bytes: int) -> _Layout:
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
    layout = _Layout(tuple(stated.shape), files, chunks, stated.data_type, is_sharded, "gzip" in codecs)
    _check_sizes(layout, entity, crate_bytes)
    return layout


def _unlike(entity: str) -> BadCrate:
    return BadCrate.at(entity, "The array is not laid out as Lithoscope writes it: export the crate again.")


def _check_sizes(layout: _Layout, entity: str, crate_bytes: int) -> None:
    if layout.chunk_bytes > MOST_CHUNK_BYTES:
        raise BadCrate.at(entity, f"A chunk of it would take more than {MOST_CHUNK_BYTES // MIB} MiB of memory.")
    if layout.chunks_of_file > MOST_SHARD_CHUNKS:
        raise BadCrate.at(entity, f"A file of it would hold more than {MOST_SHARD_CHUNKS} chunks.")
    if layout.all_bytes > MOST_EXPANSION * crate_bytes + FREE_BYTES:
        raise BadCrate.at(entity, f"Its shape is that of an array of {layout.all_bytes} bytes, which were never sent.")


def _array_of(name: str, layouts: Mapping[str, _Layout]) -> str | None:
    """Return the array a file lies in."""
    places = (name[:place] for place, mark in enumerate(name) if mark == "/")
    return next((place for place in places if place in layouts), None)


def _check_file(path: Path, chunk: str, layout: _Layout, entity: str) -> None:
    first, *places = chunk.split("/")
    counts = [-(-length // part) for length, part in zip(layout.shape, layout.files, strict=True)]
    is_place = all(place.isdecimal() and place.isascii() and str(int(place[:20])) == place for place in places)
    if first != "c" or not is_place or len(places) != len(counts):
        raise BadCrate.at(entity, "It is no chunk of its array: export the crate again.")
    if any(int(place) >= count for place, count in zip(places, counts, strict=True)):
        raise BadCrate.at(entity, "It lies beyond the shape of its array: export the crate again.")
    with path.open("rb") as file:
        size = path.stat().st_size
        spans = _spans(file, size, layout, entity) if layout.is_sharded else [(0, size)]
        for start, length in spans:
            file.seek(start)
            if not _holds(file, length, layout):
                raise BadCrate.at(entity, f"A chunk in it does not hold {layout.chunk_bytes} bytes, as its array says.")


def _spans(file: BinaryIO, size: int, layout: _Layout, entity: str) -> list[tuple[int, int]]:
    """Return the chunks of a file by the index at its end; chunks that lie over each other are refused."""
    index_bytes = 16 * layout.chunks_of_file
    begin = size - index_bytes - 4  # a CRC32C follows
    if begin < 0:
        raise BadCrate.at(entity, "It is too short for the list of its chunks: fetch the crate again.")
    file.seek(begin)
    found = sorted(each for each in struct.iter_unpack("<QQ", file.read(index_bytes)) if each != (_EMPTY, _EMPTY))
    ends = [0, *(start + length for start, length in found)]
    starts = [*(start for start, _ in found), begin]
    if any(start < end for start, end in zip(starts, ends, strict=True)):
        raise BadCrate.at(entity, "Its chunks lie over each other or beyond it: export the crate again.")
    return found


def _holds(file: BinaryIO, length: int, layout: _Layout) -> bool:
    """Say whether packed bytes are those of one chunk, unpacking never more than that."""
    if not layout.is_packed:
        return length == layout.chunk_bytes
    unpacking, room = zlib.decompressobj(_GZIP_WINDOW), layout.chunk_bytes + 1
    try:
        while length > 0 and room > 0 and not unpacking.eof:
            piece = file.read(min(BLOCK, length))
            length -= len(piece)
            while piece and room > 0 and not unpacking.eof:
                room -= len(unpacking.decompress(piece, min(BLOCK, room)))
                piece = unpacking.unconsumed_tail
    except zlib.error:
        return False
    return unpacking.eof and room == 1 and length == 0 and not unpacking.unused_data


def _check_summary(
    summary: Mapping[str, Any], abouts: Mapping[str, Mapping[str, Any]], layouts: Mapping[str, _Layout], where: str
) -> None:
    path = str(summary["path"])
    if path.endswith(".ome.zarr"):
        shape = tuple(summary.get("shape") or ())
        _check_levels(path, abouts, layouts, shape=shape, data_type=str(summary.get("dtype")), where=where)
        if summary.get("has_display"):
            copy = f"{summary['name']}.display"
            _check_levels(copy, abouts, layouts, shape=shape, data_type="uint16", where=where)
    elif path.endswith(".zarr"):
        for column in summary.get("columns") or ():
            held = layouts.get(f"{path}/{column}")
            if held is None or held.shape != (summary.get("rows"),):
                raise _other(f"{where}/{path}/{column}")
    elif summary.get("axes") and summary["kind"] != "spectra":
        raise _other(f"{where}/{path}")


def _check_levels(
    path: str,
    abouts: Mapping[str, Mapping[str, Any]],
    layouts: Mapping[str, _Layout],
    *,
    shape: tuple[int, ...],
    data_type: str,
    where: str,
) -> None:
    """Hold the levels of an image against its record: the first is the array itself, each further one no larger."""
    try:
        named = [str(each["path"]) for each in abouts[path]["attributes"]["ome"]["multiscales"][0]["datasets"]]
        levels = [layouts[f"{path}/{name}"] for name in named]
    except (KeyError, IndexError, TypeError):
        raise _other(f"{where}/{path}") from None
    if named != [str(number) for number in range(len(named))] or not levels:
        raise _other(f"{where}/{path}")
    if levels[0].shape != shape or {level.data_type for level in levels} != {data_type}:
        raise _other(f"{where}/{path}")
    for above, level in pairwise(levels):
        if len(level.shape) != len(shape) or any(map(int.__gt__, level.shape, above.shape)):
            raise _other(f"{where}/{path}")


def _other(entity: str) -> BadCrate:
    return BadCrate.at(entity, "The array has another shape or type than its record says: export the crate again.")
