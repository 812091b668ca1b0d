"""Zero-loss peaks: where they lie to a part of a channel, and shifting spectra onto them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import WindowOutsideSpectrum, WrongShape
from lithoscope.numerics.eels.checks import checked_counts, checked_spectra, spectrum_blocks
from lithoscope.numerics.eels.errors import MissingZeroLoss

_TOP = np.arange(-3.0, 4.0)  # channels of the peak's top that are fitted
#: Places of noise lie anywhere: half of them further from their median than half of the half range, 0.5.
_SPREAD_OF_NOISE, _PIXELS_THAT_TELL = 0.3, 10


@dataclass(frozen=True, slots=True)
class ZeroLoss:
    """
    Places of zero-loss peaks.

    Parameters
    ----------
    position_eV : (...) array of float64
        Energy of each peak on the raw axis [eV]; NaN where none was found.
    height_counts : (...) array of float64
        Counts of its highest channel.
    rejected : (...) array of bool
        Pixels whose maximum lies on the edge of the searched range, or that have none.
    """

    position_eV: NDArray[np.float64]
    height_counts: NDArray[np.float64]
    rejected: NDArray[np.bool_]

    @property
    def rejected_count(self) -> int:
        """How many pixels were rejected."""
        return int(self.rejected.sum())


def find_zero_loss(
    low_loss: ArrayLike, *, axis: EnergyAxis, search_eV: float = 10.0, least_counts: float = 0.0
) -> ZeroLoss:
    """
    Find the zero-loss peak of every pixel.

    The highest channel within the searched range is refined by a parabola through the logarithm of seven channels,
    each weighted by its counts: exact for a Gaussian peak, and nearly as precise as the counts allow.

    Parameters
    ----------
    low_loss : (..., e) array
        Raw counts.
    axis : EnergyAxis
        Their axis.
    search_eV : float
        The peak is sought this far on both sides of 0 eV, as far as the axis reaches.
    least_counts : float
        Counts below this are refused; below zero only where a dark level was taken off, whose noise remains.

    Raises
    ------
    MissingZeroLoss
        The axis does not reach 0 eV, no pixel has a peak inside the range, or the peaks lie as noise does.
    WrongShape, ChannelMismatch, NonFiniteValues, NegativeCounts
    """
    counts = checked_counts(low_loss, axis, least_counts=least_counts)
    try:
        window = axis.window(max(-search_eV, axis.first_eV), min(search_eV, axis.last_eV))
    except WindowOutsideSpectrum as outside:
        raise MissingZeroLoss(
            "the low-loss axis does not reach 0 eV: give spectra with their zero-loss peak"
        ) from outside
    if window.stop - window.start < len(_TOP) + 2 or not axis.covers(0, 0):
        raise MissingZeroLoss(
            "the low-loss axis has too few channels around 0 eV: give spectra with their zero-loss peak"
        )
    found = [_peaks(np.asarray(block[:, window], np.float64)) for block in spectrum_blocks(counts)]
    place, height = (np.concatenate(parts).reshape(counts.shape[:-1]) for parts in zip(*found, strict=True))
    position = axis.first_eV + axis.step_eV * (window.start + place)
    if np.isnan(position).all():
        raise MissingZeroLoss("no pixel has a zero-loss peak inside the searched range: widen search_eV")
    if _is_noise(position, axis.step_eV * (window.stop - window.start)):
        raise MissingZeroLoss(
            "the highest channels of the pixels lie anywhere in the searched range, as noise does: "
            "give spectra with their zero-loss peak, taken with the beam on"
        )
    return ZeroLoss(position, height, np.isnan(position))


def _is_noise(position_eV: NDArray[np.float64], range_eV: float) -> bool:
    """Say whether the places of many pixels spread over the searched range; drift within a scan is far less."""
    places = position_eV[np.isfinite(position_eV)]
    spread = float(np.median(np.abs(places - np.median(places))))
    return places.size >= _PIXELS_THAT_TELL and spread > _SPREAD_OF_NOISE * range_eV / 2


def _peaks(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the channel of each row's peak, NaN where it lies on an edge, and its height."""
    top = np.argmax(counts, axis=1)
    height = np.take_along_axis(counts, top[:, None], axis=1)[:, 0]
    inside = (top >= 3) & (top < counts.shape[1] - 3) & (height > 0)
    middle = np.where(inside, top, 3)
    near = np.take_along_axis(counts, middle[:, None] + _TOP.astype(np.intp), axis=1)
    weight = np.maximum(near, 0)  # of a logarithm, whose variance is one over the counts
    logs = np.log(np.maximum(near, 1e-30))
    moments = np.stack([(weight * _TOP**power).sum(axis=1) for power in range(5)], axis=1)
    matrix = moments[:, np.arange(3)[:, None] + np.arange(3)]
    right = np.stack([(weight * logs * _TOP**power).sum(axis=1) for power in range(3)], axis=1)
    inside &= (near > 0).sum(axis=1) >= 3
    matrix[~inside] = np.eye(3)
    _, slope, curve = np.linalg.solve(matrix, right[..., None])[..., 0].T
    inside &= curve < 0
    offset = np.divide(-slope, 2 * curve, out=np.full(len(top), np.nan), where=inside)
    offset[np.abs(offset) > 1.5] = np.nan
    return top + offset, height


