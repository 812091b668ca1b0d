"""Velox EMD: an image with the JSON header in which Thermo Fisher keeps everything."""

import hashlib
import json
import math

from lithoscope.client.simulator.formats.acquisition import Acquisition
from lithoscope.client.simulator.formats.hdf5 import Numbers, hdf5


def velox(shot: Acquisition) -> bytes:
    """Write a stack of 16-bit frames; the file says at its beginning where it ends."""
    side = shot.side_px
    header = json.dumps(_header(shot)).encode("ascii") + b"\0"
    version = json.dumps({"format": "Velox", "version": "1"}).encode("ascii")
    name = hashlib.sha256(shot.seed.encode()).hexdigest()[:32]
    frames = Numbers((side, side, shot.frames), 2, shot.noise(2 * side**2 * shot.frames))
    every_frame = bytes(letter for letter in header for _ in range(shot.frames))
    image = {"Data": frames, "Metadata": Numbers((len(header), shot.frames), 1, every_frame)}
    return hdf5({"Data": {"Image": {name: dict(image)}}, "Version": Numbers((len(version),), 1, version)})


def _header(shot: Acquisition) -> dict[str, object]:
    size = f"{shot.pixel_nm * 1e-9:g}"
    return {
        "Acquisition": {"AcquisitionStartDatetime": {"DateTime": str(int(shot.begun_at.timestamp()))}},
        "Optics": {
            "AccelerationVoltage": f"{shot.beam_energy_kV * 1e3:g}",
            "LastMeasuredScreenCurrent": f"{shot.beam_current_nA * 1e-9:g}",
        },
        "Scan": {"DwellTime": f"{shot.dwell_s:g}", "FrameTime": f"{shot.dwell_s * shot.side_px**2:g}"},
        "Stage": {"AlphaTilt": f"{math.radians(shot.tilt_deg):.6f}"},
        "BinaryResult": {
            "Detector": "HAADF",
            "DetectorIndex": "1",
            "PixelSize": {"width": size, "height": size},
            "PixelUnitX": "m",
            "PixelUnitY": "m",
        },
    }
