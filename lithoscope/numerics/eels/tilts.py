"""Spectra of an image or of a series, read one tilt at a time, with their drift taken off on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.errors import ScienceError
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import EmptyMask, NonFiniteValues, WrongShape
from lithoscope.numerics.common.series import StoredSeries
from lithoscope.numerics.eels.checks import checked_counts, checked_spectra
from lithoscope.numerics.eels.errors import ChannelMismatch, MissingZeroLoss
from lithoscope.numerics.eels.zero_loss import covered_axis, shift_spectra

E = TypeVar("E", bound=ScienceError)
Maps = NDArray[Any]


def as_series(spectra: ArrayLike | StoredSeries, axis: EnergyAxis) -> StoredSeries:
    """
    Return spectra (y, x, e) or (t, y, x, e) as they are, once they fit their axis.

    Raises
    ------
    WrongShape, ChannelMismatch
    """
    series: Any = spectra if hasattr(spectra, "shape") else np.asarray(spectra)
    if series.ndim not in {3, 4} or 0 in series.shape:
        raise WrongShape("spectra of an image (y, x, e) or of a series (t, y, x, e) are taken: reshape them")
    if series.shape[-1] != axis.size:
        raise ChannelMismatch(
            f"the spectra have {series.shape[-1]} channels, their axis {axis.size}: give matching ones"
        )
    found: StoredSeries = series
    return found


def tilt_count(series: StoredSeries) -> int:
    """Count tilts; an image is one."""
    return series.shape[0] if series.ndim == 4 else 1


def one_tilt(series: StoredSeries, tilt: int) -> NDArray[Any]:
    """Read the spectra (y, x, e) of one tilt."""
    return np.asarray(series[tilt] if series.ndim == 4 else series)


def each_tilt(series: StoredSeries) -> Iterator[NDArray[Any]]:
    """Go through the tilts; none is kept."""
    return (one_tilt(series, tilt) for tilt in range(tilt_count(series)))


def joined(maps: Sequence[NDArray[Any]], series: StoredSeries) -> NDArray[Any]:
    """Put maps (..., y, x) of all tilts side by side: (..., t, y, x), or (..., y, x) of an image."""
    return np.stack(maps, axis=-3) if series.ndim == 4 else maps[0]


def of_tilt(maps: NDArray[Any], tilt: int) -> NDArray[Any]:
    """Return the map (y, x) of one tilt, of an image or of a series."""
    return np.asarray(maps if maps.ndim == 2 else maps[tilt])


def same_pixels(maps: ArrayLike | None, series: StoredSeries, *, what: str) -> NDArray[Any] | None:
    """
    Return maps of the same pixels as the spectra, if given.

    Raises
    ------
    WrongShape
    """
    if maps is None:
        return None
    values = np.asarray(maps)
    if values.shape != tuple(series.shape[:-1]):
        raise WrongShape(
            f"the {what} has pixels {values.shape}, the spectra have {tuple(series.shape[:-1])}: give the same pixels"
        )
    return values


def named_tilt(refused: E, tilt: int, series: StoredSeries) -> E:
    """Say in a refusal which tilt it is about."""
    return type(refused)(f"tilt {tilt + 1} of {series.shape[0]}: {refused}") if series.ndim == 4 else refused


@dataclass(frozen=True, slots=True, eq=False)
class DriftFree:
    """
    Spectra whose zero-loss peaks are moved to 0 eV while each tilt is read, so that no moved copy is ever stored.

    Parameters
    ----------
    series : StoredSeries
        Spectra as recorded.
    raw : EnergyAxis
        Their axis.
    axis : EnergyAxis
        Channels that every pixel still has after its shift.
    position_eV : (...) array or None
        Where each peak is [eV], NaN for rejected pixels; None for spectra that need no shift.
    least_counts : float
        Counts of recorded spectra below this are refused.
    """

    series: StoredSeries
    raw: EnergyAxis
    axis: EnergyAxis
    position_eV: Maps | None
    least_counts: float = 0.0

    @classmethod
    def of(
        cls,
        spectra: ArrayLike | StoredSeries,
        raw: EnergyAxis,
        position: ArrayLike | None,
        *,
        least_counts: float = 0.0,
    ) -> "DriftFree":
        """
        Prepare to read.

        Raises
        ------
        WrongShape, ChannelMismatch, WindowOutsideSpectrum
        MissingZeroLoss
            No position is known.
        """
        series = as_series(spectra, raw)
        places = same_pixels(position, series, what="map of zero-loss positions")
        if places is None:
            return cls(series, raw, raw, None, least_counts)
        if not np.isfinite(places).any():
            raise MissingZeroLoss("the map of zero-loss positions is empty: find the zero-loss peaks first")
        places = places.astype(np.float64)
        return cls(series, raw, covered_axis(raw, places), places, least_counts)

    def tilt(self, tilt: int) -> NDArray[Any]:
        """
        Read one tilt (y, x, e); NaN where a pixel was rejected.

        Raises
        ------
        NonFiniteValues, NegativeCounts
        """
        values = one_tilt(self.series, tilt)
        try:
            if self.position_eV is None:
                return _without_negative(checked_spectra(values, self.raw), self.raw, self.least_counts)
            checked_counts(values, self.raw, least_counts=self.least_counts)
        except ScienceError as refused:
            raise named_tilt(refused, tilt, self.series) from refused
        return shift_spectra(values, axis=self.raw, shift_eV=of_tilt(self.position_eV, tilt), onto=self.axis)


def _without_negative(values: NDArray[Any], axis: EnergyAxis, least_counts: float) -> NDArray[Any]:
    """Refuse what counts cannot be, but let pixels pass that were left empty as a whole."""
    empty = np.isnan(values[..., 0])
    if empty.all():
        raise NonFiniteValues("every spectrum is empty: find the zero-loss peaks first")
    if empty.any():
        checked_counts(values[~empty], axis, least_counts=least_counts)
    else:
        checked_counts(values, axis, least_counts=least_counts)
    return values


def mask_of_tilt(masks: Maps | None, tilt: int, series: StoredSeries) -> NDArray[np.bool_] | None:
    """
    Return the pixels of one tilt that are looked at; None for all.

    Raises
    ------
    EmptyMask
    """
    if masks is None:
        return None
    mask = of_tilt(masks, tilt) > 0
    if not mask.any():
        raise named_tilt(EmptyMask("the mask selects no pixel: make it anew or leave the tilt out"), tilt, series)
    return mask
