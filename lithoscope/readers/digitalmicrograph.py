"""
DigitalMicrograph 3 and 4 (.dm3, .dm4): images, tilt series, spectra and spectrum images.

The tag tree is read by `TagReader`; the pixels are then one block at a known place, so nothing is read on trust.
"""

from datetime import UTC, datetime
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.digitalmicrograph_tags import Block, TagReader
from lithoscope.readers.header_units import angle_factor_deg, energy_factor_eV, known, number, step
from lithoscope.readers.limits import ArrayEntry, Manifest, Source, check_array, check_total, claimed_bytes
from lithoscope.readers.plain import lookup, plain
from lithoscope.units import Quantity

SUFFIXES = (".dm3", ".dm4")
SMALLEST_HEADER_BYTES = 16

_PIXELS = {
    1: "i2", 2: "f4", 3: "c8", 6: "u1", 7: "i4", 9: "i1", 10: "u2", 11: "u4", 12: "f8", 13: "c16", 14: "u1",
    39: "i8", 40: "u8",
}  # fmt: skip
_ANGLE_TOLERANCE_DEG = 0.05
_UNIX_EPOCH_TICKS = 116_444_736_000_000_000  # 1970 in steps of 100 ns since 1601, as Windows counts


def recognises(head: bytes) -> bool:
    """Tell a DM3 or DM4 file by its version number and byte-order flag."""
    if head[:4] == b"\0\0\0\3":
        return head[8:12] in (b"\0\0\0\0", b"\0\0\0\1")
    return head[:4] == b"\0\0\0\4" and head[12:16] in (b"\0\0\0\0", b"\0\0\0\1")


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return head[:4] in (b"\0\0\0\3", b"\0\0\0\4")


def inspect(source: Source) -> Manifest:
    """Walk the tag tree and hold every image's claimed shape against the file."""
    tags, version = _tags(source)
    entries = tuple(_entry(name, image, source.size) for name, image in _images(tags))
    check_total([check_array(entry, np.dtype(entry.dtype).itemsize, source.limits) for entry in entries], source.limits)
    return Manifest("digitalmicrograph", entries, {"version": version})


def read(source: Source) -> Reading:
    """
    Read every image of the file, thumbnails left out.

    An axis in eV becomes ``e`` and moves last; an axis in degrees becomes ``t`` and the array a tilt series.
    """
    tags, _version = _tags(source)
    images = _images(tags)
    arrays = tuple(_labelled(source.path, name, image) for name, image in images)
    tags_of_first = images[0][1].get("ImageTags", {})
    metadata = _metadata(tags_of_first, arrays[0])
    calibration = _calibration(arrays[0])
    return Reading(
        arrays=arrays,
        metadata=metadata,
        calibration=calibration,
        original=plain({f"{i} {name}": _without_pixels(image) for i, (name, image) in enumerate(images, 1)}),
        acquired_at=_acquired_at(lookup(tags_of_first, "DataBar")),
        warnings=_warnings(images[0][1], arrays[0]),
    )


def _tags(source: Source) -> tuple[dict[str, Any], int]:
    with source.path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as raw:
        reader = TagReader(raw, source.limits)
        return reader.read(), reader.version


