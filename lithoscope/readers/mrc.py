"""
MRC files (.mrc, .rec, .st, .ali): volumes and tilt series, lengths in angstrom, machine stamps often missing.

The header is parsed by `read_header`, because files whose stamp is zero or whose extended header is odd are common and
still readable, and because nothing may be read before its size has been held against the file.
"""

from pathlib import PurePath
from typing import Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.header_units import known
from lithoscope.readers.limits import ArrayEntry, Manifest, Source, check_array, claimed_bytes
from lithoscope.readers.mrc_extended import Extended, extended_header
from lithoscope.readers.mrc_header import Header, may_begin, read_header, recognises
from lithoscope.readers.plain import plain
from lithoscope.units import Quantity

__all__ = ["SMALLEST_HEADER_BYTES", "SUFFIXES", "inspect", "may_begin", "read", "recognises"]

_SERIES_SUFFIXES = (".st", ".ali", ".preali", ".mrcs")
SUFFIXES = (".mrc", ".rec", ".map", *_SERIES_SUFFIXES)
SMALLEST_HEADER_BYTES = 1024


def inspect(source: Source) -> Manifest:
    """Read the header and hold its claim against the file."""
    header = read_header(source.path)
    itemsize = np.dtype(header.dtype).itemsize
    promised = claimed_bytes(header.shape, itemsize)
    entry = ArrayEntry("data", header.shape, header.dtype, None, promised)
    check_array(entry, itemsize, source.limits)
    present = source.size - header.data_offset
    if present < promised:
        raise ReaderError(
            f"the header promises {promised} bytes of pixels and {max(present, 0)} follow", code="truncated-file"
        )
    return Manifest("mrc", (entry,), {"mode": header.mode, "extended_header": header.extended_kind})


def read(source: Source) -> Reading:
    """
    Read the array as (z, y, x), a tilt series as (t, y, x) when the extended header holds its angles.

    Without angles a file called .st or .ali is a stack whose angles come from a companion file.
    """
    inspect(source)
    header = read_header(source.path)
    extended = extended_header(source.path, header)
    array = _labelled(source, header, extended)
    return Reading(
        arrays=(array,),
        metadata=_metadata(array, extended),
        calibration={**_calibration(array), **extended.calibration},
        original=plain({"header": _plain_header(header), "extended": extended.fields}),
        acquired_at=extended.acquired_at,
        warnings=_warnings(header),
    )


def _labelled(source: Source, header: Header, extended: Extended) -> LabelledArray:
    values = np.fromfile(source.path, header.dtype, claimed_bytes(header.shape, 1), offset=header.data_offset)
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
    is_series = PurePath(source.name).suffix.lower() in _SERIES_SUFFIXES
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
