"""
The common line of a tilt series: what every image of an object shows alike along the tilt axis.

Summed across the tilt axis, images of one object give one line whatever the tilt. The lines are kept as their Fourier
transforms, taken directly from the pixels at any direction of the axis: nothing is interpolated.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Steps of the fine search for the best shift, as parts of a pixel.
STEPS_PER_PX = 100
#: Lines are compared below this frequency [1/px]: above it a facet that falls within a pixel looks different from one
#: place in the pixel to the next, which doubled the error along the axis.
HIGHEST_FREQUENCY = 0.25


class LineShifts(NamedTuple):
    """
    How lines must move to lie on each other.

    Attributes
    ----------
    shifts_px : (t,) array
        Relative to the mean line [px].
    correlation : (t,) array
        Of each moved line with the mean of all [1].
    spread : (t,) array
        Summed squares of each moved line's differences from the mean over those of the mean [1].
    """

    shifts_px: Float
    correlation: Float
    spread: Float


def common_lines(images: NDArray[np.float32], *, tilt_axis_deg: float = 0.0) -> Complex:
    """
    Transform the sums across the tilt axis, each line normalised to a sum of one.

    Parameters
    ----------
    images : (t, y, x) array
        Intensities without background, of positive sum; nothing but the object.
    tilt_axis_deg : float
        From the y axis of the images to the tilt axis, positive from +y towards -x [deg].

    Returns
    -------
    lines : (t, frequency) array of complex
        At 0, 1/N, 2/N, ... below 1/4 per pixel, N twice the longer edge, about the middle of the field.
    """
    n_y, n_x = images.shape[1:]
    frequency = line_frequencies(n_y, n_x)
    along = np.deg2rad(tilt_axis_deg)
    y, x = np.arange(n_y) - (n_y - 1) / 2, np.arange(n_x) - (n_x - 1) / 2
    wave_y = np.exp(-2j * np.pi * np.cos(along) * frequency[:, None] * y)
    wave_x = np.exp(2j * np.pi * np.sin(along) * frequency[:, None] * x)
    lines = np.array([np.sum((wave_y @ image) * wave_x, axis=1) for image in images.astype(np.float64)])
    return np.asarray(lines / lines[:, :1].real)


def line_frequencies(n_y: int, n_x: int) -> Float:
    """Return the frequencies of the lines of images of this size [1/px]; the period is twice the longer edge."""
    period_px = 2 * max(n_y, n_x)
    return np.arange(int(np.ceil(HIGHEST_FREQUENCY * period_px))) / period_px


def match_lines(lines: Complex, *, reference: int, period_px: int, mean_updates: int = 2) -> LineShifts:
    """
    Shift lines onto each other by cross-correlation, first onto one of them, then onto their mean.

    The correlation is searched on whole pixels, then around its best on hundredths by a zoomed Fourier transform. What
    is finer than four pixels is left out, by a cosine.

    Parameters
    ----------
    lines : (t, frequency) array of complex
        As `common_lines` returns them.
    reference : int
        The line to begin with.
    period_px : int
        Twice the longer edge of the field [px].
    mean_updates : int
        How often the mean of the moved lines becomes the reference.

    Returns
    -------
    matched : LineShifts
    """
    frequency = np.arange(lines.shape[1]) / period_px
    lines = lines * np.cos(np.pi / 2 * frequency / HIGHEST_FREQUENCY)
    target = lines[reference]
    for _ in range(mean_updates + 1):
        shifts = _best_shifts(lines, target, frequency)
        moved = lines * np.exp(-2j * np.pi * frequency * shifts[:, None])
        target = moved.mean(axis=0)
    power, ground = _power(moved - target), _power(target[None])[0]
    correlation = np.sum((moved * target.conj()).real[:, 1:], axis=1) / np.sqrt(
        np.maximum(_power(moved) * ground, np.finfo(float).tiny) / 4
    )
    return LineShifts(shifts, correlation, power / max(ground, np.finfo(float).tiny))


def _power(lines: Complex) -> Float:
    """Return the summed squares of lines about their mean; negative frequencies count as the positive ones."""
    return np.asarray(2 * np.sum(np.abs(lines[:, 1:]) ** 2, axis=1))


def _best_shifts(lines: Complex, target: Complex, frequency: Float) -> Float:
    """Return the shift that correlates each line best with the target [px]."""
    cross = target[None] * lines.conj()  # of the content that must move by s: exp(-2 pi i f s)
    period = round(1 / frequency[1])
    whole = np.arange(-(period // 2), period // 2)
    best = whole[np.argmax(_correlation(cross, frequency, whole[None]), axis=1)].astype(np.float64)
    fine = np.arange(-STEPS_PER_PX, STEPS_PER_PX + 1) / STEPS_PER_PX
    places = best[:, None] + fine
    found = _correlation(cross, frequency, places)
    return np.asarray(np.take_along_axis(places, np.argmax(found, axis=1)[:, None], axis=1)[:, 0])


def _correlation(cross: Complex, frequency: Float, places: Float | NDArray[np.int_]) -> Float:
    """Return the cross-correlation of each line at its places (t or 1, place)."""
    phases = np.exp(2j * np.pi * places[..., None] * frequency)
    return np.asarray((phases @ cross[..., None])[..., 0].real)
