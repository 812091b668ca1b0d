"""Depth profiles: what maps of a particle hold, shell by shell from its surface to its core."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.particles.checks import checked_maps
from lithoscope.numerics.particles.shells import depth_shells
from lithoscope.tables import Table

Float = NDArray[np.float64]

#: Means of fewer voxels are kept in the table and left out of plots.
FEWEST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class DepthProfile:
    """
    Maps of one particle by depth.

    Parameters
    ----------
    names : tuple of str
        Of the maps.
    step_nm : float
        Thickness of a shell across a face [nm].
    mean, sd : (c, d) array
        Unweighted mean and standard deviation (n - 1) over the voxels of each shell, in units of each map; NaN where
        no voxel, or for `sd` one voxel, has a value. The standard deviation holds the noise of the map.
    n : (c, d) array of int
        Voxels with a value.
    missing : (c, d) array of int
        Voxels without: NaN or infinite.
    whole_mean, whole_sd : (c,) array
        The same over all voxels.
    whole_n : (c,) array of int
    fewest_shown : int
        Shells with fewer voxels are left out of plots.
    """

    names: tuple[str, ...]
    step_nm: float
    mean: Float
    sd: Float
    n: NDArray[np.int64]
    missing: NDArray[np.int64]
    whole_mean: Float
    whole_sd: Float
    whole_n: NDArray[np.int64]
    fewest_shown: int

    @property
    def shells(self) -> int:
        """Number of shells."""
        return int(self.mean.shape[1])

    @property
    def radius_nm(self) -> float:
        """How deep the particle is, in the metric of its shells [nm]."""
        return self.shells * self.step_nm

    @property
    def depth_nm(self) -> Float:
        """How far the middle of each shell lies below the surface [nm]."""
        return np.asarray((np.arange(self.shells) + 0.5) * self.step_nm)

    @property
    def relative_depth(self) -> Float:
        """The same over the particle's own radius [1]: 0 surface, 1 core."""
        return np.asarray(self.depth_nm / self.radius_nm)

    @property
    def is_shown(self) -> NDArray[np.bool_]:
        """Which shells hold enough voxels with a value to be drawn, (c, d)."""
        return np.asarray(self.n >= self.fewest_shown)

    @property
    def surface_mean(self) -> Float:
        """Means over the outermost voxels (c,)."""
        return np.asarray(self.mean[:, 0])

    @property
    def surface_sd(self) -> Float:
        """Standard deviations over the outermost voxels (c,)."""
        return np.asarray(self.sd[:, 0])

    def table(self) -> Table:
        """List every shell of every map; what no voxel tells is null."""
        columns: dict[str, list[Any]] = {
            "map": [name for name in self.names for _ in range(self.shells)],
            "shell": list(range(1, self.shells + 1)) * len(self.names),
            "depth_nm": self.depth_nm.tolist() * len(self.names),
            "relative_depth": self.relative_depth.tolist() * len(self.names),
            "mean": or_null(self.mean),
            "standard_deviation": or_null(self.sd),
            "voxels": self.n.ravel().tolist(),
            "missing_voxels": self.missing.ravel().tolist(),
            "is_shown": self.is_shown.ravel().tolist(),
        }
        units = dict.fromkeys(columns, "1") | {"depth_nm": "nm", "mean": "", "standard_deviation": ""}
        return Table(columns, units)


def depth_profile(
    mask: ArrayLike,
    maps: ArrayLike,
    *,
    step_nm: float,
    names: tuple[str, ...] | None = None,
    connectivity: int = 6,
    fewest_shown: int = FEWEST_SHOWN,
    within: ArrayLike | None = None,
) -> DepthProfile:
    """
    Average maps over the shells of a particle.

    Parameters
    ----------
    mask : (z, y, x) array of bool
        The particle.
    maps : (c, z, y, x) or (z, y, x) array
        Compositions or valence fractions; NaN where a map has no value.
    step_nm : float
        Edge of a voxel [nm].
    names : tuple of str, optional
        Of the maps; their numbers by default.
    connectivity : {6, 18, 26}
        How shells are peeled, see `depth_shells`.
    fewest_shown : int
        Shells with fewer voxels are marked as not for plots.
    within : (z, y, x) array of bool, optional
        Count these voxels only, for example the directions outside the missing wedge; depths stay those of the mask.

    Returns
    -------
    profile : DepthProfile

    Raises
    ------
    WrongShape, EmptyMask, InvalidSetting

    References
    ----------
    Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods, "Surface analysis and depth profiling".
    """
    shells = depth_shells(mask, connectivity=connectivity)
    values = checked_maps(maps, shells.shape)
    if not step_nm > 0 or fewest_shown < 1:
        raise InvalidSetting("step_nm and fewest_shown must be above zero: correct them")
    names = names or tuple(str(channel) for channel in range(len(values)))
    if len(names) != len(values):
        raise WrongShape(f"{len(names)} names came with {len(values)} maps: name each map")
    counted = shells > 0
    if within is not None:
        chosen = np.asarray(within, bool)
        if chosen.shape != counted.shape:
            raise WrongShape(f"within has shape {chosen.shape}, the particle {counted.shape}: give one volume")
        counted &= chosen
    group, depths = shells[counted].astype(np.intp) - 1, int(shells.max())
    inside = values[:, counted]
    valid = np.isfinite(inside)
    n, mean, sd = _moments(inside, valid, group, depths)
    whole_n, whole_mean, whole_sd = _moments(inside, valid, np.zeros_like(group), 1)
    missing = np.bincount(group, minlength=depths)[None] - n
    return DepthProfile(
        names,
        float(step_nm),
        mean,
        sd,
        n,
        missing,
        whole_mean[:, 0],
        whole_sd[:, 0],
        whole_n[:, 0],
        fewest_shown,
    )


def _moments(
    values: Float, valid: NDArray[np.bool_], group: NDArray[np.intp], groups: int
) -> tuple[NDArray[np.int64], Float, Float]:
    """Return number, mean and standard deviation (c, group) of the valid values (c, voxel) of each group."""
    n = np.array([np.bincount(group[good], minlength=groups) for good in valid])
    filled = np.where(valid, values, 0.0)
    mean = np.full(n.shape, np.nan)
    np.divide([np.bincount(group, row, groups) for row in filled], n, out=mean, where=n > 0)
    deviation = np.where(valid, values - mean[:, group], 0.0)
    squares = np.array([np.bincount(group, row**2, groups) for row in deviation])
    sd = np.full(n.shape, np.nan)
    np.divide(squares, n - 1, out=sd, where=n > 1)
    return n, mean, np.sqrt(sd)


def or_null(values: Float) -> list[float | None]:
    """Return numbers as a column of a table, null where there is none."""
    return [float(value) if np.isfinite(value) else None for value in np.ravel(values)]
