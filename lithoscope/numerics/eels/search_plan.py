"""What a search of background windows shares between pixels, and one block of it."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.background import (
    BackgroundFunction,
    Windows,
    checked_exponents,
    middle_eV,
    shared_columns,
)
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.slopes import mean_weights, slope_weights
from lithoscope.numerics.eels.window_fits import DoubleFits, Fit, SingleFits, WindowBasis

Float = NDArray[np.float64]
Combination = tuple[BackgroundFunction, Windows]
Judged = tuple[Float, float, float, float]
JudgedOn = Literal["fitted", "widest"]
_NO_SCORE = np.inf


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Everything about a search that is the same for every pixel.

    Parameters
    ----------
    ratio : FourierRatio
        The deconvolution.
    combinations : tuple
        Functions with their windows.
    exponents : (b,) array
        Values tried for exponents.
    pre_windows_eV, post_windows_eV : lists of (float, float)
        Windows that occur, each once.
    pre, post : lists of WindowBasis
        The same, with their directions.
    judged_pre_eV, judged_post_eV : lists of (float, float)
        Windows whose slopes are judged: those fitted, or one that spans them.
    sums : (n, kept) complex array
        Functionals in frequencies: slopes of all judged pre windows, slopes, then means of all judged post windows.
    models : (b + 1, kept) complex array
        Transforms of every power law and of a constant.
    """

    ratio: FourierRatio
    combinations: tuple[Combination, ...]
    exponents: Float
    pre_windows_eV: list[tuple[float, float]]
    post_windows_eV: list[tuple[float, float]]
    pre: list[WindowBasis]
    post: list[WindowBasis]
    singles: list[SingleFits]
    doubles: dict[tuple[int, int, float], DoubleFits]
    judged_pre_eV: list[tuple[float, float]]
    judged_post_eV: list[tuple[float, float]]
    sums: NDArray[np.complex128]
    models: NDArray[np.complex128]

    @classmethod
    def of(
        cls,
        ratio: FourierRatio,
        combinations: tuple[Combination, ...],
        exponents: Float,
        *,
        continuum_offset: bool,
        judged_on: JudgedOn = "fitted",
    ) -> Self:
        """
        Prepare windows, fits and functionals.

        Raises
        ------
        WindowOutsideSpectrum, InvalidSetting
        """
        checked_exponents(tuple(exponents))
        axis = ratio.axis
        pre_eV = list(dict.fromkeys(windows.pre_eV for _, windows in combinations))
        post_eV = list(dict.fromkeys(windows.post_eV for _, windows in combinations))
        pre = [_basis(axis, window, exponents, behind=False, offset=continuum_offset) for window in pre_eV]
        post = [_basis(axis, window, exponents, behind=True, offset=continuum_offset) for window in post_eV]
        judged = (pre_eV, post_eV) if judged_on == "fitted" else ([_span(pre_eV)], [_span(post_eV)])
        weights = [slope_weights(axis, axis.window(*w)) for windows in judged for w in windows]
        weights += [mean_weights(axis, axis.window(*w)) for w in judged[1]]
        powers = (axis.energies_eV / middle_eV(axis)) ** -exponents[:, None]
        doubles = {}
        for function, windows in combinations:
            if function == "double_power_law":
                i, j = pre_eV.index(windows.pre_eV), post_eV.index(windows.post_eV)
                doubles[i, j, windows.post_weight] = DoubleFits(pre[i], post[j], post_weight=windows.post_weight)
        return cls(
            ratio, combinations, exponents, pre_eV, post_eV, pre, post, [SingleFits(window) for window in pre],
            doubles, *judged,
            ratio.padding.functionals(np.array(weights), ratio.kept),
            ratio.padding.transformed(np.vstack([powers, np.ones(axis.size)]), ratio.kept),
        )  # fmt: skip


def _span(windows: list[tuple[float, float]]) -> tuple[float, float]:
    return min(start for start, _ in windows), max(stop for _, stop in windows)


def _basis(
    axis: EnergyAxis, window: tuple[float, float], exponents: Float, *, behind: bool, offset: bool
) -> WindowBasis:
    channels = axis.window(*window)
    shared = shared_columns(axis, channels if behind else slice(0, 0), continuum_offset=offset)
    return WindowBasis.of(axis, channels, exponents, shared)


@dataclass(slots=True)
class _Slopes:
    """Functionals of one block: of its spectra (n, pixel), and of each model function (n, model, pixel)."""

    spectra: Float
    models: Float

    def after(self, functional: int, fit: Fit) -> Float:
        """Return a functional of the spectra less their backgrounds (pixel,)."""
        models, pixel = self.models[functional], np.arange(len(fit.a))
        power = fit.a * models[fit.b_index, pixel] + fit.c * models[fit.d_index, pixel]
        return np.asarray(self.spectra[functional] - power - fit.f * models[-1])


