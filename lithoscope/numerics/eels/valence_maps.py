"""Maps of valence states from core loss, low loss and reference spectra."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import Progress
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eels.edge_maps import count
from lithoscope.numerics.eels.edge_search import EdgeSpectra
from lithoscope.numerics.eels.edge_settings import Strengths
from lithoscope.numerics.eels.references import WhiteLines, atoms_per_weight
from lithoscope.numerics.eels.thickness import log_ratio_thickness
from lithoscope.numerics.eels.valence import valence_fractions
from lithoscope.numerics.eels.valence_routes import DeconvolvedRoute, MeanFit, ScatteredRoute, TiltWeights
from lithoscope.numerics.eels.valence_settings import ValenceSettings, charges, lines_of, on_one_axis, state_names
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

Map = NDArray[np.float32]


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
    atoms : (c, ...) LabelledArray
        Atoms of each state in any one unit, for all electrons that entered: to be reconstructed. Not bound to be
        positive, since a bound would raise what noise makes of nothing; 0 for rejected pixels.
    fit : Table
        Mean spectrum over the pixels that were kept, its background, and what each reference has in it.
    states : Table
        Mean fraction, holes and white lines of each reference.
    shift : Quantity
        Of all references [eV].
    undefined : Quantity
        Pixels left empty [1].
    notes : tuple of str
    """

    fraction_1: Map
    fraction_2: Map
    fraction_3: Map | None
    uncertainty_1: Map
    uncertainty_2: Map
    uncertainty_3: Map | None
    mean_valence: Map
    atoms: LabelledArray
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
    position: ArrayLike | None = None,
    masks: ArrayLike | None = None,
    strengths: Strengths | None = None,
    core_loss_energy: EnergyAxis,
    low_loss_energy: EnergyAxis,
    reference_1_energy: EnergyAxis,
    reference_2_energy: EnergyAxis,
    reference_3_energy: EnergyAxis | None = None,
    settings: ValenceSettings,
    progress: Progress | None = None,
) -> ValenceMaps:
    """
    Take the spectra of an edge apart into references, reading one tilt at a time.

    Parameters
    ----------
    core_loss, low_loss : (y, x, e) or (t, y, x, e) arrays or stored series
        Counts of the same pixels.
    reference_1, reference_2, reference_3 : (e,) arrays
        Background-free spectra of the states, the highest valence first, each on any scale.
    position : (...) array, optional
        Where each zero-loss peak lies [eV]; without it the spectra have theirs at 0 eV.
    masks : (...) array, optional
        Pixels that are looked at, above zero; all by default. Others hold none of the element.
    strengths : tuple of (c, e) LabelledArray, optional
        Tables of oscillator strengths of the subshells of the edge; of the model 'deconvolved' only.
    core_loss_energy, low_loss_energy, reference_1_energy, reference_2_energy, reference_3_energy : EnergyAxis
        Their axes.
    settings : ValenceSettings
        Given field by field.
    progress : callable, optional
        Called as ``progress(done, total)`` after each tilt.

    Returns
    -------
    ValenceMaps

    Raises
    ------
    ReferenceNotCovering
        A reference does not cover a window; nothing is extrapolated unless `beyond` says so.
    WrongShape, ChannelMismatch, WindowOutsideSpectrum, NonFiniteValues, NegativeCounts, EmptyMask, InvalidSetting,
    MissingStrengths, OtherStrengths

    References
    ----------
    Verbeeck and Van Aert, Ultramicroscopy 101 (2004) 207, doi:10.1016/j.ultramic.2004.06.004 (counts fitted by
    scattered edges); Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods (deconvolved).
    """
    given = [(reference_1, reference_1_energy), (reference_2, reference_2_energy)]
    if reference_3 is not None and reference_3_energy is not None:
        given.append((reference_3, reference_3_energy))
    rows, axis = on_one_axis(given)
    holes, valences = charges(settings, len(rows))
    lines = lines_of(rows, axis, settings)
    energies = (core_loss_energy, low_loss_energy)
    spectra = EdgeSpectra.of(core_loss, low_loss, energies=energies, settings=settings, position=position, masks=masks)
    route = _route(spectra, settings, (rows, axis), strengths)
    per_weight = atoms_per_weight(lines, holes=holes)
    found = [_maps_of(tilt, spectra, per_weight, valences) for tilt in route.tilts(progress)]
    maps = _Maps(*(spectra.joined([getattr(tilt, name) for tilt in found]) for name in _Maps._fields))
    return _as_maps(
        maps,
        fit=fit_table(route.mean()),
        states=_state_table(maps.fractions, lines, holes, valences),
        names=state_names(settings, valences),
        shift_eV=route.shift_eV,
        looked_at=sum(int(np.count_nonzero(tilt.looked_at)) for tilt in found),
        notes=[*route.notes(), *_extrapolated(lines)],
    )


