"""
OME-Zarr 0.5: the form in which images, tilt series, volumes and label volumes are kept.

Level 0 is the array itself; each further level halves y and x (and z, but never a tilt axis). What OME-NGFF has no word
for (tilt angles, sources and uncertainties of the scale, unit of the values) stands under ``lithoscope`` beside it.
An unknown pixel size is written as scale 1 without unit, never as 1 nm.
"""

import math
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.series import is_stored
from lithoscope.units import Quantity
from lithoscope.writers.blocks import blocks
from lithoscope.writers.pyramid import MOST_LEVELS, Halved, halved_factors, shrinking_axes

if TYPE_CHECKING:
    import zarr

    from lithoscope.writers.timeless_gzip import TimelessGzip

VERSION = "0.5"
#: OME-NGFF wants z, y, x last and other axes before them; ours already stand so
_AXIS_TYPES = {"z": "space", "y": "space", "x": "space", "c": "channel", "t": "tilt", "e": "energy"}
_AXIS_UNITS = {"nm": "nanometer", "um": "micrometer", "mm": "millimeter", "eV": "electronvolt", "deg": "degree"}
CHUNK = 64
_SHARD_CHUNKS = 4
_SHARD_PLANES = 64
_GZIP_LEVEL = 1
_SAMPLE, _WORTHWHILE = 1 << 16, 0.9


def write_omezarr(array: LabelledArray, folder: Path, *, attributes: dict[str, Any] | None = None) -> None:
    """
    Write one array as an OME-Zarr 0.5 image.

    Parameters
    ----------
    array : LabelledArray
        Image, tilt series, stack, volume or labels. Labels are written with ``image-label`` metadata and a pyramid of
        nearest values.
    folder : Path
        New or empty folder that becomes the Zarr group.
    attributes : mapping, optional
        Plain JSON kept under ``lithoscope.attributes`` (run record, dataset id).

    Raises
    ------
    FileExistsError
        If there is anything in the folder.
    """
    import zarr

    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder.name} is not empty: write into a new folder")
    group = zarr.create_group(folder, zarr_format=3, overwrite=False)
    group.attrs.update(_attributes(array, _write_levels(group, array), attributes or {}))


def _write_levels(group: "zarr.Group", array: LabelledArray) -> list[dict[str, int]]:
    """
    Write each level file by file and make the next of it, block by block.

    Besides an array in memory there are only its coarser levels and one file's values; of one that is read from a file
    not even these, for each level is made of the one that was written before it.
    """
    is_in_a_file = is_stored(array.values)
    values: Any = array.values
    factors = [dict.fromkeys(array.axes, 1)]
    while True:
        shape, dtype = values.shape, values.dtype
        name, packing = str(len(factors) - 1), compressors_for(values)
        stored = create_level(group, name, axes=array.axes, shape=shape, dtype=dtype, compressors=packing)
        for place in blocks(shape, stored.shards or stored.chunks):
            stored[place] = values[place]
        shrinking = shrinking_axes(array.axes, shape)
        if len(factors) == MOST_LEVELS or not any(shrinking):
            return factors
        halved = Halved(stored if is_in_a_file else values, shrinking, kind=array.kind)
        values = halved if is_in_a_file else halved[tuple(map(slice, halved.shape))]
        factors.append(halved_factors(factors[-1], shrinking))


def create_level(
    group: "zarr.Group",
    name: str,
    *,
    axes: str,
    shape: tuple[int, ...],
    dtype: DTypeLike,
    compressors: "list[TimelessGzip]",
) -> "zarr.Array[Any]":
    """Make an empty level in chunks of 64 along z, y and x; those of larger arrays are bundled in shards."""
    chunks = tuple(min(CHUNK, max(length, 1)) if axis in "zyx" else 1 for axis, length in zip(axes, shape, strict=True))
    return group.create_array(
        name,
        shape=shape,
        dtype=dtype,
        chunks=chunks,
        shards=_shards(shape, chunks),
        compressors=compressors,
        dimension_names=tuple(axes),
        fill_value=0,
    )


def compressors_for(values: Any) -> "list[TimelessGzip]":
    """Gzip, which browsers unpack by themselves; nothing for noise, which gzip slows tenfold and hardly shrinks."""
    from lithoscope.writers.timeless_gzip import TimelessGzip

    sample = _middle(values).tobytes()
    packed = len(zlib.compress(sample, _GZIP_LEVEL))
    return [] if packed > _WORTHWHILE * len(sample) else [TimelessGzip(level=_GZIP_LEVEL)]


