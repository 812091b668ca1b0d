"""Reference spectra of valence states, made to look as the data do, and their white lines."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.eels.checks import checked_spectra
from lithoscope.numerics.eels.errors import ReferenceNotCovering
from lithoscope.numerics.eels.lowpass import LowPass, filter_spectra

Float = NDArray[np.float64]
ContinuumShape = Literal["steps", "line"]
BeyondReference = Literal["refuse", "extrapolate"]


def resample_reference(reference: ArrayLike, *, axis: EnergyAxis, onto: EnergyAxis, shift_eV: float = 0.0) -> Float:
    """
    Put reference spectra on the data's axis by summing what falls into each of its bins.

    Point sampling would alias noise and miss what lies between; the sum over a bin is what a detector channel holds.

    Parameters
    ----------
    reference : (..., e) array
        Counts in channels of `axis`.
    axis, onto : EnergyAxis
        Axis of the reference and of the data.
    shift_eV : float
        Energy added to the reference's axis [eV].

    Returns
    -------
    resampled : (..., e) array
        NaN in bins that the reference does not cover wholly.

    Raises
    ------
    WrongShape, ChannelMismatch, NonFiniteValues
    """
    values = np.asarray(checked_spectra(reference, axis), np.float64)
    if not np.isfinite(values).all():
        raise NonFiniteValues("a reference spectrum holds NaN or infinite values: repair it or take another")
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    place = (onto.edges_eV - shift_eV - axis.edges_eV[0]) / axis.step_eV
    outside = (place < -1e-6) | (place > axis.size + 1e-6)
    place = np.clip(place, 0, axis.size)
    whole = np.minimum(place.astype(np.intp), axis.size - 1)
    reached = sums[..., whole] + (place - whole) * values[..., whole]
    reached[..., outside] = np.nan
    return np.diff(reached, axis=-1)


@dataclass(frozen=True, slots=True)
class References:
    """
    References as the data would show them.

    Parameters
    ----------
    spectra : (v, e) array
        One row a valence state, on the axis of the fit.
    axis : EnergyAxis
        Axis of the fit.
    channels : slice
        Where that axis lies on the data's.
    shift_eV : float
        Shift common to all references [eV]; single shifts would erase the chemical ones they are told apart by.
    """

    spectra: Float
    axis: EnergyAxis
    channels: slice
    shift_eV: float


def prepare_references(
    references: ArrayLike,
    *,
    axis: EnergyAxis,
    onto: EnergyAxis,
    fit_window_eV: tuple[float, float],
    low_pass: LowPass,
    align_to: ArrayLike | None = None,
    largest_shift_eV: float = 2.0,
) -> References:
    """
    Resample, align and low-pass references as the data were.

    Parameters
    ----------
    references : (v, e) array
        Background-free, one row a valence state, each on any scale.
    axis, onto : EnergyAxis
        Axis of the references and of the data.
    fit_window_eV : (float, float)
        Part used in the fit [eV].
    low_pass : LowPass
        The filter the data went through: references must see it too.
    align_to : (e,) array, optional
        Mean spectrum of the data, on `onto`. One shift of all references is sought whose best mixture fits it.
    largest_shift_eV : float
        Furthest shift tried [eV].

    Raises
    ------
    ReferenceNotCovering
        Names the window, before anything is extrapolated.
    WrongShape, ChannelMismatch, NonFiniteValues, WindowOutsideSpectrum
    """
    values = np.atleast_2d(checked_spectra(references, axis))
    channels = onto.window(*fit_window_eV)
    view, shift = _View(axis, onto, channels, low_pass), 0.0
    if align_to is not None:
        target = np.asarray(checked_spectra(align_to, onto), np.float64)[channels]
        if target.ndim != 1 or not np.isfinite(target).all():
            raise NonFiniteValues("the spectrum to align to holds NaN within the window of the fit: give a clean mean")
        shift = _common_shift(values, view, target, largest_shift_eV)
    return References(_seen(values, view, shift), onto.part(channels), channels, shift)


@dataclass(frozen=True, slots=True)
class _View:
    """What the data's side asks of a reference: its own axis, the data's, the channels fitted and their filter."""

    axis: EnergyAxis
    onto: EnergyAxis
    channels: slice
    low_pass: LowPass


def _seen(values: Float, view: _View, shift: float) -> Float:
    """Return references within the channels of the fit, resampled and filtered over all they cover."""
    moved = resample_reference(values, axis=view.axis, onto=view.onto, shift_eV=shift)
    covered = np.flatnonzero(np.isfinite(moved).all(axis=0))
    if covered.size == 0 or covered[0] > view.channels.start or covered[-1] < view.channels.stop - 1:
        window = view.onto.part(view.channels)
        raise ReferenceNotCovering(
            f"the references reach from {view.axis.first_eV:g} to {view.axis.last_eV:g} eV, not over the window of the "
            f"fit ({window.first_eV:g}-{window.last_eV:g} eV): narrow the window or give longer references"
        )
    part = slice(int(covered[0]), int(covered[-1]) + 1)
    filtered = filter_spectra(moved[:, part], axis=view.onto.part(part), low_pass=view.low_pass)
    return filtered[:, view.channels.start - part.start : view.channels.stop - part.start]


def _common_shift(values: Float, view: _View, target: Float, largest: float) -> float:
    """Return the shift whose best mixture of references leaves least of the target."""

    def left(shift: float) -> float:
        seen = _seen(values, view, shift)
        return float(optimize.nnls((seen / np.linalg.norm(seen, axis=1)[:, None]).T, target)[1])

    window, step = view.onto.part(view.channels), view.onto.step_eV
    lowest = max(-largest, window.last_eV + step - view.axis.edges_eV[-1])
    highest = min(largest, window.first_eV - step - view.axis.edges_eV[0])
    if lowest >= highest:
        return 0.0
    tried = np.linspace(lowest, highest, max(int((highest - lowest) / 0.2), 2) + 1)
    best = int(np.argmin([left(float(shift)) for shift in tried]))
    bounds = (tried[max(best - 1, 0)], tried[min(best + 1, len(tried) - 1)])
    return float(optimize.minimize_scalar(left, bounds=bounds, method="bounded", options={"xatol": 1e-3}).x)


@dataclass(frozen=True, slots=True)
class WhiteLines:
    """
    White lines of each reference.

    Parameters
    ----------
    intensity : (v,) array
        Integral without the continuum, in units of the reference.
    continuum : (v,) array
        Integral of the continuum in its window, in the same units.
    is_extrapolated : bool
        The window of the continuum leaves the reference and was filled by a line: the model, not a measurement.
    """

    intensity: Float
    continuum: Float
    is_extrapolated: bool

    @property
    def ratio(self) -> Float:
        """White lines over continuum [1]."""
        return self.intensity / self.continuum


def white_lines(
    references: ArrayLike,
    *,
    axis: EnergyAxis,
    line_window_eV: tuple[float, float],
    continuum_window_eV: tuple[float, float],
    fit_window_eV: tuple[float, float],
    onsets_eV: tuple[float, float] | None = None,
    beyond: BeyondReference = "refuse",
) -> WhiteLines:
    """
    Integrate the white lines of references over their continuum.

    The continuum is a line fitted behind the white lines. Under them it rises in steps at the two onsets, two thirds
    at the first; without onsets the line itself is subtracted everywhere, as published, which takes off more than there
    is before the second onset.

    Parameters
    ----------
    references : (v, e) array
        Background-free spectra.
    axis : EnergyAxis
        Their axis.
    line_window_eV, continuum_window_eV : (float, float)
        Where white lines and continuum are integrated [eV].
    fit_window_eV : (float, float)
        Where the line is fitted [eV]; must lie within the reference.
    onsets_eV : (float, float), optional
        Onsets of L3 and L2 [eV]; None subtracts the line alone.
    beyond : {"refuse", "extrapolate"}
        What to do when the continuum window leaves the reference: refuse, or integrate the fitted line and flag it.

    Raises
    ------
    ReferenceNotCovering
        A window leaves the reference; nothing is ever integrated over channels that are not there.
    WrongShape, ChannelMismatch, NonFiniteValues, InvalidSetting
    """
    values = np.atleast_2d(np.asarray(checked_spectra(references, axis), np.float64))
    if not np.isfinite(values).all():
        raise NonFiniteValues("a reference spectrum holds NaN or infinite values: repair it or take another")
    for window in (line_window_eV, fit_window_eV):
        _checked_cover(axis, window)
    extrapolated = not axis.covers(*continuum_window_eV)
    if extrapolated and beyond == "refuse":
        _checked_cover(axis, continuum_window_eV)
    energies, fitted = axis.energies_eV, axis.window(*fit_window_eV)
    centre = float(energies[fitted].mean())
    slope, level = np.polyfit(energies[fitted] - centre, values[:, fitted].T, 1)
    continuum = slope[:, None] * (energies - centre) + level[:, None]
    if onsets_eV is not None:
        continuum = continuum * (2 * (energies >= onsets_eV[0]) + (energies >= onsets_eV[1])) / 3
    channels = axis.window(*line_window_eV)
    intensity = (values - continuum)[:, channels].sum(axis=1) * axis.step_eV
    low, high = continuum_window_eV
    if extrapolated:
        held = (high - low) * (slope * ((low + high) / 2 - centre) + level)
    else:
        held = values[:, axis.window(low, high)].sum(axis=1) * axis.step_eV
    if not (intensity > 0).all():
        raise InvalidSetting("a reference has no white line above its continuum: check its windows and background")
    return WhiteLines(intensity, held, extrapolated)


def _checked_cover(axis: EnergyAxis, window: tuple[float, float]) -> None:
    if not axis.covers(*window):
        raise ReferenceNotCovering(
            f"the references reach from {axis.first_eV:g} to {axis.last_eV:g} eV, not over {window[0]:g}-{window[1]:g} "
            "eV: move the window, or let the continuum be extrapolated and flagged"
        )


def atoms_per_weight(lines: WhiteLines, *, holes: ArrayLike) -> Float:
    """
    Return what a reference's weight in a fit is multiplied by to count atoms: white lines per 3d hole.

    Scaling a reference scales its white lines and divides its weight, so the product stays.

    Parameters
    ----------
    lines : WhiteLines
        Of the references actually fitted.
    holes : (v,) array
        Empty 3d states of each valence state [1].

    Raises
    ------
    WrongShape, InvalidSetting
    """
    empty = np.asarray(holes, np.float64)
    if empty.shape != lines.intensity.shape:
        raise WrongShape("give the number of 3d holes of each reference")
    if not (empty > 0).all():
        raise InvalidSetting("a state without 3d holes has no white line: leave it out")
    return np.asarray(lines.intensity / empty)
