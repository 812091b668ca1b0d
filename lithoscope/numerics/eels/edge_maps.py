"""One edge of a spectrum image: its background searched pixel by pixel, its spectra, and a map of its intensity."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import Progress, WrongShape
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eels.averaging import neighbour_mean
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.hydrogenic import LShell, hydrogenic_continuum
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.low_loss_maps import labelled_spectra
from lithoscope.numerics.eels.lowpass import LowPass
from lithoscope.numerics.eels.lowpass import Shape as LowPassShape
from lithoscope.numerics.eels.window_search import (
    BackgroundSearch,
    SlopeScore,
    WindowGrid,
    search_background,
)
from lithoscope.tables import Table
from lithoscope.units import Quantity

SlopeScale = Literal["relative", "barn_per_eV"]
#: Theory is computed this far beyond the last window [eV].
MARGIN_EV = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSettings:
    """
    How the background of one L edge is searched.

    Parameters
    ----------
    atomic_number, onset_L3_eV, onset_L1_eV, screening_exponent
        As of `LShell`.
    beam_energy_keV, convergence_mrad, collection_mrad
        As of `Beam`.
    region_start_eV, region_stop_eV : float
        Part of the spectra that is worked on, as far as they reach [eV].
    pre_start_eV, pre_end_eV, post_start_eV, post_end_eV : float
        The widest windows in front of the edge and behind it [eV].
    window_play_eV, window_steps
        Each end is moved inwards by up to so much [eV], in so many steps, the widest place included.
    low_pass_per_eV, low_pass_shape
        As of `LowPass`.
    post_weight, largest_pre_slope_per_eV
        As of `SlopeScore`.
    slope_scale : {"relative", "barn_per_eV"}
        Slopes relative to the mean behind the edge, or on the scale of the program that computes the continuum.
    judged_on, continuum_offset
        As of `SlopeScore` and `search_background`.
    neighbour_radius_px : int
        Spectra are averaged with their neighbours this far before the search [px].
    """

    atomic_number: int
    onset_L3_eV: float
    onset_L1_eV: float
    screening_exponent: float
    beam_energy_keV: float
    convergence_mrad: float
    collection_mrad: float
    region_start_eV: float
    region_stop_eV: float
    pre_start_eV: float
    pre_end_eV: float
    post_start_eV: float
    post_end_eV: float
    window_play_eV: float
    window_steps: int
    low_pass_per_eV: float
    low_pass_shape: LowPassShape
    post_weight: float
    largest_pre_slope_per_eV: float
    slope_scale: SlopeScale
    judged_on: Literal["fitted", "widest"]
    continuum_offset: bool
    neighbour_radius_px: int

    def windows(self) -> WindowGrid:
        """Return the windows that are tried."""
        inwards = np.linspace(0, self.window_play_eV, max(self.window_steps, 1))

        def moved(place: float, sign: int) -> tuple[float, ...]:
            return tuple(float(each) for each in place + sign * inwards)

        return WindowGrid(
            moved(self.pre_start_eV, 1),
            moved(self.pre_end_eV, -1),
            moved(self.post_start_eV, 1),
            moved(self.post_end_eV, -1),
        )

    def score(self, axis: EnergyAxis) -> SlopeScore:
        """Return how a window is judged, theory included."""
        shell = LShell(self.atomic_number, self.onset_L3_eV, self.onset_L1_eV, self.screening_exponent)
        beam = Beam(self.beam_energy_keV, self.convergence_mrad, self.collection_mrad)
        theory = hydrogenic_continuum(shell, beam=beam, last_eV=self.post_end_eV + MARGIN_EV)
        post = (self.post_start_eV, self.post_end_eV)
        scale = theory.mean(axis, post) if self.slope_scale == "barn_per_eV" else 1.0
        return SlopeScore(theory, self.post_weight, self.largest_pre_slope_per_eV, scale, self.judged_on)


@dataclass(frozen=True, slots=True, eq=False)
class SearchedEdge:
    """
    One edge after the search, with what led there.

    Attributes
    ----------
    search : BackgroundSearch
    ratio : FourierRatio
    core, low : (..., e) arrays
        What was searched: averaged, the core within its region.
    variance_factor : (...) array
        What averaging made of the variance [1].
    """

    search: BackgroundSearch
    ratio: FourierRatio
    core: NDArray[Any]
    low: NDArray[Any]
    variance_factor: NDArray[np.float64]


def searched_edge(
    core_loss: ArrayLike,
    low_loss: ArrayLike,
    *,
    core_loss_energy: EnergyAxis,
    low_loss_energy: EnergyAxis,
    settings: EdgeSettings,
    progress: Progress | None = None,
) -> SearchedEdge:
    """Average spectra (..., y, x, e) with their neighbours, tilt by tilt, and search their background."""
    cores, lows = np.asarray(core_loss), np.asarray(low_loss)
    if cores.ndim not in {3, 4} or cores.shape[:-1] != lows.shape[:-1]:
        raise WrongShape(f"core loss has pixels {cores.shape[:-1]}, low loss {lows.shape[:-1]}: give the same pixels")
    region = core_loss_energy.window(
        max(settings.region_start_eV, core_loss_energy.first_eV), min(settings.region_stop_eV, core_loss_energy.last_eV)
    )
    axis = core_loss_energy.part(region)
    low_pass = LowPass(settings.low_pass_per_eV, settings.low_pass_shape)
    ratio = FourierRatio.of(axis, low_loss_energy, low_pass=low_pass)
    score = settings.score(axis)
    core, factor = _averaged(cores[..., region], settings.neighbour_radius_px)
    low, _ = _averaged(lows, settings.neighbour_radius_px)
    search = search_background(
        core,
        low,
        ratio=ratio,
        grid=settings.windows(),
        score=score,
        continuum_offset=settings.continuum_offset,
        progress=progress,
    )
    return SearchedEdge(search, ratio, core, low, factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedEdge(EdgeSettings):
    """
    The same, and which part of the edge makes its map.

    Parameters
    ----------
    map_start_eV, map_stop_eV : float
        Window of the map [eV].
    """

    map_start_eV: float
    map_stop_eV: float


class EdgeMaps(NamedTuple):
    """
    One edge of a spectrum image.

    Attributes
    ----------
    spectra : (..., e) LabelledArray
        Single scattering of the edge; NaN for rejected pixels.
    intensity : (...) array of float32
        Its counts within the window of the map.
    score : (...) array of float32
        Of the chosen background [1/eV].
    mean : Table
        Means over the pixels that were kept: core loss, its background, the edge.
    windows : Table
        How often each combination was chosen.
    rejected, invalid : Quantity
        Pixels without a background within the limits, and without spectra [1].
    notes : tuple of str
    """

    spectra: LabelledArray
    intensity: NDArray[np.float32]
    score: NDArray[np.float32]
    mean: Table
    windows: Table
    rejected: Quantity
    invalid: Quantity
    notes: tuple[str, ...]


@with_settings(MappedEdge)
def edge_maps(
    core_loss: ArrayLike,
    low_loss: ArrayLike,
    *,
    core_loss_energy: EnergyAxis,
    low_loss_energy: EnergyAxis,
    settings: MappedEdge,
    progress: Progress | None = None,
) -> EdgeMaps:
    """
    Search the background of one edge and map its intensity.

    Parameters
    ----------
    core_loss, low_loss : (..., y, x, e) arrays
        Counts of the same pixels, zero-loss peak at 0 eV.
    core_loss_energy, low_loss_energy : EnergyAxis
        Their axes.
    settings : MappedEdge
        Given field by field.
    progress : callable, optional
        As for `search_background`, which says what is refused.

    Returns
    -------
    EdgeMaps
    """
    axes = {"core_loss_energy": core_loss_energy, "low_loss_energy": low_loss_energy}
    found = searched_edge(core_loss, low_loss, **axes, settings=settings, progress=progress)
    search = found.search
    window = search.axis.window(settings.map_start_eV, settings.map_stop_eV)
    return EdgeMaps(
        spectra=labelled_spectra(search.spectra, search.axis),
        intensity=search.spectra[..., window].sum(axis=-1),
        score=search.score.astype(np.float32),
        mean=mean_spectra(found),
        windows=_chosen(search),
        rejected=count(search.rejected_count, search.choice.size),
        invalid=count(search.invalid_count, search.choice.size),
        notes=notes_of(search),
    )


def mean_spectra(found: SearchedEdge) -> Table:
    """Tabulate the means over the pixels that were kept."""
    kept = found.search.choice >= 0
    if not kept.any():
        raise InvalidSetting(
            "no pixel keeps a background within the limits: raise largest_pre_slope_per_eV, or look whether the edge "
            "lies where the windows expect it"
        )
    background = found.search.background.values(found.search.axis)[kept].mean(axis=0)
    columns = {
        "energy_eV": found.search.axis.energies_eV,
        "core_loss": found.core[kept].mean(axis=0, dtype=np.float64),
        "background": background,
        "edge": found.search.spectra[kept].mean(axis=0, dtype=np.float64),
    }
    units = dict(zip(columns, ("eV", "", "", ""), strict=True))
    return Table({name: [float(value) for value in values] for name, values in columns.items()}, units)


def notes_of(search: BackgroundSearch) -> tuple[str, ...]:
    """Say where the theory comes from and how many pixels were left out."""
    notes = [f"continuum: the slope behind the edge is that of a {search.theory_source}"]
    if search.rejected_count:
        notes.append(
            f"rejected-pixels: {search.rejected_count} of {search.choice.size} pixels keep no background within the "
            "limits and are left empty"
        )
    return tuple(notes)


def count(number: int, total: int) -> Quantity:
    """Write a number of pixels."""
    return Quantity(float(number), "1", "measured", note=f"of {total} pixels")


def _averaged(spectra: NDArray[Any], radius_px: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Average each tilt's spectra with their neighbours; return them with the factor of their variance."""
    if radius_px == 0:
        return spectra, np.ones(spectra.shape[:-1])
    tilts = spectra if spectra.ndim == 4 else spectra[None]
    means = [neighbour_mean(tilt, radius_px=radius_px) for tilt in tilts]
    values = np.stack([mean.spectra for mean in means]).reshape(spectra.shape)
    return values, np.stack([mean.variance_factor for mean in means]).reshape(spectra.shape[:-1])


def _chosen(search: BackgroundSearch) -> Table:
    """List the combinations that were chosen, the most frequent first."""
    numbers, times = np.unique(search.choice[search.choice >= 0], return_counts=True)
    rows = []
    for index in np.argsort(-times, kind="stable"):
        function, windows = search.combinations[int(numbers[index])]
        rows.append((function, *windows.pre_eV, *windows.post_eV, windows.post_weight, int(times[index])))
    names = ("function", "pre_start_eV", "pre_end_eV", "post_start_eV", "post_end_eV", "post_weight", "pixels")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return Table(columns, dict(zip(names, ("1", "eV", "eV", "eV", "eV", "1", "1"), strict=True)))
