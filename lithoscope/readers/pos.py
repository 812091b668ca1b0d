"""Atom-probe .pos: place and mass-to-charge of each ion as four big-endian float32, without any header."""

import numpy as np

from lithoscope.event_list import Column
from lithoscope.readers.ions import MASS, PLACE, Records

SUFFIXES = (".pos",)
SMALLEST_HEADER_BYTES = 16

_RECORDS = Records(
    "pos",
    np.dtype([(name, ">f4") for name in (*PLACE, MASS)]),
    (*(Column(name, "nm", "float32", name[0]) for name in PLACE), Column(MASS, "Da", "float32", "m/n")),
)

recognises, may_begin = _RECORDS.recognises, _RECORDS.may_begin
inspect, read = _RECORDS.inspect, _RECORDS.read