def _images(tags: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    listed = tags.get("ImageList")
    every = list(listed.values()) if isinstance(listed, dict) else []
    thumbnails = {
        entry.get("ImageIndex") for entry in lookup(tags, "Thumbnails", default={}).values() if isinstance(entry, dict)
    }
    wanted = [image for index, image in enumerate(every) if index not in thumbnails or len(every) == 1]
    found = [image for image in wanted if isinstance(image, dict) and isinstance(image.get("ImageData"), dict)]
    if not found:
        raise ReaderError("the file holds no image: only tags")
    return [(str(image.get("Name") or "image"), image) for image in found]


def _entry(name: str, image: dict[str, Any], file_size: int) -> ArrayEntry:
    data = image["ImageData"]
    kind = _PIXELS.get(data.get("DataType", -1))
    if kind is None:
        raise ReaderError(f"image {name!r} has a pixel type we do not read: export it as real or integer pixels")
    dimensions = data.get("Dimensions")
    lengths = list(dimensions.values()) if isinstance(dimensions, dict) else []
    if not lengths or any(not isinstance(length, int) for length in lengths):
        raise ReaderError(f"image {name!r} has no dimensions: the tag tree is damaged")
    pixels = data.get("Data")
    order = pixels.dtype[0] if isinstance(pixels, Block) else "<"
    stored = pixels.stored_bytes if isinstance(pixels, Block) else claimed_bytes(lengths, np.dtype(kind).itemsize)
    entry = ArrayEntry(name, tuple(lengths[::-1]), (order if order in "<>" else "<") + kind, None, stored)
    _check_pixels(entry, pixels, file_size)
    return entry


def _check_pixels(entry: ArrayEntry, pixels: Any, file_size: int) -> None:
    size = claimed_bytes(entry.shape, np.dtype(entry.dtype).itemsize)
    if size <= entry.stored_bytes and isinstance(pixels, Block | list):
        return
    if size > file_size:  # no uncompressed file can hold it, whatever the array tag says
        code = "too-large" if size > 64 * file_size + (1 << 30) else "truncated-file"
        raise ReaderError(f"image {entry.name!r} claims {size} bytes of a file of {file_size}", code=code)
    raise ReaderError(f"image {entry.name!r} has fewer pixels than its dimensions say", code="truncated-file")


def _pixels(path: Path, image: dict[str, Any], entry: ArrayEntry) -> NDArray[Any]:
    data = image["ImageData"]["Data"]
    count = claimed_bytes(entry.shape, 1)
    if not isinstance(data, Block):
        return np.array(data[:count]).astype(entry.dtype).reshape(entry.shape)
    values = np.fromfile(path, entry.dtype, count, offset=data.offset)
    return values.reshape(entry.shape).astype(values.dtype.newbyteorder("="), copy=False)


def _labelled(path: Path, name: str, image: dict[str, Any]) -> LabelledArray:
    entry = _entry(name, image, path.stat().st_size)
    values = _pixels(path, image, entry)
    axes = _axes(image, values.ndim)
    keep = [i for i, length in enumerate(values.shape) if length > 1 or axes[i] in "yx"]
    values, axes = values.reshape([values.shape[i] for i in keep]), "".join(axes[i] for i in keep)
    spacing, coordinates = _scales(image, axes, values.shape, keep)
    if "e" in axes:
        values, axes = np.moveaxis(values, axes.index("e"), -1), axes.replace("e", "") + "e"
    kind = "spectra" if "e" in axes else "tilt_series" if "t" in axes else "image" if len(axes) == 2 else "stack"
    return LabelledArray(np.ascontiguousarray(values), axes, spacing, "counts", coordinates, kind, name)


def _dimension(image: dict[str, Any], from_slow: int, ndim: int) -> tuple[dict[str, Any], str]:
    """Find the calibration of one dimension, which the file lists from fast to slow."""
    listed = lookup(image, "ImageData", "Calibrations", "Dimension", default={})
    key = f"TagGroup{ndim - 1 - from_slow}"
    record = listed.get(key) if isinstance(listed, dict) else None
    record = record if isinstance(record, dict) else {}
    units = record.get("Units")
    return record, units if isinstance(units, str) else ""


def _axes(image: dict[str, Any], ndim: int) -> str:
    units = [_dimension(image, i, ndim)[1] for i in range(ndim)]
    letters: list[str] = [
        "e" if energy_factor_eV(unit) else "t" if angle_factor_deg(unit) and ndim == 3 else "" for unit in units
    ]
    if ndim == 3 and not any(letters) and _listed_angles(image, 0, ndim) is not None:
        letters[0] = "t"
    spare = iter("xyzc")
    for i in reversed(range(ndim)):
        letters[i] = letters[i] or next(spare, "c")
    if len(set(letters)) != ndim:
        raise ReaderError("the image has two axes of the same kind or more than we know: export it as a simpler stack")
    return "".join(letters)


def _scales(
    image: dict[str, Any], axes: str, shape: tuple[int, ...], keep: list[int]
) -> tuple[dict[str, Quantity], dict[str, NDArray[np.float64]]]:
    spacing: dict[str, Quantity] = {}
    coordinates: dict[str, NDArray[np.float64]] = {}
    ndim = len(lookup(image, "ImageData", "Dimensions", default={}))
    for axis, length, index in zip(axes, shape, keep, strict=True):
        record, unit = _dimension(image, index, ndim)
        key = f"ImageData.Calibrations.Dimension[{ndim - 1 - index}].Scale"
        if axis == "e":
            coordinates["e"] = _positions(record, length, energy_factor_eV(unit) or 1.0)
            spacing["e"] = step(record.get("Scale"), unit, key=key)
        elif axis == "t":
            listed = _listed_angles(image, index, ndim)
            coordinates["t"] = _positions(record, length, angle_factor_deg(unit) or 1.0) if listed is None else listed
        elif axis in "yx" or unit:
            spacing[axis] = step(record.get("Scale"), unit, key=key)
    return spacing, coordinates


def _positions(record: dict[str, Any], length: int, factor: float) -> NDArray[np.float64]:
    """Positions along an axis: (index - origin) times scale."""
    scale, origin = number(record.get("Scale")) or 1.0, number(record.get("Origin")) or 0.0
    return np.asarray((np.arange(length) - origin) * scale * factor, np.float64)


def _listed_angles(image: dict[str, Any], from_slow: int, ndim: int) -> NDArray[np.float64] | None:
    """Angles written one by one by the tomography software, which count more than the axis calibration."""
    key = str(ndim - 1 - from_slow)
    listed = lookup(image, "ImageTags", "Meta Data", "Dimension info", key, default={})
    if "tilt" not in str(listed.get("Label", "")).lower() or not isinstance(listed.get("Data"), dict):
        return None
    try:
        angles = [float(listed["Data"][str(i)]) for i in range(len(listed["Data"]))]
    except (KeyError, TypeError, ValueError):
        return None
    return (
        np.array(angles) if len(angles) == list(lookup(image, "ImageData", "Dimensions").values())[int(key)] else None
    )


def _metadata(tags: dict[str, Any], array: LabelledArray) -> dict[str, Quantity]:
    scope = lookup(tags, "Microscope Info", default={})
    scan = lookup(tags, "DigiScan", default={})

    def entry(name: str, unit: str, factor: float = 1.0) -> Quantity:
        return known(scope.get(name), unit=unit, key=f"Microscope Info.{name}", factor=factor)

    return {
        "beam_energy_kV": entry("Voltage", "kV", 1e-3),
        "beam_current_nA": entry("Probe Current (nA)", "nA"),
        "dwell_s": known(scan.get("Sample Time"), unit="s", key="DigiScan.Sample Time", factor=1e-6),
        "exposure_s": _exposure(tags),
        "pixel_size_nm": array.spacing.get("x", Quantity.unknown("nm", "the array has no x axis")),
        "magnification": entry("Indicated Magnification", "1"),
        "camera_length_mm": entry("STEM Camera Length", "mm"),
        "stage_alpha_deg": known(
            lookup(scope, "Stage Position", "Stage Alpha", default=None),
            unit="deg", key="Microscope Info.Stage Position.Stage Alpha", zero_is_known=True,
        ),
        "temperature_K": Quantity.unknown("K", "DigitalMicrograph headers do not hold the specimen temperature"),
        **_semi_angles(tags),
    }  # fmt: skip


def _semi_angles(tags: dict[str, Any]) -> dict[str, Quantity]:
    """Read the angles of convergence and collection, which only energy-loss spectra have."""
    conditions = lookup(tags, "EELS", "Experimental Conditions")
    if conditions is None:
        return {}
    keys = {name: f"{name.capitalize()} semi-angle (mrad)" for name in ("convergence", "collection")}
    return {f"{name}_mrad": known(lookup(conditions, key), unit="mrad", key=key) for name, key in keys.items()}


def _exposure(tags: dict[str, Any]) -> Quantity:
    for path in (("DataBar", "Exposure Time (s)"), ("EELS", "Acquisition", "Exposure (s)")):
        raw = lookup(tags, *path, default=None)
        if raw is not None:
            return known(raw, unit="s", key=".".join(path))
    return Quantity.unknown("s", "the header has no DataBar.Exposure Time (s)")


def _calibration(array: LabelledArray) -> dict[str, Quantity]:
    unknown = Quantity.unknown("nm", "the array has no x axis")
    found = {"pixel_size_nm": array.spacing.get("x", unknown)}
    if "z" in array.axes:
        found["slice_spacing_nm"] = array.spacing.get("z", Quantity.unknown("nm", "the header gives no third scale"))
    if "t" in array.axes:
        found["tilt_axis_deg"] = Quantity.unknown("deg", "the header does not say how the tilt axis lies in the image")
    if "e" in array.axes:
        found["energy_step_eV"] = array.spacing["e"]
    return found


def _acquired_at(bar: Any) -> str:
    """Prefer the operating system's clock, which is UTC, to the local text, whose day and month change places."""
    ticks = number(lookup(bar, "Acquisition Time (OS)"))
    if ticks and ticks > _UNIX_EPOCH_TICKS:
        moment = datetime.fromtimestamp((ticks - _UNIX_EPOCH_TICKS) / 1e7, UTC)
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    text = f"{lookup(bar, 'Acquisition Date', default='')} {lookup(bar, 'Acquisition Time', default='')}".strip()
    for layout in ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, layout).isoformat()  # noqa: DTZ007 - the header gives no zone
        except ValueError:
            continue
    return ""


