"""Small DigitalMicrograph 3 files written as that program writes them: tags, then the pixels among them."""

import struct
from pathlib import Path
from typing import Any

import numpy as np

_CODES = {np.dtype("i2"): (2, 1), np.dtype("f4"): (6, 2), np.dtype("u2"): (4, 10), np.dtype("u4"): (5, 11)}


def write_dm3(
    path: Path, pixels: np.ndarray, dimensions: list[tuple[float, float, str]], tags: dict[str, Any] | None = None
) -> Path:
    """
    Write one image.

    Parameters
    ----------
    path : Path
    pixels : array
        Slow to fast, as it lies in the file.
    dimensions : list of (scale, origin, unit)
        Of each axis, fast to slow: as the file lists them.
    tags : dict, optional
        ImageTags.
    """
    image = {
        "ImageData": {
            "Calibrations": {
                "Dimension": [{"Scale": float(a), "Origin": float(b), "Units": c} for a, b, c in dimensions]
            },
            "Data": pixels,
            "DataType": _CODES[pixels.dtype][1],
            "Dimensions": list(pixels.shape[::-1]),
            "PixelDepth": pixels.dtype.itemsize,
        },
        "ImageTags": tags or {},
        "Name": path.stem,
    }
    body = _group({"ImageList": [image]})
    path.write_bytes(struct.pack(">3I", 3, len(body), 1) + body + bytes(8))
    return path


def _group(tags: dict[str, Any] | list[Any]) -> bytes:
    entries = list(tags.items()) if isinstance(tags, dict) else [("", value) for value in tags]
    return struct.pack(">BBI", 0, 0, len(entries)) + b"".join(_tag(name, value) for name, value in entries)


def _tag(name: str, value: Any) -> bytes:
    head = struct.pack(">H", len(name.encode("latin-1"))) + name.encode("latin-1")
    if isinstance(value, dict | list):
        return b"\x14" + head + _group(value)
    info, raw = _encoded(value)
    return b"\x15" + head + b"%%%%" + struct.pack(f">{len(info) + 1}I", len(info), *info) + raw


def _encoded(value: Any) -> tuple[list[int], bytes]:
    if isinstance(value, np.ndarray):
        return [20, _CODES[value.dtype][0], value.size], value.astype(value.dtype.newbyteorder("<")).tobytes()
    if isinstance(value, str):
        return [20, 4, len(value)], value.encode("utf-16-le")
    return ([7], struct.pack("<d", value)) if isinstance(value, float) else ([5], struct.pack("<I", value))
