"""Extended headers of MRC files: FEI1 and FEI2 (Thermo Fisher) and SERI (SerialEM, IMOD), as far as they hold tilt and dose."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from lithoscope.readers.header_units import known
from lithoscope.units import Quantity

_HEADER_BYTES = 1024
_SERIAL_SIZES = {0: 2, 1: 6, 2: 4, 3: 2, 4: 2, 5: 4}  # flag bit to bytes per section
_EPOCH_OF_DATES = datetime(1899, 12, 30)  # noqa: DTZ001 - day zero of FEI's timestamps, which give no zone


@dataclass(frozen=True, slots=True)
class Extended:
    """What an extended header tells."""

    angles_deg: tuple[float, ...] = ()
    metadata: dict[str, Quantity] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    acquired_at: str = ""


def extended_header(  # noqa: PLR0917 - six plain facts of one header
    path: Path, kind: str, order: str, length: int, counts: tuple[int, int], sections: int
) -> Extended:
    """
    Read an extended header.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        ``exttyp`` of the header.
    order : str
        ``<`` or ``>``.
    length : int
        Bytes it takes.
    counts : (int, int)
        SerialEM's bytes per section and flags, at byte 128.
    sections : int
        Images of the stack.
    """
    if not length:
        return Extended()
    with path.open("rb") as stream:
        stream.seek(_HEADER_BYTES)
        raw = stream.read(length)
    if kind in ("FEI1", "FEI2"):
        return _fei(raw, kind, sections)
    if kind in ("SERI", ""):
        return _serial(raw, order, counts, sections)
    return Extended()


def _fei(raw: bytes, kind: str, sections: int) -> Extended:
    from mrcfile.dtypes import get_ext_header_dtype

    dtype = get_ext_header_dtype(kind.encode())
    count = min(sections, len(raw) // dtype.itemsize)
    if count == 0:
        return Extended()
    records = np.frombuffer(raw, dtype, count)
    first = {name: records[name][0].item() for name in dtype.names}
    angles = tuple(float(angle) for angle in records["Alpha tilt"]) if count == sections else ()
    return Extended(angles, _fei_metadata(first), first, _fei_date(first.get("Timestamp", 0.0)))


def _fei_metadata(first: dict[str, Any]) -> dict[str, Quantity]:
    def entry(name: str, unit: str, factor: float = 1.0, *, zero_is_known: bool = False) -> Quantity:
        return known(first.get(name), unit=unit, key=f"FEI header {name}", factor=factor, zero_is_known=zero_is_known)

    return {
        "beam_energy_kV": entry("HT", "kV", 1e-3),
        "magnification": entry("Magnification", "1"),
        "stage_alpha_deg": entry("Alpha tilt", "deg", zero_is_known=True),
        "exposure_s": entry("Integration time", "s"),
        "dwell_s": entry("Dwell time", "s"),
    }


def _fei_date(days: float) -> str:
    if not 1 <= days < 1e6:
        return ""
    return (_EPOCH_OF_DATES + timedelta(days=days)).isoformat(timespec="seconds")


def _serial(raw: bytes, order: str, counts: tuple[int, int], sections: int) -> Extended:
    """SerialEM writes short integers per section; flag bit 0 means that tilt angles times 100 come first."""
    per_section, flags = counts
    size = sum(width for bit, width in _SERIAL_SIZES.items() if flags & (1 << bit))
    if not flags & 1 or size != per_section or len(raw) < per_section * sections:
        return Extended()
    table = np.frombuffer(raw, np.uint8, per_section * sections).reshape(sections, per_section)
    angles = np.ascontiguousarray(table[:, :2]).view(order + "i2")[:, 0] / 100.0
    return Extended(tuple(angles.tolist()))