def _warnings(image: dict[str, Any], array: LabelledArray) -> tuple[str, ...]:
    found: list[str] = []
    parent = lookup(image, "ImageTags", "Parent", "Size", "X", default=None)
    width = array.values.shape[array.axes.index("x")] if "x" in array.axes else 0
    if isinstance(parent, int) and width and parent > width:
        found.append(
            f"The image was cut or binned from {parent} to {width} pixels after acquisition: "
            "a dwell time is that of an original pixel."
        )
    if "t" in array.axes:
        found += _angle_warnings(image, array)
    return tuple(found)


def _angle_warnings(image: dict[str, Any], array: LabelledArray) -> list[str]:
    record, unit = _dimension(image, 0, 3)
    factor = angle_factor_deg(unit)
    if factor is None:
        return []
    calibrated = _positions(record, len(array.coordinates["t"]), factor)
    apart = float(np.abs(calibrated - array.coordinates["t"]).max())
    if apart <= _ANGLE_TOLERANCE_DEG:
        return []
    return [f"The listed tilt angles differ from the axis calibration by up to {apart:.2f} deg: the list was taken."]


def _without_pixels(image: dict[str, Any]) -> dict[str, Any]:
    data = {key: value for key, value in image["ImageData"].items() if key != "Data"}
    return {**image, "ImageData": data}
