"""EDAX maps, spectra and image descriptions written by the published layout, because no free file could be had."""

import struct
from pathlib import Path

import numpy as np


def spd(path: Path, counts: np.ndarray, *, spectra: int | None = None, image: bytes = b"C:\\EDAX\\a_Img.bmp") -> Path:
    """Counts (y, x, e) of uint8, uint16 or uint32."""
    lines, points, channels = counts.shape
    numbers = (2, lines * points if spectra is None else spectra, points, lines, channels, counts.itemsize, 1068, 8)
    head = struct.pack("<16s8i120s900x", b"MAPSPECTRA_DATA", *numbers, image)
    path.write_bytes(head + counts.astype(counts.dtype.newbyteorder("<")).tobytes())
    return path


def spc(path: Path, counts: np.ndarray, *, version: float = 0.70) -> Path:
    """A spectrum of 10 eV a channel from -0.2 keV on, at 22 kV."""
    raw = bytearray(3840)
    struct.pack_into("<ff", raw, 0, version, 4.1)
    struct.pack_into("<hBBBBBB", raw, 16, 2026, 14, 3, 9, 15, 50, 26)
    struct.pack_into("<iihhh", raw, 24, 3840 + 4 * len(counts), 3840, len(counts), 4000, 950)
    struct.pack_into("<i", raw, 384, 10)
    struct.pack_into("<ffffff", raw, 448, -0.2, 40.76, 28.5, -12.5, 35.0, 1.0)
    struct.pack_into("<f", raw, 472, 129.5)
    struct.pack_into("<f", raw, 532, 22.0)
    struct.pack_into("<h3H", raw, 638, 3, 8, 25, 28)
    whole = raw + counts.astype("<u4").tobytes()
    path.write_bytes(whole.ljust(20_994 if version >= 0.7 else 20_740, b"\0"))
    return path


def ipr(path: Path, *, version: int = 334, mode: int = 0) -> Path:
    """The electron image of a map: 0.1 um a pixel along x, 0.2 along y, 50 ms a point."""
    raw = bytearray(264 if version == 334 else 252)
    struct.pack_into("<HH8s", raw, 0, version, 1, b"SE")
    struct.pack_into("<HI", raw, 18, mode, 50)
    struct.pack_into("<HhhIHff", raw, 52, 220, -12, 35, 5000, 10, 0.1, 0.2)
    path.write_bytes(raw)
    return path
