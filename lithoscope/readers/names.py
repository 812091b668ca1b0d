"""Names of arrays come from strangers' headers and become file names: here they are made plain and unique."""

import re
import unicodedata
from dataclasses import replace

from lithoscope.readers.base import Reading

_LONGEST = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9_ .-]+")


def with_plain_names(reading: Reading) -> Reading:
    """Rename the arrays of a reading so that each name is a harmless file name and none comes twice."""
    taken: set[str] = set()
    arrays = []
    for array in reading.arrays:
        name = unique(plain_name(array.name), taken)
        taken.add(name.casefold())
        arrays.append(replace(array, name=name))
    return replace(reading, arrays=tuple(arrays))


def plain_name(raw: str) -> str:
    """Keep ASCII letters, digits, spaces and ``. _ -``, accents dropped; no dot or space at an end; 60 characters."""
    spelled = unicodedata.normalize("NFKD", raw.replace("µ", "u").replace("μ", "u"))
    letters = "".join(letter for letter in spelled if not unicodedata.combining(letter))
    kept = _UNSAFE.sub("_", letters).replace("..", "_")
    return kept[:_LONGEST].strip(" ._") or "data"


def unique(name: str, taken: set[str]) -> str:
    """Add a number to a name that is taken, whatever its case."""
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name} {number}"
    return candidate
