"""Spectrum images of Bruker's .bcf files: rows of pixels, each packed in the way that takes least room."""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lithoscope.errors import ReaderError

_FIRST_ROW = 0x1A0
_PIXEL = struct.Struct("<IHHIHHHI")
_PULSES_16, _PULSES_12 = 0, 1
_WIDTHS = {4: "H", 8: "I"}
_GAINS = {1: "<B", 2: "<H", 4: "<I", 8: "<Q"}


def counted(stream: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """
    Unpack a spectrum image.

    Parameters
    ----------
    stream : bytes
        Unpacked by the container.
    shape : (int, int, int)
        Rows, columns and channels that the header promises.

    Returns
    -------
    counts : (y, x, e) array of uint16, of uint32 where a channel holds more

    Raises
    ------
    ReaderError
        ``truncated-file`` or ``unreadable-file`` if the stream is of another size or leads out of itself.
    """
    rows, columns, channels = shape
    if len(stream) < _FIRST_ROW or struct.unpack_from("<ii", stream) != (rows, columns):
        raise ReaderError("the spectra of the Bruker file are not of the size its header says: export it again")
    total: NDArray[np.uint16] | NDArray[np.uint32] = np.zeros(shape, np.uint16)
    try:
        place = _FIRST_ROW
        for row in range(rows):
            (filled,) = struct.unpack_from("<i", stream, place)
            place += 4
            for _ in range(filled):
                column, pixel, place = _pixel(stream, place, channels)
                if column >= columns:
                    raise ReaderError("a pixel of the Bruker file lies outside its image: the file is damaged")
                if pixel.max(initial=0) > np.iinfo(total.dtype).max:
                    total = total.astype(np.uint32)
                total[row, column, : len(pixel)] = pixel
    except (struct.error, IndexError, OverflowError):
        raise ReaderError(
            "the spectra of the Bruker file end too early: copy it again", code="truncated-file"
        ) from None
    return total


def _pixel(stream: bytes, place: int, channels: int) -> tuple[int, NDArray[np.int64], int]:
    """Unpack the pixel at a place: its column, its spectrum and where the next begins."""
    column, _, filled, _, packing, _, pulses, size = _PIXEL.unpack_from(stream, place)
    place += _PIXEL.size
    if place + size > len(stream):
        raise IndexError(size)
    if packing in (_PULSES_16, _PULSES_12):
        raw = stream[place : place + size]
        found = np.frombuffer(raw, "<u2") if packing == _PULSES_16 else _of_12_bits(raw, pulses)
        return column, np.bincount(found[found < channels], minlength=1), place + size
    spectrum = np.zeros(channels, np.int64)
    unpacked = _instructed(stream[place : place + size - 4], min(filled, channels))
    spectrum[: len(unpacked)] = unpacked
    place += size - 4
    (more,) = struct.unpack_from("<I", stream, place)
    place += 4
    if pulses:
        if place + more > len(stream) or more < 2 * pulses:
            raise IndexError(more)
        added = np.frombuffer(stream, "<u2", pulses, place)
        np.add.at(spectrum, added[added < channels], 1)
        place += more
    return column, spectrum, place


def _of_12_bits(raw: bytes, pulses: int) -> NDArray[np.uint16]:
    """Take channel numbers of 12 bits each out of 16-bit words."""
    words = np.frombuffer(raw[: len(raw) // 2 * 2], "<u2").byteswap()
    twice = np.frombuffer(words.tobytes(), np.uint8).repeat(2)
    kept = np.ones(len(twice), bool)
    kept[0::6] = kept[5::6] = False
    half = twice[kept]
    wide = np.frombuffer(half[: len(half) // 2 * 2].tobytes(), ">u2").astype(np.uint16)
    if len(wide) < pulses:
        raise IndexError(pulses)
    wide = wide[:pulses]
    wide[0::2] >>= 4
    return np.asarray(wide & 0x0FFF, np.uint16)


def _instructed(raw: bytes, most: int) -> list[int]:
    """Follow instructions: so many channels of so many bits, each over a common level."""
    spectrum: list[int] = []
    place = 0
    while place + 1 < len(raw) and len(spectrum) < most:
        width, channels = raw[place], raw[place + 1]
        place += 2
        if width == 0:
            spectrum += [0] * channels
            continue
        if width not in _GAINS:
            raise ReaderError("a pixel of the Bruker file is packed in an unknown way: the file is damaged")
        (level,) = struct.unpack_from(_GAINS[width], raw, place)
        place += width
        end = place + -(-channels * width // 2)
        if end > len(raw):
            raise IndexError(end)
        spectrum += [value + level for value in _levelled(raw[place:end], width, channels)]
        place = end
    return spectrum[:most]


def _levelled(raw: bytes, width: int, channels: int) -> Sequence[int]:
    if width == 1:  # half bytes, the lower first
        return [half for both in raw for half in (both & 0x0F, both >> 4)][:channels]
    return raw if width == 2 else struct.unpack(f"<{channels}{_WIDTHS[width]}", raw)
