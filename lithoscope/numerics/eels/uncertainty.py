"""Uncertainty of valence fits: counting noise followed through background, deconvolution and fit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.errors import WrongShape
from lithoscope.numerics.eels.background import Windows, middle_eV, shared_columns
from lithoscope.numerics.eels.checks import checked_spectra
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.references import References
from lithoscope.numerics.eels.valence import Weights
from lithoscope.numerics.eels.window_search import BackgroundSearch

Float = NDArray[np.float64]
_BLOCK = 256


def weight_covariance(
    core: ArrayLike,
    low_loss: ArrayLike,
    *,
    ratio: FourierRatio,
    search: BackgroundSearch,
    references: References,
    weights: Weights,
    variance_factor: ArrayLike | float = 1.0,
    continuum_offset: bool = True,
) -> Float:
    """
    Return the covariance of each pixel's weights from the counting noise of its core-loss spectrum.

    With its windows, exponents and positive weights chosen, a pixel's weights are linear in its counts: background,
    deconvolution and fit are transposed onto the raw channels, whose variance is the counts. Which windows noise makes
    the search choose, which exponents a fit, and the noise of the low loss are not part of it.

    Parameters
    ----------
    core, low_loss : (..., e) arrays
        What the search was given, in counts.
    ratio : FourierRatio
        The deconvolution.
    search : BackgroundSearch
        Its result.
    references : References
        What was fitted.
    weights : Weights
        Result of the fit.
    variance_factor : array (...) or float
        What a mean over neighbours left of the variance: `NeighbourMean.variance_factor`.
    continuum_offset : bool
        As in the search.

    Returns
    -------
    covariance : (v, v, ...) array
        NaN for rejected pixels; zero for weights that the fit held at zero.

    Raises
    ------
    WrongShape, ChannelMismatch
    """
    cores, lows = checked_spectra(core, ratio.axis), checked_spectra(low_loss, ratio.low_axis)
    shape, count = cores.shape[:-1], len(references.spectra)
    if weights.weights.shape[1:] != shape or search.choice.shape != shape:
        raise WrongShape("core loss, search and weights are not of the same pixels: give results of the same spectra")
    flat_core, flat_low = cores.reshape(-1, cores.shape[-1]), lows.reshape(-1, lows.shape[-1])
    flat_weights, choice = weights.weights.reshape(count, -1).T, search.choice.ravel()
    exponents = search.background.exponents.reshape(-1, 2)
    factor = np.broadcast_to(np.asarray(variance_factor, np.float64), shape).ravel()
    result = np.full((len(flat_core), count, count), np.nan)
    known = np.flatnonzero((choice >= 0) & np.isfinite(flat_weights).all(axis=1))
    padded = np.zeros((count, ratio.axis.size))
    padded[:, references.channels] = references.spectra
    for start in range(0, len(known), _BLOCK):
        pixels = known[start : start + _BLOCK]
        rows = ratio.transposed(padded, ratio.gains(flat_low[pixels].astype(np.float64)))  # (pixel, v, e)
        for pixel, raw in zip(pixels, rows, strict=True):
            function, windows = search.combinations[choice[pixel]]
            is_single = function == "power_law"
            model, fit = _model(ratio, windows, exponents[pixel], is_single=is_single, offset=continuum_offset)
            seen = raw - (raw @ model.T) @ fit
            held = np.flatnonzero(flat_weights[pixel] > 0)
            inverse = np.linalg.pinv(references.spectra[held] @ references.spectra[held].T)
            active = inverse @ seen[held]
            spread = (active * np.maximum(flat_core[pixel], 0)) @ active.T
            result[pixel] = 0
            result[pixel][np.ix_(held, held)] = factor[pixel] * spread
    return np.moveaxis(result, 0, -1).reshape(count, count, *shape)


def _model(
    ratio: FourierRatio, windows: Windows, exponents: Float, *, is_single: bool, offset: bool
) -> tuple[Float, Float]:
    """Return the subtracted functions (k, e), and what each channel adds to their amplitudes (k, e)."""
    axis = ratio.axis
    pre, post = axis.window(*windows.pre_eV), axis.window(*windows.post_eV)
    used = np.unique(exponents[np.isfinite(exponents)])
    powers = (axis.energies_eV / middle_eV(axis)) ** -used[:, None]
    root = np.zeros(axis.size)
    root[pre] = 1
    shared = np.ones((1, axis.size))
    if not is_single:
        root[post] = np.sqrt(windows.post_weight)
        shared = shared_columns(axis, post, continuum_offset=offset)
    columns = np.vstack([powers, shared])
    fitted = np.linalg.pinv((root * columns).T, rcond=1e-12) * root
    kept = len(used) + 1  # the continuum behind the edge is fitted, not subtracted
    return columns[:kept], fitted[:kept]
