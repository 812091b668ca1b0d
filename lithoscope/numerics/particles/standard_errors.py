"""How surely the mean of a shell is known when neighbouring voxels share their noise."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Float = NDArray[np.float64]

#: Voxels this far apart along an axis count as independent in any case [px].
LONGEST_PX = 8
#: Neighbours are followed until they have less than this in common [1].
LEAST_CORRELATION = 0.1


def shell_errors(maps: Float, shells: NDArray[np.integer], mean: Float, sd: Float) -> Float:
    """
    Return standard errors of the means of shells.

    Smoothing and reconstruction make neighbours alike, so that n voxels say less than n measurements. How much two
    voxels have in common is taken from the departures of all voxels from the means of their shells, by the distance
    between them; what the composition itself varies counts with the noise. Errors that all voxels share, as those of
    k-factors, do not show here.

    Parameters
    ----------
    maps : (c, z, y, x) array
        NaN where a map has no value.
    shells : (z, y, x) array of int
        From `depth_shells`, 0 outside.
    mean, sd : (c, d) array
        Of the shells.

    Returns
    -------
    errors : (c, d) array
        NaN where `sd` is.
    """
    where = np.nonzero(shells)
    box = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in where)
    number = np.asarray(shells[box], np.intp)
    errors = np.full(mean.shape, np.nan)
    known_before, between = None, np.empty(0)
    for channel, volume in enumerate(np.asarray(maps, np.float64)[:, *box]):
        known = (number > 0) & np.isfinite(volume)
        if known_before is None or not np.array_equal(known, known_before):
            known_before, between = known, np.stack([_pairs(known & (number == d + 1)) for d in range(mean.shape[1])])
        place = np.maximum(number - 1, 0)
        scale = np.where(sd[channel] > 0, sd[channel], 1.0)
        departure = np.where(known, (np.nan_to_num(volume) - mean[channel][place]) / scale[place], 0.0)
        shared = _correlation(np.nan_to_num(departure), known)
        n = between[:, LONGEST_PX, LONGEST_PX, LONGEST_PX]
        alike = np.maximum(np.einsum("dzyx,zyx->d", between, shared), n)
        errors[channel] = sd[channel] * np.sqrt(alike) / np.maximum(n, 1)
    return errors


def _correlation(departure: Float, known: NDArray[np.bool_]) -> Float:
    """Return what voxels have in common by their distance (z, y, x), from -8 to 8 px; 0 beyond where it has ended."""
    pairs = _pairs(known)
    shared = np.divide(_pairs(departure), pairs, out=np.zeros_like(pairs), where=pairs > 0.5)
    middle = (LONGEST_PX,) * 3
    if not shared[middle] > 0:
        found = np.zeros_like(shared)
        found[middle] = 1.0
        return found
    shared /= shared[middle]
    lags = np.arange(-LONGEST_PX, LONGEST_PX + 1)
    far = np.zeros(shared.shape)
    for axis in range(3):
        line = np.moveaxis(shared, axis, 0)[LONGEST_PX + 1 :, LONGEST_PX, LONGEST_PX]
        ended = np.flatnonzero(line <= LEAST_CORRELATION)
        reach = 1 + int(ended[0]) if ended.size else LONGEST_PX
        far += np.square(lags / reach).reshape([-1 if axis == each else 1 for each in range(3)])
    return np.where(far <= 1, shared, 0.0)


def _pairs(values: NDArray[np.generic]) -> Float:
    """Return sums over products of voxels by the distance between them (z, y, x), from -8 to 8 px along each axis."""
    shape = [fft.next_fast_len(length + LONGEST_PX, real=True) for length in values.shape]
    power = np.abs(fft.rfftn(values.astype(np.float64), shape)) ** 2
    around = [np.arange(-LONGEST_PX, LONGEST_PX + 1) % length for length in shape]
    return np.asarray(fft.irfftn(power, shape)[np.ix_(*around)])
