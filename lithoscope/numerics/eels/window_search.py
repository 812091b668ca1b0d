"""Search of background windows: hundreds of fits a pixel, judged by the slopes they leave around the edge."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import Progress, WrongShape, silent
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.background import EXPONENTS, BackgroundFunction, FittedBackground, Windows, middle_eV
from lithoscope.numerics.eels.checks import BLOCK_SPECTRA, checked_spectra
from lithoscope.numerics.eels.continuum import Continuum
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.errors import NoWindowCombination
from lithoscope.numerics.eels.search_plan import JudgedOn, Plan, search_block

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """
    Windows and weights to be tried.

    Parameters
    ----------
    pre_starts_eV, pre_ends_eV, post_starts_eV, post_ends_eV : tuple of float
        Every start with every end that lies above it [eV].
    post_weights : tuple of float
        Weights of channels behind the edge, for the double power law [1].
    functions : tuple
        Background functions to be tried; both by default.
    """

    pre_starts_eV: tuple[float, ...]
    pre_ends_eV: tuple[float, ...]
    post_starts_eV: tuple[float, ...]
    post_ends_eV: tuple[float, ...]
    post_weights: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0)
    functions: tuple[BackgroundFunction, ...] = ("power_law", "double_power_law")

    def combinations(self) -> Iterator[tuple[BackgroundFunction, Windows]]:
        """Go through every function with every pair of windows, and every weight where it has a meaning."""
        pre = [w for w in product(self.pre_starts_eV, self.pre_ends_eV) if w[0] < w[1]]
        post = [w for w in product(self.post_starts_eV, self.post_ends_eV) if w[0] < w[1]]
        for function in self.functions:
            weights = (1.0,) if function == "power_law" else self.post_weights
            for before, behind, weight in product(pre, post, weights):
                yield function, Windows(before, behind, weight)


@dataclass(frozen=True, slots=True)
class SlopeScore:
    """
    How a combination is judged: ``|s_pre| + weight |s_post - s_theory|``.

    Slopes are those of the deconvolved spectrum over its mean in the window behind the edge [1/eV].

    Parameters
    ----------
    continuum : Continuum
        Theory of the slope behind the edge; its source is part of the result.
    post_weight : float
        C_w [1].
    largest_pre_slope_per_eV : float
        Combinations with a steeper rest before the edge are discarded [1/eV].
    slope_scale : float
        Slopes are multiplied by this before they are judged: a threshold published on a program's own scale needs
        that program's mean continuum behind the edge.
    judged_on : {"fitted", "widest"}
        Take slopes in each combination's own windows, or for all of them in the widest windows that they span.
    """

    continuum: Continuum
    post_weight: float
    largest_pre_slope_per_eV: float
    slope_scale: float = 1.0
    judged_on: JudgedOn = "fitted"

    def __post_init__(self) -> None:
        if not (self.post_weight >= 0 and self.largest_pre_slope_per_eV > 0 and self.slope_scale > 0):
            raise InvalidSetting("the weight of a slope may not be negative, its limit and scale must be above zero")


@dataclass(frozen=True, slots=True)
class BackgroundSearch:
    """
    The best background of each pixel, and what it leaves.

    Parameters
    ----------
    spectra : (..., e) array of float32
        Single scattering of the edge, low-passed; NaN for rejected pixels.
    axis : EnergyAxis
        Axis of `spectra`.
    background : FittedBackground
        Background of the raw spectrum; NaN for rejected pixels.
    score, pre_slope, post_slope : (...) arrays of float64
        Of the chosen combination, on the scale of `SlopeScore` [1/eV]; NaN for rejected pixels.
    choice : (...) array of int32
        Place of the chosen combination in `combinations`, -1 for rejected pixels.
    combinations : tuple
        Every function with its windows, in the order tried.
    invalid_count : int
        Pixels with NaN in core or low loss.
    rejected_count : int
        Pixels on which no combination kept the slope before the edge within its limit.
    theory_source : str
        Where the slope of the continuum comes from.
    """

    spectra: NDArray[np.float32]
    axis: EnergyAxis
    background: FittedBackground
    score: Float
    pre_slope: Float
    post_slope: Float
    choice: NDArray[np.int32]
    combinations: tuple[tuple[BackgroundFunction, Windows], ...]
    invalid_count: int
    rejected_count: int
    theory_source: str


def search_background(
    core: ArrayLike,
    low_loss: ArrayLike,
    *,
    ratio: FourierRatio,
    grid: WindowGrid,
    score: SlopeScore,
    exponents: tuple[float, ...] = EXPONENTS,
    continuum_offset: bool = True,
    progress: Progress | None = None,
) -> BackgroundSearch:
    """
    Find each pixel's background by trying every function, pair of windows and weight.

    Fits, deconvolution and slopes are linear in the spectrum. So nothing is deconvolved while searching: a slope of the
    deconvolved difference is one sum over the frequencies of the spectrum less the same sums over the few model
    functions, and all pixels of a block get theirs from one matrix product (the adjoint of the deconvolution, used in
    frequency space, where a low-pass leaves few of them). Only the winner is subtracted and deconvolved.

    Parameters
    ----------
    core, low_loss : (..., e) arrays
        Spectra of the same pixels with the zero-loss peak at 0 eV; one tilt or a part of one at a time for long series.
    ratio : FourierRatio
        The deconvolution, with the axes of both.
    grid : WindowGrid
        What is tried.
    score : SlopeScore
        How it is judged.
    exponents : tuple of float
        Values tried for b and d.
    continuum_offset : bool
        Give the continuum of the double power law a constant; False is the published formula.
    progress : callable, optional
        Called as ``progress(done, total)`` after each block of pixels; those not reached stay NaN.

    Raises
    ------
    WrongShape, ChannelMismatch, WindowOutsideSpectrum, NoWindowCombination, InvalidSetting

    References
    ----------
    Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods, "EELS data post-processing", 2).
    """
    cores, lows = checked_spectra(core, ratio.axis), checked_spectra(low_loss, ratio.low_axis)
    if cores.shape[:-1] != lows.shape[:-1]:
        raise WrongShape(f"core loss has pixels {cores.shape[:-1]}, low loss {lows.shape[:-1]}: give the same pixels")
    combinations = tuple(grid.combinations())
    if not combinations:
        raise NoWindowCombination("no window has its end above its start: widen the grid of windows")
    plan = Plan.of(
        ratio, combinations, np.array(exponents), continuum_offset=continuum_offset, judged_on=score.judged_on
    )
    theory = [score.continuum.relative_slope_per_eV(ratio.axis, window) for window in plan.judged_post_eV]
    judged = (np.array(theory), score.post_weight, score.largest_pre_slope_per_eV, score.slope_scale)
    flat_core, flat_low = cores.reshape(-1, cores.shape[-1]), lows.reshape(-1, lows.shape[-1])
    spectra = np.full(flat_core.shape, np.nan, np.float32)
    numbers = np.full((len(flat_core), 8), np.nan)  # score, two slopes, a, c, f, b, d
    choice = np.full(len(flat_core), -1, np.int32)
    invalid, report = 0, progress or silent
    for start in range(0, len(flat_core), BLOCK_SPECTRA):
        rows = np.arange(start, min(start + BLOCK_SPECTRA, len(flat_core)))
        known = np.isfinite(flat_core[rows]).all(axis=1) & np.isfinite(flat_low[rows]).all(axis=1)
        known &= flat_low[rows].sum(axis=1) > 0
        invalid += int((~known).sum())
        kept = rows[known]
        if kept.size:
            block = search_block(plan, flat_core[kept].astype(float), flat_low[kept].astype(float), judged)
            spectra[kept], numbers[kept], choice[kept] = block
        if not report(int(rows[-1]) + 1, len(flat_core)):
            break
    shape = cores.shape[:-1]
    background = FittedBackground(
        numbers[:, 3:6].reshape(*shape, 3), numbers[:, 6:8].reshape(*shape, 2), middle_eV(ratio.axis)
    )
    return BackgroundSearch(
        spectra=spectra.reshape(cores.shape),
        axis=ratio.axis,
        background=background,
        score=numbers[:, 0].reshape(shape),
        pre_slope=numbers[:, 1].reshape(shape),
        post_slope=numbers[:, 2].reshape(shape),
        choice=choice.reshape(shape),
        combinations=combinations,
        invalid_count=invalid,
        rejected_count=int((choice < 0).sum()) - invalid,
        theory_source=score.continuum.source,
    )
