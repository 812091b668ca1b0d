"""
The parts of CAMECA's .apt files: a header, then sections that each say what and how much they hold.

All numbers are little-endian and all words UTF-16. What stands in the file header beside the number of ions (a path of
the computer that exported it) is not kept.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from lithoscope.errors import ReaderError

MAGIC = b"APT\0"
FILE_HEADER_BYTES, SECTION_HEADER_BYTES = 540, 148
_SECTION = b"SEC\0"
_MOST_SECTIONS = 1000
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_ONE_TO_ONE, _FIXED = 1, 1
TYPES = {1: "i", 2: "u", 3: "f"}


@dataclass(frozen=True, slots=True)
class Section:
    """
    One section as its header describes it.

    Parameters
    ----------
    name, unit : str
    dtype : str
        Numpy's name of one number; empty for text and other things.
    width : int
        Numbers in one record.
    records : int
    is_per_ion : bool
        Whether it has one record of fixed size for each ion.
    start, size : int
        Where its records lie in the file, and how many bytes they take.
    """

    name: str
    unit: str
    dtype: str
    width: int
    records: int
    is_per_ion: bool
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class AptFile:
    """What an .apt file is: its version, when it was written, its ions and its sections."""

    version: int
    written_at: str
    ions: int
    sections: dict[str, Section]


def open_apt(path: Path) -> AptFile:
    """
    Read the headers alone.

    Raises
    ------
    ReaderError
        ``truncated-file`` or ``unreadable-file``.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = _exactly(file, FILE_HEADER_BYTES)
        header_bytes, version = struct.unpack_from("<ii", head, 4)
        written, ions = struct.unpack_from("<QQ", head, FILE_HEADER_BYTES - 16)
        if not FILE_HEADER_BYTES <= header_bytes <= size:
            raise ReaderError("the header of the .apt file gives no possible length: export it again")
        sections: dict[str, Section] = {}
        at = header_bytes
        while at < size:
            section, at = _section(file, at, size)
            if section.name in sections or len(sections) == _MOST_SECTIONS:
                raise ReaderError("the sections of the .apt file repeat themselves: export it again")
            sections[section.name] = section
    return AptFile(version, _instant(written), ions, sections)


def _section(file: BinaryIO, at: int, size: int) -> tuple[Section, int]:
    file.seek(at)
    head = _exactly(file, SECTION_HEADER_BYTES)
    if not head.startswith(_SECTION):
        raise ReaderError(f"no section of the .apt file begins at byte {at}: it is damaged, export it again")
    header_bytes, _version = struct.unpack_from("<ii", head, 4)
    _version, relation, kind, data, bits, record_bytes = struct.unpack_from("<6i", head, 76)
    records, length = struct.unpack_from("<QQ", head, 132)
    name, unit = _words(head[12:76]), _words(head[100:132])
    if header_bytes < SECTION_HEADER_BYTES:
        raise ReaderError(f"the section at byte {at} gives no possible length of its header: export the file again")
    start = at + header_bytes
    if start + length > size:
        raise ReaderError(f"the file ends inside its section {name!r}: copy it again", code="truncated-file")
    is_number = data in TYPES and bits in (8, 16, 32, 64) and record_bytes > 0 and record_bytes % (bits // 8) == 0
    is_per_ion = relation == _ONE_TO_ONE and kind == _FIXED and is_number and record_bytes * records == length
    dtype = f"<{TYPES[data]}{bits // 8}" if is_number else ""
    width = record_bytes // (bits // 8) if is_number else 0
    return Section(name, unit, dtype, width, records, is_per_ion, start, length), start + length


def _exactly(file: BinaryIO, length: int) -> bytes:
    found = file.read(length)
    if len(found) < length:
        raise ReaderError("the file ends inside one of its headers: copy it again", code="truncated-file")
    return found


def _words(raw: bytes) -> str:
    text = raw.decode("utf-16-le", "replace").split("\0")[0]
    return "".join(letter for letter in text if letter.isprintable())


def _instant(filetime: int) -> str:
    """Write Windows' hundreds of nanoseconds since 1601; empty for none and for what is no date."""
    try:
        return (_FILETIME_EPOCH + timedelta(microseconds=filetime // 10)).isoformat() if filetime else ""
    except OverflowError:
        return ""
