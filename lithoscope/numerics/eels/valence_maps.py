"""Maps of valence states from core loss, low loss and reference spectra."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import Progress
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eels.checks import checked_spectra
from lithoscope.numerics.eels.edge_maps import EdgeSettings, SearchedEdge, count, mean_spectra, notes_of, searched_edge
from lithoscope.numerics.eels.errors import ReferenceNotCovering
from lithoscope.numerics.eels.references import (
    BeyondReference,
    References,
    WhiteLines,
    atoms_per_weight,
    prepare_references,
    resample_reference,
    white_lines,
)
from lithoscope.numerics.eels.uncertainty import weight_covariance
from lithoscope.numerics.eels.valence import (
    Fractions,
    Weights,
    multiplicative_weights,
    nonnegative_weights,
    valence_fractions,
)
from lithoscope.tables import Table
from lithoscope.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ValenceSettings(EdgeSettings):
    """
    How an edge is searched, and how its spectra are taken apart.

    Parameters
    ----------
    fit_start_eV, fit_stop_eV : float
        Part of the edge that is fitted [eV].
    line_start_eV, line_stop_eV : float
        White lines of the references [eV].
    continuum_start_eV, continuum_stop_eV : float
        Where their continuum is fitted [eV].
    continuum_shape : {"steps", "line"}
        Continuum under the white lines: rising in steps at both onsets, or the line itself, as published.
    onset_L2_eV : float
        Second step [eV].
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

    fit_start_eV: float
    fit_stop_eV: float
    line_start_eV: float
    line_stop_eV: float
    continuum_start_eV: float
    continuum_stop_eV: float
    continuum_shape: Literal["steps", "line"]
    onset_L2_eV: float
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


class ValenceMaps(NamedTuple):
    """
    Fractions of an element's atoms in each state, pixel by pixel.

    Attributes
    ----------
    fraction_1, fraction_2, fraction_3 : (...) arrays of float32
        In the order of the references; NaN where the element is too thin to tell [1].
    uncertainty_1, uncertainty_2, uncertainty_3 : (...) arrays of float32
        Standard uncertainty from counting [1].
    mean_valence : (...) array of float32
    fit : Table
        Mean spectrum over the pixels that were kept, and what each reference has in it.
    states : Table
        Mean fraction, holes and white lines of each reference.
    shift : Quantity
        Of all references [eV].
    undefined : Quantity
        Pixels left empty [1].
    notes : tuple of str
    """

    fraction_1: NDArray[np.float32]
    fraction_2: NDArray[np.float32]
    fraction_3: NDArray[np.float32] | None
    uncertainty_1: NDArray[np.float32]
    uncertainty_2: NDArray[np.float32]
    uncertainty_3: NDArray[np.float32] | None
    mean_valence: NDArray[np.float32]
    fit: Table
    states: Table
    shift: Quantity
    undefined: Quantity
    notes: tuple[str, ...]


@with_settings(ValenceSettings)
def valence_maps(
    core_loss: ArrayLike,
    low_loss: ArrayLike,
    *,
    reference_1: ArrayLike,
    reference_2: ArrayLike,
    reference_3: ArrayLike | None = None,
    core_loss_energy: EnergyAxis,
    low_loss_energy: EnergyAxis,
    reference_1_energy: EnergyAxis,
    reference_2_energy: EnergyAxis,
    reference_3_energy: EnergyAxis | None = None,
    settings: ValenceSettings,
    progress: Progress | None = None,
) -> ValenceMaps:
    """
    Search the background of an edge and take its spectra apart into references.

    Parameters
    ----------
    core_loss, low_loss : (..., y, x, e) arrays
        Counts of the same pixels, zero-loss peak at 0 eV.
    reference_1, reference_2, reference_3 : (e,) arrays
        Background-free spectra of the states, the highest valence first, each on any scale.
    core_loss_energy, low_loss_energy, reference_1_energy, reference_2_energy, reference_3_energy : EnergyAxis
        Their axes.
    settings : ValenceSettings
        Given field by field.
    progress : callable, optional
        As for `search_background`.

    Returns
    -------
    ValenceMaps

    Raises
    ------
    ReferenceNotCovering
        A reference does not cover a window; nothing is extrapolated unless `beyond` says so.
    WrongShape, ChannelMismatch, WindowOutsideSpectrum, NonFiniteValues, InvalidSetting
    """
    given = [(reference_1, reference_1_energy), (reference_2, reference_2_energy)]
    if reference_3 is not None and reference_3_energy is not None:
        given.append((reference_3, reference_3_energy))
    rows, axis = _on_one_axis(given)
    holes, valences = _states(settings, len(rows))
    lines = _white_lines(rows, axis, settings)
    axes = {"core_loss_energy": core_loss_energy, "low_loss_energy": low_loss_energy}
    found = searched_edge(core_loss, low_loss, **axes, settings=settings, progress=progress)
    mean = mean_spectra(found)
    seen = prepare_references(
        rows,
        axis=axis,
        onto=found.search.axis,
        fit_window_eV=(settings.fit_start_eV, settings.fit_stop_eV),
        low_pass=found.ratio.low_pass,
        align_to=np.array(mean.columns["edge"]) if settings.align_references else None,
        largest_shift_eV=settings.largest_shift_eV,
    )
    solve = nonnegative_weights if settings.solver == "nnls" else multiplicative_weights
    weights = solve(found.search.spectra[..., seen.channels], seen.spectra)
    fractions = _fractions(found, seen, weights, settings, atoms=atoms_per_weight(lines, holes=holes), charge=valences)
    return _as_maps(found, seen, weights, fractions, mean=mean, states=_state_table(fractions, lines, holes, valences))


