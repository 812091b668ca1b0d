"""Two ways from spectra to weights of references: deconvolve the data and fit, or scatter the references and fit."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import Progress, silent
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.edge_search import (
    EdgeSearch,
    EdgeSpectra,
    RunningMeans,
    TiltSpectra,
    left_out_notes,
)
from lithoscope.numerics.eels.edge_settings import Strengths
from lithoscope.numerics.eels.references import References, prepare_references
from lithoscope.numerics.eels.scattered_fit import ScatteredFit, ScatteredModel
from lithoscope.numerics.eels.uncertainty import weight_covariance
from lithoscope.numerics.eels.valence import Weights, multiplicative_weights, nonnegative_weights
from lithoscope.numerics.eels.valence_settings import ValenceSettings
from lithoscope.numerics.eels.window_search import BackgroundSearch

Float = NDArray[np.float64]
#: Spectra that the shift of all references is sought on, from so many tilts at most.
SHIFT_SPECTRA, SHIFT_TILTS = 600, 5
COARSE_EV, FINE_EV = 0.4, 0.05
REJECTED = "keep no background within the limits and count as holding none of the element"
EMPTY = "hold no spectrum and count as holding none of the element"


@dataclass(frozen=True, slots=True, eq=False)
class TiltWeights:
    """
    Weights of the references in one tilt.

    Attributes
    ----------
    read : TiltSpectra
        What they were found in.
    bound, free : (v, pixel) arrays
        Not below zero; and without that bound, so that a mean over many pixels is not raised by their noise. NaN for
        rejected pixels.
    covariance : (v, v, pixel) array
        Of the weights, from counting.
    """

    read: TiltSpectra
    bound: Float
    free: Float
    covariance: Float


@dataclass(frozen=True, slots=True, eq=False)
class MeanFit:
    """
    Mean spectra over the pixels that were fitted.

    Attributes
    ----------
    axis : EnergyAxis
    core, background, edge : (e,) arrays
    shares : (v, e) array
        What each reference has in `edge`.
    """

    axis: EnergyAxis
    core: Float
    background: Float
    edge: Float
    shares: Float


class DeconvolvedRoute:
    """Search the background, deconvolve, fit: the published way. Every tilt is read twice."""

    def __init__(
        self,
        spectra: EdgeSpectra,
        settings: ValenceSettings,
        rows: Float,
        axis: EnergyAxis,
        *,
        strengths: Strengths | None = None,
    ) -> None:
        self._edge = EdgeSearch.of(spectra, settings, strengths)
        self._settings, self._rows, self._axis = settings, rows, axis
        self._means, self._searches = RunningMeans(), list[BackgroundSearch]()
        self._shares, self._fitted = np.zeros(len(rows)), 0
        self._seen: References | None = None

    def tilts(self, progress: Progress | None) -> Iterator[TiltWeights]:
        """Give the weights of one tilt after the other."""
        for read, found in self._edge.tilts(progress):
            self._means.add(read, found)
            self._searches.append(replace(found, spectra=found.spectra[:, :0].copy()))
        seen = self._seen = self._references()
        for tilt, search in enumerate(self._searches):
            read = self._edge.spectra.tilt(tilt)
            yield self._weights(read, search, seen)

    def _references(self) -> References:
        settings, edge = self._settings, self._means.means()[2]
        return prepare_references(
            self._rows,
            axis=self._axis,
            onto=self._edge.spectra.axis,
            fit_window_eV=(settings.fit_start_eV, settings.fit_stop_eV),
            low_pass=self._edge.ratio.low_pass,
            align_to=edge if settings.align_references else None,
            largest_shift_eV=settings.largest_shift_eV,
        )

    def _weights(self, read: TiltSpectra, search: BackgroundSearch, seen: References) -> TiltWeights:
        ratio, kept = self._edge.ratio, search.choice >= 0
        edge = np.full((len(kept), seen.axis.size), np.nan, np.float32)
        core = read.core[kept] - search.background.values(search.axis)[kept]
        edge[kept] = ratio.applied(core, ratio.gains(read.low[kept].astype(np.float64)))[:, seen.channels]
        weights = self._solved(edge, seen)
        free = weights.weights
        if self._settings.solver == "nnls":
            free = np.full_like(weights.weights, np.nan)
            free[:, kept] = np.linalg.lstsq(seen.spectra.T, edge[kept].T.astype(np.float64), rcond=None)[0]
        covariance = weight_covariance(
            read.core, read.low, ratio=ratio, search=search, references=seen, weights=weights,
            variance_factor=read.variance_factor, continuum_offset=self._settings.continuum_offset,
        )  # fmt: skip
        self._shares += np.nansum(weights.weights, axis=1)
        self._fitted += int(kept.sum())
        return TiltWeights(read, weights.weights, free, covariance)

    def _solved(self, edge: NDArray[np.float32], seen: References) -> Weights:
        solve = nonnegative_weights if self._settings.solver == "nnls" else multiplicative_weights
        return solve(edge, seen.spectra)

    @property
    def shift_eV(self) -> float:
        """Shift of all references [eV]."""
        return 0.0 if self._seen is None else self._seen.shift_eV

    def mean(self) -> MeanFit:
        """Return the mean spectra, on the window of the fit."""
        assert self._seen is not None  # noqa: S101 - tilts() comes first
        core, background, edge = (row[self._seen.channels] for row in self._means.means())
        shares = (self._shares / self._fitted)[:, None] * self._seen.spectra
        return MeanFit(self._seen.axis, core, background, edge, shares)

    def notes(self) -> list[str]:
        """Say where the theory comes from and what was left out."""
        source = self._edge.score.continuum.source
        notes = [f"continuum: the slope behind the edge is that of a {source}"]
        if self._settings.foreign_onset_eV is not None:
            notes.append("foreign-edge-unread: the model 'deconvolved' leaves it to the background that is searched")
        means = self._means
        notes += left_out_notes(means.rejected, looked_at=means.looked_at, why=REJECTED)
        return [*notes, *left_out_notes(means.invalid, looked_at=means.looked_at, why=EMPTY, code="empty-pixels")]


class ScatteredRoute:
    """Fit the counts by power laws and references that were scattered again; only the shift needs a look before."""

    def __init__(self, spectra: EdgeSpectra, settings: ValenceSettings, rows: Float, axis: EnergyAxis) -> None:
        self._spectra, self._settings, self._rows, self._axis = spectra, settings, rows, axis
        self.shift_eV = 0.0
        self._sums: ScatteredFit | None = None
        self._empty, self._looked_at = list[int](), 0

    def tilts(self, progress: Progress | None) -> Iterator[TiltWeights]:
        """Give the weights of one tilt after the other."""
        report, goes_on = progress or silent, True
        if self._settings.align_references:
            self.shift_eV = self._shift()
        model = self._model(self.shift_eV)
        for tilt in range(len(self._spectra)):
            read = self._spectra.tilt(tilt)
            core = read.core if goes_on else np.full_like(read.core, np.nan, np.float32)
            fit = model.fit(core, read.low)
            self._add(fit, len(core))
            covariance = np.moveaxis(fit.covariance * read.variance_factor[:, None, None], 0, -1)
            yield TiltWeights(read, fit.bound, fit.free, covariance)
            goes_on = goes_on and report(tilt + 1, len(self._spectra))

    def _model(self, shift_eV: float) -> ScatteredModel:
        settings = self._settings
        return ScatteredModel.of(
            self._rows,
            axis=self._axis,
            onto=(self._spectra.axis, self._spectra.low.axis),
            fit_eV=(settings.fit_start_eV, settings.fit_stop_eV),
            front_eV=settings.pre_start_eV,
            foreign_eV=() if settings.foreign_onset_eV is None else (settings.foreign_onset_eV,),
            shift_eV=shift_eV,
        )

    def _add(self, fit: ScatteredFit, looked_at: int) -> None:
        self._looked_at += looked_at
        self._empty.append(looked_at - fit.known)
        sums = self._sums
        self._sums = fit if sums is None else replace(
            sums,
            core_sum=sums.core_sum + fit.core_sum,
            background_sum=sums.background_sum + fit.background_sum,
            share_sums=sums.share_sums + fit.share_sums,
            known=sums.known + fit.known,
        )  # fmt: skip

    def _shift(self) -> float:
        """Return the one shift of all references that leaves least of some spectra of the series."""
        core, low = self._sample()
        settings, onto = self._settings, self._spectra.axis
        lowest = max(-settings.largest_shift_eV, settings.fit_stop_eV + onto.step_eV - self._axis.edges_eV[-1])
        highest = min(settings.largest_shift_eV, settings.fit_start_eV - onto.step_eV - self._axis.edges_eV[0])
        if lowest >= highest:
            return 0.0

        def left(tried: Float) -> Float:
            return np.array([self._model(float(shift)).misfit(core, low) for shift in tried])

        coarse = np.linspace(lowest, highest, max(round((highest - lowest) / COARSE_EV), 2) + 1)
        rough = lowest_place(coarse, left(coarse))
        fine = np.clip(rough + FINE_EV * np.arange(-2, 3), lowest, highest)
        return lowest_place(fine, left(fine))

    def _sample(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Take spectra evenly from some tilts."""
        tilts = np.unique(np.linspace(0, len(self._spectra) - 1, SHIFT_TILTS).round().astype(int))
        cores, lows = [], []
        for tilt in tilts.tolist():
            read = self._spectra.tilt(tilt)
            known = np.flatnonzero(np.isfinite(read.core).all(axis=1) & np.isfinite(read.low).all(axis=1))
            taken = known[:: max(len(known) * len(tilts) // SHIFT_SPECTRA, 1)]
            cores.append(read.core[taken])
            lows.append(read.low[taken])
        return np.concatenate(cores), np.concatenate(lows)

    def mean(self) -> MeanFit:
        """Return the mean spectra, from in front of the edge on."""
        sums = self._sums
        if sums is None or not sums.known:
            raise InvalidSetting("no pixel holds a spectrum: find the zero-loss peaks first, or make the masks anew")
        model = self._model(self.shift_eV)
        core, background = sums.core_sum / sums.known, sums.background_sum / sums.known
        axis = self._spectra.axis.part(model.channels)
        return MeanFit(axis, core, background, core - background, sums.share_sums / sums.known)

    def notes(self) -> list[str]:
        """Say what was left out."""
        return list(left_out_notes(self._empty, looked_at=self._looked_at, why=EMPTY, code="empty-pixels"))


def lowest_place(places: Float, values: Float) -> float:
    """Return where a parabola through the lowest of some values and its neighbours is lowest."""
    best = int(np.argmin(values))
    if not 0 < best < len(places) - 1:
        return float(places[best])
    before, here, after = values[best - 1 : best + 2]
    step, curve = places[best + 1] - places[best], before - 2 * here + after
    return float(places[best] + (0.5 * step * (before - after) / curve if curve > 0 else 0.0))
