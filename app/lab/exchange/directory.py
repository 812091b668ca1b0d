"""The list of members at the end of a zip, counted before anything makes an object of each."""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from app.lab.exchange.refusals import BadCrate

#: Entries of a zip's directory, its end, and the end of its larger form with that one's locator (APPNOTE 4.3.12 to 16).
_ENTRY, _END, _LARGE_END, _LOCATOR = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END_BYTES, _LARGE_END_BYTES, _LOCATOR_BYTES, _COMMENT_BYTES = 22, 56, 20, 65_535
_ENTRY_BYTES = 46
_NAME_BYTES = 200  # on average; what is refused by this holds names or extra fields without measure
_AT_ONCE = 1024 * 1024


def check_directory(path: Path, most_members: int) -> None:
    """
    Refuse a zip whose directory lists more members than anybody packs.

    A directory of empty members is short and makes an object of half a kilobyte of each: millions of them would fill
    the memory before the first could be judged. The number it states itself is not believed.

    Parameters
    ----------
    path : Path
        The zip; what is none passes, for its reader to say so.
    most_members : int
        How many.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        found = _directory(file, size)
        if found is None:
            return
        begin, length = found
        if length > most_members * (_ENTRY_BYTES + _NAME_BYTES) or _entries(file, begin, length) > most_members:
            raise BadCrate.at("archive", f"It has more than {most_members} members: export parts of it one by one.")


def _directory(file: BinaryIO, size: int) -> tuple[int, int] | None:
    """Return where the directory lies, and its length; it ends where the first of its end records begins."""
    tail_at = max(0, size - _END_BYTES - _COMMENT_BYTES)
    file.seek(tail_at)
    tail = file.read()
    last = tail[-_END_BYTES:]  # as zipfile looks: at the very end first, then behind a comment
    end = len(tail) - _END_BYTES if last.startswith(_END) and last.endswith(b"\0\0") else tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_BYTES:
        return None
    end_at = tail_at + end
    (length,) = struct.unpack_from("<I", tail, end + 12)
    large = _large(file, end_at)
    if large is not None:
        end_at, length = large
    return max(0, end_at - length), min(length, end_at)


def _large(file: BinaryIO, end_at: int) -> tuple[int, int] | None:
    """Return place and stated length of the larger form, which stands before its locator where there is one."""
    at = end_at - _LOCATOR_BYTES
    if at < _LARGE_END_BYTES:
        return None
    file.seek(at)
    locator = file.read(_LOCATOR_BYTES)
    file.seek(at - _LARGE_END_BYTES)
    record = file.read(_LARGE_END_BYTES)
    if not (locator.startswith(_LOCATOR) and record.startswith(_LARGE_END)):
        return None
    (length,) = struct.unpack_from("<Q", record, 40)
    return at - _LARGE_END_BYTES, length


def _entries(file: BinaryIO, begin: int, length: int) -> int:
    """Count the signatures of entries; names that hold one count too."""
    file.seek(begin)
    count, rest = 0, b""
    while length > 0 and (block := file.read(min(_AT_ONCE, length))):
        length -= len(block)
        count += (rest + block).count(_ENTRY)
        rest = (rest + block)[-len(_ENTRY) + 1 :]
    return count
