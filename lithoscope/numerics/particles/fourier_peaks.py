"""Peaks in the Fourier transform of a piece of an image."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

Float = NDArray[np.float64]

#: A peak rises this many times above the median amplitude at its spacing: noise does once in ten pieces.
SMALLEST_RISE = 4.5
#: Padding that lets a parabola through three samples of a windowed peak find its top.
PADDING = 2
#: More peaks than any phase shows along a direction in half a plane.
MOST_PEAKS = 24
RINGS = 24


class Peaks(NamedTuple):
    """
    Peaks of one half of the plane, strongest first.

    Parameters
    ----------
    vectors_per_A : (p, 2) array
        Place [1/Å], x then y.
    amplitude : (p,) array
        Above the background at their spacing.
    """

    vectors_per_A: Float
    amplitude: Float


def fourier_peaks(piece: NDArray[np.floating], *, pixel_A: float, spacings_A: tuple[float, float]) -> Peaks:
    """
    Find the peaks in the transform of a square piece of an image.

    Parameters
    ----------
    piece : (n, n) array
    pixel_A : float
        Step of the image [Å].
    spacings_A : tuple of float
        Smallest and largest spacing to look at [Å].

    Returns
    -------
    peaks : Peaks
    """
    n = len(piece)
    window = np.outer(np.hanning(n + 2)[1:-1], np.hanning(n + 2)[1:-1])
    level = float((piece * window).sum() / window.sum())
    size = PADDING * n
    frequency = fft.fftshift(fft.fftfreq(size, pixel_A))
    low, high = np.searchsorted(frequency, [-1.1 / spacings_A[0], 1.1 / spacings_A[0]])  # the rest is not looked at
    frequency = frequency[low:high]
    transform = fft.fftshift(fft.fft2((piece - level) * window, (size, size)))
    amplitude = abs(transform[low:high, low:high])
    y, x = np.meshgrid(frequency, frequency, indexing="ij")
    length = np.hypot(y, x)
    seen = (length >= 1 / spacings_A[1]) & (length <= 1 / spacings_A[0])
    background = _background(amplitude, length, seen)
    highest = ndimage.maximum_filter(amplitude, 2 * PADDING + 1) == amplitude
    half = (y > 0) | ((y == 0) & (x > 0))
    rows, columns = np.nonzero(seen & highest & half & (amplitude > SMALLEST_RISE * background))
    strongest = np.argsort(-amplitude[rows, columns], kind="stable")[:MOST_PEAKS]
    rows, columns = rows[strongest], columns[strongest]
    step = frequency[1] - frequency[0]
    offsets = [_top(amplitude, rows, columns, axis) for axis in (1, 0)]
    vectors = np.stack([frequency[columns] + offsets[0] * step, frequency[rows] + offsets[1] * step], axis=1)
    return Peaks(vectors, amplitude[rows, columns] - background[rows, columns])


def _background(amplitude: Float, length: Float, seen: NDArray[np.bool_]) -> Float:
    """Return the median amplitude at each spacing: peaks take up too little room to move it."""
    low, high = float(length[seen].min()), float(length[seen].max())
    ring = np.clip(((length - low) / (high - low) * RINGS).astype(np.intp), 0, RINGS - 1)
    medians = ndimage.median(amplitude[seen], ring[seen], np.arange(RINGS))
    return np.asarray(np.maximum(np.nan_to_num(medians), np.finfo(np.float64).tiny)[ring])


def _top(amplitude: Float, rows: NDArray[np.intp], columns: NDArray[np.intp], axis: int) -> Float:
    """Return how far the top of each peak lies from its highest sample along an axis, by a parabola of logarithms."""
    step = (1, 0) if axis == 0 else (0, 1)
    size = len(amplitude)
    before, here, after = (
        np.log(np.maximum(amplitude[(rows + k * step[0]) % size, (columns + k * step[1]) % size], 1e-300))
        for k in (-1, 0, 1)
    )
    curvature = 2 * here - before - after
    offset = np.zeros(len(rows))
    np.divide(after - before, 2 * curvature, out=offset, where=curvature > 0)
    return np.asarray(offset.clip(-0.5, 0.5))
