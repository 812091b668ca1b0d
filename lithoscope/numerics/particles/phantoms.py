"""Particles and lattices with a known answer, to try their analysis on."""

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lithoscope.numerics.particles.crystals import Crystal, crystals

Float = NDArray[np.float64]


def lattice_image(
    phase: str,
    *,
    zone: tuple[int, int, int],
    shape: tuple[int, int],
    pixel_nm: float,
    turned_deg: float = 0.0,
    stretched: float = 1.0,
    blur_nm: float = 0.05,
) -> Float:
    """
    Draw the columns of a phase as a dark-field image shows them.

    Parameters
    ----------
    phase : str
        A name in `crystals`.
    zone : (u, v, w)
        Direction of the beam.
    shape : tuple of int
        Of the image (y, x).
    pixel_nm : float
        Step [nm].
    turned_deg : float
        Turn in the plane [deg].
    stretched : float
        All spacings are multiplied by it.
    blur_nm : float
        Standard deviation of a column's image [nm].

    Returns
    -------
    image : (y, x) array
        Brightest column 1.
    """
    crystal = crystals()[phase]
    angle = np.deg2rad(turned_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    half = np.hypot(*shape) / 2
    columns, weights = _columns(crystal, zone, reach_A=10 * pixel_nm * half / stretched + 5)
    x, y = (columns @ turn.T).T * stretched / (10 * pixel_nm)
    fine = 2  # columns fall on half pixels, which the blur hides
    grid = np.zeros((fine * shape[0], fine * shape[1]))
    row, column = (np.rint(fine * (v + n / 2)).astype(int) for v, n in ((y, shape[0]), (x, shape[1])))
    inside = (row >= 0) & (row < len(grid)) & (column >= 0) & (column < grid.shape[1])
    np.add.at(grid, (row[inside], column[inside]), weights[inside])
    blurred = ndimage.gaussian_filter(grid, fine * blur_nm / pixel_nm)
    image = blurred.reshape(shape[0], fine, shape[1], fine).mean(axis=(1, 3))
    return np.asarray(image / image.max())


def _columns(crystal: Crystal, zone: tuple[int, int, int], *, reach_A: float) -> tuple[Float, Float]:
    """Project the atoms of a slab one period thick; return their places in the plane (a, 2) [Å] and contrast."""
    frame = crystal.zone_frame(zone)
    period = np.asarray(zone) @ crystal.axes_A
    length = float(np.linalg.norm(period))
    thick = np.linalg.norm(np.linalg.inv(crystal.axes_A), axis=0)  # cells per Å across each pair of faces
    counts = np.ceil(thick * (reach_A + length)).astype(int) + 1
    shifts = np.array(list(itertools.product(*(range(-n, n + 1) for n in counts))))
    corners = shifts @ crystal.axes_A
    near = (abs(corners @ frame.T) < reach_A + 15).all(axis=1) & (abs(corners @ period / length) < length + 20)
    atoms = (corners[near][:, None, :] + (crystal.places @ crystal.axes_A)[None]).reshape(-1, 3)
    contrast = np.tile(crystal.contrast, int(near.sum()))
    depth = atoms @ period / length
    slab = (depth >= -1e-6) & (depth < length - 1e-6)
    return atoms[slab] @ frame.T, contrast[slab]


def uneven_particle(
    n: int, *, radius_px: float, level: float, unevenness: float, rng: np.random.Generator, grain_px: float = 1.5
) -> tuple[NDArray[np.bool_], Float]:
    """
    Draw a sphere whose composition varies from grain to grain about one level.

    Parameters
    ----------
    n : int
        Edge of the volume.
    radius_px : float
    level, unevenness : float
        Mean and standard deviation of the composition inside.
    rng : Generator
    grain_px : float
        Standard deviation of the Gaussian that makes grains.

    Returns
    -------
    mask, composition : (z, y, x) array
        The composition is 0 outside.
    """
    middle = (n - 1) / 2
    z, y, x = np.ogrid[:n, :n, :n]
    mask = (z - middle) ** 2 + (y - middle) ** 2 + (x - middle) ** 2 < radius_px**2
    grains = ndimage.gaussian_filter(rng.standard_normal(mask.shape), grain_px)
    grains = (grains - grains[mask].mean()) / grains[mask].std()
    return mask, np.where(mask, level + unevenness * grains, 0.0)
