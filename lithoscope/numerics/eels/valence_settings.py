"""How an edge is taken apart into valence states, and the references that this needs."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.checks import checked_spectra
from lithoscope.numerics.eels.edge_settings import EdgeSettings
from lithoscope.numerics.eels.elements import SYMBOLS
from lithoscope.numerics.eels.errors import ReferenceNotCovering
from lithoscope.numerics.eels.references import BeyondReference, WhiteLines, resample_reference, white_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ValenceSettings(EdgeSettings):
    """
    How an edge is searched, and how its spectra are taken apart.

    Parameters
    ----------
    model : {"scattered", "deconvolved"}
        Fit the counts by references that were scattered again, or deconvolve the counts and fit what is left above a
        searched background, as published.
    foreign_onset_eV : float or None
        Onset of another element's weak edge within the fit [eV]; its continuum joins the background of the model
        'scattered'.
    fit_start_eV, fit_stop_eV : float
        Part of the edge that is fitted [eV].
    line_start_eV, line_stop_eV : float
        White lines of the references [eV].
    continuum_start_eV, continuum_stop_eV : float
        Where their continuum is fitted [eV].
    continuum_shape : {"steps", "line"}
        Continuum under the white lines: rising in steps at both onsets, or the line itself, as published.
    beyond : {"refuse", "extrapolate"}
        As for `white_lines`.
    holes_1, holes_2, holes_3, valence_1, valence_2, valence_3
        Empty 3d states and charge of each reference [1].
    align_references : bool
        Seek the one shift of all references that fits the mean spectrum best.
    largest_shift_eV : float
        Furthest shift tried [eV].
    solver : {"nnls", "multiplicative"}
        Exact non-negative least squares, or multiplicative updates as published.
    """

    model: Literal["scattered", "deconvolved"]
    foreign_onset_eV: float | None
    fit_start_eV: float
    fit_stop_eV: float
    line_start_eV: float
    line_stop_eV: float
    continuum_start_eV: float
    continuum_stop_eV: float
    continuum_shape: Literal["steps", "line"]
    beyond: BeyondReference
    holes_1: float
    holes_2: float
    holes_3: float | None
    valence_1: float
    valence_2: float
    valence_3: float | None
    align_references: bool
    largest_shift_eV: float
    solver: Literal["nnls", "multiplicative"]


def state_names(settings: ValenceSettings, valences: list[float]) -> tuple[str, ...]:
    """Return the names of the states, such as ``Mn4+``."""
    symbol = SYMBOLS.get(settings.atomic_number, f"Z{settings.atomic_number} ")
    return tuple(f"{symbol}{valence:g}+" for valence in valences)


def on_one_axis(given: list[tuple[ArrayLike, EnergyAxis]]) -> tuple[NDArray[np.float64], EnergyAxis]:
    """Put references on the axis of the first, as far as all of them reach."""
    first = given[0][1]
    if all(axis == first for _, axis in given):
        return np.stack([np.asarray(checked_spectra(row, axis), np.float64) for row, axis in given]), first
    rows = np.stack([resample_reference(row, axis=axis, onto=first) for row, axis in given])
    common = np.flatnonzero(np.isfinite(rows).all(axis=0))
    if common.size < 2:
        raise ReferenceNotCovering("the references have no energies in common: give spectra of one edge")
    part = slice(int(common[0]), int(common[-1]) + 1)
    return rows[:, part], first.part(part)


def charges(settings: ValenceSettings, number: int) -> tuple[list[float], list[float]]:
    """Return holes and valence of each reference."""
    holes = [settings.holes_1, settings.holes_2, settings.holes_3][:number]
    valences = [settings.valence_1, settings.valence_2, settings.valence_3][:number]
    if None in holes or None in valences:
        raise InvalidSetting("a third reference needs its number of 3d holes and its valence: give holes_3, valence_3")
    return [float(each or 0) for each in holes], [float(each or 0) for each in valences]


def lines_of(rows: NDArray[np.float64], axis: EnergyAxis, settings: ValenceSettings) -> WhiteLines:
    window = (settings.continuum_start_eV, settings.continuum_stop_eV)
    fitted = window
    if settings.beyond == "extrapolate" and not axis.covers(*window):
        if axis.last_eV < settings.fit_stop_eV - axis.step_eV:
            raise ReferenceNotCovering(
                f"the references end at {axis.last_eV:g} eV, before the window of the fit does "
                f"({settings.fit_stop_eV:g} eV): narrow the window or give longer references"
            )
        fitted = (settings.line_stop_eV, axis.last_eV)  # all there is behind the white lines
    return white_lines(
        rows,
        axis=axis,
        line_window_eV=(settings.line_start_eV, settings.line_stop_eV),
        continuum_window_eV=window,
        fit_window_eV=fitted,
        onsets_eV=_steps(settings),
        beyond=settings.beyond,
    )


def _steps(settings: ValenceSettings) -> tuple[float, float] | None:
    """Return where the continuum under the white lines rises [eV]; None where it is a line."""
    if settings.continuum_shape == "line":
        return None
    if settings.onset_L2_eV is None:
        raise InvalidSetting("steps under the white lines need onset_L2_eV: give it or choose a preset")
    return settings.onset_eV, settings.onset_L2_eV
