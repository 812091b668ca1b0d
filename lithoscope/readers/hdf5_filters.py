"""
The two filters that pixel detectors compress with and HDF5 does not bring along: LZ4 and bitshuffle with LZ4.

They come from hdf5plugin where it is installed. A packed chunk of either says at its beginning how long it unpacks to,
and the filter believes it: here every chunk's claim is held against its dataset before one is unpacked.
"""

import struct
from pathlib import Path
from typing import Any

import h5py

from lithoscope.errors import ReaderError
from lithoscope.readers.limits import claimed_bytes

LZ4, BITSHUFFLE = 32004, 32008
OF_DETECTORS = frozenset({LZ4, BITSHUFFLE})
_CLAIM = struct.Struct(">Q")
_ITEM, _PACKING = 2, 4  # places among the settings of bitshuffle: bytes of a number, and how it packs, if it does
_PACKINGS = frozenset({2, 3})
_SKIPS = 1  # of a chunk's mask: the first filter was not applied to it; other bits say nothing of the first


def check_detector_filter(file: h5py.File, path: str, dataset: Any) -> None:
    """
    Refuse a dataset whose chunks do not unpack to what its shape says.

    Parameters
    ----------
    file : h5py.File
        Open for reading.
    path : str
        Of the dataset in the file.
    dataset : h5py.h5d.DatasetID
        Packed by one of `OF_DETECTORS`.

    Raises
    ------
    ReaderError
        ``unsupported-filter`` if hdf5plugin is missing or other filters are mixed in, ``unreadable-file`` if a chunk
        claims another length.
    """
    layout = dataset.get_create_plist()
    number, _, settings, _ = layout.get_filter(0)
    if layout.get_nfilters() != 1 or file.userblock_size or not _is_there(number):
        raise ReaderError(
            f"dataset {path!r} is compressed by filter {number}, which is read here only where hdf5plugin is "
            "installed and no other filter is added: rewrite it with gzip",
            code="unsupported-filter",
        )
    item_bytes = dataset.get_type().get_size()
    length = claimed_bytes(layout.get_chunk(), item_bytes)
    packing = settings[_PACKING] if len(settings) > _PACKING else 0
    is_possible = number == LZ4 or (settings[_ITEM : _ITEM + 1] == (item_bytes,) and packing in {0, *_PACKINGS})
    is_packed = number == LZ4 or packing in _PACKINGS
    if not is_possible or not all(_claims(file, dataset, length, is_packed=is_packed)):
        raise ReaderError(f"a chunk of dataset {path!r} does not unpack to its size: the file is damaged")


def _is_there(number: int) -> bool:
    """Register the filters, and nothing but these of the many that come with them."""
    if not h5py.h5z.filter_avail(number):
        try:
            import hdf5plugin
        except ImportError:
            return False
        for other in set(hdf5plugin.FILTERS.values()) - OF_DETECTORS:
            if h5py.h5z.filter_avail(other):
                h5py.h5z.unregister_filter(other)
    return bool(h5py.h5z.filter_avail(number))


def _claims(file: h5py.File, dataset: Any, length: int, *, is_packed: bool) -> list[bool]:
    """Say of each stored chunk whether it claims the length of a chunk [bytes]."""
    found: list[bool] = []
    with Path(file.filename).open("rb") as stream:

        def look(chunk: Any) -> None:
            if chunk.filter_mask & _SKIPS or not is_packed:
                found.append(chunk.size == length)
                return
            stream.seek(chunk.byte_offset)
            raw = stream.read(_CLAIM.size)
            found.append(len(raw) == _CLAIM.size and _CLAIM.unpack(raw)[0] == length)

        dataset.chunk_iter(look)
    return found
