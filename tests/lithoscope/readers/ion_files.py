"""Lists of ions in the three formats of atom probes, written by their published layouts."""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lithoscope.readers.epos import _COLUMNS as EPOS
from lithoscope.readers.ions import DETECTOR, IN_PULSE, MASS, PLACE, PULSE_V, STANDING_V, TIME_OF_FLIGHT

Ions = dict[str, NDArray[np.generic]]
FLOAT, WHOLE = 3, 1


def ions(count: int = 500, seed: int = 0) -> Ions:
    """A needle along z whose voltage rises, with two peaks, and a double hit now and then."""
    rng = np.random.default_rng(seed)
    made: Ions = {name: rng.normal(0, 8, count).astype("f4") for name in PLACE[:2]}
    made["z_nm"] = np.sort(rng.uniform(0, 30, count)).astype("f4")
    made[MASS] = rng.choice([7.016, 15.995], count).astype("f4") + rng.normal(0, 0.01, count).astype("f4")
    made[TIME_OF_FLIGHT] = (200 * np.sqrt(made[MASS].astype("f8"))).astype("f4")
    made[STANDING_V] = np.linspace(3000, 5000, count).astype("f4")
    made[PULSE_V] = (0.2 * made[STANDING_V].astype("f8")).astype("f4")
    made |= {name: rng.uniform(-30, 30, count).astype("f4") for name in DETECTOR}
    made["pulses_since_last_event"] = rng.integers(0, 400, count).astype("i4")
    made[IN_PULSE] = np.where(np.arange(count) % 50 == 49, 0, 1).astype("i4")
    return made


def pos(path: Path, given: Mapping[str, NDArray[np.generic]] | None = None, *, order: str = ">") -> Path:
    """Write a .pos; ``order`` "<" is that of the wrong kind."""
    found = ions() if given is None else given
    np.stack([found[name] for name in (*PLACE, MASS)], axis=1).astype(f"{order}f4").tofile(path)
    return path


def epos(path: Path, given: Mapping[str, NDArray[np.generic]] | None = None) -> Path:
    """Write an .epos."""
    found = ions() if given is None else given
    records = np.zeros(len(found[MASS]), [(each.name, ">i4" if each.dtype == "uint32" else ">f4") for each in EPOS])
    for name in records.dtype.names or ():
        records[name] = found[name]
    records.tofile(path)
    return path


def section(name: str, values: NDArray[np.generic], unit: str, *, relation: int = 1, extra: bytes = b"") -> bytes:
    """Write one section of an .apt: a record for each row of the values."""
    content = values.tobytes()
    kind = FLOAT if values.dtype.kind == "f" else WHOLE
    width = len(content) // len(values) if len(values) else values.dtype.itemsize
    head = b"SEC\0" + struct.pack("<ii", 148 + len(extra), 2) + name.encode("utf-16-le").ljust(64, b"\0")
    head += struct.pack("<6i", 1, relation, 1, kind, 8 * values.dtype.itemsize, width)
    head += unit.encode("utf-16-le").ljust(32, b"\0") + struct.pack("<QQ", len(values), len(content))
    return head + extra + content


def sections(given: Mapping[str, NDArray[np.generic]] | None = None) -> dict[str, bytes]:
    """Write the sections of a reconstruction."""
    found = ions() if given is None else given
    places = np.stack([found[name] for name in PLACE], axis=1).astype("<f4")
    return {
        "tofc": section("tofc", found[TIME_OF_FLIGHT].astype("<f4"), "ns"),
        "Mass": section("Mass", found[MASS].astype("<f4"), "Da"),
        "XDet_mm": section("XDet_mm", found[DETECTOR[0]].astype("<f4"), "mm"),
        "YDet_mm": section("YDet_mm", found[DETECTOR[1]].astype("<f4"), "mm"),
        "Position": section("Position", places, "nm", extra=bytes(24)),
    }


def apt(path: Path, parts: Mapping[str, bytes] | None = None, *, count: int = 500) -> Path:
    """Write an .apt of sections; ``count`` is what its header says."""
    head = b"APT\0" + struct.pack("<ii", 540, 2) + "C:\\Users\\ada\\R1.apt".encode("utf-16-le").ljust(512, b"\0")
    head += struct.pack("<QQ", 132_610_050_860_580_000, count)
    path.write_bytes(head + b"".join((sections() if parts is None else parts).values()))
    return path
