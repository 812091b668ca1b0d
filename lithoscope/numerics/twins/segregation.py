"""Metals unevenly mixed: random fields of a planted strength, and spots rich in one of them."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Volume = NDArray[np.float32]

#: No metal's share falls below this, however strong the segregation.
LEAST_SHARE = 0.02
#: Share of the metal in the middle of a rich spot.
SPOT_SHARE = 0.9
#: Chance of a spot to gather Mn, Co or Ni: cobalt dissolves least, manganese most.
SPOT_CHANCE = (0.2, 0.5, 0.3)
SPOT_DEPTH_NM = (6.0, 22.0)


def unit_fields(inside: NDArray[np.bool_], *, size_px: float, rng: np.random.Generator) -> Volume:
    """
    Draw three random fields that sum to zero everywhere.

    Parameters
    ----------
    inside : (z, y, x) array of bool
        Where each has mean zero, and the three together mean square one.
    size_px : float
        Standard deviation of the Gaussian that smooths them [px].
    rng : Generator

    Returns
    -------
    fields : (3, z, y, x) array of float32
    """
    fields = rng.standard_normal((3, *inside.shape), dtype=np.float32)
    for field in fields:
        ndimage.gaussian_filter(field, size_px, output=field, mode="wrap")
    fields -= fields.mean(axis=0)
    fields -= fields[:, inside].mean(axis=1)[:, None, None, None]
    return np.asarray(fields / np.sqrt(np.mean(fields[:, inside] ** 2)))


def rich_spots(
    shares: Volume, depth_nm: Volume, *, spots: int, radius_nm: float, voxel_nm: float, rng: np.random.Generator
) -> Volume:
    """
    Let one metal gather at random places below the surface.

    Parameters
    ----------
    shares : (3, z, y, x) array
        Shares of Mn, Co and Ni [1].
    depth_nm : (z, y, x) array
        Distance to the outer surface [nm].
    spots : int
    radius_nm, voxel_nm : float
        Standard deviation of a spot, and the edge of a voxel [nm].
    rng : Generator

    Returns
    -------
    shares : (3, z, y, x) array of float32
    """
    low, high = SPOT_DEPTH_NM
    places = np.argwhere((depth_nm > low) & (depth_nm < high))
    result = shares.copy()
    grid = np.ogrid[tuple(slice(n) for n in depth_nm.shape)]
    for spot in rng.choice(len(places), min(spots, len(places)), replace=False):
        distance2 = sum((axis - at) ** 2 for axis, at in zip(grid, places[spot], strict=True))
        weight = np.exp(-distance2 * np.float32(voxel_nm**2 / (2 * radius_nm**2))).astype(np.float32)
        gathered = np.full(3, (1 - SPOT_SHARE) / 2, np.float32)
        gathered[rng.choice(3, p=SPOT_CHANCE)] = SPOT_SHARE
        result += weight * (gathered[:, None, None, None] - result)
    return result
