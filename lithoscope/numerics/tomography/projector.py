"""
Parallel projection of a volume turned about one axis.

Slices along the tilt axis y never mix and all see the same geometry, so a series is one sparse matrix of a single
slice times the dense matrix of all slices. Its transpose is the exact back projection.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from lithoscope.numerics.common import NonFiniteValues, WrongShape
from lithoscope.numerics.tomography.checks import checked_axis

#: Weights and slopes below these are rounding of axis-parallel tilts.
SMALLEST_WEIGHT = 1e-6
FLAT = 1e-9

#: Detector pixels a voxel's shadow may touch: it is at most sqrt(2) wide.
SHADOW_PIXELS = 3


def back_projection_matrix(angles_deg: NDArray[np.float64], *, n_x: int, rotation_axis_px: float) -> sparse.csr_array:
    """
    Write the back projection of one slice as a matrix; its transpose projects.

    An entry is the area of a square voxel in the strip that a detector pixel looks along. Each voxel has at most
    three per tilt, found without a search, so the rows need no sorting.

    Parameters
    ----------
    angles_deg : (t,) array
        Tilt angles [deg].
    n_x : int
        Pixels across the tilt axis; the slice is as deep as it is wide.
    rotation_axis_px : float
        Where the tilt axis falls on the detector [px].

    Returns
    -------
    matrix : (z x, t u) sparse array of float32
    """
    middle = (n_x - 1) / 2
    z, x = np.indices((n_x, n_x)).reshape(2, -1) - middle
    entries = (n_x * n_x, len(angles_deg), SHADOW_PIXELS)
    weights, columns = np.empty(entries, np.float32), np.empty(entries, np.int32)
    for tilt, angle in enumerate(np.deg2rad(angles_deg)):  # one at a time: the temporaries stay the size of a slice
        cosine, sine = float(np.cos(angle)), float(np.sin(angle))
        u = x * cosine + z * sine + rotation_axis_px
        pixel = np.rint(u).astype(np.int32)[:, None] + np.arange(-1, 2, dtype=np.int32)
        edges = np.concatenate([pixel, pixel[:, -1:] + 1], axis=1) - 0.5 - u[:, None]
        weight = np.diff(_shadow_area(edges, abs(cosine), abs(sine)), axis=1)
        weight[(pixel < 0) | (pixel >= n_x) | (weight < SMALLEST_WEIGHT)] = 0
        weights[:, tilt], columns[:, tilt] = weight, pixel.clip(0, n_x - 1) + n_x * tilt
    row_starts = SHADOW_PIXELS * len(angles_deg) * np.arange(n_x * n_x + 1)
    matrix = sparse.csr_array((weights.ravel(), columns.ravel(), row_starts), shape=(n_x * n_x, len(angles_deg) * n_x))
    matrix.eliminate_zeros()
    return matrix


def _shadow_area(u: NDArray[np.float64], cosine: float, sine: float) -> NDArray[np.float64]:
    """
    Integrate the shadow of a unit square, turned about its middle, up to detector place `u`.

    The shadow is a trapezoid, the convolution of two boxes as wide as the sides appear.
    """
    wide, narrow = max(cosine, sine) / 2, min(cosine, sine) / 2
    reach = np.minimum(abs(u), wide + narrow)
    area = reach / (2 * wide)
    if narrow > FLAT:
        area -= np.maximum(reach - (wide - narrow), 0) ** 2 / (8 * wide * narrow)
    return 0.5 + np.copysign(np.minimum(area, 0.5), u)


def as_rays(projections: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rearrange a series (t, y, x) into the dense matrix (t u, y) that `back_projection_matrix` multiplies."""
    tilts, n_y, n_x = projections.shape
    return projections.transpose(0, 2, 1).reshape(tilts * n_x, n_y)


def as_columns(volume: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rearrange a volume (z, y, x) into the dense matrix (z x, y) that the projection multiplies."""
    n_z, n_y, n_x = volume.shape
    return volume.transpose(0, 2, 1).reshape(n_z * n_x, n_y)


def as_volume(columns: NDArray[np.float32], n_x: int) -> NDArray[np.float32]:
    """Rearrange (z x, y) back into a volume (z, y, x) of its own memory."""
    return np.ascontiguousarray(columns.reshape(n_x, n_x, -1).transpose(0, 2, 1))


def project(volume: ArrayLike, angles_deg: ArrayLike, *, rotation_axis_px: float | None = None) -> NDArray[np.float32]:
    """
    Project a volume at each tilt.

    Parameters
    ----------
    volume : (z, y, x) array
        As deep as wide, tilt axis along y through the middle ``(n - 1) / 2`` of z and x, beam along z at 0 deg.
    angles_deg : (t,) array
        Tilt angles [deg]; the detector coordinate is ``u = x cos t + z sin t``.
    rotation_axis_px : float, optional
        Where the tilt axis falls on the detector [px]; ``(n - 1) / 2`` by default.

    Returns
    -------
    projections : (t, y, x) array of float32
        Line integrals, in units of the volume times one pixel.

    Raises
    ------
    WrongShape, NonFiniteValues, AxisOutsideDetector
    """
    values, angles = np.asarray(volume, np.float32), np.asarray(angles_deg, np.float64)
    if values.ndim != 3 or values.shape[0] != values.shape[2] or 0 in values.shape:
        raise WrongShape(f"a volume of shape {values.shape} cannot be turned: give (z, y, x) as deep as wide")
    if angles.ndim != 1 or not np.isfinite(angles).all():
        raise NonFiniteValues("the tilt angles must be a list of finite numbers: correct or leave out the others")
    n_x = values.shape[2]
    matrix = back_projection_matrix(angles, n_x=n_x, rotation_axis_px=checked_axis(rotation_axis_px, n_x))
    rays = matrix.T @ as_columns(values)
    return np.ascontiguousarray(rays.reshape(len(angles), n_x, -1).transpose(0, 2, 1))
