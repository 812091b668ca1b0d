"""
An Eiger master with the files that hold its frames (``scan_master.h5``, ``scan_data_000001.h5``): one stack.

The master names each of them in an external link. HDF5 follows such links wherever they lead, so that every file is
judged alone first and the master may name none but those that were sent with it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Limits, check_total, claimed_bytes

if TYPE_CHECKING:
    import h5py

FORMAT = "hdf5"
_MASTER = re.compile(r"(?:.*_)?master\.h5", re.IGNORECASE)
_FRAMES = re.compile(r"(?:.*_)?data_\d+\.h5", re.IGNORECASE)


def is_eiger_set(names: Sequence[str]) -> bool:
    """Tell from the names of files whether they are a master and nothing but its frames."""
    masters = [name for name in names if _MASTER.fullmatch(name)]
    frames = [name for name in names if _FRAMES.fullmatch(name)]
    return len(masters) == 1 and bool(frames) and len(frames) + 1 == len(names)


def inspect_frames(files: Sequence[Path], limits: Limits) -> tuple[ArrayEntry, ...]:
    """
    Walk every file; the master's links may lead to the others only.

    Raises
    ------
    ReaderError
        Naming the file; ``external-reference`` if the master names one that was not sent.
    """
    from lithoscope.readers.hdf5_opening import opened
    from lithoscope.readers.hdf5_walk import Walk

    master, frames = _sorted(files)
    entries: list[ArrayEntry] = []
    for path in (*frames, master):
        beside = {one.name for one in frames} if path == master else frozenset()
        try:
            with opened(path) as file:
                entries += Walk(file, limits, beside=beside).entries()
        except ReaderError as error:
            raise ReaderError(f"{path.name}: {error}", code=error.code) from error
    sizes = (claimed_bytes(one.shape, np.dtype(one.dtype).itemsize) for one in entries if one.dtype != "other")
    check_total(sizes, limits)
    return tuple(entries)


def read_frames(files: Sequence[Path], limits: Limits) -> Reading:
    """
    Read the frames in the order in which the master names them.

    Raises
    ------
    ReaderError
        As `inspect_frames`, and as `lithoscope.readers.detector_frames.read`.
    """
    from lithoscope.readers import detector_frames
    from lithoscope.readers.hdf5_opening import opened

    inspect_frames(files, limits)
    master, frames = _sorted(files)
    with opened(master) as file:
        if not detector_frames.recognises(file):
            raise ReaderError(f"{master.name} is no master of an Eiger: send the files one by one")
        reading = detector_frames.read(file, limits)
        named = {link.filename for link in _links(file)}
    more = [path.name for path in frames if path.name not in named]
    told = (f"The master does not name {', '.join(more)}, so that its frames are left out.",) if more else ()
    return replace(reading, warnings=(*reading.warnings, *told), format=FORMAT)


def _links(file: "h5py.File") -> "Iterator[h5py.ExternalLink]":
    import h5py

    group = file["entry/data"]
    links = (group.get(name, getlink=True) for name in group)
    yield from (link for link in links if isinstance(link, h5py.ExternalLink))


def _sorted(files: Sequence[Path]) -> tuple[Path, list[Path]]:
    master = next(path for path in files if _MASTER.fullmatch(path.name))
    return master, [path for path in files if path != master]
