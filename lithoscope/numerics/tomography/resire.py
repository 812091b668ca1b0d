"""Reconstruction by real-space iteration (RESIRE)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress
from lithoscope.numerics.tomography.checks import checked_axis
from lithoscope.numerics.tomography.projector import as_rays, back_projection_matrix
from lithoscope.numerics.tomography.stacked import IteratedMaps, StackedSeries


def resire(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    iterations: int,
    step_size: float = 1.0,
    rotation_axis_px: float | None = None,
    nonnegative: bool = True,
    mask: ArrayLike | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """
    Reconstruct a volume from a tilt series of one axis by descent of the squared residual.

    Every iteration adds the back-projected residual times ``step_size / (tilts n)``. Unlike `sirt` no ray and no voxel
    is weighted, so every measured count weighs the same. The order of the tilts does not matter.

    Parameters
    ----------
    projections : (t, y, x) array
        Line integrals without background.
    angles_deg : (t,) array
        Tilt angles [deg] in any order; the detector coordinate is ``u = x cos t + z sin t``.
    iterations : int
        Number of iterations.
    step_size : float
        Length of each step over the longest that is safe for any geometry; below 2 it converges [1].
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
        Fewer than one iteration, or a step that does not converge.

    References
    ----------
    Pham, Yuan, Rana et al., Sci. Rep. 13 (2023) 5624, doi:10.1038/s41598-023-31124-7.
    """
    found = resire_maps(
        [projections],
        angles_deg,
        iterations=iterations,
        step_size=step_size,
        rotation_axis_px=rotation_axis_px,
        nonnegative=nonnegative,
        mask=mask,
        progress=progress,
    )
    volume: NDArray[np.float32] = found.volumes[0]
    return volume


def resire_maps(
    projections: Sequence[ArrayLike] | NDArray[Any],
    angles_deg: ArrayLike,
    *,
    iterations: int,
    step_size: float = 1.0,
    rotation_axis_px: float | None = None,
    nonnegative: bool = True,
    mask: ArrayLike | None = None,
    progress: Progress | None = None,
) -> IteratedMaps:
    """
    Reconstruct several maps of one tilt series together, as `resire` does one: they share geometry and mask.

    Parameters
    ----------
    projections : (map, t, y, x) array, or one series (t, y, x) per map
    progress : callable, optional
        Called as ``progress(done, total, residual=...)`` with the largest of all maps. `resire` describes all others.

    Returns
    -------
    result : IteratedMaps

    Raises
    ------
    What `resire` raises, with the number of the map.
    """
    if not 0 < step_size < 2:
        raise InvalidSetting("steps of twice the safe length never settle: choose step_size between 0 and 2")
    given = StackedSeries.of(projections, angles_deg, engine="RESIRE", iterations=iterations, mask=mask)
    n_x = given.stack.series.shape[2]
    back = back_projection_matrix(given.angles_deg, n_x=n_x, rotation_axis_px=checked_axis(rotation_axis_px, n_x))
    forward = back.T.tocsr()
    measured = as_rays(given.stack.series)
    residual = measured.copy()
    factor = np.float32(step_size / (len(given.angles_deg) * n_x))

    def correct(volume: NDArray[np.float32]) -> NDArray[np.float64]:
        step = back @ residual
        step *= factor
        volume += step
        if nonnegative:
            np.maximum(volume, 0, out=volume)
        if given.support is not None:
            volume *= given.support
        np.subtract(measured, forward @ volume, out=residual)
        return given.stack.norms(residual)

    return given.iterate(correct, progress)
