"""Surface of a region on a grid, counted along lines."""

import itertools

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import WrongShape


def surface_measure(region: NDArray[np.bool_], *, spacing_nm: tuple[float, ...]) -> float:
    """
    Measure the surface of a region in a volume, or its perimeter in an image.

    Counting voxel faces overestimates a sphere by half. Crofton's formula counts instead how often lines of many
    directions cross the surface: its area is twice the crossings of a mean line times the area that a line stands for,
    the length of a plane curve pi / 2 times. Lines run along the 13 (4) directions to neighbouring voxels, each
    weighing the part of the sphere (circle) nearest to it, so that oblong voxels are treated alike. Round surfaces
    come out within 3 %, a plane along the grid 10 % low, and 22 % with steps of 5, 1 and 2. The cut
    at the border of the field is no surface.

    Parameters
    ----------
    region : (z, y, x) or (y, x) array of bool
        True inside.
    spacing_nm : tuple of float
        Step along each axis [nm].

    Returns
    -------
    surface : float
        Surface [nm^2] of a volume, perimeter [nm] of an image.

    Raises
    ------
    WrongShape
        The region has neither two nor three axes.

    References
    ----------
    Legland, Kiêu and Devaux, Image Anal. Stereol. 26 (2007) 83, doi:10.5566/ias.v26.p83-92.
    """
    if region.ndim not in {2, 3} or len(spacing_nm) != region.ndim:
        raise WrongShape("a surface is measured of an image (y, x) or a volume (z, y, x) with one step per axis")
    steps = lattice_directions(region.ndim)
    vectors = steps * np.asarray(spacing_nm)
    lengths = np.linalg.norm(vectors, axis=1)
    shares = direction_shares(vectors / lengths[:, None])
    crossings_per_nm = 0.0
    for step, length, share in zip(steps, lengths, shares, strict=True):
        here, there = _neighbours(region, step)
        crossings_per_nm += share * np.count_nonzero(here != there) / length
    factor = 2.0 if region.ndim == 3 else np.pi / 2
    return float(factor * np.prod(spacing_nm) * crossings_per_nm)


def lattice_directions(ndim: int) -> NDArray[np.int_]:
    """List the steps to half of a voxel's neighbours, one of each opposite pair."""
    steps = [step for step in itertools.product((-1, 0, 1), repeat=ndim) if step > (0,) * ndim]
    return np.array(steps)


def direction_shares(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Say which part of all directions is nearest to each of the given ones.

    Parameters
    ----------
    directions : (direction, axis) array
        Unit vectors, one of each opposite pair.

    Returns
    -------
    shares : (direction,) array
        Their sum is 1.
    """
    if directions.shape[1] == 2:
        angle = np.mod(np.arctan2(directions[:, 0], directions[:, 1]), np.pi)
        order = np.argsort(angle)
        gaps = np.diff(angle[order], append=angle[order[0]] + np.pi)
        shares = np.empty(len(angle))
        shares[order] = (gaps + np.roll(gaps, 1)) / (2 * np.pi)
        return shares
    from scipy.spatial import SphericalVoronoi

    cells = SphericalVoronoi(np.concatenate([directions, -directions]))
    return np.asarray(cells.calculate_areas()[: len(directions)] / (2 * np.pi))


def _neighbours(region: NDArray[np.bool_], step: NDArray[np.int_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the views of all voxels that have a neighbour at `step`, and of these neighbours."""
    here = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(step, region.shape, strict=True))
    there = tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(step, region.shape, strict=True))
    return region[here], region[there]
