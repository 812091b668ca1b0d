"""Several maps of one tilt series side by side: slices along the tilt axis never mix, so maps are more slices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, silent
from lithoscope.numerics.tomography.checks import checked_maps, checked_mask, checked_start
from lithoscope.numerics.tomography.memory import refuse_algebraic
from lithoscope.numerics.tomography.projector import as_columns, as_rays, as_volume

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class IteratedMaps:
    """
    Volumes that an iteration in space gave, and how it went.

    Attributes
    ----------
    volumes : (map, z, y, x) array of float32
    residual : (iteration, map) array
        Root of the summed squares that each volume leaves unexplained, relative to its series [1].
    """

    volumes: Array
    residual: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StackedMaps:
    """
    Maps as one series of images that are as many times higher.

    Attributes
    ----------
    series : (t, map y, x) array of float32
    maps : int
    """

    series: Array
    maps: int

    @classmethod
    def of(cls, images: Array) -> "StackedMaps":
        """Put maps (map, t, y, x) on top of each other."""
        maps, tilts, n_y, n_x = images.shape
        return cls(np.ascontiguousarray(images.transpose(1, 0, 2, 3)).reshape(tilts, maps * n_y, n_x), maps)

    def norms(self, rays: Array) -> NDArray[np.float64]:
        """Return the root of the summed squares of each map's rays (t u, map y)."""
        return np.array([np.linalg.norm(part) for part in np.split(rays, self.maps, axis=1)], np.float64)

    def columns(self, inside: NDArray[np.bool_]) -> Array:
        """Write where all maps may be (z, y, x) as columns (z x, map y)."""
        return np.tile(as_columns(inside.astype(np.float32)), (1, self.maps))

    def volumes(self, columns: Array) -> Array:
        """Part columns (z x, map y) into volumes (map, z, y, x)."""
        parts = np.split(columns, self.maps, axis=1)
        return np.stack([as_volume(part, self.series.shape[2]) for part in parts])


@dataclass(frozen=True, slots=True, eq=False)
class StackedSeries:
    """
    What an iteration in space starts from.

    Attributes
    ----------
    stack : StackedMaps
    angles_deg : (t,) array
    support : (z x, map y) array of float32 or None
        One where the object may be, zero elsewhere.
    iterations : int
    start : (z x, map y) array of float32 or None
        The volumes to go on from; nothing when None.
    """

    stack: StackedMaps
    angles_deg: NDArray[np.float64]
    support: Array | None
    iterations: int
    start: Array | None = None

    @classmethod
    def of(
        cls,
        projections: Sequence[ArrayLike] | NDArray[Any],
        angles_deg: ArrayLike,
        *,
        engine: str,
        iterations: int,
        mask: ArrayLike | None,
        start: ArrayLike | None = None,
    ) -> "StackedSeries":
        """Check maps, mask, start and iterations, and refuse in the engine's name what memory does not hold."""
        images, angles = checked_maps(projections, angles_deg)
        refuse_algebraic(images.shape, engine=engine, tilts_at_once=len(angles))
        if iterations < 1:
            raise InvalidSetting(f"{engine} needs at least one iteration: raise iterations")
        n_y, n_x = images.shape[2:]
        stack = StackedMaps.of(images)
        inside = checked_mask(mask, (n_x, n_y, n_x))
        support = None if inside is None else stack.columns(inside)
        volume = checked_start(start, (n_x, n_y, n_x))
        if volume is None:
            return cls(stack, angles, support, iterations)
        first = np.tile(as_columns(volume), (1, stack.maps))
        return cls(stack, angles, support, iterations, first if support is None else first * support)

    def first(self) -> Array:
        """Return the volumes (z x, map y) that are corrected first, in memory of their own."""
        n_x = self.stack.series.shape[2]
        if self.start is None:
            return np.zeros((n_x * n_x, self.stack.series.shape[1]), np.float32)
        return self.start.copy()

    def iterate(
        self,
        correct: Callable[[Array], NDArray[np.float64]],
        progress: Progress | None,
    ) -> IteratedMaps:
        """
        Correct the first volume, empty or what is gone on from, as often as asked for or until an early finish.

        Parameters
        ----------
        correct : callable
            Corrects volumes (z x, map y) in place and returns what each map leaves unexplained: the root of its summed
            squares.
        progress : callable, optional
            Called as ``progress(done, total, residual=...)`` with the largest of all maps, relative to its series [1].
        """
        volume = self.first()
        scales, left = self.stack.norms(as_rays(self.stack.series)), []
        report = progress or silent
        for iteration in range(1, self.iterations + 1):
            left.append(_over(correct(volume), scales))
            if not report(iteration, self.iterations, residual=float(left[-1].max())):
                break
        return IteratedMaps(self.stack.volumes(volume), np.stack(left))


def one_over(sums: Array) -> Array:
    """Return one over each sum, zero where nothing was summed."""
    return np.divide(1, sums, out=np.zeros(sums.shape, np.float32), where=sums > 0)


def _over(norms: NDArray[np.float64], scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide norms by scales that may be zero, where nothing was measured to be left unexplained."""
    return np.divide(norms, scales, out=np.zeros_like(norms), where=scales > 0)
