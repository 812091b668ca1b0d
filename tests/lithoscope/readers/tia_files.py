"""Series of TIA written by the published layout, because no free file could be had."""

import struct
from pathlib import Path

import numpy as np

TYPES = {"<u2": 2, "<i4": 6, "<f4": 7}
EMI = """\x01\x02binary<ObjectInfo><Uuid>A</Uuid><AcquireDate>Tue Mar 14 15:09:26 2026</AcquireDate><AcquireInfo>
<DwellTimePath>0.5</DwellTimePath>{camera}</AcquireInfo><ExperimentalDescription><Root>
<Data><Label>High tension</Label><Value>300</Value><Unit>kV</Unit></Data>
<Data><Label>Magnification</Label><Value>115000</Value><Unit>x</Unit></Data>
<Data><Label>Stage A</Label><Value>-12.5</Value><Unit>deg</Unit></Data>
<Data><Label>Camera length</Label><Value>0.115</Value><Unit>m</Unit></Data>
<Data><Label>Mode</Label><Value>STEM nP SA Zoom</Value><Unit></Unit></Data>
</Root></ExperimentalDescription></ObjectInfo>\x03more"""
CAMERA = "<CameraNamePath>BM-UltraScan</CameraNamePath>"


def emi(path: Path, *, camera: bool = False) -> Path:
    path.write_bytes(EMI.format(camera=CAMERA if camera else "").encode("latin-1"))
    return path


def ser(
    path: Path,
    elements: np.ndarray,
    *,
    scan: tuple[int, ...] = (),
    x_is_fast: bool = True,
    version: int = 0x0220,
    delta: float = 2e-9,
    scan_step_m: float = 5e-9,
) -> Path:
    """Elements (n, e) or (n, y, x); scan is the planned length of each dimension, in meters, fastest first for x."""
    kind = 0x4120 if elements.ndim == 2 else 0x4122
    unit, width = b"meters", 4 if version <= 0x0210 else 8
    planned = int(np.prod(scan)) if scan else len(elements)
    lengths = scan or (planned,)
    dimensions = b"".join(
        struct.pack("<IddII", length, 0.0, scan_step_m * (i + 1), 0, 8) + b"Position"
        + struct.pack("<I", len(unit) if scan else 0) + (unit if scan else b"")
        for i, length in enumerate(lengths)
    )  # fmt: skip
    begin = struct.pack("<HHHIIII", 0x4949, 0x0197, version, kind, 0x4142, planned, len(elements))
    table = len(begin) + width + 4 + len(dimensions)
    head = begin + table.to_bytes(width, "little") + struct.pack("<I", len(lengths)) + dimensions
    body, offsets, tags = b"", [], []
    at = table + 2 * width * planned
    for index, element in enumerate(elements):
        raw = _element(element, delta)
        fast = index % lengths[0 if x_is_fast else -1]
        slow = index // lengths[0 if x_is_fast else -1]
        x, y = (fast, slow) if x_is_fast else (slow, fast)
        tag = struct.pack("<HHIdd", 0x4142, 0, 1_773_500_966 + index, x * scan_step_m, y * scan_step_m)
        offsets.append(at)
        tags.append(at + len(raw))
        body, at = body + raw + tag, at + len(raw) + len(tag)
    tables = b"".join(
        b"".join(each.to_bytes(width, "little") for each in one + [0] * (planned - len(one))) for one in (offsets, tags)
    )
    path.write_bytes(head + tables + body)
    return path


def _element(values: np.ndarray, delta: float) -> bytes:
    number = TYPES[values.dtype.str]
    if values.ndim == 1:
        return struct.pack("<ddIHI", -5.0, 0.25, 0, number, len(values)) + values.tobytes()
    height, width = values.shape
    return struct.pack("<ddIddIHII", 0.0, delta, 0, 0.0, delta, 0, number, width, height) + values.tobytes()
