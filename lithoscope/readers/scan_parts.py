"""What the file of one scan holds for a tilt series, described before its spectra are read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5 import is_velox
from lithoscope.readers.hdf5_opening import opened
from lithoscope.readers.limits import Limits
from lithoscope.readers.velox import acquired_at_of, images_of, metadata_of, spectra_of
from lithoscope.readers.velox_spectra import LossRange, XRayScan
from lithoscope.simultaneous import SIGNALS
from lithoscope.units import Quantity

_DARK_FIELD = ("HAADF", "ADF", "DF")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """
    One signal of one scan.

    Parameters
    ----------
    shape : tuple of int
        (y, x) or (y, x, e).
    dtype : dtype
        Of its values.
    spacing : mapping of axis letter to Quantity
        Scan step [nm], width of a channel [eV].
    energies_eV : (e,) array or None
        Positions of the channels of spectra [eV].
    read : callable
        Reads the values; nothing of them is kept.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    spacing: dict[str, Quantity]
    energies_eV: NDArray[np.float64] | None
    read: Callable[[], NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class ScanFile:
    """
    The file of one scan, or of one signal of it.

    Parameters
    ----------
    parts : mapping of str to Part
        By the names of `lithoscope.simultaneous.SIGNALS`; further ranges of core losses are ``core_loss_2``, ...
    metadata : mapping of str to Quantity
        As in `Reading`.
    acquired_at : str
    warnings : tuple of str
    """

    parts: dict[str, Part]
    metadata: dict[str, Quantity]
    acquired_at: str = ""
    warnings: tuple[str, ...] = field(default=())


def scan_file(path: Path, signals: Iterable[str], limits: Limits) -> ScanFile:
    """
    Look into the file of a scan that was inspected.

    Parameters
    ----------
    path : Path
        It must stay where it is as long as parts are read.
    signals : iterable of str
        What it is to hold. A Velox file gives all it has when none are named; any other file is for one signal.
    limits : Limits

    Raises
    ------
    ReaderError
        Naming the file.
    """
    wanted = tuple(signals)
    try:
        if _is_velox(path):
            return _of_velox(path, wanted, limits)
        if len(wanted) != 1:
            raise ReaderError("it is no Velox file, so it holds one signal: name it by signal, or in series.csv")
        return _of_one_signal(path, wanted[0], limits)
    except ReaderError as error:
        raise ReaderError(f"{path.name}: {error}", code=error.code) from error


def _is_velox(path: Path) -> bool:
    if path.suffix.lower() != ".emd":
        return False
    with opened(path) as file:
        return is_velox(file)


def _of_velox(path: Path, wanted: tuple[str, ...], limits: Limits) -> ScanFile:
    with opened(path) as file:
        images, headers = images_of(file)
        x_rays, ranges = spectra_of(file, images, limits)
        raster = x_rays.shape[:2] if x_rays else ranges[0].shape[:2] if ranges else None
        parts = _dark_field(images, raster)
        if x_rays is not None:
            parts["x_rays"] = _x_rays(path, x_rays, limits)
        if x_rays is not None and x_rays.knows_live_time:
            parts["live_fraction"] = _of_image(x_rays.labelled_live())
        for name, chosen in _ranges(ranges).items():
            parts[name] = _loss_range(path, chosen)
        header = x_rays.header if x_rays else ranges[0].header if ranges else (headers or [{}])[0]
        remarks = tuple(x_rays.remarks()) if x_rays else ()
    if missing := [name for name in wanted if name not in parts]:
        raise ReaderError(f"the file has no {missing[0]}: add the file that has it", code="missing-tilt")
    parts = {name: part for name, part in parts.items() if not wanted or _listed_as(name) & set(wanted)}
    return ScanFile(parts, metadata_of(header), acquired_at_of(header), remarks)


def _listed_as(name: str) -> set[str]:
    """Say under which signals a list of scans has a part: live time goes with X-rays, all core losses together."""
    return {name, "x_rays"} if name == "live_fraction" else {name} if name in SIGNALS else {"core_loss"}


def _dark_field(images: list[LabelledArray], raster: tuple[int, ...] | None) -> dict[str, Part]:
    """Choose the detector's image over the raster of the spectra; frames are summed."""
    fitting = [
        image
        for image in images
        if image.unit == "counts" and image.values.dtype.kind in "iuf" and raster in (None, image.values.shape[-2:])
    ]
    for name in _DARK_FIELD:
        for image in fitting:
            if image.name.upper().startswith(name):
                return {"dark_field": _of_image(image)}
    return {}


def _of_image(image: LabelledArray) -> Part:
    values = image.values
    if values.ndim > 2:
        values = values.sum(axis=0)
    spacing = {axis: image.spacing[axis] for axis in "yx" if axis in image.spacing}
    return Part(values.shape, values.dtype, spacing, None, lambda: values)


def _x_rays(path: Path, scan: XRayScan, limits: Limits) -> Part:
    def read() -> NDArray[Any]:
        with opened(path) as file:
            found = spectra_of(file, [], limits)[0]
            assert found is not None  # noqa: S101 - it was there when the file was described
            return found.counts()

    return Part(scan.shape, np.dtype(np.uint32), scan.spacing, scan.energies_eV, read)


def _ranges(ranges: list[LossRange]) -> dict[str, LossRange]:
    """Name ranges: the one around zero loss is the low one, the others are core losses from the lowest on."""
    low = next((one for one in ranges if one.energies_eV[0] <= 0 <= one.energies_eV[-1]), None)
    core = [one for one in ranges if one is not low]
    named = {"low_loss": low} if low is not None else {}
    return named | {"core_loss" if index == 1 else f"core_loss_{index}": one for index, one in enumerate(core, 1)}


def _loss_range(path: Path, chosen: LossRange) -> Part:
    place = chosen.dataset.name

    def read() -> NDArray[Any]:
        with opened(path) as file:
            return np.ascontiguousarray(np.moveaxis(file[place][...], (2, 0, 1), (0, 1, 2)))

    return Part(chosen.shape, chosen.dataset.dtype, chosen.spacing, chosen.energies_eV, read)


def _of_one_signal(path: Path, signal: str, limits: Limits) -> ScanFile:
    from lithoscope.readers import read

    reading = read(path, limits=limits)
    array = _array_for(reading, signal)
    energies = array.coordinates.get("e")
    if "e" in array.axes and energies is None:
        raise ReaderError(
            "the spectra have no axis of energies: calibrate and save them again", code="reversed-energy-axis"
        )

    def again() -> NDArray[Any]:
        return _array_for(read(path, limits=limits), signal).values

    part = Part(array.values.shape, array.values.dtype, dict(array.spacing), energies, again)
    return ScanFile({signal: part}, reading.metadata, reading.acquired_at, reading.warnings)


def _array_for(reading: Reading, signal: str) -> LabelledArray:
    """Choose the array of a file that can be this signal."""
    axes = ("yx", "zyx") if signal in ("dark_field", "live_fraction") else ("yxe",)
    found = next((array for array in reading.arrays if array.axes in axes), None)
    if found is None:
        wanted = "image" if "yx" in axes else "spectrum image"
        raise ReaderError(f"the file holds no {wanted} to be the {signal} of a tilt: send the right file")
    if found.axes == "zyx":
        found = replace(found, values=found.values.sum(axis=0), axes="yx", kind="image", coordinates={})
    return found
