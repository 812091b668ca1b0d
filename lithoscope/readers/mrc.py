"""
MRC files (.mrc, .rec, .st, .ali): volumes and tilt series, lengths in angstrom, machine stamps often missing.

The 1024-byte header is parsed here, because a file whose stamp is zero or whose extended header is odd is common and still
readable, and because nothing may be read before its size has been held against the file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.header_units import known
from lithoscope.readers.limits import ArrayEntry, Limits, Manifest, check_array, claimed_bytes
from lithoscope.readers.mrc_extended import Extended, extended_header
from lithoscope.readers.plain import plain
from lithoscope.units import Quantity

SUFFIXES = (".mrc", ".rec", ".st", ".ali", ".preali", ".map", ".mrcs")

_HEADER_BYTES = 1024
_MODES = {0: "i1", 1: "i2", 2: "f4", 4: "c8", 6: "u2", 12: "f2"}
_NAMED_MODES = {3: "complex 16-bit integers", 16: "colour", 101: "4-bit"}
_IMOD_STAMP = 1146047817
_SERIES_SUFFIXES = (".st", ".ali", ".preali", ".mrcs")
_LONGEST_PLAUSIBLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of an MRC header we use; lengths in angstrom as written."""

    order: str
    shape: tuple[int, int, int]
    mode: int
    dtype: str
    cell: tuple[float, float, float]
    sampling: tuple[int, int, int]
    mapping: tuple[int, int, int]
    extended_bytes: int
    extended_kind: str
    extended_counts: tuple[int, int]
    signed_known: bool
    labels: tuple[str, ...]

    @property
    def data_offset(self) -> int:
        """Where the pixels begin [bytes]."""
        return _HEADER_BYTES + self.extended_bytes


