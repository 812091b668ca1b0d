"""Volumes, labels and depths of known values, maps of other voxels, each kind of number, a file of another program."""

from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import zarr

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity

FINE, COARSE = Quantity(5.0, "nm", "header"), Quantity(10.0, "nm", "header")
SIDE = 72
HALF = SIDE // 2
RAMP = np.broadcast_to(np.arange(SIDE, dtype=np.float32), (SIDE, SIDE, SIDE)).copy()  # rises along x
LABELS = np.where(np.indices((SIDE, SIDE, SIDE))[1] < HALF, 1, 2).astype(np.uint8)
DEPTH = np.where(np.indices((SIDE, SIDE, SIDE))[0] < HALF, 5, 15).astype(np.float32)
WHOLES = ("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "float32", "float64")
OLD = np.arange(6 * 8 * 10, dtype=">u2").reshape(6, 8, 10)


def fine() -> dict[str, Any]:
    steps = dict.fromkeys("zyx", FINE)
    return {
        "volume": LabelledArray(RAMP, "zyx", steps, "counts", kind="volume", name="volume"),
        "classes": LabelledArray(LABELS, "zyx", steps, "1", kind="labels", name="classes"),
        "depth": LabelledArray(DEPTH, "zyx", steps, "nm", kind="volume", name="depth"),
    }


def coarse() -> dict[str, Any]:
    steps = dict.fromkeys("zyx", COARSE)
    values = np.full((24, 24, 24), 7.5, np.float32)
    values[:, :, 20:] = np.nan
    series = np.stack([np.full((9, 9), k, np.float32) for k in range(3)])
    tilts = {"t": np.array([-10.0, 0.0, 10.0])}
    unknown = dict.fromkeys("zyx", Quantity(None, "nm", "unknown"))
    return {
        "manganese": LabelledArray(values, "zyx", steps, "at%", kind="volume", name="manganese"),
        "series": LabelledArray(series, "tyx", dict.fromkeys("yx", FINE), "counts", tilts, "tilt_series", "series"),
        "bare": LabelledArray(values, "zyx", unknown, "counts", kind="volume", name="bare"),
    }


def of_each_kind() -> dict[str, Any]:
    steps = dict.fromkeys("zyx", FINE)
    ones = {each: np.ones((2, 3, 4), each) for each in WHOLES}
    return {each: LabelledArray(ones[each], "zyx", steps, "counts", kind="volume", name=each) for each in WHOLES}


def of_another_program(tree: Path) -> list[dict[str, Any]]:
    """Write OME-Zarr 0.4: big-endian, packed by blosc, micrometres, its first voxel away from zero."""
    group = zarr.create_group(tree / "old.ome.zarr", zarr_format=2)
    packing = numcodecs.Blosc(cname="zstd")
    stored = group.create_array("0", shape=OLD.shape, dtype=OLD.dtype, chunks=(4, 4, 4), compressors=packing)
    stored[...] = OLD
    axes = [{"name": axis, "type": "space", "unit": "micrometer"} for axis in "zyx"]
    moved = [{"type": "scale", "scale": [0.01] * 3}, {"type": "translation", "translation": [0, 0, 0.1]}]
    datasets = [{"path": "0", "coordinateTransformations": moved}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": datasets}]
    about = {"kind": "volume", "axes": "zyx", "shape": list(OLD.shape), "dtype": "uint16", "unit": "counts"}
    spacing = {axis: COARSE.to_json() for axis in "zyx"}
    return [{"name": "old", "title": "Old export", "path": "old.ome.zarr", **about, "spacing": spacing, "slices": []}]
