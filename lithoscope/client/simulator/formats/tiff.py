"""A TIFF image with the text tag of Thermo Fisher (FEI) microscopes."""

import math
import struct

from lithoscope.client.simulator.formats.acquisition import Acquisition

_SHORT, _LONG, _ASCII = 3, 4, 2
_FEI_HELIOS = 34682
_HEADER_BYTES = 8


def tiff(shot: Acquisition) -> bytes:
    """
    Write one 16-bit frame.

    The directory stands behind the pixels, as in files that are written while they are acquired: a file that is not
    yet whole points behind its own end.
    """
    pixels = shot.noise(2 * shot.side_px**2)
    text = _fei_text(shot).encode("ascii") + b"\0"
    text += b"\0" * (len(text) % 2)
    directory_at = _HEADER_BYTES + len(pixels) + len(text)
    entries = [
        (256, _LONG, 1, shot.side_px),
        (257, _LONG, 1, shot.side_px),
        (258, _SHORT, 1, 16),
        (259, _SHORT, 1, 1),
        (262, _SHORT, 1, 1),
        (273, _LONG, 1, _HEADER_BYTES),
        (277, _SHORT, 1, 1),
        (278, _LONG, 1, shot.side_px),
        (279, _LONG, 1, len(pixels)),
        (_FEI_HELIOS, _ASCII, len(text), _HEADER_BYTES + len(pixels)),
    ]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<2sHI", b"II", 42, directory_at) + pixels + text + directory + struct.pack("<I", 0)


def _fei_text(shot: Acquisition) -> str:
    sections = {
        "User": {"Date": shot.begun_at.strftime("%m/%d/%Y"), "Time": shot.begun_at.strftime("%H:%M:%S")},
        "Beam": {"HV": f"{shot.beam_energy_kV * 1e3:g}", "Beam": "EBeam"},
        "EBeam": {"BeamCurrent": f"{shot.beam_current_nA * 1e-9:g}"},
        "Scan": {
            "Dwelltime": f"{shot.dwell_s:g}",
            "PixelWidth": f"{shot.pixel_nm * 1e-9:g}",
            "PixelHeight": f"{shot.pixel_nm * 1e-9:g}",
            "FrameTime": f"{shot.dwell_s * shot.side_px**2:g}",
        },
        "Stage": {"StageTa": f"{math.radians(shot.tilt_deg):.6f}"},
        "Image": {"ResolutionX": str(shot.side_px), "ResolutionY": str(shot.side_px)},
    }
    return "".join(
        f"[{section}]\r\n" + "".join(f"{key}={value}\r\n" for key, value in entries.items()) + "\r\n"
        for section, entries in sections.items()
    )
