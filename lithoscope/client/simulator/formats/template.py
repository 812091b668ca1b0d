"""Files after a real one: its bytes with pixels of their own, where the format allows it."""

import random
import struct

_UNCOMPRESSED, _STRIP_OFFSETS, _STRIP_COUNTS, _COMPRESSION = 1, 273, 279, 259
_MRC_HEADER_BYTES = 1024
_CHANGED_BYTES = 64


def like(template: bytes, seed: str) -> bytes | None:
    """
    Make a file after a template.

    Parameters
    ----------
    template : bytes
        A whole TIFF, MRC or EMSA/MAS file.
    seed : str
        Another gives other pixels.

    Returns
    -------
    content : bytes or None
        As long as the template, with a few pixels changed; of a spectrum, a comment is added. None for formats where
        a change could break the file: such a template can be written once as it is.
    """
    rng = random.Random(seed)  # noqa: S311 - pixels, not secrets
    if template.startswith(b"II*\0"):
        return _changed(template, _tiff_pixels(template), rng)
    if template[208:211] == b"MAP":
        begin = _MRC_HEADER_BYTES + int(struct.unpack_from("<i", template, 92)[0])
        return _changed(template, (begin, len(template) - begin), rng)
    if template.lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"#FORMAT"):
        return _commented(template, rng)
    return None


def _changed(template: bytes, pixels: tuple[int, int] | None, rng: random.Random) -> bytes | None:
    if pixels is None or pixels[1] < 1:
        return None
    begin, count = pixels[0], min(pixels[1], _CHANGED_BYTES)
    return template[:begin] + rng.randbytes(count) + template[begin + count :]


def _tiff_pixels(template: bytes) -> tuple[int, int] | None:
    """Find the first strip of an uncompressed little-endian TIFF."""
    (directory,) = struct.unpack_from("<I", template, 4)
    (count,) = struct.unpack_from("<H", template, directory)
    entries = {
        tag: (kind, length, value)
        for tag, kind, length, value in struct.iter_unpack(
            "<HHII", template[directory + 2 : directory + 2 + 12 * count]
        )
    }
    if entries.get(_COMPRESSION, (0, 0, _UNCOMPRESSED))[2] & 0xFFFF != _UNCOMPRESSED:
        return None
    if not {_STRIP_OFFSETS, _STRIP_COUNTS} <= entries.keys():
        return None
    return _first(template, entries[_STRIP_OFFSETS]), _first(template, entries[_STRIP_COUNTS])


def _first(template: bytes, entry: tuple[int, int, int]) -> int:
    kind, length, value = entry
    layout = "<H" if kind == 3 else "<I"
    packed = struct.pack("<I", value) if length * struct.calcsize(layout) <= 4 else template[value : value + 4]
    return int(struct.unpack_from(layout, packed)[0])


def _commented(template: bytes, rng: random.Random) -> bytes | None:
    place = template.upper().find(b"#SPECTRUM")
    if place < 0:
        return None
    return template[:place] + f"#COMMENT     : simulated {rng.getrandbits(64):016x}\r\n".encode() + template[place:]
