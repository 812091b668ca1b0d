"""MRC: volumes and tilt series with voxel sizes in angstrom, as the format wants."""

from pathlib import Path

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.units import Quantity

_ANGSTROM_PER_NM = 10.0
_MODES = {"int8": "int8", "int16": "int16", "uint16": "uint16", "float32": "float32", "complex64": "complex64"}


def write_mrc(array: LabelledArray, file: Path) -> None:
    """
    Write a volume, stack or tilt series as MRC2014, and beside a tilt series its angles as .rawtlt.

    Parameters
    ----------
    array : LabelledArray
        Axes (z, y, x), (t, y, x) or (y, x). Numbers MRC has no mode for become the smallest that holds them all.
    file : Path
        New file. An unknown pixel size is written as a cell of zero, which is how MRC says so.

    Raises
    ------
    ScienceError
        If the array has other axes, or integers that no mode can hold exactly.
    """
    import mrcfile

    if array.axes not in ("zyx", "tyx", "yx"):
        raise ScienceError(f"MRC holds volumes, stacks and images, not axes {array.axes!r}: export as HDF5")
    with mrcfile.new(file) as mrc:
        mrc.set_data(_storable(array))
        if array.values.ndim == 3:
            mrc.set_volume() if array.axes == "zyx" and array.kind != "stack" else mrc.set_image_stack()
        mrc.voxel_size = tuple(_angstrom(array.spacing.get(axis)) for axis in "xyz")
        mrc.header.label[0] = f"Lithoscope: {array.name}".encode("ascii", "replace")[:80]
        mrc.header.nlabl = 1
    if "t" in array.coordinates:
        angles = "".join(f"{angle:.4f}\n" for angle in array.coordinates["t"])
        file.with_suffix(".rawtlt").write_text(angles)


def _angstrom(step: Quantity | None) -> float:
    return 0.0 if step is None or step.value is None or step.unit != "nm" else step.value * _ANGSTROM_PER_NM


def _storable(array: LabelledArray) -> "np.ndarray[tuple[int, ...], np.dtype[np.generic]]":
    values = array.values
    kind = _MODES.get(values.dtype.name)
    if kind is None and values.dtype.kind == "f":
        kind = "float32"
    if kind is None and values.dtype.kind in "biu":
        low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        kind = (
            "int16" if low >= -(1 << 15) and high < 1 << 15 else "uint16" if low >= 0 and high < 1 << 16 else "float32"
        )
        if kind == "float32" and max(-low, high) > 1 << 24:
            raise ScienceError("MRC cannot hold integers beyond 16777216 exactly: export as HDF5 or OME-Zarr")
    if kind is None:
        raise ScienceError(f"MRC has no mode for {values.dtype.name}: export as HDF5")
    return values.astype(kind, copy=False)
