"""
The slices of a serial section in files of their own: a folder of numbered TIFF images as a FIB writes them.

They are stacked along z in the order of their numbers. No header of a single image says how far slices are apart, so
the step along z is unknown unless a side-car ``*.json`` or ``*.toml`` beside them states ``slice_thickness_nm``, or a
person does later. It is never guessed, and numbers that are missing are told.
"""

import itertools
import json
import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers import tiff
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Limits, Source, check_array
from lithoscope.units import Quantity

FORMAT = "slices"
SIDECARS = (".json", ".toml")
THICKNESS = "slice_thickness_nm"
_SIDECAR_BYTES = 1 << 20
_THICKEST_NM = 1e9  # a metre: no section is thicker, and a number that no float holds is none
_LISTED = 10
_UNKNOWN = "no header of a single slice says how far it is from the next: set it, or send a side-car that states it"


@dataclass(frozen=True, slots=True)
class SliceSet:
    """
    Slices in the order of their numbers.

    Parameters
    ----------
    files : tuple of Path
    numbers : tuple of int
    sidecar : Path or None
    """

    files: tuple[Path, ...]
    numbers: tuple[int, ...]
    sidecar: Path | None = None


def is_slice_set(names: Sequence[str]) -> bool:
    """Tell from the names of files whether they are slices: two TIFF files or more, and side-cars of them."""
    images = [name for name in names if name.lower().endswith(tiff.SUFFIXES)]
    sidecars = [name for name in names if name.lower().endswith(SIDECARS)]
    return len(images) > 1 and len(images) + len(sidecars) == len(names)


def slice_set(files: Sequence[Path]) -> SliceSet:
    """
    Put slices into the order of their numbers.

    Raises
    ------
    ReaderError
        ``unnumbered-slice`` or ``duplicate-slice``, naming the file; ``bad-companion`` for several side-cars.
    """
    images = [path for path in files if path.suffix.lower() in tiff.SUFFIXES]
    sidecars = [path for path in files if path not in images]
    if len(sidecars) > 1:
        raise ReaderError(f"{sidecars[1].name} is a second side-car: send one for all slices", code="bad-companion")
    numbers = _numbers(images)
    ordered = sorted(images, key=lambda path: numbers[path])
    for one, next_one in itertools.pairwise(ordered):
        if numbers[one] == numbers[next_one]:
            words = f"{one.name} and {next_one.name} have the same number: send one of them"
            raise ReaderError(words, code="duplicate-slice")
    return SliceSet(tuple(ordered), tuple(numbers[path] for path in ordered), sidecars[0] if sidecars else None)


def _numbers(images: Sequence[Path]) -> dict[Path, int]:
    """Read the number of each slice: the part of the names in which the most of them differ, of these the last."""
    parts = {path: re.split(r"(\d+)", path.stem) for path in images}
    usual = next(iter(parts.values()))
    for path, split in parts.items():
        if len(split) != len(usual) or len(split) == 1:
            raise ReaderError(
                f"{path.name} is not numbered as the other slices are: send it apart", code="unnumbered-slice"
            )
    places = range(1, len(usual), 2)
    place = max(places, key=lambda at: (len({int(split[at][-18:]) for split in parts.values()}), at))
    return {path: int(split[place][-18:]) for path, split in parts.items()}


def inspect_slices(found: SliceSet, limits: Limits) -> tuple[ArrayEntry, ...]:
    """
    Inspect every slice as if it had been sent alone, and hold it against the first.

    Raises
    ------
    ReaderError
        Naming the file; ``mixed-sizes`` for one that differs from the first.
    """
    first: ArrayEntry | None = None
    stored = 0
    for path in found.files:
        entry = _entry(path, limits)
        first = first or entry
        stored += entry.stored_bytes
        if (entry.shape, entry.dtype) != (first.shape, first.dtype):
            raise ReaderError(
                f"{path.name} has {_size(entry)}, the slices before it {_size(first)}: send it apart",
                code="mixed-sizes",
            )
    if first is None:
        raise ReaderError("there is no slice among the files", code="unsupported-type")
    whole = ArrayEntry("slices", (len(found.files), *first.shape), first.dtype, (1, *first.shape), stored)
    check_array(replace(whole, chunks=None), np.dtype(first.dtype).itemsize, limits)
    return (whole,)


def _entry(path: Path, limits: Limits) -> ArrayEntry:
    try:
        manifest = tiff.inspect(Source(path, path.name, limits))
    except ReaderError as error:
        raise ReaderError(f"{path.name}: {error}", code=error.code) from error
    entry = manifest.arrays[0]
    if len(entry.shape) != 2:
        raise ReaderError(
            f"{path.name} holds more than one grey image: send stacks and colours apart", code="mixed-sizes"
        )
    return entry


