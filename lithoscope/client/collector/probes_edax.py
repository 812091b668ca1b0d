"""
EDAX maps, spectra and image descriptions: nothing in them is packed, so that their headers tell their lengths.

References
----------
EDAX, "SpcMap (SPD) file format", "Spectrum file format V70" and "Image IPR format", as published with RosettaSciIO.
"""

import struct
from io import BufferedReader

_TAG = b"MAPSPECTRA_DATA"
_IMAGE_BYTES = {333: 252, 334: 264}


def edax_map(file: BufferedReader, size: int) -> str | None:
    """Compare the counts of a map (.spd) with the file."""
    file.seek(0)
    head = file.read(48)
    if not head.startswith(_TAG):
        return "it does not begin as an EDAX map"
    points, lines, channels, width, offset = struct.unpack_from("<5I", head, 24)
    if not points * lines * channels * width:
        return "its header promises no spectra yet"
    return _short(size, offset + points * lines * channels * width)


def edax_spectrum(file: BufferedReader, size: int) -> str | None:
    """Compare the channels of a spectrum (.spc) with the file; another format of this ending tells nothing here."""
    file.seek(0)
    head = file.read(34)
    (version,) = struct.unpack_from("<f", head)
    if round(version, 2) not in {0.61, 0.70}:
        return None
    offset, channels = struct.unpack_from("<ih", head, 28)
    if offset <= 0 or channels <= 0:
        return "its header promises no channels yet"
    return _short(size, offset + 4 * channels)


def edax_image(file: BufferedReader, size: int) -> str | None:
    """Compare the length that the version of an image description (.ipr) has with the file."""
    file.seek(0)
    (version,) = struct.unpack("<H", file.read(2))
    if version not in _IMAGE_BYTES:
        return "it does not begin as an EDAX image description"
    return _short(size, _IMAGE_BYTES[version])


def _short(size: int, needed: int) -> str | None:
    return f"{size} of at least {needed} bytes are there" if size < needed else None
