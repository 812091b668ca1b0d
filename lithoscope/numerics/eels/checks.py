"""What spectra must be before anything is computed from them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import NegativeCounts, NonFiniteValues, WrongShape
from lithoscope.numerics.eels.errors import ChannelMismatch

#: Axes whose steps differ by less than this part are one dispersion.
SAME_STEP = 1e-3
#: Spectra worked on at a time: their intermediate results stay in a processor's cache.
BLOCK_SPECTRA = 1024


def checked_spectra(spectra: ArrayLike, axis: EnergyAxis) -> NDArray[Any]:
    """
    Return spectra (..., e) that fit their axis; nothing is copied.

    Raises
    ------
    WrongShape, ChannelMismatch
    """
    values = np.asarray(spectra)
    if values.ndim < 1 or 0 in values.shape:
        raise WrongShape(f"spectra have shape {values.shape}: give at least one spectrum (..., e)")
    if values.shape[-1] != axis.size:
        raise ChannelMismatch(
            f"the spectra have {values.shape[-1]} channels, their axis {axis.size}: give matching ones"
        )
    return values


def checked_counts(spectra: ArrayLike, axis: EnergyAxis, *, least_counts: float = 0.0) -> NDArray[Any]:
    """
    Return counts (..., e): finite and nowhere below the least that is allowed.

    Raises
    ------
    WrongShape, ChannelMismatch, NonFiniteValues, NegativeCounts
    """
    values = checked_spectra(spectra, axis)
    for block in spectrum_blocks(values):
        if not np.isfinite(block).all():
            raise NonFiniteValues("the spectra hold NaN or infinite values: repair dead channels or leave pixels out")
        if block.min() < least_counts:
            raise NegativeCounts(
                "the spectra hold negative counts: give raw counts, or lower least_counts after dark subtraction"
            )
    return values


def checked_steps(one: EnergyAxis, other: EnergyAxis) -> None:
    """
    Refuse two axes of different dispersion.

    Raises
    ------
    ChannelMismatch
    """
    if abs(one.step_eV - other.step_eV) > SAME_STEP * one.step_eV:
        raise ChannelMismatch(
            f"core and low loss have channels of {one.step_eV:g} and {other.step_eV:g} eV: resample one onto the other"
        )


def spectrum_blocks(spectra: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Go through spectra (..., e) in blocks (pixel, e), so that a memory map is never read at once."""
    flat = spectra.reshape(-1, spectra.shape[-1])
    for start in range(0, len(flat), BLOCK_SPECTRA):
        yield flat[start : start + BLOCK_SPECTRA]
