"""MRC2014 stacks, and the .mdoc text that SerialEM writes beside them."""

import struct

from lithoscope.client.simulator.formats.acquisition import Acquisition

_INT16 = 1
_HEADER = struct.Struct("<10i6f3i3f2i8x4si84x3f4s4sfi800s")


def mrc(shot: Acquisition) -> bytes:
    """Write a stack of 16-bit frames; the header promises their bytes before they are there."""
    side, cell_A = shot.side_px, shot.side_px * shot.pixel_nm * 10
    lengths = (side, side, shot.frames)
    label = b"simulated microscope".ljust(800, b"\0")
    stamp = b"\x44\x44\0\0"
    header = _HEADER.pack(
        *lengths, _INT16, 0, 0, 0, *lengths,
        cell_A, cell_A, shot.frames * shot.pixel_nm * 10, 90, 90, 90, 1, 2, 3, 0, 0, 0,
        1, 0, b"", 20140, 0, 0, 0, b"MAP ", stamp, 0, 1, label,
    )  # fmt: skip
    return header + shot.noise(2 * side**2 * shot.frames)


def mdoc(shot: Acquisition, *, stack: str) -> bytes:
    """
    Write the text beside a stack.

    Parameters
    ----------
    shot : Acquisition
        As given to `mrc`.
    stack : str
        Name of the stack's file.
    """
    lines = [
        f"PixelSpacing = {shot.pixel_nm * 10:g}",
        f"ImageFile = {stack}",
        f"Voltage = {shot.beam_energy_kV:g}",
        "",
        "[T = Tilt axis angle = 84.1, binning = 1]",
    ]
    for frame in range(shot.frames):
        lines += [
            "",
            f"[ZValue = {frame}]",
            f"TiltAngle = {shot.tilt_deg + frame * shot.tilt_step_deg:.2f}",
            f"ExposureTime = {shot.dwell_s * shot.side_px**2:g}",
            f"DateTime = {shot.begun_at.strftime('%d-%b-%y  %H:%M:%S')}",
        ]
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
