"""Spectra of a tilt series, read tilt by tilt, and what is computed from them by one product each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import NegativeCounts
from lithoscope.numerics.common.series import StoredSeries
from lithoscope.numerics.eds.errors import DetectorSaturated

Float = NDArray[np.float64]
Maps = NDArray[np.float32]
#: Pixels worked on at a time: their spectra stay in a processor's cache.
BLOCK_PIXELS = 512


#: Spectra (t, y, x, e) that give one tilt at a time.
SpectrumSeries = StoredSeries


@dataclass(frozen=True, slots=True, eq=False)
class LineMaps:
    """
    Photons of each family of lines in each pixel.

    Parameters
    ----------
    families : tuple of str
        ``("O K", "Mn L")``.
    counts : (f, t, y, x) array of float32
        Photons of the family [counts].
    variance : (f, t, y, x) array of float32
        Their variance [counts^2].
    sums, sums_variance : (f, t) arrays of float64
        Photons over the whole field, summed before any were forced to be positive: forcing would bias them [counts];
        and their variance [counts^2].
    crosstalk : (f, f) array of float64
        Photons that a map (row) falsely finds for each photon of another family (column) [1]: zero for fits, and what
        overlaps do to windows.
    clipped_count : int
        Values that the condition of non-negativity moved to zero.
    misfit : (t,) array of float64
        Reduced chi-squared of the field's mean spectrum, near 1 if families and background explain it; NaN for windows.
    channels : slice
        Channels of the axis that were used.
    field : (t, e) array of float64
        Raw counts of these channels over the whole field [counts].
    """

    families: tuple[str, ...]
    counts: Maps
    variance: Maps
    sums: Float
    sums_variance: Float
    crosstalk: Float
    clipped_count: int
    misfit: Float
    channels: slice
    field: Float


def checked_series(spectra: SpectrumSeries, axis: EnergyAxis) -> tuple[int, int, int]:
    """
    Return tilts, rows and columns of spectra that fit their axis.

    Raises
    ------
    WrongShape
    """
    shape = tuple(spectra.shape)
    if len(shape) != 4 or 0 in shape:
        raise WrongShape(f"the spectra have shape {shape}: give a series (tilt, y, x, e)")
    if shape[3] != axis.size:
        raise WrongShape(f"the spectra have {shape[3]} channels, their axis {axis.size}: give matching ones")
    return shape[0], shape[1], shape[2]


def tilt_spectra(spectra: SpectrumSeries, tilt: int, channels: slice) -> NDArray[Any]:
    """
    Return the channels of one tilt as (pixel, e), as they are stored.

    Raises
    ------
    NonFiniteValues, NegativeCounts
    """
    stored = np.asarray(spectra[tilt])
    values = stored.reshape(-1, stored.shape[-1])[:, channels]
    if not np.issubdtype(values.dtype, np.unsignedinteger):
        if not np.isfinite(values).all():
            raise NonFiniteValues(f"the spectra of tilt {tilt} hold NaN or infinite values: repair or exclude the tilt")
        if values.min() < 0:
            raise NegativeCounts(f"the spectra of tilt {tilt} hold negative counts: give raw counts")
    return values


def checked_live(live_fraction: ArrayLike | None, shape: tuple[int, int, int]) -> Maps | None:
    """
    Return what counts of each pixel are multiplied by because the detector was dead part of the time (t, y, x).

    Raises
    ------
    WrongShape, InvalidSetting
    DetectorSaturated
        A pixel was never listened to.
    """
    if live_fraction is None:
        return None
    live = np.asarray(live_fraction, np.float32)
    if live.shape != shape:
        raise WrongShape(f"live_fraction has shape {live.shape}, the spectra {shape}: give one for each pixel")
    if not ((live >= 0) & (live <= 1)).all():
        raise InvalidSetting("live_fraction lies between 0 and 1: divide live by real time")
    if not live.all():
        tilt = int(np.flatnonzero(~live.all(axis=(1, 2)))[0])
        raise DetectorSaturated(f"live_fraction is zero in a pixel of tilt {tilt}: the detector was dead all the time")
    return np.asarray(1 / live, np.float32)


def blocks(values: NDArray[Any]) -> Iterator[tuple[slice, Maps]]:
    """Go through spectra (pixel, e) in blocks of single precision."""
    for start in range(0, len(values), BLOCK_PIXELS):
        part = slice(start, min(start + BLOCK_PIXELS, len(values)))
        yield part, values[part].astype(np.float32)


def products(values: NDArray[Any], rows: Maps) -> Maps:
    """Multiply spectra (pixel, e) by rows (r, e), giving (r, pixel)."""
    found = np.empty((len(rows), len(values)), np.float32)
    for part, block in blocks(values):
        np.matmul(rows, block.T, out=found[:, part])
    return found


def field_sum(values: NDArray[Any], which: NDArray[np.bool_] | None) -> Float:
    """Add up the spectra (pixel, e) of a field, or of the pixels of a mask."""
    chosen = values if which is None else values[which.ravel()]
    whole = np.issubdtype(values.dtype, np.unsignedinteger)  # adding integers reads narrow channels without copying
    return np.asarray(chosen.sum(axis=0, dtype=np.dtype(np.uint64 if whole else np.float64)), np.float64)
