"""Volumes of voxels that are no cubes, and files of another program, known to the last value."""

from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity

STEPS = {"z": 4.0, "y": 2.0, "x": 1.0}
SHAPE = (40, 73, 90)
Z, Y, X = np.indices(SHAPE)
VOLUME = (60 + 30 * np.sin(Z / 5) + 20 * np.cos(Y / 7 + X / 11)).astype(np.float32)
BLOCK = (slice(None), slice(30, 40), slice(30, 40))  # y 59 to 79 nm, x 29.5 to 39.5 nm
VOLUME[BLOCK] = 230
OTHER_STEPS, OTHER_FIRST = np.array([8.0, 4.0, 2.0]), np.array([2.0, 1.0, 0.5])
OTHER = (np.arange(20 * 36 * 45) % 100).astype(np.uint8).reshape(20, 36, 45)
OTHER[:, 15:20, 15:20] = 230  # the same place
COARSE = np.random.default_rng(5).normal(9, 3, (21, 37, 46)).astype(np.float32)
COARSE_STEPS = {"z": 8.0, "y": 4.0, "x": 2.0}
COUNTS = np.random.default_rng(6).poisson(4.0, (*SHAPE[1:], 6)).astype(np.uint16)


def quantities(steps: dict[str, float]) -> dict[str, Quantity]:
    return {axis: Quantity(step, "nm", "header") for axis, step in steps.items()}


def of_the_service() -> dict[str, Any]:
    steps, flat = quantities(STEPS), {axis: STEPS[axis] for axis in "yx"}
    strain = np.where(X < 45, -0.5, 1.5).astype(np.float32)
    strain[0] = np.nan
    return {
        "volume": LabelledArray(VOLUME, "zyx", steps, "counts", kind="volume", name="volume"),
        "strain": LabelledArray(strain, "zyx", steps, "1", kind="volume", name="strain"),
        "constant": LabelledArray(np.full(SHAPE, 7, np.int16), "zyx", steps, "nm", kind="volume", name="constant"),
        "x_rays": LabelledArray(
            COUNTS, "yxe", quantities(flat), "counts", {"e": 500.0 + 10 * np.arange(6)}, "spectra", "x_rays"
        ),
    }


def coarser() -> dict[str, Any]:
    coarse = LabelledArray(COARSE, "zyx", quantities(COARSE_STEPS), "counts", kind="volume", name="coarse")
    return {"coarse": coarse}


def _level(group: Any, path: str, values: NDArray[Any]) -> None:
    group.create_array(path, shape=values.shape, dtype=values.dtype, chunks=values.shape)[...] = values


def _multiscale(axes: str, levels: list[tuple[Any, Any]]) -> list[dict[str, Any]]:
    known = [{"name": axis, "type": "space", "unit": "nanometer"} if axis in "zyx" else {"name": axis} for axis in axes]
    datasets = [
        {
            "path": str(level),
            "coordinateTransformations": [
                {"type": "scale", "scale": [*map(float, scale)]},
                {"type": "translation", "translation": [*map(float, shift)]},
            ],
        }
        for level, (scale, shift) in enumerate(levels)
    ]
    return [{"version": "0.4", "axes": known, "datasets": datasets}]


def of_another_program(tree: Path) -> list[dict[str, Any]]:
    """Write OME-Zarr 0.4 of five axes whose first voxel lies elsewhere, and an image whose coarse level is moved."""
    group = zarr.create_group(tree / "other.ome.zarr", zarr_format=2)
    _level(group, "0", OTHER[None, None])
    group.attrs["multiscales"] = _multiscale("tczyx", [((1, 1, *OTHER_STEPS), (0, 0, *OTHER_FIRST))])
    moved = zarr.create_group(tree / "moved.ome.zarr", zarr_format=2)
    coarse = np.full((600, 600), 20, np.uint8)
    coarse[200:250, 100:150] = 230
    _level(moved, "0", np.full((900, 900), 20, np.uint8))
    _level(moved, "1", coarse)
    moved.attrs["multiscales"] = _multiscale("yx", [((1, 1), (0, 0)), ((1.5, 1.5), (0.25, 90.25))])
    about = {"dtype": "uint8", "unit": "counts", "slices": []}
    other = {
        axis: Quantity(float(step), "nm", "header").to_json() for axis, step in zip("zyx", OTHER_STEPS, strict=True)
    }
    ones = {axis: Quantity(1.0, "nm", "header").to_json() for axis in "yx"}
    volume = {"kind": "volume", "axes": "zyx", "shape": list(OTHER.shape), "spacing": other, "path": "other.ome.zarr"}
    image = {"kind": "image", "axes": "yx", "shape": [900, 900], "spacing": ones, "path": "moved.ome.zarr"}
    return [
        {"name": "other", "title": "Other", **about, **volume},
        {"name": "moved", "title": "Moved", **about, **image},
    ]
