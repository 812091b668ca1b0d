"""Gaussian over each image of a series, with what it makes of the noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting, WrongShape

Maps = NDArray[np.float32]
PAPER_SIGMA_PX = 1.2
#: Where the Gaussian is cut off, in standard deviations.
REACH = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class SmoothMaps:
    """
    Smoothed maps.

    Parameters
    ----------
    maps : (..., y, x) array of float32
        Zero outside the masks.
    variance : (..., y, x) array of float32 or None
        Variance of each pixel; neighbours now share noise.
    """

    maps: Maps
    variance: Maps | None


def smooth_maps(
    maps: ArrayLike,
    *,
    sigma_px: float = PAPER_SIGMA_PX,
    masks: ArrayLike | None = None,
    variance: ArrayLike | None = None,
) -> SmoothMaps:
    """
    Smooth every image in its plane, never between tilts, then mask it.

    Outside the field lies nothing (zero), as around a particle; a mirror would invent matter.

    Parameters
    ----------
    maps : (..., y, x) array
        Maps of any number of elements and tilts.
    sigma_px : float
        Standard deviation of the Gaussian [px]; 0 leaves the maps as they are.
    masks : (..., y, x) array of bool, optional
        Kept pixels, one mask for each tilt (t, y, x).
    variance : (..., y, x) array, optional
        Variance of the pixels of `maps`, which share no noise.

    Raises
    ------
    WrongShape, InvalidSetting

    References
    ----------
    Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods: 1.2 px after normalisation.
    """
    values = np.asarray(maps, np.float32)
    if values.ndim < 2 or not sigma_px >= 0:
        raise (WrongShape if values.ndim < 2 else InvalidSetting)("give images (..., y, x) and a sigma_px not below 0")
    spread = None if variance is None else np.asarray(variance, np.float32)
    if spread is not None and spread.shape != values.shape:
        raise WrongShape(f"the variance has shape {spread.shape}, the maps {values.shape}: give one for each pixel")
    kept = None if masks is None else np.asarray(masks, np.bool_)
    if kept is not None and kept.shape != values.shape[values.ndim - kept.ndim :]:
        raise WrongShape(f"the masks have shape {kept.shape}, the maps {values.shape}: give one for each tilt")
    kernel = _kernel(sigma_px)
    smooth = _filtered(values, kernel)
    noise = None if spread is None else _filtered(spread, kernel**2)
    if kept is not None:
        smooth = np.where(kept, smooth, np.float32(0))
        noise = None if noise is None else np.where(kept, noise, np.float32(0))
    return SmoothMaps(smooth, noise)


def _kernel(sigma_px: float) -> NDArray[np.float64]:
    reach = int(REACH * sigma_px + 0.5)
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * max(sigma_px, 1e-9) ** 2))
    return np.asarray(kernel / kernel.sum())


def _filtered(values: Maps, kernel: NDArray[np.float64]) -> Maps:
    if kernel.size == 1:
        return values.copy()
    along_y = ndimage.convolve1d(values, kernel, axis=-2, mode="constant")
    return np.asarray(ndimage.convolve1d(along_y, kernel, axis=-1, mode="constant"), np.float32)
