"""Slopes of spectra within windows, relative to the height of the continuum behind an edge."""

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.energy import EnergyAxis


def slope_weights(axis: EnergyAxis, channels: slice) -> NDArray[np.float64]:
    """Return weights (e,) whose sum with a spectrum is its least-squares slope in a window [per eV]."""
    weights = np.zeros(axis.size)
    energies = axis.energies_eV[channels]
    centred = energies - energies.mean()
    weights[channels] = centred / (centred @ centred)
    return weights


def mean_weights(axis: EnergyAxis, channels: slice) -> NDArray[np.float64]:
    """Return weights (e,) whose sum with a spectrum is its mean in a window."""
    weights = np.zeros(axis.size)
    weights[channels] = 1 / (channels.stop - channels.start)
    return weights


def relative_slope(spectrum: NDArray[np.float64], axis: EnergyAxis, channels: slice) -> float:
    """Return the slope of a spectrum (e,) in a window over its mean there [per eV]."""
    within = spectrum[channels]  # it may be NaN elsewhere
    return float(slope_weights(axis, channels)[channels] @ within / within.mean())