def _fractions(
    found: SearchedEdge,
    seen: References,
    weights: Weights,
    settings: ValenceSettings,
    *,
    atoms: NDArray[np.float64],
    charge: list[float],
) -> Fractions:
    covariance = weight_covariance(
        found.core,
        found.low,
        ratio=found.ratio,
        search=found.search,
        references=seen,
        weights=weights,
        variance_factor=found.variance_factor,
        continuum_offset=settings.continuum_offset,
    )
    return valence_fractions(weights.weights, atoms_per_weight=atoms, covariance=covariance, valences=charge)


def _on_one_axis(given: list[tuple[ArrayLike, EnergyAxis]]) -> tuple[NDArray[np.float64], EnergyAxis]:
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


def _states(settings: ValenceSettings, number: int) -> tuple[list[float], list[float]]:
    """Return holes and valence of each reference."""
    holes = [settings.holes_1, settings.holes_2, settings.holes_3][:number]
    valences = [settings.valence_1, settings.valence_2, settings.valence_3][:number]
    if None in holes or None in valences:
        raise InvalidSetting("a third reference needs its number of 3d holes and its valence: give holes_3, valence_3")
    return [float(each or 0) for each in holes], [float(each or 0) for each in valences]


def _white_lines(rows: NDArray[np.float64], axis: EnergyAxis, settings: ValenceSettings) -> WhiteLines:
    window = (settings.continuum_start_eV, settings.continuum_stop_eV)
    fitted = window
    if settings.beyond == "extrapolate":  # the line is fitted on what there is behind the white lines
        fitted = (min(window[0], settings.fit_stop_eV), min(window[1], axis.last_eV))
    return white_lines(
        rows,
        axis=axis,
        line_window_eV=(settings.line_start_eV, settings.line_stop_eV),
        continuum_window_eV=window,
        fit_window_eV=fitted,
        onsets_eV=(settings.onset_L3_eV, settings.onset_L2_eV) if settings.continuum_shape == "steps" else None,
        beyond=settings.beyond,
    )


def _as_maps(
    found: SearchedEdge, seen: References, weights: Weights, fractions: Fractions, *, mean: Table, states: Table
) -> ValenceMaps:
    """Collect maps, tables and notes."""
    maps = [each.astype(np.float32) for each in fractions.fractions]
    spread = fractions.uncertainty if fractions.uncertainty is not None else np.full(fractions.fractions.shape, np.nan)
    spreads = [each.astype(np.float32) for each in spread]
    charge = fractions.mean_valence if fractions.mean_valence is not None else np.full(maps[0].shape, np.nan)
    notes = list(notes_of(found.search))
    if states.columns["is_extrapolated"][0]:
        notes.append(
            "extrapolated-continuum: the references end before the window of their continuum, which was continued by "
            "a line: the fractions rest on that model"
        )
    third = len(maps) > 2
    return ValenceMaps(
        fraction_1=maps[0],
        fraction_2=maps[1],
        fraction_3=maps[2] if third else None,
        uncertainty_1=spreads[0],
        uncertainty_2=spreads[1],
        uncertainty_3=spreads[2] if third else None,
        mean_valence=charge.astype(np.float32),
        fit=_fit_table(seen, weights, mean),
        states=states,
        shift=Quantity(seen.shift_eV, "eV", "measured", note="added to the energies of all references"),
        undefined=count(fractions.undefined_count, maps[0].size),
        notes=tuple(notes),
    )


def _fit_table(seen: References, weights: Weights, mean: Table) -> Table:
    """Tabulate the mean spectrum over the window of the fit, and the share of each reference in it."""
    kept = np.isfinite(weights.weights).all(axis=0)
    shares = weights.weights[:, kept].mean(axis=1)[:, None] * seen.spectra
    edge = np.array(mean.columns["edge"])[seen.channels]
    columns: dict[str, Any] = {"energy_eV": seen.axis.energies_eV, "edge": edge, "fitted": shares.sum(axis=0)}
    columns |= {f"reference_{number}": share for number, share in enumerate(shares, start=1)}
    units = {name: "eV" if name == "energy_eV" else "" for name in columns}
    return Table({name: [float(value) for value in values] for name, values in columns.items()}, units)


def _state_table(fractions: Fractions, lines: WhiteLines, holes: list[float], valences: list[float]) -> Table:
    means = np.nanmean(fractions.fractions.reshape(len(holes), -1), axis=1)
    columns: dict[str, list[Any]] = {
        "reference": list(range(1, len(holes) + 1)),
        "valence": valences,
        "holes": holes,
        "mean_fraction": [float(value) for value in means],
        "white_lines_over_continuum": [float(value) for value in lines.ratio],
        "is_extrapolated": [lines.is_extrapolated] * len(holes),
    }
    return Table(columns, dict.fromkeys(columns, "1"))