def _route(
    spectra: EdgeSpectra,
    settings: ValenceSettings,
    references: tuple[NDArray[np.float64], EnergyAxis],
    strengths: Strengths | None,
) -> DeconvolvedRoute | ScatteredRoute:
    """Choose the way from spectra to weights; what it would not use is refused."""
    if settings.model == "deconvolved":
        return DeconvolvedRoute(spectra, settings, *references, strengths=strengths)
    if strengths or settings.theory is not None:
        raise InvalidSetting(
            "the model 'scattered' needs no theory of the continuum: leave theory and strengths out, or choose the "
            "model 'deconvolved'"
        )
    if settings.solver == "multiplicative":
        raise InvalidSetting("the model 'scattered' is solved exactly: leave the solver out or choose 'deconvolved'")
    return ScatteredRoute(spectra, settings, *references)


class _Maps(NamedTuple):
    """Maps of one tilt or of all: (v, ..., y, x) the first three, (..., y, x) the others."""

    fractions: NDArray[np.float64]
    spread: NDArray[np.float64]
    atoms: NDArray[np.float64]
    mean_valence: NDArray[np.float64]
    looked_at: NDArray[np.bool_]


def _maps_of(tilt: TiltWeights, spectra: EdgeSpectra, per_weight: NDArray[np.float64], valences: list[float]) -> _Maps:
    """Turn the weights of one tilt into fractions, and into atoms for all electrons that entered."""
    found = valence_fractions(tilt.bound, atoms_per_weight=per_weight, covariance=tilt.covariance, valences=valences)
    everything = np.exp(log_ratio_thickness(tilt.read.low, axis=spectra.low.axis).t_over_lambda)
    atoms = np.nan_to_num(tilt.free * per_weight[:, None] * everything)
    spread = found.uncertainty if found.uncertainty is not None else np.full_like(found.fractions, np.nan)
    mean = found.mean_valence if found.mean_valence is not None else np.full(found.fractions.shape[1:], np.nan)
    put = tilt.read.spread
    return _Maps(put(found.fractions), put(spread), put(atoms, 0.0), put(mean), tilt.read.pixels)


def _as_maps(
    maps: _Maps,
    *,
    fit: Table,
    states: Table,
    names: tuple[str, ...],
    shift_eV: float,
    looked_at: int,
    notes: list[str],
) -> ValenceMaps:
    """Collect maps, tables and notes."""
    fractions, spread = maps.fractions.astype(np.float32), maps.spread.astype(np.float32)
    third = len(fractions) > 2
    layout = "ctyx" if maps.atoms.ndim == 4 else "cyx"
    undefined = int((np.isnan(fractions[0]) & maps.looked_at).sum())
    return ValenceMaps(
        fraction_1=fractions[0],
        fraction_2=fractions[1],
        fraction_3=fractions[2] if third else None,
        uncertainty_1=spread[0],
        uncertainty_2=spread[1],
        uncertainty_3=spread[2] if third else None,
        mean_valence=maps.mean_valence.astype(np.float32),
        atoms=LabelledArray(maps.atoms.astype(np.float32), layout, labels={"c": names}),
        fit=fit,
        states=states,
        shift=Quantity(shift_eV, "eV", "measured", note="added to the energies of all references"),
        undefined=count(undefined, looked_at),
        notes=tuple(notes),
    )


def fit_table(mean: MeanFit) -> Table:
    """Tabulate the mean spectrum over the window of the fit, its background, and the share of each reference."""
    columns: dict[str, Any] = {
        "energy_eV": mean.axis.energies_eV,
        "core_loss": mean.core,
        "background": mean.background,
        "edge": mean.edge,
        "fitted": mean.shares.sum(axis=0),
    }
    columns |= {f"reference_{number}": share for number, share in enumerate(mean.shares, start=1)}
    lines = [
        Line("core_loss", title="Core loss", kind="points"),
        Line("background", title="Background"),
        Line("edge", title="Edge", kind="points"),
        Line("fitted", title="Sum of the references"),
    ]
    lines += [Line(name, title=name.replace("_", " ").capitalize()) for name in columns if name.startswith("ref")]
    return Table(
        {name: [float(value) for value in values] for name, values in columns.items()},
        {name: "eV" if name == "energy_eV" else "" for name in columns},
        Plot(
            x="energy_eV",
            lines=tuple(lines),
            title="Mean spectrum, background and references",
            x_title="Energy loss",
            y_title="Counts per channel",
        ),
    )


def _extrapolated(lines: WhiteLines) -> tuple[str, ...]:
    if not lines.is_extrapolated:
        return ()
    said = (
        "extrapolated-continuum: the references end before the window of their continuum, which was continued by "
        "a line: the fractions rest on that model"
    )
    return (said,)


def _state_table(fractions: NDArray[np.float64], lines: WhiteLines, holes: list[float], valences: list[float]) -> Table:
    flat = fractions.reshape(len(holes), -1)
    known = np.isfinite(flat).all(axis=0)
    if not known.any():
        raise InvalidSetting("no pixel holds any of the references: look whether the edge lies where the windows are")
    columns: dict[str, list[Any]] = {
        "reference": list(range(1, len(holes) + 1)),
        "valence": valences,
        "holes": holes,
        "mean_fraction": [float(value) for value in flat[:, known].mean(axis=1)],
        "white_lines_over_continuum": [float(value) for value in lines.ratio],
        "is_extrapolated": [lines.is_extrapolated] * len(holes),
    }
    return Table(columns, dict.fromkeys(columns, "1"))
