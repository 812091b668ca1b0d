"""What a probe sees of a tilted volume: line integrals of many quantities at once, the probe as wide as it is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse

from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.tomography.projector import as_columns, back_projection_matrix
from lithoscope.numerics.twins.settings import ExperimentSettings

Maps = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """
    One tilt of a stage under a convergent probe.

    Parameters
    ----------
    slabs : tuple of (rows, matrix, blur)
        Voxels of a slice (z x) at about one distance from focus, their projection (u, z x), and the standard deviation
        of the probe there [voxel].
    voxel_nm : float
        Edge of a voxel [nm].
    binning : int
        Voxels along a scan step.
    down : float
        Shift along the tilt axis [voxel].
    """

    slabs: tuple[tuple[NDArray[np.intp], sparse.csr_array, float], ...]
    voxel_nm: float
    binning: int
    down: float

    @classmethod
    def at(
        cls,
        angle_deg: float,
        *,
        size: int,
        voxel_nm: float,
        shift_px: tuple[float, float],
        settings: ExperimentSettings,
    ) -> Self:
        """
        Look from one angle.

        The beam is focused at the middle of the volume. A disc of radius r has a standard deviation of r / 2 along each
        direction; a Gaussian of that stands for it.

        Parameters
        ----------
        angle_deg : float
            Tilt [deg].
        size : int
            Voxels along an edge of the volumes.
        voxel_nm : float
            Edge of a voxel [nm].
        shift_px : (float, float)
            Where the particle sits off the middle, in y and x [scan step].
        settings : ExperimentSettings

        Raises
        ------
        InvalidSetting
            A scan step does not hold a whole number of voxels.
        """
        binning = steps_per_voxel(size, voxel_nm=voxel_nm, step_nm=settings.probe.step_nm)
        place = np.arange(size) - (size - 1) / 2
        axis = (size - 1) / 2 + shift_px[1] * binning
        matrix = back_projection_matrix(np.array([angle_deg]), n_x=size, rotation_axis_px=axis)
        tilt = np.deg2rad(angle_deg)
        defocus = abs(np.cos(tilt) * place[:, None] - np.sin(tilt) * place[None, :]).ravel()
        edges = np.linspace(0, defocus.max() * (1 + 1e-9), settings.depth_slabs + 1)
        slabs = []
        for low, high in pairwise(edges):
            rows = np.flatnonzero((defocus >= low) & (defocus < high))
            blur = settings.probe.convergence_mrad * 1e-3 * defocus[rows].mean() / 2 if len(edges) > 2 else 0.0
            slabs.append((rows, matrix[rows].T.tocsr(), float(blur)))
        return cls(tuple(slabs), voxel_nm, binning, shift_px[0] * binning)

    def of(self, volumes: Sequence[NDArray[np.float32]]) -> Maps:
        """
        Integrate volumes (z, y, x) along the beam: (map, y, x), in units of theirs times nm.

        Nothing is lost or made negative: voxels are shared among pixels by their overlap, along both directions.
        """
        size = volumes[0].shape[0]
        columns = np.concatenate([as_columns(volume) for volume in volumes], axis=1)
        total = np.zeros((len(volumes), size, size), np.float32)
        for rows, matrix, blur in self.slabs:
            seen = (matrix @ columns[rows]).reshape(size, len(volumes), size).transpose(1, 2, 0)
            total += ndimage.gaussian_filter(seen, (0, blur, blur), mode="constant") if blur > 0.1 else seen
        total = _moved(total, self.down) * np.float32(self.voxel_nm)
        n, b = size // self.binning, self.binning
        return np.asarray(total.reshape(-1, n, b, n, b).mean(axis=(2, 4)))


def steps_per_voxel(size: int, *, voxel_nm: float, step_nm: float) -> int:
    """
    Return how many voxels lie along one scan step.

    Raises
    ------
    InvalidSetting
    """
    binning = round(step_nm / voxel_nm)
    if binning < 1 or abs(binning * voxel_nm - step_nm) > 1e-3 * step_nm or size % binning:
        raise InvalidSetting("a scan step must hold a whole number of voxels, and so must the field: change voxel_nm")
    return binning


def _moved(maps: Maps, down: float) -> Maps:
    """Shift maps along y, each row shared between the two it falls on; what leaves the field is gone."""
    whole = int(np.floor(down))
    rest = np.float32(down - whole)
    padded = np.pad(maps, ((0, 0), (abs(whole) + 1, abs(whole) + 1), (0, 0)))
    start, size = abs(whole) + 1 - whole, maps.shape[1]
    return np.asarray((1 - rest) * padded[:, start : start + size] + rest * padded[:, start - 1 : start - 1 + size])
