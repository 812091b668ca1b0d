"""Small files as vendors write them, for what no free file shows."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tifffile

FEI_HEADER = """[User]
Date=03/14/2026
Time=03:14:15 PM
[Beam]
HV=200000
Beam=EBeam
[EBeam]
BeamCurrent=4e-10
[Scan]
PixelWidth=4.63e-09
PixelHeight=4.63e-09
Dwelltime=5e-06
FrameTime=2.5
[Stage]
StageTa=0.5235987755982988
[Image]
ResolutionX=8
ResolutionY=8
"""


def fei_tiff(path: Path, header: str = FEI_HEADER) -> None:
    """A scanning microscope's image with its settings in the private tag 34682."""
    text = header.replace("\n", "\r\n").encode() + b"\0"
    tifffile.imwrite(path, np.arange(64, dtype=np.uint16).reshape(8, 8), extratags=[(34682, "s", 0, text, True)])


def velox_header(**changes: Any) -> dict[str, Any]:
    header: dict[str, Any] = {
        "BinaryResult": {
            "DetectorIndex": "2",
            "Detector": "HAADF",
            "PixelSize": {"width": "2e-09", "height": "2e-09"},
            "PixelUnitX": "m",
            "PixelUnitY": "m",
        },
        "Scan": {"ScanSize": {"width": "4", "height": "3"}, "DwellTime": "1e-05", "FrameTime": "0.1"},
        "Optics": {"AccelerationVoltage": "300000", "LastMeasuredScreenCurrent": "3e-10"},
        "Stage": {"AlphaTilt": "0.17453292519943295"},
        "Acquisition": {"AcquisitionStartDatetime": {"DateTime": "1781172063"}},
        "Detectors": {"Detector-0": {"DetectorName": "SuperX1", "Dispersion": "10", "OffsetEnergy": "-200"}},
    }
    for key, value in changes.items():
        header[key] = {**header.get(key, {}), **value}
    return header


def small_velox(path: Path, **changes: Any) -> None:
    """A scan of 3 by 4 pixels with one detector's spectrum stream of known counts: pixel i holds i times channel 30."""
    stream = [value for pixel in range(12) for value in (*[30] * pixel, 65535)]
    with h5py.File(path, "w") as file:
        file["Version"] = [json.dumps({"format": "Velox", "version": "11"})]
        _add(file, "Data/Image/0", np.arange(12, dtype=np.uint16).reshape(3, 4, 1), velox_header(**changes))
        of_stream = velox_header(
            **{**changes, "BinaryResult": {"Detector": "SuperX1", **changes.get("BinaryResult", {})}}
        )
        _add(file, "Data/SpectrumStream/0", np.array(stream, np.uint16)[:, None], of_stream)
        file["Data/SpectrumStream/0/AcquisitionSettings"] = [json.dumps({"bincount": "64"})]
        _add(file, "Data/SpectrumImage/0", np.zeros((5, 1), np.uint8), of_stream)


def velox_tilt_series(path: Path, angles_deg: list[float]) -> None:
    """A stack whose every image has a header of its own."""
    headers = [velox_header(Stage={"AlphaTilt": str(np.radians(angle))}) for angle in angles_deg]
    columns = [np.frombuffer(json.dumps(header).encode().ljust(8000, b"\0"), np.uint8) for header in headers]
    with h5py.File(path, "w") as file:
        file["Version"] = [json.dumps({"format": "Velox", "version": "11"})]
        group = file.create_group("Data/Image/0")
        images = np.arange(12 * len(angles_deg), dtype=np.uint16).reshape(len(angles_deg), 3, 4)
        group["Data"] = images.transpose(1, 2, 0)
        group["Metadata"] = np.stack(columns, axis=1)


def _add(file: h5py.File, name: str, data: np.ndarray, header: dict[str, Any]) -> None:
    group = file.create_group(name)
    group["Data"] = data
    padded = json.dumps(header).encode().ljust(8000, b"\0")
    group["Metadata"] = np.frombuffer(padded, np.uint8)[:, None]


def serialem_stack(
    path: Path, angles_deg: list[float], *, pixel_A: float = 5.0, mode: int = 1, imod_flags: int | None = None
) -> None:
    """An MRC stack with SerialEM's extended header: two bytes a section, tilt times 100; a map word and no stamp."""
    count = len(angles_deg)
    words = np.zeros(256, "<i4")
    words[:4] = 6, 5, count, mode
    words[7:10] = 6, 5, count
    words[10:13] = np.array([6 * pixel_A, 5 * pixel_A, count * pixel_A], "<f4").view("<i4")
    words[16:19] = 1, 2, 3
    words[23] = 2 * count
    raw = bytearray(words.tobytes())
    raw[104:108], raw[208:212] = b"SERI", b"MAP "
    raw[128:132] = np.array([2, 1], "<i2").tobytes()
    if imod_flags is not None:
        raw[152:160] = np.array([1146047817, imod_flags], "<i4").tobytes()
    tilts = np.round(np.array(angles_deg) * 100).astype("<i2").tobytes()
    pixels = np.arange(30 * count).reshape(count, 5, 6).astype({0: "u1", 1: "<i2"}[mode])
    path.write_bytes(bytes(raw) + tilts + pixels.tobytes())
