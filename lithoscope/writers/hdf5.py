"""
HDF5 in NeXus layout: the form in which spectra are kept and any array is exported.

``/entry/data`` is an NXdata that every NeXus program plots; ``/entry/lithoscope`` is an NXnote with what NeXus has no
word for.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.series import is_stored
from lithoscope.writers.blocks import blocks
from lithoscope.writers.omezarr import description

if TYPE_CHECKING:
    import h5py

#: NXdata's names of our axes
AXIS_NAMES = {"x": "x", "y": "y", "z": "z", "e": "energy", "t": "tilt_angle", "c": "channel"}
_COORDINATE_UNITS = {"t": "deg", "e": "eV", "c": "nm^-1"}
COMPRESSION = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
_CHUNK_VALUES = 1 << 18
_BLOCK_BYTES = 8 << 20


def write_hdf5(array: LabelledArray, file: Path, *, attributes: dict[str, Any] | None = None) -> None:
    """
    Write one array as a NeXus file.

    Parameters
    ----------
    array : LabelledArray
        Any kind. An axis of unknown step gets no coordinates, never guessed ones. Spectra of a tilt series are
        read and written tilt by tilt.
    file : Path
        New file.
    attributes : mapping, optional
        Plain JSON kept beside the data (run record, dataset id).
    """
    import h5py

    with h5py.File(file, "w-", track_order=True) as root:
        root.attrs.update({"NX_class": "NXroot", "default": "entry", "creator": "lithoscope"})
        entry = root.create_group("entry")
        entry.attrs.update({"NX_class": "NXentry", "default": "data"})
        entry.create_dataset("title", data=array.name)
        write_data(entry.create_group("data"), array)
        _write_note(entry.create_group("lithoscope"), array, attributes or {})


def write_data(group: "h5py.Group", array: LabelledArray) -> None:
    """Make a group an NXdata of one array with its positions."""
    describe_data(_write_values(group, array), array)


def describe_data(stored: "h5py.Dataset", array: LabelledArray) -> None:
    """Give a dataset its unit and name, and its group the positions along each axis."""
    group = stored.parent
    stored.attrs.update({"units": array.unit, "long_name": array.name})
    names = []
    for axis, length in zip(array.axes, array.values.shape, strict=True):
        names.append(_write_axis(group, array, axis, length))
    group.attrs.update({"NX_class": "NXdata", "signal": "data"})
    group.attrs["axes"] = names
    for index, name in enumerate(names):
        if name != ".":
            group.attrs[f"{name}_indices"] = index


def tilt_chunks(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Choose chunks of spectra (t, y, x, e): whole spectra of a square of pixels, and never two tilts in one."""
    energies = min(shape[3], _CHUNK_VALUES)
    side = max(int((_CHUNK_VALUES / energies) ** 0.5), 1)
    return 1, min(side, shape[1]), min(side, shape[2]), energies


def _write_values(group: "h5py.Group", array: LabelledArray) -> "h5py.Dataset":
    values = array.values
    if array.axes == "tyxe" and 0 not in values.shape:
        chunks = tilt_chunks(values.shape)
        stored = group.create_dataset("data", values.shape, values.dtype, chunks=chunks, **COMPRESSION)
        for tilt in range(values.shape[0]):
            stored[tilt] = values[tilt]
        return stored
    if is_stored(values) and 0 not in values.shape:
        stored = group.create_dataset("data", values.shape, values.dtype, chunks=True, **COMPRESSION)
        for place in blocks(values.shape, _rows_of_chunks(stored)):
            stored[place] = values[place]
        return stored
    return group.create_dataset("data", data=values, **(COMPRESSION if values.size > 1 else {}))


def _rows_of_chunks(stored: "h5py.Dataset") -> tuple[int, ...]:
    """Choose blocks of images (n, y, x) to write at a time: whole rows of chunks, each packed once and in order."""
    images, rows, _ = stored.chunks
    row_bytes = images * rows * stored.shape[2] * stored.dtype.itemsize
    return images, rows * max(1, _BLOCK_BYTES // row_bytes), stored.shape[2]


def _write_axis(group: "h5py.Group", array: LabelledArray, axis: str, length: int) -> str:
    """Write positions along an axis and return their name, a dot for an axis without any."""
    step = array.spacing.get(axis)
    if axis in array.coordinates:
        places, unit = array.coordinates[axis], _COORDINATE_UNITS.get(axis, step.unit if step else "1")
    elif step is not None and step.value is not None:
        places, unit = np.asarray(np.arange(length) * step.value, np.float64), step.unit
    else:
        return "."
    name = AXIS_NAMES[axis]
    group.create_dataset(name, data=places).attrs["units"] = unit
    return name


def _write_note(group: "h5py.Group", array: LabelledArray, attributes: dict[str, Any]) -> None:
    facts = {**description(array), "attributes": attributes}
    del facts["coordinates"]  # they are datasets of the NXdata
    group.attrs["NX_class"] = "NXnote"
    group.create_dataset("type", data="application/json")
    group.create_dataset("data", data=json.dumps(facts, allow_nan=False))
