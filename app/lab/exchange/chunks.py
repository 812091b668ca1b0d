"""
Files of an array of a crate: each a chunk, or a shard of chunks with its index.

Our writers pack chunks with gzip, whose CRC-32 is checked while they are unpacked here; chunks that are not packed have
no check of their own but their length and the SHA-256 of their file, which was held against it before.
"""

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from app.infra.storage.digests import BLOCK
from app.lab.exchange.layouts import Layout
from app.lab.exchange.refusals import BadCrate

_EMPTY = 2**64 - 1
_GZIP_WINDOW = 31
_CHECK_BYTES = 4
_REMEDY = "verify the data where the crate was exported, then export it again."


def check_file(path: Path, chunk: str, layout: Layout, entity: str) -> None:
    """
    Refuse a file that is none of its array's, or whose chunks are not what array and index say.

    Parameters
    ----------
    path : Path
        Unpacked.
    chunk : str
        Its name within the array (``c/0/1``).
    layout : Layout
        Of the array.
    entity : str
        Its path in the crate, for the words of a refusal.
    """
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
                words = f"A chunk in it is damaged or does not hold {layout.chunk_bytes} bytes, as its array says"
                raise BadCrate.at(entity, f"{words}: {_REMEDY}")


def _spans(file: BinaryIO, size: int, layout: Layout, entity: str) -> list[tuple[int, int]]:
    """Return the chunks of a file by the index at its end, which its CRC32C vouches for; none may lie over another."""
    index_bytes = 16 * layout.chunks_of_file
    begin = size - index_bytes - _CHECK_BYTES
    if begin < 0:
        raise BadCrate.at(entity, "It is too short for the list of its chunks: fetch the crate again.")
    file.seek(begin)
    index, (stated,) = file.read(index_bytes), struct.unpack("<I", file.read(_CHECK_BYTES))
    if google_crc32c.value(index) != stated:
        raise BadCrate.at(entity, f"The list of its chunks does not match its CRC32C, so it is damaged: {_REMEDY}")
    found = sorted(each for each in struct.iter_unpack("<QQ", index) if each != (_EMPTY, _EMPTY))
    ends = [0, *(start + length for start, length in found)]
    starts = [*(start for start, _ in found), begin]
    if any(start < end for start, end in zip(starts, ends, strict=True)):
        raise BadCrate.at(entity, "Its chunks lie over each other or beyond it: export the crate again.")
    return found


def _holds(file: BinaryIO, length: int, layout: Layout) -> bool:
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
