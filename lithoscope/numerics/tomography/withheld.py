"""
Measured points of Fourier space: which are withheld to test the result, and how far off it is at both kinds.

Points withheld from a reconstruction judge it as the free R value judges a crystal structure. A real object repeats
every point as the complex conjugate of its opposite; one half of Fourier space holds each pair once, so a withheld
point takes its partner with it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.tomography.gridding import MeasuredColumns


@dataclass(frozen=True, slots=True)
class FourierPoints:
    """
    The points of the measured columns.

    Attributes
    ----------
    radius : (column, ky) array of float32
        Distance from the origin over the Nyquist frequency of the images [1].
    shell : (column, ky) array of int
        Shells are one pixel of the unpadded transform thick.
    copies : (column, ky) array of float32
        Points of the whole grid that each stands for: 2 with its opposite, 1 if the opposite is in a column too, 0
        where nothing was measured.
    withheld : (column, ky) array of bool
        Measured points that the reconstruction must not see.
    """

    radius: NDArray[np.float32]
    shell: NDArray[np.intp]
    copies: NDArray[np.float32]
    withheld: NDArray[np.bool_]

    @property
    def measured_count(self) -> int:
        """Points of the whole grid that were measured."""
        return int(self.copies.sum(dtype=np.float64))


def fourier_points(
    columns: MeasuredColumns,
    *,
    n_x: int,
    padded_y_px: int,
    resolution_circle: bool,
    withheld_fraction: float,
    seed: int,
) -> FourierPoints:
    """
    List the points of the measured columns and withhold some of every shell.

    Parameters
    ----------
    n_x : int
        Pixels of the images across the tilt axis.
    padded_y_px : int
        Points of the padded grid along y.
    resolution_circle : bool
        Leave out what is beyond the Nyquist frequency of the images in any direction.
    withheld_fraction : float
        Share of the points of each shell, rounded down.
    seed : int
        Which points they are.

    Raises
    ------
    InvalidSetting
        The fraction is negative or a half and more.
    """
    if not 0 <= withheld_fraction < 0.5:
        raise InvalidSetting("most points must stay to reconstruct from: withheld_fraction is from 0 to below 0.5")
    ky = 2 * np.fft.fftfreq(padded_y_px)
    across = np.hypot(columns.kx, columns.kz) * (2 / columns.padded_px)
    radius = np.hypot(across[:, None], ky)
    origin = (columns.kx == 0) & (columns.kz == 0)
    copies = np.where(origin[:, None], np.float32(1), np.float32(2)) * np.ones(radius.shape, np.float32)
    copies[:, padded_y_px // 2] = 0
    if resolution_circle:
        copies[radius >= 1] = 0
    shell = (radius * (n_x / 2)).astype(np.intp)
    candidates = (copies > 0) & ~(origin[:, None] & (ky < 0))
    withheld = _chosen(candidates, shell, withheld_fraction, seed)
    withheld[origin] |= withheld[origin][:, -np.arange(padded_y_px)]
    return FourierPoints(radius.astype(np.float32), shell, copies, withheld)


def _chosen(candidates: NDArray[np.bool_], shell: NDArray[np.intp], fraction: float, seed: int) -> NDArray[np.bool_]:
    """Draw the same fraction of the candidates of every shell."""
    where = np.random.default_rng(seed).permutation(np.flatnonzero(candidates))
    by_shell = where[np.argsort(shell.ravel()[where], kind="stable")]
    count = np.bincount(shell.ravel()[where])
    rank = np.arange(len(by_shell)) - np.repeat(np.cumsum(count) - count, count)
    chosen = np.zeros(candidates.size, bool)
    chosen[by_shell[rank < np.repeat(np.floor(count * fraction), count)]] = True
    return chosen.reshape(candidates.shape)


@dataclass(frozen=True, slots=True, eq=False)
class ShellErrors:
    """
    Sums of differences in magnitude over the shells.

    Attributes
    ----------
    matrix : ({shown, withheld} shell, column ky) sparse array of float32
        Sums the points of each shell with their copies.
    magnitudes : (column, ky) array of float32
        What was measured.
    norms : ({shown, withheld}, shell) array of float32
        The sums of these.
    """

    matrix: sparse.csr_array
    magnitudes: NDArray[np.float32]
    norms: NDArray[np.float32]

    @classmethod
    def of(cls, points: FourierPoints, measured: NDArray[np.complex64]) -> "ShellErrors":
        """Prepare the sums for measured values (column, ky)."""
        where = np.flatnonzero(points.copies)
        shell = points.shell.ravel()[where]
        shells = int(shell.max()) + 1
        row = shell + shells * points.withheld.ravel()[where]
        shape = (2 * shells, points.copies.size)
        matrix = sparse.csr_array((points.copies.ravel()[where], (row, where)), shape=shape)
        magnitudes = abs(measured)
        return cls(matrix, magnitudes, (matrix @ magnitudes.ravel()).reshape(2, shells))

    def sums(self, values: NDArray[np.complex64]) -> NDArray[np.float32]:
        """
        Sum the differences in magnitude of values (column, ky).

        Returns
        -------
        sums : ({shown, withheld}, shell) array of float32
        """
        difference = abs(values)
        difference -= self.magnitudes
        np.abs(difference, out=difference)
        sums: NDArray[np.float32] = (self.matrix @ difference.ravel()).reshape(self.norms.shape)
        return sums
