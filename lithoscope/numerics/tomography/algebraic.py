"""Reconstruction by the simultaneous iterative reconstruction technique."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from lithoscope.numerics.common import InvalidSetting, Progress, silent
from lithoscope.numerics.tomography.checks import checked_axis, checked_mask, checked_series
from lithoscope.numerics.tomography.projector import as_columns, as_rays, as_volume, back_projection_matrix


def sirt(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    iterations: int,
    rotation_axis_px: float | None = None,
    nonnegative: bool = True,
    mask: ArrayLike | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """
    Reconstruct a volume from a tilt series of one axis.

    Every iteration adds the back-projected residual, divided by the length of each ray and by the number of rays
    through each voxel. Duplicate tilts count as separate measurements; the order of the tilts does not matter.

    Parameters
    ----------
    projections : (t, y, x) array
        Line integrals without background: a constant offset is not the projection of any object.
    angles_deg : (t,) array
        Tilt angles [deg] in any order; the detector coordinate is ``u = x cos t + z sin t``.
    iterations : int
        Number of iterations.
    rotation_axis_px : float, optional
        Where the tilt axis, parallel to y, falls on the detector [px]; ``(n - 1) / 2`` by default.
    nonnegative : bool
        Set negative voxels to zero after each iteration.
    mask : (z, y, x) array of bool, optional
        Where the object may be; the volume is zero elsewhere.
    progress : callable, optional
        Called as ``progress(done, total, residual=...)`` with the residual of the present volume relative to the
        series, as root of sums of squares [1].

    Returns
    -------
    volume : (z, y, x) array of float32
        As deep as wide, beam along z at 0 deg, in units of the projections per pixel.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask, AxisOutsideDetector
    InvalidSetting
        Fewer than one iteration.

    References
    ----------
    Gilbert, J. Theor. Biol. 36 (1972) 105, doi:10.1016/0022-5193(72)90180-4; Gregor and Benson, IEEE Trans. Med.
    Imaging 27 (2008) 918, doi:10.1109/TMI.2008.923696.
    """
    images, angles = checked_series(projections, angles_deg)
    if iterations < 1:
        raise InvalidSetting("SIRT needs at least one iteration: raise iterations")
    n_y, n_x = images.shape[1:]
    inside = checked_mask(mask, (n_x, n_y, n_x))
    matrix = back_projection_matrix(angles, n_x=n_x, rotation_axis_px=checked_axis(rotation_axis_px, n_x))
    measured = as_rays(images)
    per_ray, per_voxel = _weights(matrix, inside)
    volume = np.zeros((n_x * n_x, n_y), np.float32)
    residual = measured.copy()
    scale = float(np.linalg.norm(measured))
    report = progress or silent
    for iteration in range(1, iterations + 1):
        residual *= per_ray
        step = matrix @ residual
        step *= per_voxel
        volume += step
        if nonnegative:
            np.maximum(volume, 0, out=volume)
        np.subtract(measured, matrix.T @ volume, out=residual)
        if not report(iteration, iterations, residual=float(np.linalg.norm(residual)) / scale):
            break
    return as_volume(volume, n_x)


def _weights(
    matrix: sparse.csr_array, inside: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one over the length of each ray inside the mask, and one over the rays through each voxel of it."""
    if inside is None:
        per_voxel = matrix.sum(axis=1)[:, None]
        per_ray = matrix.sum(axis=0)[:, None]
        return _inverse(per_ray), _inverse(per_voxel)
    support = as_columns(inside.astype(np.float32))
    per_ray = matrix.T @ support
    return _inverse(per_ray), _inverse(matrix.sum(axis=1)[:, None]) * support


def _inverse(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one over each sum, zero where nothing was summed."""
    return np.divide(1, sums, out=np.zeros(sums.shape, np.float32), where=sums > 0)
