"""Low-loss spectrum images: drift taken off all spectra of a pixel, and maps of thickness."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.common.series import StoredSeries
from lithoscope.numerics.eels.thickness import log_ratio_thickness
from lithoscope.numerics.eels.tilts import DriftFree, as_series, each_tilt, joined, named_tilt, tilt_count
from lithoscope.numerics.eels.zero_loss import covered_axis, find_zero_loss, shift_spectra
from lithoscope.tables import Line, Plot, Table
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


class ZeroLossMaps(NamedTuple):
    """
    Where the zero-loss peaks of an image or of a series lie.

    Attributes
    ----------
    position : (...) array of float32
        Of every pixel [eV]; NaN where none was found.
    drift, scatter : Quantity
        Mean and standard deviation of the positions [eV].
    rejected : Quantity
        Pixels without a peak [1].
    tilts : Table
        The same for every tilt, with its plot.
    notes : tuple of str
    """

    position: NDArray[np.float32]
    drift: Quantity
    scatter: Quantity
    rejected: Quantity
    tilts: Table
    notes: tuple[str, ...]


def zero_loss_maps(
    low_loss: ArrayLike,
    *,
    low_loss_energy: EnergyAxis,
    angles_deg: ArrayLike | None = None,
    search_eV: float = 10.0,
    least_counts: float = 0.0,
) -> ZeroLossMaps:
    """
    Find the zero-loss peak of every pixel, reading one tilt at a time.

    Parameters
    ----------
    low_loss : (y, x, e) or (t, y, x, e) array or stored series
        Raw counts.
    low_loss_energy : EnergyAxis
        Their axis.
    angles_deg : (t,) array, optional
        Tilts of a series [deg].
    search_eV, least_counts
        As for `find_zero_loss`, which says what is refused; a tilt without any peak is named.

    Returns
    -------
    ZeroLossMaps
    """
    series = as_series(low_loss, low_loss_energy)
    position = _positions(series, low_loss_energy, search_eV=search_eV, least_counts=least_counts)
    known = position[np.isfinite(position)]
    return ZeroLossMaps(
        position=position.astype(np.float32),
        drift=Quantity(float(known.mean()), "eV", "measured", note="mean over the pixels"),
        scatter=Quantity(float(known.std()), "eV", "measured", note="standard deviation over the pixels"),
        rejected=Quantity(float(position.size - known.size), "1", "measured", note=f"of {position.size} pixels"),
        tilts=_tilt_table(position, angles_deg),
        notes=_rejected(np.isnan(position)),
    )


def _positions(series: StoredSeries, axis: EnergyAxis, *, search_eV: float, least_counts: float) -> NDArray[np.float64]:
    """Find the peaks of all tilts, one after the other."""
    found = []
    for tilt, counts in enumerate(each_tilt(series)):
        try:
            place = find_zero_loss(counts, axis=axis, search_eV=search_eV, least_counts=least_counts)
        except ScienceError as refused:
            raise named_tilt(refused, tilt, series) from refused
        found.append(place.position_eV)
    return joined(found, series)


def _tilt_table(position: NDArray[np.float64], angles_deg: ArrayLike | None) -> Table:
    """Tabulate drift, scatter and rejected pixels of every tilt."""
    tilts = position.reshape(-1, position.shape[-2] * position.shape[-1])
    number, unit = ("tilt", "1") if angles_deg is None else ("tilt_deg", "deg")
    places = np.arange(1, len(tilts) + 1) if angles_deg is None else np.asarray(angles_deg, np.float64)
    columns: dict[str, list[Any]] = {
        number: [float(place) for place in places],
        "drift_eV": [float(value) for value in np.nanmean(tilts, axis=1)],
        "scatter_eV": [float(value) for value in np.nanstd(tilts, axis=1)],
        "rejected_pixels": [int(number) for number in np.isnan(tilts).sum(axis=1)],
    }
    plot = Plot(
        x=number,
        lines=(
            Line(
                "drift_eV",
                error="scatter_eV",
                title="Mean over the pixels",
                kind="points",
                error_words="standard deviation over the pixels",
            ),
        ),
        title="Drift of the zero-loss peak",
        x_title="Tilt",
        y_title="Zero-loss peak",
    )
    return Table(columns, {number: unit, "drift_eV": "eV", "scatter_eV": "eV", "rejected_pixels": "1"}, plot)


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
    position: ArrayLike | None = None,
    low_loss_energy: EnergyAxis,
    zero_loss_half_width_eV: float = 2.5,
    search_eV: float = 10.0,
    least_counts: float = 0.0,
) -> ThicknessMap:
    """
    Map the thickness by the logarithm of all electrons over those without loss; drift is taken off first.

    Parameters
    ----------
    low_loss : (y, x, e) or (t, y, x, e) array or stored series
        Counts; a series is read one tilt at a time.
    position : (...) array, optional
        Where each zero-loss peak lies [eV], as `zero_loss_maps` found it; it is sought here if not given.
    low_loss_energy : EnergyAxis
        Their axis.
    zero_loss_half_width_eV, search_eV, least_counts
        As for `log_ratio_thickness` and `find_zero_loss`, which say what is refused.

    Returns
    -------
    ThicknessMap
    """
    series = as_series(low_loss, low_loss_energy)
    places = position
    if places is None:
        places = _positions(series, low_loss_energy, search_eV=search_eV, least_counts=least_counts)
    moved = DriftFree.of(series, low_loss_energy, places, least_counts=least_counts)
    found = [
        log_ratio_thickness(moved.tilt(tilt), axis=moved.axis, zero_loss_half_width_eV=zero_loss_half_width_eV)
        for tilt in range(tilt_count(series))
    ]
    thickness = joined([tilt.t_over_lambda for tilt in found], series)
    known = np.isfinite(thickness)
    notes = _rejected(~known)
    if moved.axis.last_eV < ENOUGH_LOW_LOSS_EV:
        short = f"short-low-loss: the spectra end at {moved.axis.last_eV:.0f} eV, and electrons that lost more are "
        notes += (short + "missing: the thickness comes out too small",)
    return ThicknessMap(
        t_over_lambda=thickness.astype(np.float32),
        uncertainty=joined([tilt.uncertainty for tilt in found], series).astype(np.float32),
        mean=_mean(thickness[known]),
        invalid=Quantity(float((~known).sum()), "1", "measured", note=f"of {known.size} pixels"),
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
