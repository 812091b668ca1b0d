"""One edge of a spectrum image or a series: its background searched pixel by pixel, and a map of its intensity."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import Progress
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eels.edge_search import EdgeSearch, EdgeSpectra, RunningMeans, left_out_notes
from lithoscope.numerics.eels.edge_settings import EdgeSettings, Strengths
from lithoscope.numerics.eels.low_loss_maps import labelled_spectra
from lithoscope.numerics.eels.window_search import BackgroundSearch
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

#: Spectra of the edge are kept as long as they take no more than this.
MOST_KEPT_BYTES = 2**30
REJECTED = "keep no background within the limits and are left empty"
EMPTY = "hold no spectrum and are left empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedEdge(EdgeSettings):
    """
    The same, and which part of the edge makes its map.

    Parameters
    ----------
    map_start_eV, map_stop_eV : float
        Window of the map [eV].
    keep_spectra : bool
        Return the spectra of the edge too, if they take no more than `MOST_KEPT_BYTES`.
    """

    map_start_eV: float
    map_stop_eV: float
    keep_spectra: bool = True


class EdgeMaps(NamedTuple):
    """
    One edge of a spectrum image.

    Attributes
    ----------
    spectra : (..., e) LabelledArray or None
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

    spectra: LabelledArray | None
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
    position: ArrayLike | None = None,
    masks: ArrayLike | None = None,
    strengths: Strengths | None = None,
    core_loss_energy: EnergyAxis,
    low_loss_energy: EnergyAxis,
    settings: MappedEdge,
    progress: Progress | None = None,
) -> EdgeMaps:
    """
    Search the background of one edge and map its intensity, reading one tilt at a time.

    Parameters
    ----------
    core_loss, low_loss : (y, x, e) or (t, y, x, e) arrays or stored series
        Counts of the same pixels.
    position : (...) array, optional
        Where each zero-loss peak lies [eV]; without it the spectra have theirs at 0 eV.
    masks : (...) array, optional
        Pixels that are looked at, above zero; all by default. Others stay empty.
    strengths : tuple of (c, e) LabelledArray, optional
        Tables of oscillator strengths of the subshells of the edge.
    core_loss_energy, low_loss_energy : EnergyAxis
        Their axes.
    settings : MappedEdge
        Given field by field.
    progress : callable, optional
        Called as ``progress(done, total)`` after each tilt.

    Returns
    -------
    EdgeMaps

    Raises
    ------
    WrongShape, ChannelMismatch, WindowOutsideSpectrum, NonFiniteValues, NegativeCounts, EmptyMask, InvalidSetting,
    MissingStrengths, OtherStrengths
    """
    energies = (core_loss_energy, low_loss_energy)
    spectra = EdgeSpectra.of(core_loss, low_loss, energies=energies, settings=settings, position=position, masks=masks)
    edge = EdgeSearch.of(spectra, settings, strengths)
    window = spectra.axis.window(settings.map_start_eV, settings.map_stop_eV)
    fits = 4 * spectra.pixel_count * spectra.axis.size <= MOST_KEPT_BYTES
    means, chosen, kept = RunningMeans(), Chosen(), []
    intensity, score = [], []
    for read, found in edge.tilts(progress):
        means.add(read, found)
        chosen.add(found)
        intensity.append(read.spread(found.spectra[:, window].sum(axis=1)))
        score.append(read.spread(found.score.astype(np.float32)))
        if settings.keep_spectra and fits:
            kept.append(np.moveaxis(read.spread(found.spectra.T), 0, -1))
    series = None
    if kept:
        series = np.stack(kept) if spectra.core.series.ndim == 4 else kept[0]
    notes = [f"continuum: the slope behind the edge is that of a {edge.score.continuum.source}"]
    notes += left_out_notes(means.rejected, looked_at=means.looked_at, why=REJECTED)
    notes += left_out_notes(means.invalid, looked_at=means.looked_at, why=EMPTY, code="empty-pixels")
    if settings.keep_spectra and not fits:
        notes.append("spectra-not-kept: the spectra of the edge would take more than 1 GiB and are left out")
    return EdgeMaps(
        spectra=None if series is None else labelled_spectra(series, spectra.axis),
        intensity=spectra.joined(intensity),
        score=spectra.joined(score),
        mean=mean_table(spectra.axis, means),
        windows=chosen.table(),
        rejected=count(sum(means.rejected), means.looked_at),
        invalid=count(sum(means.invalid), means.looked_at),
        notes=tuple(notes),
    )


def mean_table(axis: EnergyAxis, means: RunningMeans) -> Table:
    """Tabulate the means over the pixels that were kept."""
    core, background, edge = means.means()
    columns = {"energy_eV": axis.energies_eV, "core_loss": core, "background": background, "edge": edge}
    lines = (
        Line("core_loss", title="Core loss", kind="points"),
        Line("background", title="Background"),
        Line("edge", title="Single scattering of the edge"),
    )
    return Table(
        {name: [float(value) for value in values] for name, values in columns.items()},
        dict(zip(columns, ("eV", "", "", ""), strict=True)),
        Plot(
            x="energy_eV",
            lines=lines,
            title="Mean spectra of the pixels kept",
            x_title="Energy loss",
            y_title="Counts per channel",
        ),
    )


def count(number: int, total: int) -> Quantity:
    """Write a number of pixels."""
    return Quantity(float(number), "1", "measured", note=f"of {total} pixels")


class Chosen:
    """How often each combination of windows was chosen."""

    def __init__(self) -> None:
        self._times: dict[tuple[object, ...], int] = {}

    def add(self, search: BackgroundSearch) -> None:
        """Add one tilt."""
        numbers, times = np.unique(search.choice[search.choice >= 0], return_counts=True)
        for number, often in zip(numbers.tolist(), times.tolist(), strict=True):
            function, windows = search.combinations[number]
            row = (function, *windows.pre_eV, *windows.post_eV, windows.post_weight)
            self._times[row] = self._times.get(row, 0) + often

    def table(self) -> Table:
        """List the combinations that were chosen, the most frequent first."""
        rows = [(*row, often) for row, often in sorted(self._times.items(), key=lambda item: -item[1])]
        names = ("function", "pre_start_eV", "pre_end_eV", "post_start_eV", "post_end_eV", "post_weight", "pixels")
        columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
        return Table(columns, dict(zip(names, ("1", "eV", "eV", "eV", "eV", "1", "1"), strict=True)))
