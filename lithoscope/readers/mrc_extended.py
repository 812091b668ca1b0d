"""Extended headers of MRC files: FEI1 and FEI2 (Thermo Fisher) and SERI (SerialEM, IMOD), as far as we use them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from lithoscope.readers.header_units import known
from lithoscope.readers.mrc_header import HEADER_BYTES, Header
from lithoscope.units import Quantity

_SERIAL_SIZES = {0: 2, 1: 6, 2: 4, 3: 2, 4: 2, 5: 4}  # flag bit to bytes per section
_EPOCH_OF_DATES = datetime(1899, 12, 30)  # noqa: DTZ001 - day zero of FEI's timestamps, which give no zone


@dataclass(frozen=True, slots=True)
class Extended:
    """What an extended header tells."""

    angles_deg: tuple[float, ...] = ()
    metadata: dict[str, Quantity] = field(default_factory=dict)
    calibration: dict[str, Quantity] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    acquired_at: str = ""


def extended_header(path: Path, header: Header) -> Extended:
    """Read what stands between header and pixels, as far as we know its kind."""
    if not header.extended_bytes:
        return Extended()
    with path.open("rb") as stream:
        stream.seek(HEADER_BYTES)
        raw = stream.read(header.extended_bytes)
    if header.extended_kind in ("FEI1", "FEI2"):
        return _fei(raw, header)
    if header.extended_kind in ("SERI", ""):
        return _serial(raw, header)
    return Extended()


def _fei(raw: bytes, header: Header) -> Extended:
    from mrcfile.dtypes import get_ext_header_dtype

    dtype, sections = get_ext_header_dtype(header.extended_kind.encode()), header.shape[0]
    count = min(sections, len(raw) // dtype.itemsize)
    if count == 0:
        return Extended()
    records = np.frombuffer(raw, dtype, count)
    first = {name: records[name][0].item() for name in dtype.names}
    angles = tuple(float(angle) for angle in records["Alpha tilt"]) if count == sections else ()
    tilt_axis = known(first.get("Tilt axis angle"), unit="deg", key="FEI header Tilt axis angle", zero_is_known=True)
    calibration = {"tilt_axis_deg": tilt_axis} if angles else {}
    return Extended(angles, _fei_metadata(first), calibration, first, _fei_date(first.get("Timestamp", 0.0)))


def _fei_metadata(first: dict[str, Any]) -> dict[str, Quantity]:
    def entry(name: str, unit: str, factor: float = 1.0, *, zero_is_known: bool = False) -> Quantity:
        return known(first.get(name), unit=unit, key=f"FEI header {name}", factor=factor, zero_is_known=zero_is_known)

    return {
        "beam_energy_kV": entry("HT", "kV", 1e-3),
        "magnification": entry("Magnification", "1"),
        "stage_alpha_deg": entry("Alpha tilt", "deg", zero_is_known=True),
        "exposure_s": entry("Integration time", "s"),
        "dwell_s": entry("Dwell time", "s"),
        "camera_length_mm": entry("Camera length", "mm", 1e3),
        "dose_per_frame_e_per_A2": entry("Dose", "e/A^2", 1e-20),
    }


def _fei_date(days: float) -> str:
    if not 1 <= days < 1e6:
        return ""
    return (_EPOCH_OF_DATES + timedelta(days=days)).isoformat(timespec="seconds")


def _serial(raw: bytes, header: Header) -> Extended:
    """SerialEM writes short integers per section; flag bit 0 means that tilt angles times 100 come first."""
    (per_section, flags), sections = header.extended_counts, header.shape[0]
    size = sum(width for bit, width in _SERIAL_SIZES.items() if flags & (1 << bit))
    if not flags & 1 or size != per_section or len(raw) < per_section * sections:
        return Extended()
    table = np.frombuffer(raw, np.uint8, per_section * sections).reshape(sections, per_section)
    angles = np.ascontiguousarray(table[:, :2]).view(header.order + "i2")[:, 0] / 100.0
    return Extended(tuple(angles.tolist()))