def recognises(head: bytes) -> bool:
    """Tell MRC by its map word, or, of older files without one, by a header that makes sense as a whole."""
    if len(head) < _HEADER_BYTES:
        return False
    if head[208:211] == b"MAP":
        return True
    return any(_is_plausible(head, order) for order in "<>")


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one: small positive lengths."""
    fields = np.frombuffer(head[: len(head) // 4 * 4][:12], "<i4")
    return bool(((fields > 0) & (fields < _LONGEST_PLAUSIBLE)).all())


def inspect(path: Path, limits: Limits) -> Manifest:
    """Read the header and hold its claim against the file."""
    header = _header(path)
    itemsize = np.dtype(header.dtype).itemsize
    promised = claimed_bytes(header.shape, itemsize)
    entry = ArrayEntry("data", header.shape, header.dtype, None, promised)
    check_array(entry, itemsize, limits)
    present = path.stat().st_size - header.data_offset
    if present < promised:
        raise ReaderError(
            f"the header promises {promised} bytes of pixels and {max(present, 0)} follow", code="truncated-file"
        )
    return Manifest("mrc", (entry,), {"mode": header.mode, "extended_header": header.extended_kind})


def read(path: Path, limits: Limits) -> Reading:
    """
    Read the array as (z, y, x), a tilt series as (t, y, x) when the extended header holds its angles.

    Without angles a file called .st or .ali is a stack whose angles come from a companion file.
    """
    inspect(path, limits)
    header = _header(path)
    extended = extended_header(
        path, header.extended_kind, header.order, header.extended_bytes, header.extended_counts, header.shape[0]
    )
    array = _labelled(path, header, extended)
    return Reading(
        arrays=(array,),
        metadata=_metadata(array, extended),
        calibration=_calibration(array),
        original=plain({"header": _plain_header(header), "extended": extended.fields}),
        acquired_at=extended.acquired_at,
        warnings=_warnings(header),
    )


def _header(path: Path) -> Header:
    with path.open("rb") as stream:
        raw = stream.read(_HEADER_BYTES)
    if len(raw) < _HEADER_BYTES:
        raise ReaderError("the file ends inside its MRC header: copy it again", code="truncated-file")
    order = _order(raw)
    words = np.frombuffer(raw, order + "i4")
    reals = np.frombuffer(raw, order + "f4")
    mode = int(words[3])
    if mode not in _MODES:
        described = _NAMED_MODES.get(mode, f"mode {mode}")
        raise ReaderError(f"the pixels are {described}, which we do not read: convert to integers or real numbers")
    nx, ny, nz = (int(n) for n in words[:3])
    if min(nx, ny, nz) < 1 or int(words[23]) < 0:
        raise ReaderError("the MRC header claims an empty or negative size: it is damaged")
    signed_known, dtype = _byte_kind(words, mode)
    return Header(
        order, (nz, ny, nx), mode, order + dtype, tuple(float(v) for v in reals[10:13]), tuple(int(n) for n in words[7:10]),
        tuple(int(n) for n in words[16:19]), int(words[23]), raw[104:108].decode("latin-1") if raw[104:108].isalnum() else "",
        tuple(int(n) for n in np.frombuffer(raw[128:132], order + "i2")), signed_known, _labels(raw, int(words[55])),
    )  # fmt: skip


def _order(raw: bytes) -> str:
    """Believe the machine stamp if it makes sense, else the order in which mode and lengths are small."""
    stamped = {b"\x44": "<", b"\x11": ">"}.get(raw[212:213])
    if stamped and _is_sane(raw, stamped):
        return stamped
    return next((order for order in "<>" if _is_sane(raw, order)), stamped or "<")


def _is_sane(raw: bytes, order: str) -> bool:
    nx, ny, nz, mode = np.frombuffer(raw[:16], order + "i4").tolist()
    return (mode in _MODES or mode in _NAMED_MODES) and all(0 < n < _LONGEST_PLAUSIBLE for n in (nx, ny, nz))


def _is_plausible(raw: bytes, order: str) -> bool:
    words = np.frombuffer(raw[:_HEADER_BYTES], order + "i4")
    axes_are_named = sorted(words[16:19].tolist()) in ([0, 0, 0], [1, 2, 3])
    return _is_sane(raw, order) and axes_are_named and 0 <= int(words[23]) < 1 << 27 and 0 <= int(words[55]) <= 10


def _byte_kind(words: NDArray[Any], mode: int) -> tuple[bool, str]:
    """Mode 0 is signed by the 2014 standard; IMOD says by a flag which of both it wrote."""
    if mode != 0 or int(words[38]) != _IMOD_STAMP:
        return mode != 0, _MODES[mode]
    return True, "i1" if int(words[39]) & 1 else "u1"


def _labels(raw: bytes, count: int) -> tuple[str, ...]:
    lines = [raw[224 + 80 * i : 304 + 80 * i].decode("latin-1").strip("\0 ") for i in range(min(max(count, 0), 10))]
    return tuple(line for line in lines if line)


def _labelled(path: Path, header: Header, extended: Extended) -> LabelledArray:
    values = np.fromfile(path, header.dtype, claimed_bytes(header.shape, 1), offset=header.data_offset)
    values = values.reshape(header.shape).astype(np.dtype(header.dtype).newbyteorder("="), copy=False)
    order = header.mapping if sorted(header.mapping) == [1, 2, 3] else (1, 2, 3)
    values = np.ascontiguousarray(np.transpose(values, [2 - order.index(axis) for axis in (3, 2, 1)]))
    spacing = {axis: _voxel(header, i) for i, axis in enumerate("xyz")}
    if len(extended.angles_deg) == values.shape[0] and values.shape[0] > 1:
        spacing.pop("z")
        coordinates = {"t": np.array(extended.angles_deg)}
        return LabelledArray(values, "tyx", spacing, "counts", coordinates, "tilt_series")
    if values.shape[0] == 1:
        spacing.pop("z")
        return LabelledArray(values[0], "yx", spacing, "counts", {}, "image")
    is_series = path.suffix.lower() in _SERIES_SUFFIXES
    if is_series:
        spacing.pop("z")
    return LabelledArray(values, "zyx", spacing, "counts" if is_series else "1", {}, "stack" if is_series else "volume")


def _voxel(header: Header, axis: int) -> Quantity:
    """Cell length over sampling, angstrom to nm."""
    key = f"cella.{'xyz'[axis]} / m{'xyz'[axis]}"
    if header.sampling[axis] <= 0:
        return Quantity.unknown("nm", f"m{'xyz'[axis]} of the MRC header is {header.sampling[axis]}")
    if header.cell == header.sampling:
        return Quantity.unknown(
            "nm", f"{key} says exactly 1 angstrom, which is what programs write when they do not know"
        )
    return known(header.cell[axis] / header.sampling[axis], unit="nm", key=key, factor=0.1)


def _metadata(array: LabelledArray, extended: Extended) -> dict[str, Quantity]:
    nothing = "the MRC header does not hold it"
    found = {
        "beam_energy_kV": Quantity.unknown("kV", nothing),
        "beam_current_nA": Quantity.unknown("nA", nothing),
        "dwell_s": Quantity.unknown("s", nothing),
        "exposure_s": Quantity.unknown("s", nothing),
        "magnification": Quantity.unknown("1", nothing),
        "stage_alpha_deg": Quantity.unknown("deg", nothing),
        "temperature_K": Quantity.unknown("K", nothing),
    }
    return {**found, **extended.metadata, "pixel_size_nm": array.spacing["x"]}


def _calibration(array: LabelledArray) -> dict[str, Quantity]:
    found = {"pixel_size_nm": array.spacing["x"]}
    if "z" in array.spacing:
        found["slice_spacing_nm"] = array.spacing["z"]
    if "t" in array.axes:
        found["tilt_axis_deg"] = Quantity.unknown(
            "deg", "the MRC header does not say how the tilt axis lies in the image"
        )
    return found


def _warnings(header: Header) -> tuple[str, ...]:
    found: list[str] = []
    if not header.signed_known:
        found.append(
            "The pixels are bytes and the header does not say whether signed: they were read as signed (MRC2014)."
        )
    if header.mapping not in ((1, 2, 3), (0, 0, 0)):
        found.append("The file stores its axes in another order: they were turned to (z, y, x).")
    return tuple(found)


def _plain_header(header: Header) -> dict[str, Any]:
    return {
        "nx, ny, nz": list(header.shape[::-1]),
        "mode": header.mode,
        "cella": list(header.cell),
        "mx, my, mz": list(header.sampling),
        "mapc, mapr, maps": list(header.mapping),
        "exttyp": header.extended_kind,
        "labels": list(header.labels),
    }
