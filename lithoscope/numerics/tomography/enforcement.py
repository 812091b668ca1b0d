"""The iteration between what is known of a volume in space and what was measured of its Fourier space."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import Progress
from lithoscope.numerics.tomography.columns import ColumnTransform
from lithoscope.numerics.tomography.withheld import FourierPoints, ShellErrors


class MapSearch:
    """
    The search for the volume of one map, from an empty one.

    Outside the support the object is zero, so replacing points of its transform and returning adds the transform of
    the change alone, and no more than the block that holds the support is ever computed.

    Attributes
    ----------
    errors : ShellErrors
    differences : list of ({shown, withheld}, shell) arrays
        Sums of differences in magnitude, of every iteration done.
    best : (slab, z, x, row) array of float32
        The volume with the least error at the shown points.
    best_iteration : int
        Where it was met, counted from 1.
    """

    def __init__(self, measured: NDArray[np.complex64], transform: ColumnTransform, points: FourierPoints) -> None:
        self.errors = ShellErrors.of(points, measured)
        self.differences: list[NDArray[np.float32]] = []
        self.best = transform.empty_slabs()
        self.best_iteration = 0
        self._least_error = np.inf
        self._measured, self._transform = measured, transform
        self._volume = transform.empty_slabs()

    def forget_best(self) -> None:
        """Seek the best volume anew."""
        self._least_error = np.inf

    def step(self, *, gain: NDArray[np.float32], support: NDArray[np.float32] | None, nonnegative: bool) -> None:
        """
        Obey the constraints in space, compare with the measured points, and replace what is enforced of them.

        Parameters
        ----------
        gain : (column, ky) array of float32
            Share of a point's wave in a voxel, zero where it is not enforced.
        support : (slab, z, x, row) array of float32 or None
            1 where the object may be, 0 elsewhere.
        """
        if nonnegative:
            np.maximum(self._volume, 0, out=self._volume)
        if support is not None:
            self._volume *= support
        values = self._transform.forward(self._volume)
        self.differences.append(self.errors.sums(values))
        error = float(self.differences[-1][0].sum())
        if error < self._least_error:
            self.best[:], self._least_error, self.best_iteration = self._volume, error, len(self.differences)
        np.subtract(self._measured, values, out=values)
        values *= gain
        self._transform.add_adjoint(values, self._volume)

    def present_errors(self) -> tuple[float, float | None]:
        """Return the relative errors of the last iteration at shown and, if there are any, at withheld points."""
        shown, withheld = self.errors.norms.sum(axis=1)
        sums = self.differences[-1].sum(axis=1)
        return float(sums[0] / shown), float(sums[1] / withheld) if withheld > 0 else None


def enforce(
    measured: Sequence[NDArray[np.complex64]],
    transform: ColumnTransform,
    points: FourierPoints,
    *,
    grid_points: int,
    iterations: int,
    switches: dict[int, float],
    support: NDArray[np.float32] | None,
    nonnegative: bool,
    workers: int,
    report: Progress,
) -> list[MapSearch]:
    """
    Alternate between the constraints in space and the measured points of several maps.

    Parameters
    ----------
    measured : sequence of (column, ky) arrays of complex64
    grid_points : int
        Points of the whole padded grid.
    switches : dict
        From which iteration on points are enforced whose distance to Nyquist exceeds which cutoff. The best volume is
        sought anew after each.
    support : (slab, z, x, row) array of float32 or None
    workers : int
        Threads that take a map each.
    report : Progress
        Told the largest errors of all maps.
    """
    searches = [MapSearch(each, transform, points) for each in measured]
    gain = np.zeros_like(points.copies)
    with ThreadPoolExecutor(workers) as threads:
        share = map if workers == 1 else threads.map
        for iteration in range(1, iterations + 1):
            if iteration in switches:
                enforced = ~points.withheld & (1 - points.radius > switches[iteration])
                gain = np.where(enforced, points.copies / np.float32(grid_points), np.float32(0))
                for search in searches:
                    search.forget_best()
            list(share(partial(MapSearch.step, gain=gain, support=support, nonnegative=nonnegative), searches))
            if not report(iteration, iterations, **_largest(searches)):
                break
    return searches


def _largest(searches: Sequence[MapSearch]) -> dict[str, float]:
    """Name the largest errors of all maps; without withheld points there is no free one."""
    shown, withheld = zip(*[search.present_errors() for search in searches], strict=True)
    free = {"r_free": max(withheld)} if None not in withheld else {}
    return {"error_k": max(shown), **free}