class _Best:
    """The best combination of each pixel so far."""

    def __init__(self, pixels: int) -> None:
        self.numbers = np.full((8, pixels), np.nan)
        self.score = np.full(pixels, _NO_SCORE)
        self.choice = np.full(pixels, -1, np.int32)

    def offer(self, combination: int, score: Float, slopes: tuple[Float, Float], fit: Fit) -> None:
        """Keep a combination where it scores lower."""
        better = np.flatnonzero(score < self.score)
        self.score[better] = score[better]
        self.choice[better] = combination
        parts = (score, *slopes, fit.a, fit.c, fit.f, fit.b_index, fit.d_index)
        for row, part in zip(self.numbers, parts, strict=True):
            row[better] = part[better]


def search_block(
    plan: Plan, core: Float, low: Float, judged: Judged
) -> tuple[NDArray[np.float32], Float, NDArray[np.int32]]:
    """
    Search one block of pixels.

    Returns
    -------
    spectra : (pixel, e) array of float32
        Single scattering; NaN where every combination was discarded.
    numbers : (pixel, 8) array
        Score, slope before and behind the edge, a, c, f, b, d.
    choice : (pixel,) array of int32
        Combination, -1 where every one was discarded.
    """
    theory, post_weight, limit, scale = judged
    gains = plan.ratio.gains(low)
    transform = plan.ratio.padding.transformed(core, plan.ratio.kept) * gains
    slopes = _functionals(plan, transform, gains)
    pre = [window.project(core) for window in plan.pre]
    post = [window.project(core) for window in plan.post]
    singles = [fits(projected) for fits, projected in zip(plan.singles, pre, strict=True)]
    best, n_pre, n_post = _Best(len(core)), len(plan.judged_pre_eV), len(plan.judged_post_eV)
    for number, (function, windows) in enumerate(plan.combinations):
        i, j = plan.pre_windows_eV.index(windows.pre_eV), plan.post_windows_eV.index(windows.post_eV)
        is_single = function == "power_law"
        fit = singles[i] if is_single else plan.doubles[i, j, windows.post_weight](pre[i], post[j])
        before_at, behind_at = min(i, n_pre - 1), min(j, n_post - 1)
        height = slopes.after(n_pre + n_post + behind_at, fit)
        with np.errstate(divide="ignore", invalid="ignore"):
            before = scale * slopes.after(before_at, fit) / height
            behind = scale * slopes.after(n_pre + behind_at, fit) / height
        score = np.abs(before) + post_weight * np.abs(behind - scale * theory[behind_at])
        kept = (height > 0) & (np.abs(before) <= limit)
        best.offer(number, np.where(kept, score, _NO_SCORE), (before, behind), fit)
    return _winners(plan, best, transform, gains)


def _functionals(plan: Plan, transform: NDArray[np.complex128], gains: NDArray[np.complex128]) -> _Slopes:
    """Sum spectra and models over frequencies, all windows and pixels in two matrix products."""
    n, count = len(plan.sums), len(plan.models)
    rows = (plan.sums[:, None] * plan.models[None]).reshape(n * count, -1)
    models = rows.real @ gains.real.T - rows.imag @ gains.imag.T
    spectra = plan.sums.real @ transform.real.T - plan.sums.imag @ transform.imag.T
    return _Slopes(spectra, models.reshape(n, count, -1))


def _winners(
    plan: Plan, best: _Best, transform: NDArray[np.complex128], gains: NDArray[np.complex128]
) -> tuple[NDArray[np.float32], Float, NDArray[np.int32]]:
    """Subtract and deconvolve the best combination of each pixel; name its exponents."""
    found = np.flatnonzero(best.choice >= 0)
    numbers = best.numbers.T.copy()
    amounts = np.zeros((len(found), len(plan.models)))
    pixel = np.arange(len(found))
    for amplitude, index in ((3, 6), (4, 7)):
        which = numbers[found, index].astype(np.intp)
        amounts[pixel, which] += numbers[found, amplitude]
        numbers[found, index] = np.where(numbers[found, amplitude] > 0, plan.exponents[which], np.nan)
    amounts[:, -1] = numbers[found, 5]
    left = transform[found] - gains[found] * (amounts @ plan.models)
    spectra = np.full((len(best.choice), plan.ratio.axis.size), np.nan, np.float32)
    spectra[found] = plan.ratio.padding.shortened(left)
    return spectra, numbers, best.choice
