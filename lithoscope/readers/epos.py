"""Atom-probe .epos: of each ion what a .pos holds, and time of flight, voltages, place on the detector, pulses."""

import numpy as np

from lithoscope.event_list import Column
from lithoscope.readers.ions import (
    DETECTOR,
    IN_PULSE,
    MASS,
    PLACE,
    PULSE_V,
    SINCE_LAST,
    STANDING_V,
    TIME_OF_FLIGHT,
    Records,
)

SUFFIXES = (".epos",)
SMALLEST_HEADER_BYTES = 44

_COLUMNS = (
    *(Column(name, "nm", "float32", name[0]) for name in PLACE),
    Column(MASS, "Da", "float32", "m/n"),
    Column(TIME_OF_FLIGHT, "ns", "float32", "TOF"),
    Column(STANDING_V, "V", "float32", "Vdc"),
    Column(PULSE_V, "V", "float32", "Vp"),
    *(Column(name, "mm", "float32", key) for name, key in zip(DETECTOR, ("det_x", "det_y"), strict=True)),
    Column(SINCE_LAST, "", "uint32", "pslep"),
    Column(IN_PULSE, "", "uint32", "ipp"),
)
_RECORDS = Records(
    "epos",
    np.dtype([(column.name, ">i4" if column.dtype == "uint32" else ">f4") for column in _COLUMNS]),
    _COLUMNS,
)

recognises, may_begin = _RECORDS.recognises, _RECORDS.may_begin
inspect, read = _RECORDS.inspect, _RECORDS.read