def _middle(values: Any) -> NDArray[Any]:
    """Return the values that tell how an array packs; of one in a file no more images are read than hold them."""
    size, image = math.prod(values.shape), max(math.prod(values.shape[1:]), 1)
    begin = max((size - _SAMPLE) // 2, 0)
    first, last = begin // image, -(-min(begin + _SAMPLE, size) // image)
    whole = (slice(0, length) for length in values.shape[1:])
    read = np.ascontiguousarray(values[(slice(first, last), *whole)]).reshape(-1)
    return read[begin - first * image :][:_SAMPLE]


def _shards(shape: tuple[int, ...], chunks: tuple[int, ...]) -> tuple[int, ...] | None:
    """
    Bundle many chunks into a file: up to 4 along a long axis, up to 64 planes of an axis chunked one by one.

    Volumes one after the other are not bundled: a file would hold 64 times 256 cubed values.
    """
    counts = [-(-length // chunk) for length, chunk in zip(shape, chunks, strict=True)]
    if np.prod(counts) <= _SHARD_CHUNKS:
        return None
    planes = 1 if sum(chunk > 1 for chunk in chunks) > 2 else _SHARD_PLANES
    most = [_SHARD_CHUNKS if chunk > 1 else planes for chunk in chunks]
    return tuple(chunk * min(limit, count) for chunk, limit, count in zip(chunks, most, counts, strict=True))


def _attributes(array: LabelledArray, factors: list[dict[str, int]], extra: dict[str, Any]) -> dict[str, Any]:
    datasets = [
        {"path": str(level), "coordinateTransformations": _transformations(array, scale)}
        for level, scale in enumerate(factors)
    ]
    multiscale = {
        "name": array.name,
        "axes": [_axis(array, axis) for axis in array.axes],
        "datasets": datasets,
        "type": "nearest" if array.kind == "labels" else "mean",
    }
    ome: dict[str, Any] = {"version": VERSION, "multiscales": [multiscale]}
    if array.kind == "labels":
        ome["image-label"] = _image_label(array)
    return {"ome": ome, "lithoscope": {**description(array), "attributes": extra}}


def description(array: LabelledArray) -> dict[str, Any]:
    """Say in plain JSON what an array's own container has no words for."""
    return {
        "kind": array.kind,
        "name": array.name,
        "axes": array.axes,
        "unit": array.unit,
        "spacing": {axis: step.to_json() for axis, step in array.spacing.items()},
        "coordinates": {axis: [float(place) for place in places] for axis, places in array.coordinates.items()},
        "labels": {axis: list(names) for axis, names in array.labels.items()},
        **({"source": array.source} if array.source else {}),
    }


def _known(array: LabelledArray, axis: str) -> Quantity | None:
    step = array.spacing.get(axis)
    return step if step is not None and step.value is not None and step.unit in _AXIS_UNITS else None


def _axis(array: LabelledArray, axis: str) -> dict[str, str]:
    record = {"name": axis, "type": _AXIS_TYPES[axis]}
    step = _known(array, axis)
    if step is not None:
        record["unit"] = _AXIS_UNITS[step.unit]
    elif axis == "t" and _even_tilts(array) is not None:
        record["unit"] = "degree"
    return record


def _even_tilts(array: LabelledArray) -> tuple[float, float] | None:
    """Return step and first angle [deg] of tilts that rise evenly; others have no scale, only their list of angles."""
    angles = array.coordinates.get("t")
    if angles is None or len(angles) < 2:
        return None
    step = float(angles[-1] - angles[0]) / (len(angles) - 1)
    is_even = step > 0 and np.allclose(np.diff(angles), step, rtol=0, atol=1e-3 * step)
    return (step, float(angles[0])) if is_even else None


def _transformations(array: LabelledArray, factors: dict[str, int]) -> list[dict[str, Any]]:
    """Scale, and the shift of half a step that averaging of blocks brings; tilts begin at their first."""
    steps = {axis: step.value if (step := _known(array, axis)) and step.value else 1.0 for axis in array.axes}
    steps["t"], first = _even_tilts(array) or (1.0, 0.0)
    scale = [steps[axis] * factors[axis] for axis in array.axes]
    transformations: list[dict[str, Any]] = [{"type": "scale", "scale": scale}]
    shift = [steps[axis] * (factors[axis] - 1) / 2 + (first if axis == "t" else 0) for axis in array.axes]
    if any(shift):
        transformations.append({"type": "translation", "translation": shift})
    return transformations


def _image_label(array: LabelledArray) -> dict[str, Any]:
    from lithoscope.writers.palette import label_colour

    present = np.unique(array.values)
    named = [int(value) for value in present[:256] if value]
    return {"colors": [{"label-value": value, "rgba": [*label_colour(value), 255]} for value in named]}
