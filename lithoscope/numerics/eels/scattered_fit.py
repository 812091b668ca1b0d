"""Core-loss spectra as sums of power laws and of references that were scattered as often as the electrons were."""

from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.checks import checked_steps
from lithoscope.numerics.eels.errors import DependentReferences, ReferenceNotCovering, TooManyReferences
from lithoscope.numerics.eels.references import resample_reference
from lithoscope.numerics.eels.valence import SMALLEST_EIGENVALUE

Float = NDArray[np.float64]
#: Exponents of the power laws that make up a background: three of them follow any between, and what plural scattering
#: makes of it, and they are linear, so that noise does not bend them to one side.
POWERS = (2.0, 3.0, 4.0)
MOST_REFERENCES = 6
#: Counts are smoothed over so many channels before they serve as variances.
SMOOTHED_CHANNELS = 10
#: Continua of foreign edges rise over so much [eV] and fall with this power.
FOREIGN_WIDTH_EV, FOREIGN_EXPONENT = 1.0, 3.0
TAIL = 100
_BLOCK = 256


@dataclass(frozen=True, slots=True, eq=False)
class ScatteredModel:
    """
    What a core-loss spectrum is taken apart into.

    A spectrum is ``sum_b a_b E^-b + sum_v w_v (H_v * L / I0)``: the references H as electrons see them that scatter in
    the same thickness, L the low loss of the pixel and I0 its electrons without loss. All of it is linear, and the
    data are not deconvolved: no noise is raised, and none is chosen among.

    Attributes
    ----------
    axis, low_axis : EnergyAxis
        Axes of core and low loss.
    channels : slice
        Part of the core loss that is fitted: from in front of the edge to the end of the white lines.
    references : (v, e) array
        Spectra of single scattering on `axis`, zero before they begin.
    foreign : (k, e) array
        Continua of other elements' edges that begin within the channels, on any scale; part of the background.
    zero_loss_half_width_eV : float
        Electrons nearer than this to 0 eV count as having lost nothing [eV].
    """

    axis: EnergyAxis
    low_axis: EnergyAxis
    channels: slice
    references: Float
    foreign: Float
    zero_loss_half_width_eV: float = 2.5

    @classmethod
    def of(
        cls,
        references: Float,
        *,
        axis: EnergyAxis,
        onto: tuple[EnergyAxis, EnergyAxis],
        fit_eV: tuple[float, float],
        front_eV: float,
        foreign_eV: tuple[float, ...] = (),
        shift_eV: float = 0.0,
    ) -> Self:
        """
        Put references on the axis of the data.

        Parameters
        ----------
        references : (v, e) array
            Without background, each on any scale.
        axis : EnergyAxis
            Their axis.
        onto : (EnergyAxis, EnergyAxis)
            Axes of core and low loss.
        fit_eV : (float, float)
            Window that every reference has to cover [eV]; in front of it they count as zero where they have not begun.
        front_eV : float
            Where the part in front of the edge begins [eV].
        foreign_eV : tuple of float
            Onsets of weak edges of other elements [eV], such as Mn L1 under Co.
        shift_eV : float
            Added to the references' energies [eV].

        Raises
        ------
        ReferenceNotCovering, TooManyReferences, DependentReferences, ChannelMismatch, WindowOutsideSpectrum
        """
        core, low = onto
        checked_steps(core, low)
        if len(references) > MOST_REFERENCES:
            raise TooManyReferences(f"{len(references)} references were given: fit at most {MOST_REFERENCES} at once")
        fitted = core.window(*fit_eV)
        moved = resample_reference(references, axis=axis, onto=core, shift_eV=shift_eV)
        if not np.isfinite(moved[:, fitted]).all():
            raise ReferenceNotCovering(
                f"the references reach from {axis.first_eV:g} to {axis.last_eV:g} eV, not over the window of the fit "
                f"({fit_eV[0]:g}-{fit_eV[1]:g} eV): narrow the window or give longer references"
            )
        unit = moved[:, fitted] / np.linalg.norm(moved[:, fitted], axis=1)[:, None]
        if not np.isfinite(unit).all() or np.linalg.eigvalsh(unit @ unit.T)[0] < SMALLEST_EIGENVALUE:
            raise DependentReferences("a reference is empty or a mixture of others: leave one out")
        channels = core.window(min(front_eV, fit_eV[0]), fit_eV[1])
        steps = np.array([foreign_edge(core, onset) for onset in foreign_eV]).reshape(-1, core.size)
        return cls(core, low, channels, np.nan_to_num(moved), steps)

    def fit(self, core: NDArray[np.floating], low: NDArray[np.floating]) -> "ScatteredFit":
        """
        Fit spectra (pixel, e); NaN where one of the two holds NaN or no electron without loss.

        Weights are least squares by the counts, without a bound, and once more with the bound that none is negative.
        """
        count = len(self.references)
        known = np.isfinite(core).all(axis=1) & np.isfinite(low).all(axis=1)
        known &= low[:, self._elastic].sum(axis=1) > 0
        rows = np.flatnonzero(known)
        free, bound = (np.full((len(core), count), np.nan) for _ in "12")
        covariance = np.full((len(core), count, count), np.nan)
        misfit = np.full(len(core), np.nan)
        backgrounds, shares = np.zeros(self.axis.size), np.zeros((count, self._width))
        sums = np.zeros(self._width)
        for start in range(0, len(rows), _BLOCK):
            pixels = rows[start : start + _BLOCK]
            block = self._solved(core[pixels], low[pixels])
            free[pixels], bound[pixels] = block.free, block.bound
            covariance[pixels], misfit[pixels] = block.covariance, block.misfit
            backgrounds[self.channels] += block.background
            shares += block.shares
            sums += core[pixels][:, self.channels].sum(axis=0, dtype=np.float64)
        return ScatteredFit(free.T, bound.T, covariance, misfit, sums, backgrounds[self.channels], shares, len(rows))

    def misfit(self, core: NDArray[np.floating], low: NDArray[np.floating]) -> float:
        """Return what all spectra together are away from their fits, squared, over the variance of their counts."""
        return float(np.nansum(self.fit(core, low).misfit))

    @property
    def _elastic(self) -> slice:
        return self.low_axis.window(-self.zero_loss_half_width_eV, self.zero_loss_half_width_eV)

    @property
    def _width(self) -> int:
        return int(self.channels.stop - self.channels.start)

    def scattered(self, low: Float) -> Float:
        """Return references and foreign edges as each pixel's electrons show them (pixel, v, e)."""
        padded = int(fft.next_fast_len(2 * max(self.axis.size, self.low_axis.size + TAIL), real=True))
        fall = 0.5 + 0.5 * np.cos(np.pi * (np.arange(TAIL) + 1) / (TAIL + 1))
        continued = np.hstack([low, low[:, -10:].mean(axis=1)[:, None] * fall])
        turn = self.low_axis.first_eV * np.arange(padded // 2 + 1) / (padded * self.low_axis.step_eV)
        losses = fft.rfft(continued, padded, axis=1) * np.exp(-2j * np.pi * turn)
        losses /= low[:, self._elastic].sum(axis=1)[:, None]
        single = np.concatenate([self.references, self.foreign])
        seen = fft.rfft(single, padded, axis=1)[None] * losses[:, None]
        return np.asarray(fft.irfft(seen, padded, axis=2)[..., self.channels])

    def _solved(self, core: NDArray[np.floating], low: NDArray[np.floating]) -> "_Block":
        energies = self.axis.energies_eV[self.channels]
        powers = (energies / energies.mean()) ** -np.array(POWERS)[:, None]
        counts = core[:, self.channels].astype(np.float64)
        smooth = ndimage.gaussian_filter1d(counts, SMOOTHED_CHANNELS, axis=1)
        weight = 1 / np.maximum(smooth, np.maximum(1e-3 * smooth.max(axis=1, keepdims=True), 1e-12))
        seen = self.scattered(low.astype(np.float64))
        columns = np.concatenate([seen, np.broadcast_to(powers, (len(core), *powers.shape))], axis=1)
        size = np.sqrt((columns**2).mean(axis=2))
        columns /= size[..., None]
        weighted = columns * weight[:, None]
        gram, along = weighted @ columns.transpose(0, 2, 1), (weighted @ counts[..., None])[..., 0]
        free = np.linalg.solve(gram, along[..., None])[..., 0]
        bound = _bound(gram, along, len(self.references))
        left = counts - (bound[:, None] @ columns)[:, 0]
        v = len(self.references)
        covariance = np.linalg.inv(gram)[:, :v, :v] / (size[:, :v, None] * size[:, None, :v])
        return _Block(
            free[:, :v] / size[:, :v],
            bound[:, :v] / size[:, :v],
            covariance,
            (left**2 * weight).sum(axis=1),
            (bound[:, None, v:] @ columns[:, v:])[:, 0].sum(axis=0),
            (bound[:, :v, None] * columns[:, :v]).sum(axis=0),
        )


def foreign_edge(axis: EnergyAxis, onset_eV: float) -> Float:
    """Draw the continuum of an edge without white lines, of height one at its onset: (e,)."""
    energies = axis.energies_eV
    rise = 0.5 + np.arctan((energies - onset_eV) * 2 / FOREIGN_WIDTH_EV) / np.pi
    return np.asarray(rise * (np.maximum(energies, 1.0) / onset_eV) ** -FOREIGN_EXPONENT)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    free: Float
    bound: Float
    covariance: Float
    misfit: Float
    background: Float
    shares: Float


@dataclass(frozen=True, slots=True, eq=False)
class ScatteredFit:
    """
    What spectra were taken apart into.

    Attributes
    ----------
    free, bound : (v, pixel) arrays
        Weights of the references, without a bound and not below zero; NaN for pixels without spectra.
    covariance : (pixel, v, v) array
        Of the weights, from counting alone, before neighbours were averaged.
    misfit : (pixel,) array
        Squared residual over the variance, summed over channels.
    core_sum, background_sum : (e,) arrays
        Over all pixels that were fitted, on the channels of the model.
    share_sums : (v, e) array
        What each reference has in that sum.
    known : int
        Pixels that were fitted.
    """

    free: Float
    bound: Float
    covariance: Float
    misfit: Float
    core_sum: Float
    background_sum: Float
    share_sums: Float
    known: int


def _bound(gram: Float, along: Float, count: int) -> Float:
    """Solve least squares whose first `count` coefficients are not negative: the best of all sets of active ones."""
    size = gram.shape[1]
    best, found = np.full(len(gram), -np.inf), np.zeros(along.shape)
    for number in range(count + 1):
        for active in combinations(range(count), number):
            kept = [*active, *range(count, size)]
            solved = np.linalg.solve(gram[:, kept][:, :, kept], along[:, kept][..., None])[..., 0]
            gain = (solved * along[:, kept]).sum(axis=1)
            better = (solved[:, :number] >= 0).all(axis=1) & (gain > best)
            best[better] = gain[better]
            found[better] = 0
            found[np.ix_(better, kept)] = solved[better]
    return found
