"""Maps of line families of an image or a tilt series, with the spectra, sums and figures by which one judges them."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import Progress, WrongShape
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.series import SeriesOfTilts, StoredSeries
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eds.calibration import LEAST_COUNTS, refined_response
from lithoscope.numerics.eds.errors import EmptyTilt
from lithoscope.numerics.eds.fit_tables import crosstalk_table, spectrum_table, sums_table
from lithoscope.numerics.eds.fitting import FitDesign, fit_families
from lithoscope.numerics.eds.lines import line_family
from lithoscope.numerics.eds.named import families_in, kept_families
from lithoscope.numerics.eds.response import MN_KA_EV, Response
from lithoscope.numerics.eds.series import (
    Float,
    LineMaps,
    SpectrumSeries,
    checked_series,
    field_sum,
    tilt_spectra,
)
from lithoscope.numerics.eds.windows import LineWindow, window_maps
from lithoscope.tables import Table
from lithoscope.units import Quantity, Source

#: So many counts place lines well enough; more tilts are not read for it. Fewer leave one per cent in a family.
ENOUGH_COUNTS = 2e6
#: A mean spectrum that departs from the fit this much more than counting explains misses lines or their width.
LARGEST_MISFIT = 3.0
#: A window that takes more of another family's photons for its own is told [1].
LARGEST_CROSSTALK = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """
    How spectra are taken apart.

    Parameters
    ----------
    how : {"fit", "windows"}
        Least squares of families, or windows with side windows.
    families, kept : str
        Families that are fitted, and those that become maps, see `families_in` and `kept_families`.
    fwhm_mn_ka_eV, offset_eV : float
        As of `Response` [eV].
    refine : bool
        Find both in the data, from there on.
    range_start_eV, range_stop_eV : float or None
        Energies fitted [eV].
    strobe_eV : float
        Below this the processor's own pulses are counted, and left out [eV].
    bremsstrahlung_terms : int
        As of `FitDesign.of`.
    nonnegative : bool
        Forbid negative photons in pixels; sums are taken before.
    half_width_fwhm : float
        Half of a window, in full widths of the line [1].
    """

    how: Literal["fit", "windows"]
    families: str
    kept: str
    fwhm_mn_ka_eV: float
    offset_eV: float
    refine: bool
    range_start_eV: float | None
    range_stop_eV: float | None
    strobe_eV: float
    bremsstrahlung_terms: int
    nonnegative: bool
    half_width_fwhm: float

    def response(self) -> Response:
        """Return the response that was given."""
        return Response(self.fwhm_mn_ka_eV, self.offset_eV)

    def design(self, axis: EnergyAxis, response: Response) -> FitDesign:
        """Draw the components of a fit."""
        names = families_in(self.families)
        drawn: dict[str, Any] = {"axis": axis, "response": response, "bremsstrahlung_terms": self.bremsstrahlung_terms}
        usual = FitDesign.of(names, strobe_end_eV=self.strobe_eV, **drawn)
        if self.range_start_eV is None and self.range_stop_eV is None:
            return usual
        energies = axis.energies_eV[usual.channels]
        start = float(energies[0]) if self.range_start_eV is None else self.range_start_eV
        stop = float(energies[-1]) if self.range_stop_eV is None else self.range_stop_eV
        return FitDesign.of(names, range_eV=(start, stop), **drawn)


class FamilyMaps(NamedTuple):
    """
    Photons of each family in each pixel.

    Attributes
    ----------
    maps, variance : (c, y, x) or (c, t, y, x) LabelledArray
        [counts], [counts^2]
    sums : Table
        Photons of each tilt, before any were forced to be positive.
    spectrum : Table
        Mean spectrum of the field and what it is made of.
    misfit : Quantity
        Largest reduced chi-squared of a tilt's spectrum [1].
    fwhm, offset : Quantity
        Response that was used [eV].
    strobe : Quantity
        Counts of the strobe peak that were left out.
    clipped : Quantity
        Values that were below zero and moved there [1].
    crosstalk : Table or None
        What windows mix; fits separate families.
    notes : tuple of str
    """

    maps: LabelledArray
    variance: LabelledArray
    sums: Table
    spectrum: Table
    misfit: Quantity
    fwhm: Quantity
    offset: Quantity
    strobe: Quantity
    clipped: Quantity
    crosstalk: Table | None
    notes: tuple[str, ...]


@with_settings(FitSettings)
def family_maps(
    spectra: ArrayLike | StoredSeries,
    live_fraction: ArrayLike | None = None,
    *,
    spectra_energy: EnergyAxis,
    angles_deg: ArrayLike | None,
    settings: FitSettings,
    progress: Progress | None = None,
) -> FamilyMaps:
    """
    Count the photons of line families, tilt by tilt: no more than one tilt of the spectra is ever read.

    Parameters
    ----------
    spectra : (e,), (y, x, e) or (t, y, x, e) array or stored series
        Raw counts, detectors summed; a single spectrum is an image of one pixel.
    live_fraction : (y, x) or (t, y, x) array, optional
        Part of the time that the detectors listened to each pixel [1].
    spectra_energy : EnergyAxis
    angles_deg : (t,) array or None
        Tilt angles [deg]; None for an image.
    settings : FitSettings
        Given field by field.
    progress : callable, optional
        As for `fit_families`, which says what is refused.

    Returns
    -------
    FamilyMaps

    Raises
    ------
    EmptyTilt
        Nothing was counted above the strobe peak at all.
    """
    series, live = _as_series(spectra, live_fraction)
    kept = kept_families(settings.kept, families_in(settings.families))
    response, notes = _response(series, spectra_energy, settings)
    watched = _Watched(series, spectra_energy, settings.strobe_eV)
    found, design = _found(watched, live, axis=spectra_energy, response=response, settings=settings, progress=progress)
    _refuse_empty(found)
    angles = None if angles_deg is None else np.asarray(angles_deg, np.float64)
    places = [found.families.index(name) for name in kept]
    is_image = len(watched.series) == 1 and angles is None
    source: Source = "measured" if response != settings.response() else "user"
    return FamilyMaps(
        maps=_labelled(found.counts[places], kept, is_image=is_image),
        variance=_labelled(found.variance[places], kept, is_image=is_image),
        sums=sums_table(found, angles),
        spectrum=spectrum_table(found, spectra_energy, pixels=watched.pixels, design=design),
        misfit=_misfit(found),
        fwhm=Quantity(response.fwhm_mn_eV, "eV", source, note=f"of Mn K alpha at {MN_KA_EV:g} eV"),
        offset=Quantity(response.offset_eV, "eV", source, note="lines lie above their energies by this"),
        strobe=Quantity(watched.left_out, "counts", "measured", note=f"below {settings.strobe_eV:g} eV, left out"),
        clipped=Quantity(float(found.clipped_count), "1", "measured", note=f"of {found.counts.size} values"),
        crosstalk=None if design is not None else crosstalk_table(found),
        notes=(*notes, *_notes(found, kept)),
    )


class _Watched:
    """A series that counts, while its tilts are read once each, what lies in the strobe peak."""

    def __init__(self, series: SpectrumSeries, axis: EnergyAxis, strobe_eV: float) -> None:
        self._source = series
        self._below = slice(0, int(np.searchsorted(axis.energies_eV, strobe_eV, side="right")))
        self.series = SeriesOfTilts(self._read, shape=series.shape, dtype=series.dtype)
        self.pixels = int(np.prod(series.shape[1:3]))
        self.left_out = 0.0

    def _read(self, tilt: int) -> NDArray[Any]:
        values = np.asarray(self._source[tilt])
        self.left_out += float(values[..., self._below].sum(dtype=np.float64))
        return values


def _as_series(
    spectra: ArrayLike | StoredSeries, live_fraction: ArrayLike | None
) -> tuple[SpectrumSeries, NDArray[np.float32] | None]:
    """Let an image be a series of one tilt; a stored series stays where it is."""
    series: Any = spectra if hasattr(spectra, "shape") else np.asarray(spectra)
    live = None if live_fraction is None else np.asarray(live_fraction, np.float32)
    if len(series.shape) == 4:
        return series, live
    if len(series.shape) == 1:
        series = np.asarray(series)[None, None]
    if len(series.shape) != 3:
        raise WrongShape(f"the spectra have shape {tuple(series.shape)}: give (e), (y, x, e) or (tilt, y, x, e)")
    return np.asarray(series)[None], None if live is None else live[None]


def _response(series: SpectrumSeries, axis: EnergyAxis, settings: FitSettings) -> tuple[Response, tuple[str, ...]]:
    """Return the width and offset of lines, from the data if wanted and possible."""
    given = settings.response()
    checked_series(series, axis)
    if not settings.refine:
        return given, ()
    design = settings.design(axis, given)
    total = _bright_spectrum(series, design.channels)
    if total.sum() < LEAST_COUNTS:
        why = f"response-not-refined: fewer than {LEAST_COUNTS:g} counts place no lines; the given width was taken"
        return given, (why,)
    part = axis.part(design.channels)
    return refined_response(total, axis=part, families=families_in(settings.families), start=given), ()


def _bright_spectrum(series: SpectrumSeries, channels: slice) -> Float:
    """Add up tilts, from the middle of the series outwards, until they suffice to place lines."""
    middle, total = series.shape[0] // 2, np.zeros(channels.stop - channels.start)
    for tilt in sorted(range(series.shape[0]), key=lambda tilt: abs(tilt - middle)):
        total += field_sum(tilt_spectra(series, tilt, channels), None)
        if total.sum() >= ENOUGH_COUNTS:
            break
    return total


def _found(
    watched: _Watched,
    live: NDArray[np.float32] | None,
    *,
    axis: EnergyAxis,
    response: Response,
    settings: FitSettings,
    progress: Progress | None,
) -> tuple[LineMaps, FitDesign | None]:
    """Fit families, or count windows, which need no design."""
    given: dict[str, Any] = {"axis": axis, "live_fraction": live, "progress": progress}
    if settings.how == "fit":
        design = settings.design(axis, response)
        return fit_families(watched.series, design=design, nonnegative=settings.nonnegative, **given), design
    present = families_in(settings.families)
    names = kept_families(settings.kept, present)
    beside, half = [line_family(name) for name in present], settings.half_width_fwhm
    windows = [LineWindow.around(line_family(name), response, half_width_fwhm=half, beside=beside) for name in names]
    return window_maps(watched.series, families=names, response=response, windows=windows, **given), None


def _labelled(values: NDArray[np.float32], names: tuple[str, ...], *, is_image: bool) -> LabelledArray:
    if is_image:
        return LabelledArray(values[:, 0], "cyx", labels={"c": names})
    return LabelledArray(values, "ctyx", labels={"c": names})


def _refuse_empty(found: LineMaps) -> None:
    if not np.nansum(found.field) > 0:
        raise EmptyTilt("the spectra hold no X-ray counts above strobe_eV at all: check the detector or the file")


def _misfit(found: LineMaps) -> Quantity:
    known = found.misfit[np.isfinite(found.misfit)]
    if not known.size:
        return Quantity.unknown("1", "windows are not fitted")
    return Quantity(float(known.max()), "1", "measured", note="largest of all tilts")


def _notes(found: LineMaps, kept: tuple[str, ...]) -> tuple[str, ...]:
    """Say what makes the maps doubtful."""
    notes = []
    done = np.isfinite(found.sums).all(axis=0)
    if not done.all():
        notes.append(f"finished-early: tilts from {int(np.argmin(done))} on hold no values")
    totals = found.field.sum(axis=1)
    empty = np.flatnonzero(done & (totals == 0))
    notes += [f"empty-tilt: tilt {tilt} holds no X-ray counts: exclude it from what follows" for tilt in empty]
    if np.nanmax(found.misfit, initial=0.0) > LARGEST_MISFIT:
        notes.append(
            "families-missing: the mean spectrum departs from the fit by more than counting explains: add families, "
            "refine the response or fit a narrower range"
        )
    most = float(found.crosstalk.max(initial=0.0))
    if most > LARGEST_CROSSTALK:
        notes.append(
            f"windows-overlap: a map takes up to {100 * most:.0f} % of another family's photons for its own: fit "
            "families instead"
        )
    if left := [name for name in found.families if name not in kept]:
        notes.append(f"fitted-only: {', '.join(left)} became no map")
    return tuple(notes)
