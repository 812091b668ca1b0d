"""
Moving images by parts of a pixel, once.

A shift along one axis is a linear map of the pixels of that axis, so it is written as a small matrix and multiplied
with whatever else a pixel carries: counts, spectra, their variances.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import NonFiniteValues, WrongShape
from lithoscope.numerics.tomography.errors import TiltCountMismatch

#: Pixels beyond the shift over which the two edges of the field are joined, so that the ends do not ring.
JOINT_PX = 16

Float = NDArray[np.float64]


def shift_matrix(n: int, shift_px: float) -> NDArray[np.float32]:
    """
    Write the shift of a line as a matrix, by the phase ramp of its Fourier transform.

    Values from outside the field are those at its edge; far outside, the two edges are joined by a straight line. A
    shift by whole pixels moves them and changes nothing else. Frequencies keep their strength, so white noise stays
    white; steps that the pixels do not resolve ring, and counts may come out below zero.

    Parameters
    ----------
    n : int
        Pixels of the line.
    shift_px : float
        Where the content goes, positive towards higher index [px].

    Returns
    -------
    matrix : (n, n) array of float32
    """
    reach = int(np.ceil(abs(shift_px)))
    padded = n + 2 * (reach + JOINT_PX)
    padded += 1 - padded % 2  # odd: no frequency stands for two phases
    beyond = np.arange(padded - n)
    last = 1 - np.clip((beyond - reach) / (padded - n - 2 * reach - 1), 0, 1)
    extension = np.zeros((padded, n))
    extension[:n] = np.eye(n)
    extension[n:, -1] += last
    extension[n:, 0] += 1 - last
    ramp = np.exp(-2j * np.pi * np.fft.rfftfreq(padded) * shift_px)
    moved = np.fft.irfft(np.fft.rfft(extension, axis=0) * ramp[:, None], padded, axis=0)
    return np.asarray(moved[:n], np.float32)


def apply_shifts(series: ArrayLike, shifts_px: ArrayLike, *, variances: bool = False) -> NDArray[np.float32]:
    """
    Shift every image of a series, whatever its pixels carry, in one Fourier interpolation.

    The same shifts serve every map and spectrum recorded with the series: they are applied to the raw data, never to
    data shifted before.

    Parameters
    ----------
    series : (t, y, x, ...) array
        Counts, or spectra along trailing axes.
    shifts_px : (t, 2) array
        Where each image goes, (y, x), positive towards higher index [px].
    variances : bool
        The values are variances of uncorrelated pixels, and so are the results: the squared weights apply.

    Returns
    -------
    shifted : (t, y, x, ...) array of float32
        Values below zero are kept: clipping them would raise the mean.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues
    """
    images, shifts = np.asarray(series), checked_shifts(shifts_px)
    if images.ndim < 3 or 0 in images.shape:
        raise WrongShape(f"a series of shape {images.shape} cannot be shifted: give (t, y, x), channels behind if any")
    if len(images) != len(shifts):
        raise TiltCountMismatch(f"{len(images)} images came with {len(shifts)} shifts: give one per image")
    shifted = np.empty(images.shape, np.float32)
    for tilt, image in enumerate(shifted_tilts(images, shifts, variances=variances)):
        shifted[tilt] = image
    return shifted


def shifted_tilts(
    images: Iterable[ArrayLike], shifts_px: ArrayLike, *, variances: bool = False
) -> Iterator[NDArray[np.float32]]:
    """
    Shift images one after the other, so that a series of spectra need never be in memory.

    Parameters
    ----------
    images : iterable of (y, x, ...) arrays
        One per shift.
    shifts_px : (t, 2) array
        Where each image goes, (y, x) [px].
    variances : bool
        As in `apply_shifts`.

    Yields
    ------
    image : (y, x, ...) array of float32

    Raises
    ------
    NonFiniteValues
        The image is named.
    """
    for tilt, (image, (shift_y, shift_x)) in enumerate(zip(images, checked_shifts(shifts_px), strict=True)):
        values = np.asarray(image, np.float32)
        if not np.isfinite(values).all():
            raise NonFiniteValues(f"tilt {tilt} holds NaN or infinite values, which a shift would spread: repair it")
        for axis, shift_px in ((0, float(shift_y)), (1, float(shift_x))):
            if shift_px != 0:
                values = _along(shift_matrix(values.shape[axis], shift_px), values, axis=axis, squared=variances)
        yield values


def shift_masks(masks: ArrayLike, shifts_px: ArrayLike) -> NDArray[np.bool_]:
    """
    Shift masks with their series: inside is what linear interpolation leaves at one half or more.

    Parameters
    ----------
    masks : (t, y, x) array of bool
    shifts_px : (t, 2) array
        Where each mask goes, (y, x) [px].

    Returns
    -------
    shifted : (t, y, x) array of bool
        False where the mask comes from outside the field.

    Raises
    ------
    WrongShape, NonFiniteValues
    """
    from scipy import ndimage

    shifts = checked_shifts(shifts_px)
    moved = [
        ndimage.shift(mask.astype(np.float32), shift, order=1, mode="constant") >= 0.5
        for mask, shift in zip(np.asarray(masks, bool), shifts, strict=True)
    ]
    return np.array(moved, bool)


def checked_shifts(shifts_px: ArrayLike) -> Float:
    """
    Return shifts as (t, 2) of float64.

    Raises
    ------
    WrongShape, NonFiniteValues
    """
    shifts = np.asarray(shifts_px, np.float64)
    if shifts.ndim != 2 or shifts.shape[1] != 2:
        raise WrongShape(f"shifts have shape {shifts.shape}: give (tilt, 2), y before x")
    if not np.isfinite(shifts).all():
        raise NonFiniteValues("the shifts must be finite numbers: align the series again without the tilt that failed")
    return shifts


def _along(
    matrix: NDArray[np.float32], values: NDArray[np.float32], *, axis: int, squared: bool
) -> NDArray[np.float32]:
    """Multiply the pixels along y (0) or x (1) with a matrix, keeping the channels behind them together."""
    weights = matrix**2 if squared else matrix
    if axis == 0:
        return np.asarray((weights @ values.reshape(len(values), -1)).reshape(values.shape))
    if values.ndim == 2:
        return np.asarray(values @ weights.T)
    return np.asarray(np.matmul(weights, values.reshape(*values.shape[:2], -1)).reshape(values.shape))
