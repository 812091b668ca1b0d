"""TIFF: OME-TIFF, which ImageJ, napari and most others open with the right scale."""

from pathlib import Path
from typing import Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError

_AXES = {"x": "X", "y": "Y", "z": "Z", "t": "Z", "c": "C"}
_BIG_BYTES = 1 << 31


def write_tiff(array: LabelledArray, file: Path) -> None:
    """
    Write an image, stack, volume or tilt series as OME-TIFF, compressed by Deflate.

    Parameters
    ----------
    array : LabelledArray
        Axes among c, t, z, y, x. Tilt images are pages in their order; TIFF has no word for angles.
    file : Path
        New file. A known step becomes PhysicalSize in nm, an unknown one nothing.

    Raises
    ------
    ScienceError
        If the array has an energy axis or both tilts and slices.
    """
    import tifffile

    if "e" in array.axes or {"t", "z"} <= set(array.axes) or not array.axes.endswith("yx"):
        raise ScienceError(f"TIFF holds images, stacks and volumes, not axes {array.axes!r}: export as HDF5")
    values = array.values
    if values.dtype.kind == "f" and values.dtype.itemsize != 4:
        values = values.astype(np.float32)
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        values = _narrower(values)
    tifffile.imwrite(
        file,
        values,
        ome=True,
        photometric="minisblack",
        compression="zlib",
        bigtiff=values.nbytes > _BIG_BYTES,
        metadata={"axes": "".join(_AXES[axis] for axis in array.axes), "Name": array.name, **_sizes(array)},
    )


def _sizes(array: LabelledArray) -> dict[str, Any]:
    sizes: dict[str, Any] = {}
    for axis in "xyz":
        step = array.spacing.get(axis)
        if step is not None and step.value is not None and step.unit == "nm":
            sizes[f"PhysicalSize{axis.upper()}"] = step.value
            sizes[f"PhysicalSize{axis.upper()}Unit"] = "nm"
    return sizes


def _narrower(values: "np.ndarray[tuple[int, ...], np.dtype[Any]]") -> "np.ndarray[tuple[int, ...], np.dtype[Any]]":
    """Half the bytes of 64-bit integers, which OME-TIFF does not know, where they fit."""
    narrow = np.dtype("int32" if values.dtype.kind == "i" else "uint32")
    limits = np.iinfo(narrow)
    if values.size and (values.min() < limits.min or values.max() > limits.max):
        raise ScienceError("TIFF cannot hold integers beyond 32 bits: export as HDF5 or OME-Zarr")
    return values.astype(narrow)
