"""What maps and masks of a particle must be before anything is counted in them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import EmptyMask, WrongShape


def checked_mask(mask: ArrayLike) -> NDArray[np.bool_]:
    """
    Return a mask as (z, y, x) bool.

    Raises
    ------
    WrongShape, EmptyMask
    """
    inside: NDArray[Any] = np.asarray(mask)
    if inside.ndim != 3:
        raise WrongShape(f"a mask of shape {inside.shape} is no volume: give (z, y, x)")
    inside = inside.astype(bool, copy=False)
    if not inside.any():
        raise EmptyMask("the mask selects no voxel: lower its threshold")
    return inside


def checked_map(volume: ArrayLike, shape: tuple[int, ...], *, name: str = "map") -> NDArray[np.float64]:
    """
    Return a map as float64 whose missing voxels, if any, are NaN.

    Raises
    ------
    WrongShape
    """
    values = np.asarray(volume, np.float64)
    if values.shape != shape:
        raise WrongShape(f"the {name} has shape {values.shape}, the particle {shape}: give maps of the same volume")
    return np.where(np.isfinite(values), values, np.nan)


def checked_maps(maps: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """
    Return maps as (c, z, y, x) float64; a single map (z, y, x) becomes the only channel.

    Raises
    ------
    WrongShape
    """
    values = np.asarray(maps, np.float64)
    if values.ndim == 3:
        values = values[None]
    if values.ndim != 4 or values.shape[1:] != shape:
        raise WrongShape(f"maps of shape {values.shape} do not fit a particle of {shape}: give (c, z, y, x)")
    return np.where(np.isfinite(values), values, np.nan)
