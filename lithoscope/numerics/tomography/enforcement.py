"""The iteration between what is known of a volume in space and what was measured of its Fourier space."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import Progress
from lithoscope.numerics.tomography.columns import ColumnTransform
from lithoscope.numerics.tomography.withheld import FourierPoints, ShellErrors


@dataclass(frozen=True, slots=True, eq=False)
class Enforced:
    """
    The best volumes, where they were met, and the sums of differences on the way.

    Attributes
    ----------
    volumes : (map, slab, z, x, row) array of float32
    iteration : (map,) array of int
        Counted from 1.
    differences : (iteration, map, {shown, withheld}, shell) array of float32
    norms : (map, {shown, withheld}, shell) array of float32
        Sums of the measured magnitudes.
    """

    volumes: NDArray[np.float32]
    iteration: NDArray[np.intp]
    differences: NDArray[np.float32]
    norms: NDArray[np.float32]


def enforce(
    measured: NDArray[np.complex64],
    transform: ColumnTransform,
    points: FourierPoints,
    *,
    grid_points: int,
    iterations: int,
    switches: dict[int, float],
    support: NDArray[np.float32] | None,
    nonnegative: bool,
    report: Progress,
) -> Enforced:
    """
    Alternate between the constraints in space and the measured points, from an empty volume.

    Outside the support the object is zero, so replacing points of its transform and returning adds the transform of
    the change alone, and no more than the block that holds the support is ever computed.

    Parameters
    ----------
    measured : (column, map, ky) array of complex64
    grid_points : int
        Points of the whole padded grid.
    switches : dict
        From which iteration on points are enforced whose distance to Nyquist exceeds which cutoff. The best volume is
        sought anew after each.
    support : (slab, z, x, row) array of float32 or None
        1 where the object may be, 0 elsewhere.
    """
    errors = ShellErrors.of(points, measured)
    maps = measured.shape[1]
    volumes, best = transform.empty_slabs(maps), transform.empty_slabs(maps)
    best_error, best_iteration = np.full(maps, np.inf), np.zeros(maps, np.intp)
    differences = np.empty((iterations, *errors.norms.shape), np.float32)
    shown = errors.norms[:, 0].sum(axis=1)
    gain = np.zeros_like(points.copies)
    for iteration in range(1, iterations + 1):
        if iteration in switches:
            enforced = ~points.withheld & (1 - points.radius > switches[iteration])
            gain = np.where(enforced, points.copies / np.float32(grid_points), np.float32(0))
            best_error[:] = np.inf
        if nonnegative:
            np.maximum(volumes, 0, out=volumes)
        if support is not None:
            volumes *= support
        values = transform.forward(volumes)
        differences[iteration - 1] = errors.sums(values)
        totals = differences[iteration - 1].sum(axis=2)
        error = totals[:, 0] / shown
        for number in np.flatnonzero(error < best_error):
            best[number], best_error[number], best_iteration[number] = volumes[number], error[number], iteration
        if not report(iteration, iterations, **_figures(totals, errors.norms)) or iteration == iterations:
            break
        np.subtract(measured, values, out=values)
        values *= gain[:, None, :]
        transform.add_adjoint(values, volumes)
    return Enforced(best, best_iteration, differences[:iteration], errors.norms)


def _figures(totals: NDArray[np.float32], norms: NDArray[np.float32]) -> dict[str, float]:
    """Name the largest errors of all maps; without withheld points there is no free one."""
    over = norms.sum(axis=2)
    figures = {"error_k": float((totals[:, 0] / over[:, 0]).max())}
    if (over[:, 1] > 0).all():
        figures["r_free"] = float((totals[:, 1] / over[:, 1]).max())
    return figures
