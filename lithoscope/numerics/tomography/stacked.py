"""Several maps of one tilt series side by side: slices along the tilt axis never mix, so maps are more slices."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.tomography.projector import as_columns, as_volume

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


def over(norms: NDArray[np.float64], scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide norms by scales that may be zero, where nothing was measured to be left unexplained."""
    return np.divide(norms, scales, out=np.zeros_like(norms), where=scales > 0)
