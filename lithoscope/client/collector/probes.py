"""
What a file's own header says about its length: is it all there?

Headers are read here with `struct`, a few kilobytes of each file; h5py and numpy stay on the service. A probe answers
with words when something is missing, None when the file is whole, and `Unprobed` where its format tells nothing.
"""

import struct
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from lithoscope.client.collector import probes_edax, probes_hdf5, probes_tiff

Probe = Callable[[BufferedReader, int], str | None]
TAIL_BYTES = 65_557  # longest end of a zip archive: its record and a comment


class Unprobed(Exception):
    """The format says nothing of its length: quiet has to do."""


def missing(path: Path) -> str | None:
    """
    Say in words what a file still lacks; None when its header is content.

    Raises
    ------
    Unprobed
        Its format is not known here.
    OSError
        It cannot be read.
    """
    probe = PROBES.get(path.suffix.lower())
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if probe is None:
            head = _at(file, 0, 8)
            probe = next((each for mark, each in MARKS if head.startswith(mark)), None)
        if probe is None:
            raise Unprobed
        try:
            return probe(file, size)
        except struct.error:
            return "its header is not complete"


def is_known(path: Path) -> bool:
    """Say whether the name of a file tells a format that is probed."""
    return path.suffix.lower() in PROBES


def _at(file: BufferedReader, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _fields(file: BufferedReader, offset: int, form: str) -> tuple[int, ...]:
    return struct.unpack(form, _at(file, offset, struct.calcsize(form)))


def _short(size: int, needed: int) -> str | None:
    return f"{size} of at least {needed} bytes are there" if size < needed else None


def digital_micrograph(file: BufferedReader, size: int) -> str | None:
    """Compare the length in the header of a DM3 or DM4 file with the file's."""
    (version,) = _fields(file, 0, ">I")
    if version not in {3, 4}:
        return "it does not begin as a DigitalMicrograph file"
    (length,) = _fields(file, 4, ">I" if version == 3 else ">Q")
    return _short(size, length)  # writers count the header or not: never more than the file


def mrc(file: BufferedReader, size: int) -> str | None:
    """Compare the image an MRC header promises with the file."""
    order = ">" if _at(file, 212, 2) == b"\x11\x11" else "<"
    nx, ny, nz, mode = _fields(file, 0, f"{order}4i")
    (extended,) = _fields(file, 92, f"{order}i")
    half_bytes = {0: 2, 1: 4, 2: 8, 3: 8, 4: 16, 6: 4, 12: 4, 16: 6, 101: 1}.get(mode)
    if half_bytes is None or min(nx, ny, nz, extended) < 0 or nx * ny * nz == 0:
        return "its header promises no image yet"
    row = (nx + 1) // 2 if mode == 101 else nx * half_bytes // 2
    return _short(size, 1024 + extended + row * ny * nz)


_TIA_BYTES = {1: 1, 2: 2, 3: 4, 4: 1, 5: 2, 6: 4, 7: 4, 8: 8, 9: 8, 10: 16}


def tia_series(file: BufferedReader, size: int) -> str | None:
    """Follow the offsets of a TIA series to its last element."""
    _order, series, version = _fields(file, 0, "<3H")
    if series != 0x0197:
        return "it does not begin as a TIA series"
    kind, _tags, total, valid = _fields(file, 6, "<4I")
    word, width = ("<Q", 8) if version >= 0x0220 else ("<I", 4)
    (table,) = _fields(file, 22, word)
    if valid == 0 or valid < total:
        return f"{valid} of {total} elements are written"
    (last,) = _fields(file, table + (valid - 1) * width, word)
    if kind == 0x4120:
        data_type, count = _fields(file, last + 20, "<HI")
        return _short(size, last + 26 + count * _TIA_BYTES.get(data_type, 1))
    data_type, nx, ny = _fields(file, last + 40, "<HII")
    return _short(size, last + 50 + nx * ny * _TIA_BYTES.get(data_type, 1))


def tia_image(file: BufferedReader, size: int) -> str | None:
    """Look for the end of the XML an .emi file closes with."""
    if _at(file, 0, 2) != b"JP":
        return "it does not begin as an EMI file"
    tail = _at(file, 0, size) if size < 1 << 20 else _at(file, size - (1 << 20), 1 << 20)
    return None if b"</ObjectInfo>" in tail else "its description is not closed"


def emsa(file: BufferedReader, size: int) -> str | None:
    """Look for the keyword that ends a spectrum."""
    tail = _at(file, max(0, size - 4096), 4096).upper()
    return None if b"#ENDOFDATA" in tail else "the line #ENDOFDATA is missing"


def bruker(file: BufferedReader, size: int) -> str | None:
    """Compare the chunks a Bruker SFS container counts with the file."""
    if _at(file, 0, 8) != b"AAMVHFSS":
        return "it does not begin as a Bruker container"
    _version, chunk = _fields(file, 0x124, "<fI")
    (count,) = _fields(file, 0x148, "<I")
    if chunk == 0 or count == 0:
        return "its header counts no chunks yet"
    return _short(size, 0x118 + (count - 1) * chunk)


def zipped(file: BufferedReader, size: int) -> str | None:
    """Find the end of the central directory, and that it stands where it says."""
    start = max(0, size - TAIL_BYTES)
    tail = _at(file, start, TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return "the end of the archive is missing"
    length, offset = struct.unpack("<II", tail[at + 12 : at + 20])
    if 0xFFFFFFFF in {length, offset}:
        return None
    return None if offset + length <= start + at else "the archive's directory is not complete"


def numpy_array(file: BufferedReader, size: int) -> str | None:
    """See that an .npy file goes on after its header."""
    if _at(file, 0, 6) != b"\x93NUMPY":
        return "it does not begin as an array"
    (length,) = _fields(file, 8, "<H") if _at(file, 6, 1) == b"\x01" else _fields(file, 8, "<I")
    return _short(size, 10 + length)


def _lines() -> Iterator[tuple[tuple[str, ...], Probe]]:
    yield (".h5", ".hdf5", ".emd", ".nxs", ".hspy", ".h5oina", ".cxi", ".edaxh5"), probes_hdf5.hdf5
    yield (".tif", ".tiff", ".btf", ".eer"), probes_tiff.tiff
    yield (".dm3", ".dm4"), digital_micrograph
    yield (".mrc", ".mrcs", ".st", ".rec", ".ali", ".map"), mrc
    yield (".ser",), tia_series
    yield (".emi",), tia_image
    yield (".spd",), probes_edax.edax_map
    yield (".spc",), probes_edax.edax_spectrum
    yield (".ipr",), probes_edax.edax_image
    yield (".msa", ".emsa"), emsa
    yield (".bcf", ".pan"), bruker
    yield (".zip", ".npz"), zipped
    yield (".npy",), numpy_array


PROBES: dict[str, Probe] = {suffix: probe for suffixes, probe in _lines() for suffix in suffixes}
MARKS: tuple[tuple[bytes, Probe], ...] = (
    (b"\x89HDF\r\n\x1a\n", probes_hdf5.hdf5),
    (b"PK\x03\x04", zipped),
    (b"AAMVHFSS", bruker),
)
