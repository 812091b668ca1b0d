"""
HDF5 containers: inspected link by link, then read as Velox, as a table of oscillator strengths, as frames
of a pixel detector, as maps of Oxford Instruments or as NeXus.

HDF5 by design reads other files (external links, external storage, virtual datasets) and no switch turns that off, so
every link is judged by its class before it is followed and every dataset by its layout before it is read.
"""

from pathlib import Path
from typing import Any

from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_opening import opened
from lithoscope.readers.limits import Manifest, Source

SUFFIXES = (".h5", ".hdf5", ".hdf", ".nxs", ".nx", ".nexus", ".cxi", ".hspy", ".emd", ".gosh", ".h5oina")
SMALLEST_HEADER_BYTES = 96

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def recognises(head: bytes) -> bool:
    """Tell HDF5 without a user block; `signature_offset` knows the others."""
    return head.startswith(_SIGNATURE)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return head.startswith(_SIGNATURE) or _SIGNATURE.startswith(head)


def signature_offset(path: Path) -> int | None:
    """Find the signature at 0, 512, 1024, 2048 ...: what stands before it is a user block [bytes]."""
    size, offset = path.stat().st_size, 0
    with path.open("rb") as stream:
        while offset + len(_SIGNATURE) <= size:
            stream.seek(offset)
            if stream.read(len(_SIGNATURE)) == _SIGNATURE:
                return offset
            offset = offset * 2 or 512
    return None


def inspect(source: Source) -> Manifest:
    """Walk every link and look at every dataset's claim, without reading one."""
    from lithoscope.readers import gosh
    from lithoscope.readers.hdf5_walk import Walk

    offset = signature_offset(source.path) or 0
    _refuse_matlab(source.path)
    with opened(source.path) as file:
        entries = Walk(file, source.limits).entries()
        kind = "velox" if is_velox(file) else "gosh" if gosh.recognises(file) else "hdf5"
    return Manifest(kind, entries, {"user_block_bytes": offset})


def read(source: Source) -> Reading:
    """Read an inspected file as what it says it is."""
    from lithoscope.readers import detector_frames, gosh, nexus, oxford, tilt_series_hdf5, velox

    with opened(source.path) as file:
        if is_velox(file):
            return velox.read(file, source.limits)
        if tilt_series_hdf5.recognises(file):
            return tilt_series_hdf5.read(file, source.limits)
        if gosh.recognises(file):
            return gosh.read(file, source.limits, name=source.name)
        if detector_frames.recognises(file):
            return detector_frames.read(file, source.limits)
        if oxford.recognises(file):
            return oxford.read(file, source.limits)
        return nexus.read(file, source.limits)


def is_velox(file: Any) -> bool:
    """Tell Thermo Fisher Velox files by the groups they always have."""
    return all(name in file for name in ("Data", "Version")) and any(
        f"Data/{kind}" in file for kind in ("Image", "SpectrumImage", "SpectrumStream", "EelsSpectrumImage", "Spectrum")
    )


def _refuse_matlab(path: Path) -> None:
    with path.open("rb") as stream:
        if stream.read(10) == b"MATLAB 7.3":
            raise ReaderError("MATLAB files are not read: export the arrays as HDF5 or TIFF", code="unsupported-type")