def _size(entry: ArrayEntry) -> str:
    return f"{entry.shape[1]} x {entry.shape[0]} pixels of {np.dtype(entry.dtype)}"


def read_slices(found: SliceSet, limits: Limits) -> Reading:
    """
    Stack slices that were inspected.

    Raises
    ------
    ReaderError
        Naming the file.
    """
    (entry,) = inspect_slices(found, limits)
    values = np.empty(entry.shape, np.dtype(entry.dtype).newbyteorder("="))
    readings, spacing = [], {"z": thickness_of(found.sidecar)}
    for place, path in enumerate(found.files):
        reading = _slice(path, limits)
        values[place] = reading.arrays[0].values
        spacing = {**reading.arrays[0].spacing, **spacing}  # that of the first
        readings.append(replace(reading, arrays=(), original={} if place else reading.original))
    first = readings[0]
    kind = "stack" if spacing["z"].value is None else "volume"
    pixel = {"pixel_size_nm": spacing["x"]}
    return Reading(
        arrays=(LabelledArray(values, "zyx", spacing, "counts", {}, kind, "slices"),),
        metadata={**_agreed([reading.metadata for reading in readings]), **pixel},
        calibration={**pixel, "slice_spacing_nm": spacing["z"]},
        original={"slices": _account(found), "first": first.original},
        acquired_at=first.acquired_at,
        warnings=(*first.warnings, *_gaps(found), *_other_scales(found, readings)),
        format=FORMAT,
    )


def _slice(path: Path, limits: Limits) -> Reading:
    try:
        reading = tiff.read(Source(path, path.name, limits))
    except ReaderError as error:
        raise ReaderError(f"{path.name}: {error}", code=error.code) from error
    if reading.arrays[0].axes != "yx":
        raise ReaderError(
            f"{path.name} holds more than one grey image: send stacks and colours apart", code="mixed-sizes"
        )
    return reading


def thickness_of(sidecar: Path | None) -> Quantity:
    """
    Read the distance of slices from their side-car; unknown where it states none.

    Raises
    ------
    ReaderError
        ``bad-companion``: it cannot be read, or states what is no thickness.
    """
    if sidecar is None:
        return Quantity.unknown("nm", _UNKNOWN)
    try:
        if sidecar.stat().st_size > _SIDECAR_BYTES:
            raise ValueError
        text = sidecar.read_text("utf-8-sig")
        said: Any = tomllib.loads(text) if sidecar.suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, RecursionError):
        raise ReaderError(f"{sidecar.name} is no side-car of names and values: mend it", code="bad-companion") from None
    return stated_thickness(said, sidecar.name)


def stated_thickness(said: Any, name: str) -> Quantity:
    """Return the thickness that a side-car states; unknown where it states none."""
    value = said.get(THICKNESS) if isinstance(said, dict) else None
    if value is None:
        return Quantity.unknown("nm", f"{name} states no {THICKNESS}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _THICKEST_NM:
        raise ReaderError(f"{name}: {THICKNESS} is no number above zero: mend it", code="bad-companion")
    return Quantity(float(value), "nm", "user", note=f"{THICKNESS} of {name}")


def _agreed(stated: Sequence[dict[str, Quantity]]) -> dict[str, Quantity]:
    """Keep what all slices state alike; what differs between them is no number of the stack."""
    agreed = {}
    for name, value in stated[0].items():
        others = [each.get(name, value).value for each in stated]
        same = all(_is_close(value.value, other) for other in others)
        agreed[name] = value if same else Quantity.unknown(value.unit, f"{name} differs between the slices")
    return agreed


def _is_close(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=1e-3))


def _account(found: SliceSet) -> dict[str, Any]:
    first, last = found.files[0].name, found.files[-1].name
    return {"count": len(found.files), "first": first, "last": last, "first_number": found.numbers[0]}


def _gaps(found: SliceSet) -> tuple[str, ...]:
    """Say which numbers are missing between the first and the last."""
    step = min(b - a for a, b in itertools.pairwise(found.numbers))
    holes = [(a + step, b - step) for a, b in itertools.pairwise(found.numbers) if b - a != step]
    if not holes:
        return ()
    told = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in holes[:_LISTED])
    more = f" and {len(holes) - _LISTED} more gaps" if len(holes) > _LISTED else ""
    return (f"Slices are missing: number {told}{more}. The stack is closed over them, so z is not even there.",)


def _other_scales(found: SliceSet, readings: Sequence[Reading]) -> tuple[str, ...]:
    size = readings[0].calibration["pixel_size_nm"].value
    other = [
        path.name
        for path, reading in zip(found.files, readings, strict=True)
        if not _is_close(size, reading.calibration["pixel_size_nm"].value)
    ]
    if not other:
        return ()
    more = f" and {len(other) - 1} more" if len(other) > 1 else ""
    return (f"{other[0]}{more} give another pixel size than the first slice, whose size was kept.",)