def covered_axis(axis: EnergyAxis, shift_eV: ArrayLike) -> EnergyAxis:
    """
    Return the channels that every spectrum still has after its shift.

    Parameters
    ----------
    axis : EnergyAxis
        The raw axis.
    shift_eV : array
        Energies to be taken off each pixel's axis [eV]; NaN (rejected pixels) do not count.

    Raises
    ------
    WindowOutsideSpectrum
        Nothing is common to all.
    """
    shifts = np.asarray(shift_eV, np.float64)
    shifts = shifts[np.isfinite(shifts)]
    low, high = (0.0, 0.0) if shifts.size == 0 else (float(shifts.min()), float(shifts.max()))
    begin = max(int(np.ceil(-low / axis.step_eV - 1e-9)), 0)
    end = axis.size - max(int(np.ceil(high / axis.step_eV - 1e-9)), 0)
    if end - begin < 2:
        raise WindowOutsideSpectrum("the shifts are as wide as the spectra: check the zero-loss peaks")
    return axis.part(slice(begin, end))


def shift_spectra(
    spectra: ArrayLike, *, axis: EnergyAxis, shift_eV: ArrayLike, onto: EnergyAxis | None = None
) -> NDArray[np.float32]:
    """
    Take each pixel's own energy shift off its spectrum.

    Linear interpolation keeps the counts; a Fourier shift would ring at the ends.

    Parameters
    ----------
    spectra : (..., e) array
        Counts.
    axis : EnergyAxis
        Raw axis of all spectra.
    shift_eV : (...) array
        Energy at which 0 eV really lies [eV], as `ZeroLoss.position_eV`; core and low loss take the same one.
    onto : EnergyAxis, optional
        Axis of the result, of the same dispersion; `axis` by default. See `covered_axis`.

    Returns
    -------
    shifted : (..., e) array of float32
        NaN for rejected pixels (shift NaN) and in channels beyond a spectrum's ends.

    Raises
    ------
    WrongShape, ChannelMismatch
    """
    values = checked_spectra(spectra, axis)
    shifts = np.asarray(shift_eV, np.float64)
    if shifts.shape != values.shape[:-1]:
        raise WrongShape(f"shifts have shape {shifts.shape}, the pixels {values.shape[:-1]}: give one shift a pixel")
    target = onto or axis
    result = np.empty((shifts.size, target.size), np.float32)
    done, flat = 0, shifts.ravel()
    for block in spectrum_blocks(values):
        rows = slice(done, done + len(block))
        first = (target.first_eV - axis.first_eV + flat[rows]) / axis.step_eV
        result[rows] = _interpolated(block, first, target.size)
        done = rows.stop
    return result.reshape(*shifts.shape, target.size)


def _interpolated(block: NDArray[Any], first: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return `size` channels of each row from its fractional channel `first` on."""
    known = np.isfinite(first)
    whole = np.floor(np.where(known, first, 0) + 1e-9).astype(np.intp)
    part = np.where(known, first - whole, np.nan)[:, None]
    part = np.where(np.abs(part) < 1e-9, 0.0, part)
    channels = whole[:, None] + np.arange(size)
    last = block.shape[1] - 1
    low = np.take_along_axis(block, np.clip(channels, 0, last), axis=1).astype(np.float64)
    high = np.take_along_axis(block, np.clip(channels + 1, 0, last), axis=1)
    mixed = (1 - part) * low + part * high
    outside = (channels < 0) | (channels + (part > 0) > last)
    mixed[outside] = np.nan
    return np.asarray(mixed)
