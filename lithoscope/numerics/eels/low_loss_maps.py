"""Low-loss spectrum images: drift taken off all spectra of a pixel, and maps of thickness."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.thickness import log_ratio_thickness
from lithoscope.numerics.eels.zero_loss import covered_axis, find_zero_loss, shift_spectra
from lithoscope.units import Quantity

#: A low loss that ends before this misses much of what scattered [eV].
ENOUGH_LOW_LOSS_EV = 100.0


class AlignedSpectra(NamedTuple):
    """
    Spectra with the zero-loss peak of every pixel at 0 eV.

    Attributes
    ----------
    low_loss, core_loss : (..., e) LabelledArray
        On the channels that every pixel still has; NaN where no peak was found. None of what was not given.
    position : (...) array of float32
        Where each peak was [eV]; NaN where none was found.
    drift, scatter : Quantity
        Mean and standard deviation of the positions [eV].
    rejected : Quantity
        Pixels without a peak [1].
    notes : tuple of str
    """

    low_loss: LabelledArray
    core_loss: LabelledArray | None
    position: NDArray[np.float32]
    drift: Quantity
    scatter: Quantity
    rejected: Quantity
    notes: tuple[str, ...]


def align_spectra(
    low_loss: ArrayLike,
    core_loss: ArrayLike | None = None,
    *,
    low_loss_energy: EnergyAxis,
    core_loss_energy: EnergyAxis | None = None,
    search_eV: float = 10.0,
    least_counts: float = 0.0,
) -> AlignedSpectra:
    """
    Take each pixel's drift off its low loss, and off its core loss as well.

    Parameters
    ----------
    low_loss, core_loss : (..., e) arrays
        Counts of the same pixels.
    low_loss_energy, core_loss_energy : EnergyAxis
        Their axes.
    search_eV, least_counts
        As for `find_zero_loss`, which with `shift_spectra` says what is refused.

    Returns
    -------
    AlignedSpectra
    """
    found = find_zero_loss(low_loss, axis=low_loss_energy, search_eV=search_eV, least_counts=least_counts)
    known = found.position_eV[~found.rejected]
    core = None
    if core_loss is not None and core_loss_energy is not None:
        core = _moved(core_loss, core_loss_energy, found.position_eV)
    return AlignedSpectra(
        low_loss=_moved(low_loss, low_loss_energy, found.position_eV),
        core_loss=core,
        position=found.position_eV.astype(np.float32),
        drift=Quantity(float(known.mean()), "eV", "measured", note="mean over the pixels"),
        scatter=Quantity(float(known.std()), "eV", "measured", note="standard deviation over the pixels"),
        rejected=Quantity(float(found.rejected_count), "1", "measured", note=f"of {found.rejected.size} pixels"),
        notes=_rejected(found.rejected),
    )


class ThicknessMap(NamedTuple):
    """
    Thickness over the inelastic mean free path.

    Attributes
    ----------
    t_over_lambda, uncertainty : (...) arrays of float32
        With its standard uncertainty from counting; NaN where the spectrum holds none [1].
    mean : Quantity
        Over all pixels [1].
    invalid : Quantity
        Pixels left out [1].
    notes : tuple of str
    """

    t_over_lambda: NDArray[np.float32]
    uncertainty: NDArray[np.float32]
    mean: Quantity
    invalid: Quantity
    notes: tuple[str, ...]


def thickness_map(
    low_loss: ArrayLike,
    *,
    low_loss_energy: EnergyAxis,
    zero_loss_half_width_eV: float = 2.5,
    search_eV: float = 10.0,
    least_counts: float = 0.0,
) -> ThicknessMap:
    """
    Map the thickness by the logarithm of all electrons over those without loss; drift is taken off first.

    Parameters
    ----------
    low_loss : (..., e) array
        Counts.
    low_loss_energy : EnergyAxis
        Their axis.
    zero_loss_half_width_eV, search_eV, least_counts
        As for `log_ratio_thickness` and `find_zero_loss`, which say what is refused.

    Returns
    -------
    ThicknessMap
    """
    found = find_zero_loss(low_loss, axis=low_loss_energy, search_eV=search_eV, least_counts=least_counts)
    axis = covered_axis(low_loss_energy, found.position_eV)
    moved = shift_spectra(low_loss, axis=low_loss_energy, shift_eV=found.position_eV, onto=axis)
    thickness = log_ratio_thickness(moved, axis=axis, zero_loss_half_width_eV=zero_loss_half_width_eV)
    known = np.isfinite(thickness.t_over_lambda)
    notes = _rejected(~known)
    if axis.last_eV < ENOUGH_LOW_LOSS_EV:
        short = f"short-low-loss: the spectra end at {axis.last_eV:.0f} eV, and electrons that lost more are missing: "
        notes += (short + "the thickness comes out too small",)
    return ThicknessMap(
        t_over_lambda=thickness.t_over_lambda.astype(np.float32),
        uncertainty=thickness.uncertainty.astype(np.float32),
        mean=_mean(thickness.t_over_lambda[known]),
        invalid=Quantity(float(thickness.invalid_count), "1", "measured", note=f"of {known.size} pixels"),
        notes=notes,
    )


def _moved(spectra: ArrayLike, axis: EnergyAxis, position_eV: NDArray[np.float64]) -> LabelledArray:
    target = covered_axis(axis, position_eV)
    return labelled_spectra(shift_spectra(spectra, axis=axis, shift_eV=position_eV, onto=target), target)


def labelled_spectra(values: NDArray[Any], axis: EnergyAxis) -> LabelledArray:
    """
    Give spectra (y, x, e) or (t, y, x, e) their axis.

    Raises
    ------
    InvalidSetting
        They have fewer axes or more.
    """
    if values.ndim not in {3, 4}:
        raise InvalidSetting("spectra of an image (y, x, e) or of a series (t, y, x, e) are taken: reshape them")
    axes = "tyxe"[-values.ndim :]
    return LabelledArray(values, axes, coordinates={"e": axis.energies_eV}, kind="spectra")


def _rejected(rejected: NDArray[np.bool_]) -> tuple[str, ...]:
    if not rejected.any():
        return ()
    count = int(rejected.sum())
    return (f"rejected-pixels: {count} of {rejected.size} pixels have no zero-loss peak and are left empty",)


def _mean(values: NDArray[np.float64]) -> Quantity:
    if not values.size:
        return Quantity.unknown("1", "no pixel holds a low-loss spectrum")
    return Quantity(float(values.mean()), "1", "measured", note="mean over the pixels")
