"""Reconstruction by the simultaneous iterative reconstruction technique."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from lithoscope.numerics.common import Progress
from lithoscope.numerics.tomography.checks import checked_axis
from lithoscope.numerics.tomography.projector import as_rays, back_projection_matrix
from lithoscope.numerics.tomography.stacked import IteratedMaps, StackedSeries, one_over


def sirt(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    iterations: int,
    rotation_axis_px: float | None = None,
    nonnegative: bool = True,
    mask: ArrayLike | None = None,
    start: ArrayLike | None = None,
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
    start : (z, y, x) array, optional
        A volume to go on from, such as that of the same series with fewer tilts; an empty one by default.
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
    found = sirt_maps(
        [projections],
        angles_deg,
        iterations=iterations,
        rotation_axis_px=rotation_axis_px,
        nonnegative=nonnegative,
        mask=mask,
        start=start,
        progress=progress,
    )
    volume: NDArray[np.float32] = found.volumes[0]
    return volume


def sirt_maps(
    projections: Sequence[ArrayLike] | NDArray[Any],
    angles_deg: ArrayLike,
    *,
    iterations: int,
    rotation_axis_px: float | None = None,
    nonnegative: bool = True,
    mask: ArrayLike | None = None,
    start: ArrayLike | None = None,
    progress: Progress | None = None,
) -> IteratedMaps:
    """
    Reconstruct several maps of one tilt series together, as `sirt` does one: they share geometry and mask.

    Parameters
    ----------
    projections : (map, t, y, x) array, or one series (t, y, x) per map
    start : (z, y, x) array, optional
        The volume all maps go on from.
    progress : callable, optional
        Called as ``progress(done, total, residual=...)`` with the largest of all maps. `sirt` describes all others.

    Returns
    -------
    result : IteratedMaps

    Raises
    ------
    What `sirt` raises, with the number of the map.
    """
    given = StackedSeries.of(projections, angles_deg, engine="SIRT", iterations=iterations, mask=mask, start=start)
    n_x = given.stack.series.shape[2]
    matrix = back_projection_matrix(given.angles_deg, n_x=n_x, rotation_axis_px=checked_axis(rotation_axis_px, n_x))
    measured = as_rays(given.stack.series)
    per_ray, per_voxel = _weights(matrix, given.support)
    residual = measured.copy() if given.start is None else measured - matrix.T @ given.start

    def correct(volume: NDArray[np.float32]) -> NDArray[np.float64]:
        np.multiply(residual, per_ray, out=residual)
        step = matrix @ residual
        step *= per_voxel
        volume += step
        if nonnegative:
            np.maximum(volume, 0, out=volume)
        np.subtract(measured, matrix.T @ volume, out=residual)
        return given.stack.norms(residual)

    return given.iterate(correct, progress)


def _weights(
    matrix: sparse.csr_array, support: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one over the length of each ray inside the mask, and one over the rays through each voxel of it."""
    if support is None:
        per_voxel = matrix.sum(axis=1)[:, None]
        per_ray = matrix.sum(axis=0)[:, None]
        return one_over(per_ray), one_over(per_voxel)
    per_ray = matrix.T @ support
    return one_over(per_ray), one_over(matrix.sum(axis=1)[:, None]) * support
