"""Atom-probe .pos: place and mass-to-charge of each ion as four big-endian float32, without any header."""

import numpy as np

from lithoscope.event_list import Column
from lithoscope.readers.base import Reading
from lithoscope.readers.ions import MASS, PLACE, Records
from lithoscope.readers.limits import Manifest, Source

SUFFIXES = (".pos",)
SMALLEST_HEADER_BYTES = 16

_RECORDS = Records(
    "pos",
    np.dtype([(name, ">f4") for name in (*PLACE, MASS)]),
    (*(Column(name, "nm", "float32", name[0]) for name in PLACE), Column(MASS, "Da", "float32", "m/n")),
)


def recognises(_head: bytes) -> bool:
    """Nothing marks one: its name must say so, and its first ions are held against what ions can be."""
    return False


def may_begin(_head: bytes) -> bool:
    """Any bytes could be the beginning of one."""
    return True


def inspect(source: Source) -> Manifest:
    """Hold size and first ions against the format."""
    return _RECORDS.inspect(source)


def read(source: Source) -> Reading:
    """Go through the ions once; they stay in the file."""
    return _RECORDS.read(source)
