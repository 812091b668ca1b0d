"""
Atom-probe .apt of CAMECA's AP Suite: one section for each quantity, of which those known here are read.

Sections are found by their names and skipped by their lengths; what else a file holds is listed with the header.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError
from lithoscope.event_list import Column, Piece
from lithoscope.readers.apt_sections import FILE_HEADER_BYTES, MAGIC, AptFile, Section, open_apt
from lithoscope.readers.base import Reading
from lithoscope.readers.ions import (
    DETECTOR,
    IN_PULSE,
    MASS,
    PIECE,
    PLACE,
    TIME_OF_FLIGHT,
    check_length,
    not_stated,
    surveyed,
)
from lithoscope.readers.limits import ArrayEntry, Manifest, Source
from lithoscope.readers.plain import plain

SUFFIXES = (".apt",)
SMALLEST_HEADER_BYTES = FILE_HEADER_BYTES

#: Section to unit, type of a number and the columns it holds; the later of two with the same columns is a substitute.
_KNOWN = {
    "Position": ("nm", "<f4", PLACE),
    "Mass": ("Da", "<f4", (MASS,)),
    "tofc": ("ns", "<f4", (TIME_OF_FLIGHT,)),
    "XDet_mm": ("mm", "<f4", DETECTOR[:1]),
    "YDet_mm": ("mm", "<f4", DETECTOR[1:]),
    "Detector Coordinates": ("mm", "<f4", DETECTOR),
    "Multiplicity": ("", "<i4", (IN_PULSE,)),
}
_NEEDED = ("Position", "Mass")


def recognises(head: bytes) -> bool:
    """Tell an .apt by its magic string."""
    return head.startswith(MAGIC)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return MAGIC.startswith(head[: len(MAGIC)])


def inspect(source: Source) -> Manifest:
    """Read the headers, and hold every section that is known here against the number of ions."""
    file = open_apt(source.path)
    check_length(file.ions, 0, source)
    sections = _sections(file)
    check_length(file.ions, sum(section.size // file.ions for section in sections), source)
    entries = tuple(
        ArrayEntry(section.name, (section.records, section.width), section.dtype, None, section.size)
        for section in sections
    )
    return Manifest("apt", entries, {"version": file.version})


def read(source: Source) -> Reading:
    """
    Go through the ions once; they stay in the file.

    Raises
    ------
    ReaderError
        ``truncated-file``, ``too-large``, or ``unreadable-file`` naming the section or ion.
    """
    inspect(source)
    file = open_apt(source.path)
    sections = _sections(file)
    columns = tuple(_columns(sections))
    events, warnings = surveyed(file.ions, columns, lambda: _pieces(source.path, file.ions, sections))
    listed = [
        {"name": each.name, "unit": each.unit, "records": each.records, "is_read": each in sections}
        for each in file.sections.values()
    ]
    return Reading(
        (),
        metadata=not_stated("the .apt sections that are read do not hold it"),
        original=plain({"version": file.version, "written_at": file.written_at, "sections": listed}),
        warnings=warnings,
        events=events,
    )


def _sections(file: AptFile) -> tuple[Section, ...]:
    """Return the sections to be read; one that is known and not as it should be is refused."""
    missing = [name for name in _NEEDED if name not in file.sections]
    if missing:
        raise ReaderError(f"the .apt file has no section {missing[0]!r}: export a reconstruction with its spectrum")
    taken: list[Section] = []
    filled: set[str] = set()
    for name, (unit, dtype, columns) in _KNOWN.items():
        section = file.sections.get(name)
        if section is None or set(columns) <= filled:
            continue
        found = (section.is_per_ion, section.records, section.unit, section.dtype, section.width)
        if found != (True, file.ions, unit, dtype, len(columns)):
            raise ReaderError(f"section {name!r} does not hold one record of its kind for each ion: export it again")
        taken.append(section)
        filled |= set(columns)
    return tuple(taken)


def _columns(sections: tuple[Section, ...]) -> Iterator[Column]:
    for section in sections:
        unit, dtype, names = _KNOWN[section.name]
        for name in names:
            yield Column(name, unit, "float32" if dtype == "<f4" else "uint32", section.name)


def _pieces(path: Path, ions: int, sections: tuple[Section, ...]) -> Iterator[Piece]:
    with path.open("rb") as file:
        for first in range(0, ions, PIECE):
            length = min(PIECE, ions - first)
            piece: dict[str, NDArray[Any]] = {}
            for section in sections:
                record_bytes = section.size // ions
                file.seek(section.start + first * record_bytes)
                values = np.frombuffer(file.read(length * record_bytes), section.dtype).reshape(length, section.width)
                piece |= dict(zip(_KNOWN[section.name][2], values.T, strict=True))
            yield piece
