"""Faceted shapes with pores, drawn by their distance to the nearest surface."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Volume = NDArray[np.float32]

#: The corners of a cube of edge 2 cut off where |x| + |y| + |z| exceeds this.
CORNER = 1.55
#: Facets of one particle differ by this part in their distance to the middle.
FACET_SCATTER = 0.06
PORE_RADIUS = (0.10, 0.18)


@dataclass(frozen=True, slots=True)
class Shape:
    """
    Where a particle is.

    Parameters
    ----------
    occupancy : (z, y, x) array of float32
        Part of each voxel that is filled [1].
    depth_nm : (z, y, x) array of float32
        Distance to the nearest outer facet, pores not counted; zero outside [nm].
    """

    occupancy: Volume
    depth_nm: Volume


def faceted_shape(size: int, *, voxel_nm: float, diameter_nm: float, pores: int, rng: np.random.Generator) -> Shape:
    """
    Draw a cube with cut corners, turned at random, its facets shifted a little, with round pores in it.

    The distance to a convex body's nearest facet is exact inside it, so that depth needs no distance transform, and
    half a voxel around zero gives the filled part of voxels that a surface cuts.

    Parameters
    ----------
    size : int
        Voxels along each edge of the field.
    voxel_nm, diameter_nm : float
        Edge of a voxel; distance between opposite faces of the cube [nm].
    pores : int
    rng : Generator
    """
    place = (np.arange(size, dtype=np.float32) - (size - 1) / 2) * np.float32(voxel_nm)
    z, y, x = np.meshgrid(place, place, place, indexing="ij", sparse=True)
    radius = diameter_nm / 2
    turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    depth = np.full((size, size, size), np.inf, np.float32)
    for normal, reach in _facets():
        facing = turn @ normal
        distance = radius * reach * (1 + FACET_SCATTER * rng.uniform(-1, 1))
        np.minimum(depth, np.float32(distance) - (facing[0] * z + facing[1] * y + facing[2] * x), out=depth)
    solid = depth.copy()
    for _ in range(pores):
        direction = rng.standard_normal(3)
        centre = direction / np.linalg.norm(direction) * radius * rng.uniform(0.2, 0.6)
        hole = np.sqrt((z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2)
        np.minimum(solid, hole - np.float32(radius * rng.uniform(*PORE_RADIUS)), out=solid)
    occupancy = np.clip(solid / np.float32(voxel_nm) + np.float32(0.5), 0, 1)
    return Shape(occupancy.astype(np.float32), np.maximum(depth, 0).astype(np.float32))


def _facets() -> list[tuple[NDArray[np.float32], float]]:
    """Return normals, and distances in units of half the cube's edge."""
    faces = [(np.eye(3)[axis] * sign, 1.0) for axis in range(3) for sign in (1, -1)]
    corners = [(np.array(signs) / np.sqrt(3), CORNER / np.sqrt(3)) for signs in product((1, -1), repeat=3)]
    return [(normal.astype(np.float32), reach) for normal, reach in faces + corners]
