"""Regions rich in an element, beside those that noise alone would show in a homogeneous particle."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtrik, ndtr

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.common.distributions import student_quantile
from lithoscope.numerics.particles.checks import checked_mask

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RichRegions:
    """
    Voxels above a threshold.

    Parameters
    ----------
    rich : (z, y, x) array of bool
    threshold : float
    voxels, rich_voxels : int
        With a value in the mask, and of these above the threshold.
    fraction : float
        Their ratio [1].
    null_fraction, null_low, null_high : float
        What noise alone lifts above the threshold in a particle that has the mean composition everywhere, and the
        interval in which that share lies [1]; NaN where nothing was said about the noise.
    """

    rich: NDArray[np.bool_]
    threshold: float
    voxels: int
    rich_voxels: int
    fraction: float
    null_fraction: float
    null_low: float
    null_high: float

    @property
    def is_above_null(self) -> bool | None:
        """Whether there is more than noise would show; None where the noise is not known."""
        return None if np.isnan(self.null_high) else self.fraction > self.null_high


def rich_regions(
    volume: ArrayLike,
    mask: ArrayLike,
    *,
    threshold: float,
    noise_sd: ArrayLike | None = None,
    independent_voxels: float | None = None,
    noise_draws: ArrayLike | None = None,
    confidence: float = 0.95,
) -> RichRegions:
    """
    Find the voxels that exceed a threshold, strictly.

    Parameters
    ----------
    volume : (z, y, x) array
        A composition [1], NaN where it has no value. It is compared in its own precision: a voxel at the threshold is
        not above it.
    mask : (z, y, x) array of bool
        The particle, or its outermost shell.
    threshold : float
        In units of the volume; `PAPER_THRESHOLDS` are the published ones.
    noise_sd : float or (z, y, x) array, optional
        Standard deviation of a voxel's noise, Gaussian.
    independent_voxels : float, optional
        How many of the voxels in the mask have noise of their own; all by default, which makes the interval of the
        null too narrow after smoothing.
    noise_draws : (k, z, y, x) array, optional
        Maps of nothing but noise, such as half differences of thinned counts (`ThinnedMaps.noise_draws`), with all
        their correlations; at least two. They come before `noise_sd`.
    confidence : float
        Of the interval of the null, two-sided [1].

    Returns
    -------
    regions : RichRegions

    Raises
    ------
    WrongShape, EmptyMask, InvalidSetting

    References
    ----------
    Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods, "Element-rich region identification".
    """
    inside = checked_mask(mask)
    values = np.asarray(volume)
    if values.shape != inside.shape:
        raise WrongShape(f"the map has shape {values.shape}, the mask {inside.shape}: give maps of the same volume")
    if not 0 < confidence < 1:
        raise InvalidSetting("confidence lies between 0 and 1: correct it")
    counted = inside & np.isfinite(values)
    limit = values.dtype.type(threshold) if np.issubdtype(values.dtype, np.floating) else threshold
    rich = counted & (np.where(counted, values, -np.inf) > limit)
    n, above = int(counted.sum()), int(rich.sum())
    level = float(values[counted].mean(dtype=np.float64)) if n else np.nan
    null = (np.nan, np.nan, np.nan)
    if n and noise_draws is not None:
        null = _null_of_draws(_checked_draws(noise_draws, inside.shape)[:, counted], threshold - level, confidence)
    elif n and noise_sd is not None:
        sd = np.broadcast_to(np.asarray(noise_sd, np.float64), inside.shape)[counted]
        null = _null_of_sd(sd, threshold - level, independent_voxels or n, confidence)
    return RichRegions(rich, float(threshold), n, above, above / n if n else np.nan, *null)


def _checked_draws(draws: ArrayLike, shape: tuple[int, ...]) -> Float:
    """Return draws as (k, z, y, x) float64."""
    values = np.asarray(draws, np.float64)
    if values.ndim != 4 or values.shape[1:] != shape or len(values) < 2:
        raise WrongShape(f"draws of shape {values.shape} do not fit a volume of {shape}: give two or more (k, z, y, x)")
    return values


def _null_of_draws(draws: Float, distance: float, confidence: float) -> tuple[float, float, float]:
    """Return the share of draws (k, voxel) and of their mirror images beyond a distance, and where one would lie."""
    shares = np.array([[np.nanmean(draw > distance), np.nanmean(-draw > distance)] for draw in draws]).ravel()
    mean = float(shares.mean())
    reach = student_quantile(len(draws) - 1, (1 + confidence) / 2) * float(shares.std(ddof=1))
    reach *= np.sqrt(1 + 1 / len(shares))
    return mean, max(mean - reach, 0.0), min(mean + reach, 1.0)


def _null_of_sd(sd: Float, distance: float, independent: float, confidence: float) -> tuple[float, float, float]:
    """Return the share of Gaussian noise beyond a distance, and the binomial interval of so many voxels."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = float(np.mean(np.where(sd > 0, ndtr(-distance / sd), float(distance < 0))))
    if share in {0.0, 1.0}:
        return share, share, share
    tail = (1 - confidence) / 2
    # a share too small for the inverse of the distribution comes back as NaN: not one voxel is expected then
    low, high = (np.ceil(np.nan_to_num(float(bdtrik(p, independent, share)))) for p in (tail, 1 - tail))
    return share, max(float(low), 0.0) / independent, min(float(high), independent) / independent
