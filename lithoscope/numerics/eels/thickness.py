"""Thickness in mean free paths from low-loss spectra."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.checks import checked_spectra, spectrum_blocks


@dataclass(frozen=True, slots=True)
class Thickness:
    """
    Relative thickness of each pixel.

    Parameters
    ----------
    t_over_lambda : (...) array of float64
        Thickness over the inelastic mean free path [1]; NaN where the spectrum holds none.
    uncertainty : (...) array of float64
        Standard uncertainty from counting statistics [1].
    invalid_count : int
        Pixels left NaN.
    """

    t_over_lambda: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    invalid_count: int


def log_ratio_thickness(low_loss: ArrayLike, *, axis: EnergyAxis, zero_loss_half_width_eV: float = 2.5) -> Thickness:
    """
    Take the thickness from the logarithm of all electrons over those without loss.

    Parameters
    ----------
    low_loss : (..., e) array
        Counts with the zero-loss peak at 0 eV; NaN for rejected pixels.
    axis : EnergyAxis
        Their axis; it should end beyond the plasmons, or the thickness comes out too small.
    zero_loss_half_width_eV : float
        Electrons nearer than this to 0 eV count as having lost nothing [eV].

    Raises
    ------
    WrongShape, ChannelMismatch, WindowOutsideSpectrum

    References
    ----------
    Malis, Cheng and Egerton, J. Electron Microsc. Tech. 8 (1988) 193, doi:10.1002/jemt.1060080206.
    """
    values = checked_spectra(low_loss, axis)
    window = axis.window(-zero_loss_half_width_eV, zero_loss_half_width_eV)
    sums = [
        (b.sum(axis=1, dtype=np.float64), b[:, window].sum(axis=1, dtype=np.float64)) for b in spectrum_blocks(values)
    ]
    total, elastic = (np.concatenate(parts).reshape(values.shape[:-1]) for parts in zip(*sums, strict=True))
    known = (elastic > 0) & (total >= elastic)  # False for NaN
    ratio = np.divide(total, elastic, out=np.full(total.shape, np.nan), where=known)
    # total = elastic + inelastic, both Poisson: var ln = 1/I0 - 1/It
    variance = np.divide(ratio - 1, total, out=np.full(total.shape, np.nan), where=known)
    return Thickness(np.log(ratio), np.sqrt(variance), int((~known).sum()))
