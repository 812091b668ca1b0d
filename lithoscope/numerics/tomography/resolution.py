"""Resolution of a reconstruction by Fourier shell correlation, inside and outside the missing wedge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.tomography.checks import checked_series, same_direction
from lithoscope.numerics.tomography.engines import Engine, volume_of
from lithoscope.numerics.tomography.errors import TooFewTilts
from lithoscope.numerics.tomography.wedge import measured_directions
from lithoscope.units import Quantity

#: A shell of fewer independent points says nothing.
FEWEST_POINTS = 10
#: Each half needs three directions to make a volume.
FEWEST_TILTS_FOR_HALVES = 6
HALVES_NOTE = "odd against even tilts: each half has twice the step, so the whole series resolves at least this"

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ShellCorrelation:
    """
    How far two volumes agree, shell by shell of Fourier space.

    Attributes
    ----------
    frequency_per_nm : (shell,) array
        Middle of each shell [1/nm].
    correlation, covered, wedge : (shell,) arrays
        Over the whole shell, over the directions of the tilt range, over the missing wedge [1]; NaN where too few
        points lie.
    points : (shell,) array of int
        Points of the whole shell.
    resolution_half_nm, resolution_nm : Quantity
        Where the correlation first falls below 0.5 and below 0.143 [nm]; unknown where it never does or never rises.
    covered_resolution_nm, wedge_resolution_nm : Quantity
        The same below 0.143 in the directions of the tilt range and of the missing wedge [nm].
    """

    frequency_per_nm: Float
    correlation: Float
    covered: Float
    wedge: Float
    points: NDArray[np.int64]
    resolution_half_nm: Quantity
    resolution_nm: Quantity
    covered_resolution_nm: Quantity
    wedge_resolution_nm: Quantity


def half_volumes(
    projections: ArrayLike, angles_deg: ArrayLike, *, engine: Engine, rotation_axis_px: float | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """
    Reconstruct every second tilt and the others, in the order of their angles.

    Repeated tilts stay together: halves that share a direction would agree better than the volume is right.

    Parameters
    ----------
    projections : (t, y, x) array
        Aligned series without background.
    angles_deg : (t,) array
        Tilt angles [deg] in any order.
    engine : callable
        Reconstructs as ``engine(projections, angles_deg, rotation_axis_px=...)``.
    rotation_axis_px : float, optional
        Where the tilt axis falls on the detector [px].

    Returns
    -------
    even, odd : (z, y, x) arrays of float32

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, EmptyProjection
    TooFewTilts
        Fewer than six distinct tilts.
    """
    images, angles = checked_series(projections, angles_deg)
    direction = same_direction(angles)
    if direction.max() + 1 < FEWEST_TILTS_FOR_HALVES:
        raise TooFewTilts(
            f"the series has {direction.max() + 1} distinct tilts: two halves need at least {FEWEST_TILTS_FOR_HALVES}"
        )
    halves = [direction % 2 == half for half in (0, 1)]
    even, odd = (volume_of(engine(images[half], angles[half], rotation_axis_px=rotation_axis_px)) for half in halves)
    return even, odd


def shell_correlation(
    first: ArrayLike, second: ArrayLike, *, angles_deg: ArrayLike, voxel_nm: float
) -> ShellCorrelation:
    """
    Correlate two volumes in shells of Fourier space, one frequency step wide.

    Constraints shared by both volumes, such as a support, raise the correlation without any information: compare what
    was reconstructed independently, and read the shells of the wedge apart from the others.

    Parameters
    ----------
    first, second : (z, y, x) arrays
        Two independent reconstructions of one object, as deep as wide.
    angles_deg : (t,) array
        Tilt angles of the whole series: they tell the wedge [deg].
    voxel_nm : float
        Edge of a voxel [nm].

    Returns
    -------
    shells : ShellCorrelation

    Raises
    ------
    WrongShape, NonFiniteValues
    InvalidSetting
        The voxel has no size.

    References
    ----------
    Harauz and van Heel, Optik 73 (1986) 146; Rosenthal and Henderson, J. Mol. Biol. 333 (2003) 721,
    doi:10.1016/j.jmb.2003.07.013.
    """
    volumes = _checked_pair(first, second, voxel_nm)
    shape = volumes[0].shape
    spectra = [np.fft.fftn(volume.astype(np.float64)) for volume in volumes]
    cross = (spectra[0] * spectra[1].conj()).real
    power = [np.abs(spectrum) ** 2 for spectrum in spectra]
    longest = max(shape)
    place = np.meshgrid(*[np.fft.fftfreq(n, 1 / longest) for n in shape], indexing="ij", sparse=True)
    shell = np.rint(np.sqrt(sum(axis**2 for axis in place))).astype(np.int64)
    shells = longest // 2 + 1
    inside = shell < shells
    covered = np.broadcast_to(measured_directions(angles_deg, shape=shape), shape)

    def correlated(where: NDArray[np.bool_]) -> tuple[Float, NDArray[np.int64]]:
        points = np.bincount(shell[where], minlength=shells)
        sums = [np.bincount(shell[where], values[where], shells) for values in (cross, *power)]
        norm = np.sqrt(sums[1] * sums[2])
        usable = (points >= FEWEST_POINTS) & (norm > 0)
        return np.divide(sums[0], norm, out=np.full(shells, np.nan), where=usable), points

    frequency = np.arange(shells) / (longest * voxel_nm)
    (whole, points), (ours, _), (wedge, _) = (correlated(inside & part) for part in (inside, covered, ~covered))
    return ShellCorrelation(
        frequency, whole, ours, wedge, points,
        *(crossing(frequency, whole, below) for below in (0.5, 0.143)),
        *(crossing(frequency, part, 0.143) for part in (ours, wedge)),
    )  # fmt: skip


def crossing(frequency_per_nm: Float, correlation: Float, below: float) -> Quantity:
    """
    Return the resolution at which a curve first falls below a threshold, between two shells by a straight line.

    Parameters
    ----------
    frequency_per_nm, correlation : (shell,) arrays
        [1/nm] and [1]; the shell of frequency zero and shells of NaN are left out.
    below : float
        Threshold [1].

    Returns
    -------
    resolution : Quantity
        [nm]
    """
    told = np.isfinite(correlation) & (frequency_per_nm > 0)
    frequency, curve = frequency_per_nm[told], correlation[told]
    falls = np.flatnonzero(curve < below)
    if not falls.size:
        finest = f", {1 / frequency[-1]:.3g} nm" if frequency.size else ""
        return Quantity.unknown("nm", f"never below {below} up to the finest shell{finest}: the voxels limit it")
    after = int(falls[0])
    if after == 0:
        return Quantity.unknown("nm", f"below {below} from the coarsest shell on: nothing is resolved")
    part = (curve[after - 1] - below) / (curve[after - 1] - curve[after])
    at = frequency[after - 1] + part * (frequency[after] - frequency[after - 1])
    return Quantity(float(1 / at), "nm", "measured", note=f"shell correlation falls below {below}; {HALVES_NOTE}")


def _checked_pair(
    first: ArrayLike, second: ArrayLike, voxel_nm: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return two volumes of one shape whose every voxel is a number."""
    a, b = np.asarray(first, np.float32), np.asarray(second, np.float32)
    if a.ndim != 3 or a.shape != b.shape or a.shape[0] != a.shape[2] or 0 in a.shape:
        raise WrongShape(f"volumes of shapes {a.shape} and {b.shape}: give two of one shape (z, y, x), deep as wide")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise NonFiniteValues("a volume holds NaN or infinite values: fill its voxels before it is transformed")
    if not voxel_nm > 0:
        raise InvalidSetting("voxels have a size: give a positive voxel_nm")
    return a, b
