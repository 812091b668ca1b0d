"""Maps by fits: spectra as sums of line families and bremsstrahlung, each pixel by weighted least squares."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import EmptyMask, InvalidSetting, Progress, WrongShape, silent
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.errors import InseparableLines
from lithoscope.numerics.eds.lines import LineFamily, line_family
from lithoscope.numerics.eds.nonnegative import nonnegative_solution
from lithoscope.numerics.eds.response import STROBE_END_EV, Response
from lithoscope.numerics.eds.series import (
    Float,
    LineMaps,
    Maps,
    SpectrumSeries,
    checked_live,
    checked_series,
    field_sum,
    products,
    tilt_spectra,
)

#: How far a fit reaches beyond its outermost lines, in full widths at half maximum.
REACH_FWHM = 3.0
#: Two components whose normalised Gram matrix has a smaller eigenvalue cannot be told apart.
SMALLEST_EIGENVALUE = 1e-3
REWEIGHTINGS = 4
#: A channel's expected counts are at least this part of the mean, lest empty channels outweigh all others.
LEAST_EXPECTED = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class FitDesign:
    """
    What spectra are made of, the same for every pixel.

    Parameters
    ----------
    families : tuple of LineFamily
    channels : slice
        Channels of the axis that are fitted.
    components : (k, e) array of float64
        Shapes of the families, then of the bremsstrahlung, each of sum near 1.
    """

    families: tuple[LineFamily, ...]
    channels: slice
    components: Float

    @classmethod
    def of(
        cls,
        families: Sequence[str],
        *,
        axis: EnergyAxis,
        response: Response = Response(),
        range_eV: tuple[float, float] | None = None,
        bremsstrahlung_terms: int = 4,
        strobe_end_eV: float = STROBE_END_EV,
    ) -> "FitDesign":
        """
        Draw the components.

        Parameters
        ----------
        families : sequence of str
            Everything that has lines in the range: the copper of a grid and the carbon of a film, too.
        axis : EnergyAxis
        response : Response
        range_eV : tuple of float, optional
            Energies fitted [eV]; by default three full widths beyond the outermost strong lines, above the strobe peak.
        bremsstrahlung_terms : {1, 2, 3, 4}
            1/E (Kramers' law for a thin object), times a polynomial of so many terms for what window and particle
            absorb.
        strobe_end_eV : float
            Where the strobe peak ends [eV].

        Raises
        ------
        UnknownLine, LineOutsideSpectrum, WindowOutsideSpectrum
        InvalidSetting
            No family, one twice, or a number of terms that is not offered.
        """
        known = tuple(line_family(name) for name in families)
        if not known or len(set(families)) < len(known) or bremsstrahlung_terms not in {1, 2, 3, 4}:
            raise InvalidSetting("give each family of lines once, and one to four terms of bremsstrahlung")
        lines = np.array([family.strongest_eV for family in known])
        reach = REACH_FWHM * response.fwhm_eV(lines)
        start = max(float((lines - reach).min()), strobe_end_eV, axis.first_eV)
        channels = axis.window(*(range_eV or (start, min(float((lines + reach).max()), axis.last_eV))))
        energies = axis.energies_eV[channels]
        shapes = [response.profile(family, axis)[channels] for family in known]
        return cls(known, channels, np.array([*shapes, *_bremsstrahlung(energies, bremsstrahlung_terms)]))


def _bremsstrahlung(energies_eV: Float, terms: int) -> Float:
    """
    Draw 1/E times Bernstein's polynomials over the range, each of sum 1.

    Any sum of them with parts not negative is not negative, and they reach every smooth factor that falls or rises.
    """
    place = (energies_eV - energies_eV[0]) / (energies_eV[-1] - energies_eV[0])
    shapes = np.array(
        [comb(terms - 1, k) * place**k * (1 - place) ** (terms - 1 - k) / energies_eV for k in range(terms)]
    )
    return np.asarray(shapes / np.maximum(shapes.sum(axis=1, keepdims=True), 1e-300))


@dataclass(frozen=True, slots=True, eq=False)
class _Solver:
    """The design weighted by the counts expected of one tilt."""

    gram: Float
    estimator: Float
    expected: Float
    misfit: float
    amounts: Float


def fit_families(
    spectra: SpectrumSeries,
    *,
    axis: EnergyAxis,
    design: FitDesign,
    nonnegative: bool = False,
    mask: ArrayLike | None = None,
    live_fraction: ArrayLike | None = None,
    progress: Progress | None = None,
) -> LineMaps:
    """
    Fit every pixel by families of lines and bremsstrahlung.

    The weights are one over the counts that the field's mean spectrum leads to expect, so all pixels of a tilt share
    one estimator and one matrix product solves them; they do not follow a pixel's own noise, which would bias it low.
    Bremsstrahlung takes the shape it has in the field's spectrum and its own amount in each pixel: with a shape for
    each pixel, non-negative terms would take counts from the lines. If wanted, pixels with a negative part are solved
    again under non-negativity; that makes weak families too strong, so photons keep their sign by default.

    Parameters
    ----------
    spectra : (t, y, x, e) array or memory map
        Raw counts, read tilt by tilt.
    axis : EnergyAxis
    design : FitDesign
    nonnegative : bool
        Forbid negative parts. `LineMaps.sums` are always taken before.
    mask : (t, y, x) array of bool, optional
        Pixels whose mean spectrum gives the weights; all by default. Every pixel is fitted.
    live_fraction : (t, y, x) array, optional
        Part of the time that the detector listened to each pixel: found counts are divided by it [1].
    progress : callable, optional
        Called as ``progress(done, total, misfit=...)`` after each tilt; tilts after an early finish are NaN.

    Returns
    -------
    maps : LineMaps
        The variance is that of the unconstrained estimate from the pixel's own counts, at least that of one count.

    Raises
    ------
    WrongShape, NonFiniteValues, NegativeCounts, EmptyMask, DetectorSaturated
    InseparableLines
        Two components have the same shape in the fitted range.
    InvalidSetting
        The range holds fewer channels than components.

    References
    ----------
    Statham, X-Ray Spectrom. 6 (1977) 94, doi:10.1002/xrs.1300060208.
    """
    tilts, n_y, n_x = checked_series(spectra, axis)
    inside = _checked_mask(mask, (tilts, n_y, n_x))
    revived = checked_live(live_fraction, (tilts, n_y, n_x))
    _refuse_inseparable(design)
    lines = len(design.families)
    maps = np.full((2, lines, tilts, n_y * n_x), np.nan, np.float32)
    sums, misfit, clipped = np.full((2, lines, tilts), np.nan), np.full(tilts, np.nan), 0
    field = np.full((tilts, design.components.shape[1]), np.nan)
    report = progress or silent
    for tilt in range(tilts):
        values = tilt_spectra(spectra, tilt, design.channels)
        field[tilt] = field_sum(values, None)
        solver = _solver(design, field[tilt] if inside is None else field_sum(values, inside[tilt]))
        gain = np.float32(1) if revived is None else revived[tilt].ravel()
        found, variance, exact = _estimates(values, solver, lines)
        sums[:, :, tilt], misfit[tilt] = _totals(found[:lines], exact, gain), solver.misfit
        if nonnegative:
            clipped += _force_nonnegative(found, solver, lines)
        maps[0, :, tilt], maps[1, :, tilt] = found[:lines] * gain, variance * gain**2
        if not report(tilt + 1, tilts, misfit=solver.misfit):
            break
    counts, spread = maps.reshape(2, lines, tilts, n_y, n_x)
    names = tuple(family.name for family in design.families)
    crosstalk = np.zeros((lines, lines))
    return LineMaps(names, counts, spread, sums[0], sums[1], crosstalk, clipped, misfit, design.channels, field)


def _totals(found: Maps, variance: Maps, gain: Maps | np.float32) -> Float:
    """Add up photons of lines (f, pixel) as a detector that is never dead counts them, and their variance."""
    return np.stack([(found * gain).sum(axis=1, dtype=np.float64), (variance * gain**2).sum(axis=1, dtype=np.float64)])


def spectrum_parts(counts: ArrayLike, design: FitDesign) -> Float:
    """
    Take one spectrum apart.

    Parameters
    ----------
    counts : (e,) array
        Of the design's channels.
    design : FitDesign

    Returns
    -------
    parts : (f + 1, e) array of float64
        Counts of each family and of the bremsstrahlung in each channel.
    """
    amounts = _solver(design, np.asarray(counts, np.float64)).amounts
    parts = amounts[:, None] * design.components
    lines = len(design.families)
    return np.concatenate([parts[:lines], parts[lines:].sum(axis=0, keepdims=True)])


def spectrum_misfit(counts: ArrayLike, design: FitDesign) -> float:
    """Return the reduced chi-squared of one spectrum (e,) of the design's channels [1]."""
    return _solver(design, np.asarray(counts, np.float64)).misfit


def _solver(design: FitDesign, total: Float) -> _Solver:
    """Weigh the design by the model of the field's spectrum, again and again; join its bremsstrahlung to one shape."""
    parts, expected = design.components, np.full(total.size, max(float(total.mean()), 1e-12))
    for _ in range(REWEIGHTINGS):
        weighted = parts / expected
        mean = nonnegative_solution(weighted @ parts.T, (weighted @ total)[:, None])[:, 0]
        model = mean @ parts
        expected = np.maximum(model, LEAST_EXPECTED * max(float(model.mean()), 1e-12))
    chi_squared = float(((total - model) ** 2 / np.maximum(expected, 1)).sum()) / max(total.size - len(parts), 1)
    lines = len(design.families)
    below = mean[lines:] @ parts[lines:] if mean[lines:].any() else parts[lines]
    parts = np.concatenate([parts[:lines], below[None] / below.sum()])
    weighted = parts / expected
    gram = weighted @ parts.T
    return _Solver(gram, np.linalg.solve(gram, weighted), expected, chi_squared, mean)


def _estimates(values: NDArray[Any], solver: _Solver, lines: int) -> tuple[Maps, Maps, Maps]:
    """
    Return all components (k, pixel) without condition, and the variance of the lines: for maps, and for sums.

    A map's pixel is never surer than one count makes it; sums take the pixels' own variances, which are right on
    average.
    """
    squares = solver.estimator[:lines] ** 2
    both = products(values, np.concatenate([solver.estimator, squares]).astype(np.float32))
    of_one_count = (squares @ solver.expected / solver.expected.sum()).astype(np.float32)
    parts = len(solver.estimator)
    return both[:parts], np.maximum(both[parts:], of_one_count[:, None]), both[parts:]


def _force_nonnegative(found: Maps, solver: _Solver, lines: int) -> int:
    """Solve pixels with negative parts again, in place; return how many values of lines were below zero."""
    pixels = np.flatnonzero(found.min(axis=0) < 0)
    below = int((found[:lines] < 0).sum())
    if pixels.size:
        found[:, pixels] = nonnegative_solution(solver.gram, solver.gram @ found[:, pixels].astype(np.float64))
    return below


def _checked_mask(mask: ArrayLike | None, shape: tuple[int, int, int]) -> NDArray[np.bool_] | None:
    if mask is None:
        return None
    inside = np.asarray(mask).astype(bool, copy=False)
    if inside.shape != shape:
        raise WrongShape(f"the masks have shape {inside.shape}, the series {shape}: give one mask (y, x) for each tilt")
    if not inside.any(axis=(1, 2)).all():
        tilt = int(np.flatnonzero(~inside.any(axis=(1, 2)))[0])
        raise EmptyMask(f"the mask of tilt {tilt} selects no pixel: lower its threshold or leave the masks out")
    return inside


def _refuse_inseparable(design: FitDesign) -> None:
    """Refuse families that look the same, or like bremsstrahlung, within the fitted channels."""
    if design.components.shape[1] <= len(design.components):
        raise InvalidSetting(f"the range holds only {design.components.shape[1]} channels: widen it")
    lines = len(design.families)
    parts = np.concatenate([design.components[:lines], design.components[lines:].sum(axis=0, keepdims=True)])
    unit = parts / np.maximum(np.linalg.norm(parts, axis=1), 1e-300)[:, None]
    values, vectors = np.linalg.eigh(unit @ unit.T)
    if values[0] < SMALLEST_EIGENVALUE:
        alike = sorted(np.argsort(-abs(vectors[:lines, 0]))[:2])
        names = " and ".join(design.families[number].name for number in alike)
        raise InseparableLines(
            f"{names} cannot be told apart from each other or the background in this range: widen it, or take another "
            "family of the element"
        )
