"""
The copy of an array of real numbers that is looked at: whole numbers of 16 bits, half the bytes, in the same levels.

A code stands for ``offset + scale * code``; code 0 is a place without a value. The original stays for analysis, and for
whoever asks what a voxel's value is. The copy is made shard by shard, so memory does not grow with the array.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.series import is_stored, parts
from lithoscope.writers.blocks import blocks
from lithoscope.writers.omezarr import CHUNK, compressors_for, create_level

if TYPE_CHECKING:
    import zarr

NO_VALUE = 0
_LAST = 2**16 - 1
_SAMPLE = 1 << 18
_BULK = (1e-4, 1 - 1e-4)
#: A range so many times the bulk's would leave the bulk fewer than 64 codes: it is cut a quarter of that from the bulk.
_FAR = 1024


@dataclass(frozen=True, slots=True)
class Coding:
    """
    How values become codes.

    Parameters
    ----------
    least, most : float
        Values of the first and the last code.
    saturates : bool
        Whether values lie beyond them; these take the nearest code.
    """

    least: float
    most: float
    saturates: bool = False

    @property
    def scale(self) -> float:
        """Return the step between codes; a constant array takes one code and has no step of its own."""
        span = (self.most / (_LAST - 1)) - (self.least / (_LAST - 1))
        return span if span > 0 else (abs(self.least) or 1.0) * 1e-6

    @property
    def offset(self) -> float:
        """Return what code 0 would stand for if it stood for a value."""
        return self.least - self.scale

    def codes(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """Return the codes of values; NaN and infinities are places without one."""
        with np.errstate(invalid="ignore", over="ignore"):
            steps = np.rint((values.astype(np.float64) - self.least) / self.scale) + 1
        there = np.isfinite(values)
        found = np.zeros(values.shape, np.uint16)
        np.copyto(found, np.clip(np.where(there, steps, 1), 1, _LAST), where=there, casting="unsafe")
        return found

    def to_json(self, unit: str) -> dict[str, Any]:
        """Return what a viewer needs to turn codes into values."""
        return {
            "scale": self.scale,
            "offset": self.offset,
            "no_value": NO_VALUE,
            "unit": unit,
            "saturates": self.saturates,
        }


def is_wanted(array: LabelledArray) -> bool:
    """Say whether a display copy spares anything: of real numbers seen as pictures, more than one chunk of them."""
    is_seen = {"y", "x"} <= set(array.axes) and array.kind not in {"labels", "spectra"}
    return is_seen and array.values.dtype.kind == "f" and array.values.size > CHUNK**3


def write_display(array: LabelledArray, original: Path, folder: Path) -> Coding:
    """
    Write the display copy of an array that was written already.

    Parameters
    ----------
    array : LabelledArray
        Its values are level 0.
    original : Path
        Its OME-Zarr group, whose coarser levels, axes and scales the copy shares.
    folder : Path
        New folder that becomes the copy's group.

    Returns
    -------
    coding : Coding
        What its codes stand for, as the group says under ``lithoscope.display``.
    """
    import zarr

    source = zarr.open_group(original, mode="r", zarr_format=3)
    ome: dict[str, Any] = dict(source.attrs)["ome"]  # type: ignore[assignment]
    coding = coding_of(array.values)
    group = zarr.create_group(folder, zarr_format=3, overwrite=False)
    for level, dataset in enumerate(ome["multiscales"][0]["datasets"]):
        name = dataset["path"]
        _write_level(group, name, source[name] if level else array.values, axes=array.axes, coding=coding)
    group.attrs.update({"ome": ome, "lithoscope": {"display": coding.to_json(array.unit)}})
    return coding


def coding_of(values: NDArray[Any]) -> Coding:
    """Cover all finite values, unless a few of them lie so far off that the others would fall into few codes."""
    planes = (values[place] for place in np.ndindex(values.shape[:-2]))
    found = [extremes for plane in (parts(values) if is_stored(values) else planes) if (extremes := _extremes(plane))]
    if not found:
        return Coding(0.0, 1.0)
    least, most = min(low for low, _ in found), max(high for _, high in found)
    low, high = _bulk(values)
    room = (high / 4 - low / 4) * _FAR
    if room <= 0 or most / 4 - least / 4 <= room:
        return Coding(least, most)
    return Coding(max(least, low - room), min(most, high + room), saturates=True)


def _extremes(plane: NDArray[Any]) -> tuple[float, float] | None:
    finite = plane[np.isfinite(plane)]
    return (float(finite.min()), float(finite.max())) if finite.size else None


def _bulk(values: NDArray[Any]) -> tuple[float, float]:
    """Return between what nearly all values lie, by a sample of evenly spaced places."""
    step = max(1, round((values.size / _SAMPLE) ** (1 / values.ndim)))
    sample = values[(slice(None, None, step),) * values.ndim].astype(np.float64)
    finite = sample[np.isfinite(sample)]
    if not finite.size:
        return 0.0, 0.0
    low, high = np.quantile(finite, _BULK)
    return float(low), float(high)


def _write_level(group: "zarr.Group", name: str, values: Any, *, axes: str, coding: Coding) -> None:
    middle = tuple(slice((length - 1) // 2, (length - 1) // 2 + 1) for length in values.shape[:-2])
    packing = compressors_for(coding.codes(np.asarray(values[middle])))
    stored = create_level(group, name, axes=axes, shape=values.shape, dtype=np.uint16, compressors=packing)
    for part in blocks(values.shape, stored.shards or stored.chunks):
        stored[part] = _codes(coding, np.asarray(values[part]))


def _codes(coding: Coding, values: NDArray[Any]) -> NDArray[np.uint16]:
    """Code plane by plane: the arithmetic takes eight bytes a value."""
    found = np.empty(values.shape, np.uint16)
    for place in np.ndindex(values.shape[:-2]):
        found[place] = coding.codes(values[place])
    return found
