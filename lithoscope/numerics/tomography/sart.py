"""Reconstruction by the simultaneous algebraic reconstruction technique."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress
from lithoscope.numerics.tomography.checks import checked_axis, same_direction
from lithoscope.numerics.tomography.projector import as_rays, back_projection_matrix
from lithoscope.numerics.tomography.stacked import IteratedMaps, StackedSeries, one_over

#: Steps of this share of all directions come nowhere near a direction that was lately used.
GOLDEN = (np.sqrt(5) - 1) / 2


def sart(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    iterations: int,
    relaxation: float = 0.5,
    rotation_axis_px: float | None = None,
    nonnegative: bool = True,
    mask: ArrayLike | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """
    Reconstruct a volume from a tilt series of one axis, one direction after the other.

    Every iteration goes through all directions once; each corrects the volume before the next is looked at, which
    takes a tenth of the iterations of `sirt`. Tilts of one direction correct it together. Directions follow each other
    in golden steps, whatever order the tilts are given in.

    Parameters
    ----------
    projections : (t, y, x) array
        Line integrals without background.
    angles_deg : (t,) array
        Tilt angles [deg] in any order; the detector coordinate is ``u = x cos t + z sin t``.
    iterations : int
        Number of rounds through all directions.
    relaxation : float
        Share of each correction that is applied, between 0 and 2; small values let noise average [1].
    rotation_axis_px : float, optional
        Where the tilt axis, parallel to y, falls on the detector [px]; ``(n - 1) / 2`` by default.
    nonnegative : bool
        Set negative voxels to zero after each correction.
    mask : (z, y, x) array of bool, optional
        Where the object may be; the volume is zero elsewhere.
    progress : callable, optional
        Called as ``progress(done, total, residual=...)`` with what each direction found left to explain when its turn
        came, relative to the series, as root of sums of squares [1].

    Returns
    -------
    volume : (z, y, x) array of float32
        As deep as wide, beam along z at 0 deg, in units of the projections per pixel.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask, AxisOutsideDetector
    InvalidSetting
        Fewer than one iteration, or a relaxation that does not converge.

    References
    ----------
    Andersen and Kak, Ultrason. Imaging 6 (1984) 81, doi:10.1177/016173468400600107.
    """
    found = sart_maps(
        [projections],
        angles_deg,
        iterations=iterations,
        relaxation=relaxation,
        rotation_axis_px=rotation_axis_px,
        nonnegative=nonnegative,
        mask=mask,
        progress=progress,
    )
    volume: NDArray[np.float32] = found.volumes[0]
    return volume


def sart_maps(
    projections: Sequence[ArrayLike] | NDArray[Any],
    angles_deg: ArrayLike,
    *,
    iterations: int,
    relaxation: float = 0.5,
    rotation_axis_px: float | None = None,
    nonnegative: bool = True,
    mask: ArrayLike | None = None,
    progress: Progress | None = None,
) -> IteratedMaps:
    """
    Reconstruct several maps of one tilt series together, as `sart` does one: they share geometry and mask.

    Parameters
    ----------
    projections : (map, t, y, x) array, or one series (t, y, x) per map
    progress : callable, optional
        Called as ``progress(done, total, residual=...)`` with the largest of all maps. `sart` describes all others.

    Returns
    -------
    result : IteratedMaps

    Raises
    ------
    What `sart` raises, with the number of the map.
    """
    if not 0 < relaxation < 2:
        raise InvalidSetting("corrections beyond twice the residual never settle: choose relaxation between 0 and 2")
    given = StackedSeries.of(projections, angles_deg, engine="SART", iterations=iterations, mask=mask)
    axis = checked_axis(rotation_axis_px, given.stack.series.shape[2])
    directions = [
        _Direction(given, tilts, rotation_axis_px=axis, relaxation=relaxation)
        for tilts in golden_order(given.angles_deg)
    ]

    def correct(volume: NDArray[np.float32]) -> NDArray[np.float64]:
        found = [direction.correct(volume, nonnegative=nonnegative) for direction in directions]
        return np.asarray(np.linalg.norm(found, axis=0), np.float64)

    return given.iterate(correct, progress)


class _Direction:
    """The tilts of one direction and how they correct a volume."""

    def __init__(
        self,
        given: StackedSeries,
        tilts: NDArray[np.intp],
        *,
        rotation_axis_px: float,
        relaxation: float,
    ) -> None:
        stack, support = given.stack, given.support
        n_x = stack.series.shape[2]
        self._back = back_projection_matrix(given.angles_deg[tilts], n_x=n_x, rotation_axis_px=rotation_axis_px)
        self._forward = self._back.T.tocsr()
        self._stack, self._measured = stack, as_rays(stack.series[tilts])
        per_voxel = relaxation * one_over(self._back.sum(axis=1)[:, None])
        if support is None:
            self._per_ray = one_over(self._back.sum(axis=0)[:, None])
            self._per_voxel = per_voxel
        else:
            self._per_ray = one_over(self._forward @ support)
            self._per_voxel = per_voxel * support

    def correct(self, volume: NDArray[np.float32], *, nonnegative: bool) -> NDArray[np.float64]:
        """Correct volumes (z x, map y) in place; return the root of the summed squares each left unexplained before."""
        residual = self._measured - self._forward @ volume
        left = self._stack.norms(residual)
        residual *= self._per_ray
        step = self._back @ residual
        step *= self._per_voxel
        volume += step
        if nonnegative:
            np.maximum(volume, 0, out=volume)
        return left


def golden_order(angles_deg: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """
    Order directions so that each is far from those before it.

    Returns
    -------
    order : list of (tilt,) arrays of int
        The tilts of each direction, in the order to use them.
    """
    direction = same_direction(angles_deg)
    count = int(direction.max()) + 1
    turn = np.mod(np.arange(count) * GOLDEN, 1.0)
    rank = np.argsort(np.argsort(turn))
    by_angle = np.argsort(angles_deg, kind="stable")
    return [by_angle[direction[by_angle] == each] for each in rank]
