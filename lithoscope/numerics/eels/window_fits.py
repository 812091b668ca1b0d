"""Backgrounds of many spectra in one pair of windows at once, through small matrices shared by all of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.background import middle_eV

Float = NDArray[np.float64]
#: Directions of a window that no model function reaches by more than this part are left out.
_RANK = 1e-13


class Fit(NamedTuple):
    """
    Background of each pixel: (pixel,) arrays.

    Amplitudes a, c, f; and the places of b and d among the exponents, whose amplitude is zero where a power law is
    absent.
    """

    a: Float
    c: Float
    f: Float
    b_index: NDArray[np.intp]
    d_index: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class WindowBasis:
    """
    All model functions of one window in few orthonormal directions.

    Power laws are smooth: within a window of a hundred channels all of them lie in seven directions. A spectrum is
    projected on these once; every later fit works on seven numbers instead of hundreds.

    Parameters
    ----------
    channels : slice
        The window.
    basis : (e, r) array
        Directions, orthonormal.
    powers : (b, r) array
        The power laws in them.
    shared : (k, r) array
        What `shared_columns` returns, in them.
    """

    channels: slice
    basis: Float
    powers: Float
    shared: Float

    @classmethod
    def of(cls, axis: EnergyAxis, channels: slice, exponents: Float, shared: Float) -> "WindowBasis":
        """Find the directions of a window."""
        powers = (axis.energies_eV[channels] / middle_eV(axis)) ** -exponents[:, None]
        functions = np.vstack([powers, np.ones(powers.shape[1]), axis.energies_eV[channels] / middle_eV(axis)])
        _, weights, rows = np.linalg.svd(functions, full_matrices=False)
        basis = rows[weights > _RANK * weights[0]].T
        return cls(channels, basis, powers @ basis, shared[:, channels] @ basis)

    def project(self, spectra: Float) -> Float:
        """Return the spectra (pixel, e) in the window's directions (pixel, r)."""
        return spectra[:, self.channels] @ self.basis


class SingleFits:
    """Fits of ``a x^-b + c`` with a, c >= 0 in one window."""

    def __init__(self, window: WindowBasis) -> None:
        self._window = window
        constant, powers = window.shared[0], window.powers
        self._dual = np.array([np.linalg.pinv(np.array([power, constant]).T) for power in powers])  # (b, 2, r)
        self._size = (powers**2).sum(axis=1)
        self._constant_size = float(constant @ constant)

    def __call__(self, projected: Float) -> Fit:
        """Fit pixels (pixel, r)."""
        window, count = self._window, len(self._size)
        along = projected @ window.powers.T
        constant = projected @ window.shared[0]
        both = projected @ self._dual.reshape(2 * count, -1).T
        a, c = both[:, ::2], both[:, 1::2]
        gains = np.concatenate(
            [
                np.where((a >= 0) & (c >= 0), a * along + c * constant[:, None], -np.inf),
                np.where(along > 0, along**2 / self._size, -np.inf),
                np.where(constant > 0, constant**2 / self._constant_size, 0.0)[:, None],
            ],
            axis=1,
        )
        best = np.argmax(gains, axis=1)
        rows, index = np.arange(len(best)), np.minimum(best, 2 * count - 1) % count
        is_both, is_power = best < count, (best >= count) & (best < 2 * count)
        power = np.where(is_both, a[rows, index], np.where(is_power, along[rows, index] / self._size[index], 0.0))
        alone = np.maximum(constant, 0) / self._constant_size
        level = np.where(is_both, c[rows, index], np.where(is_power, 0.0, alone))
        return Fit(power, np.zeros(len(best)), level, index, index)


class DoubleFits:
    """Fits of ``a x^-b + c x^-d + f`` with a, c >= 0 before the edge, with a free continuum behind it."""

    def __init__(self, pre: WindowBasis, post: WindowBasis, *, post_weight: float) -> None:
        root = np.sqrt(post_weight)
        powers = np.hstack([pre.powers, root * post.powers])
        shared = np.hstack([pre.shared, root * post.shared])
        self._root = root
        inverse = np.linalg.pinv(shared.T)  # (k, r)
        self._constant = inverse[0]
        self._constant_of_power = powers @ inverse[0]
        free = powers - (powers @ inverse.T) @ shared  # power laws as far as the shared columns do not hold them
        self._size = (free**2).sum(axis=1)
        first, second = np.tril_indices(len(powers), -1)
        self._first, self._second = first, second
        duals = np.linalg.pinv(np.stack([free[first], free[second]], axis=-1))  # (pair, 2, r)
        self._rows = np.vstack([free, duals[:, 0], duals[:, 1]])

    def __call__(self, pre: Float, post: Float) -> Fit:
        """Fit pixels from their projections on both windows (pixel, r)."""
        joined = np.hstack([pre, self._root * post])
        parts = joined @ self._rows.T
        n, pairs = len(self._size), len(self._first)
        along, a, c = parts[:, :n], parts[:, n : n + pairs], parts[:, n + pairs :]
        gain = a * along[:, self._first]
        gain += c * along[:, self._second]
        gain[np.minimum(a, c) < 0] = -np.inf
        pair = np.argmax(gain, axis=1)
        rows = np.arange(len(pair))
        single_gain = np.maximum(along, 0) ** 2 / self._size
        single = np.argmax(single_gain, axis=1)
        is_pair = gain[rows, pair] >= single_gain[rows, single]
        b_index = np.where(is_pair, self._first[pair], single)
        d_index = np.where(is_pair, self._second[pair], single)
        amplitude = np.where(is_pair, a[rows, pair], np.maximum(along[rows, single], 0) / self._size[single])
        second = np.where(is_pair, c[rows, pair], 0.0)
        constant = joined @ self._constant
        constant -= amplitude * self._constant_of_power[b_index] + second * self._constant_of_power[d_index]
        return Fit(amplitude, second, constant, b_index, d_index)
