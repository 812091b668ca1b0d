"""Laws of lithium loss fitted to titrated masses, with the confidence of their rate."""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.distributions import f_quantile, f_tail
from lithoscope.numerics.titration.errors import NegativeValue, NoSpread, TooFewPoints

Model = Literal["first_order", "square_root"]
Floats = NDArray[np.float64]

FEWEST_POINTS = 3
CONFIDENCE = 0.90
#: Scaled rates searched: loss over the longest storage from a threefold gain to e^-50, or to five times everything.
SCALED_RANGE: dict[Model, tuple[float, float]] = {"first_order": (-3.0, 50.0), "square_root": (-3.0, 5.0)}
STEPS = 400
PERFECT = 1e-20  # residuals below this share of the masses' squares are rounding


@dataclass(frozen=True, slots=True)
class StorageFit:
    """
    A law of loss through titrated masses.

    Parameters
    ----------
    rate : float
        First order [1/h] or square root [1/sqrt(h)]; negative when the masses grow.
    lower, upper : float
        90 % interval of the rate; infinite where the masses set no end.
    fresh : float
        Mass without storage, in the unit of the masses.
    residual_sd : float
        Scatter of the masses about the law, in their unit.
    longest_h : float
        Longest storage [h].
    misfit_p : float or None
        Probability of deviations of this size if the law holds, against the scatter of replicates; None without them.
    """

    model: Model
    rate: float
    lower: float
    upper: float
    fresh: float
    residual_sd: float
    longest_h: float
    misfit_p: float | None


def fit_storage_loss(
    hours: ArrayLike, masses: ArrayLike, *, model: Model, offset_half_width: float = 0.0
) -> StorageFit:
    """
    Fit m(t) = m0 exp(-k t), or m(t) = m0 (1 - p sqrt(t)), with the mass at the start as free as the rate.

    For any rate the best start is linear least squares, so one dimension is left. The interval holds every rate whose
    residuals an F test does not refuse (profile likelihood; for the square root this is Fieller's). The loss depends on
    the rate alone, so the band of the loss at any time is that of the rate carried through the law.

    Parameters
    ----------
    hours : (n,) array
        Storage of each bottle [h].
    masses : (n,) array
        Its metallic lithium, any unit; all taken as equally uncertain.
    model : {"first_order", "square_root"}
    offset_half_width : float
        Half the 90 % interval of an error that all masses share, such as that of a calibration's intercept; its effect
        on the rate is added in quadrature. An error of their common scale changes no loss.

    Raises
    ------
    TooFewPoints, NoSpread, NegativeValue, NonFiniteValues, WrongShape, InvalidSetting
        The masses give no rate.

    References
    ----------
    Bates and Watts, Nonlinear Regression Analysis and Its Applications, 1988, chapter 6.
    """
    t, m = _checked(hours, masses)
    if not 0 <= offset_half_width < inf:
        raise InvalidSetting("offset_half_width must be zero or above")
    longest, most = float(t.max()), float(m.max())
    m, offset = m / most, offset_half_width / most  # squares of masses stay far from the ends of floating point
    shape = _shape_of(model, t / longest)
    best, lower, upper = _profile(shape, m, SCALED_RANGE[model])
    if offset:
        moved = [_best(shape, m + sign * offset, SCALED_RANGE[model]) for sign in (-1.0, 1.0)]
        shared = abs(moved[1] - moved[0]) / 2
        lower, upper = best - hypot(best - lower, shared), best + hypot(upper - best, shared)
    scale = longest if model == "first_order" else float(np.sqrt(longest))
    rest = _rest(shape, m, best)
    return StorageFit(
        model=model,
        rate=best / scale,
        lower=lower / scale,
        upper=upper / scale,
        fresh=most * _start(shape(best), m),
        residual_sd=most * float(np.sqrt(rest / (m.size - 2))),
        longest_h=longest,
        misfit_p=_misfit_p(t, m, rest),
    )


def _checked(hours: ArrayLike, masses: ArrayLike) -> tuple[Floats, Floats]:
    t, m = np.asarray(hours, dtype=float), np.asarray(masses, dtype=float)
    if t.ndim != 1 or t.shape != m.shape:
        raise WrongShape("give one mass for each time of storage")
    if t.size < FEWEST_POINTS:
        raise TooFewPoints(f"a law of loss needs {FEWEST_POINTS} bottles at least")
    if not (np.isfinite(t).all() and np.isfinite(m).all()):
        raise NonFiniteValues("a time or a mass is not finite: leave the bottle out")
    if (t < 0).any() or (m < 0).any():
        raise NegativeValue("a time or a mass is below zero: correct it or leave the bottle out")
    if np.ptp(t) == 0:
        raise NoSpread("all bottles were stored equally long: titrate some after another time")
    if not m.any():
        raise NoSpread("no bottle held any lithium: there is no loss to follow")
    return t, m


def _shape_of(model: Model, tau: Floats) -> Callable[[float], Floats]:
    """Return what is left of one, at times scaled to the longest, as a function of the scaled rate."""
    if model == "first_order":
        return lambda rate: np.exp(-rate * tau)
    return lambda rate: 1 - rate * np.sqrt(tau)


def _start(shape: Floats, m: Floats) -> float:
    return float(shape @ m / (shape @ shape))


def _rest(shape: Callable[[float], Floats], m: Floats, rate: float) -> float:
    """Return the sum of squared residuals with the best start."""
    left = shape(rate)
    return float(((m - _start(left, m) * left) ** 2).sum())


def _best(shape: Callable[[float], Floats], m: Floats, ends: tuple[float, float]) -> float:
    from scipy.optimize import minimize_scalar

    grid = np.linspace(*ends, STEPS + 1)
    at = int(np.argmin([_rest(shape, m, rate) for rate in grid]))
    bounds = float(grid[max(at - 1, 0)]), float(grid[min(at + 1, STEPS)])
    found = minimize_scalar(
        lambda rate: _rest(shape, m, rate), bounds=bounds, method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


def _profile(shape: Callable[[float], Floats], m: Floats, ends: tuple[float, float]) -> tuple[float, float, float]:
    """Return the best scaled rate and the ends of those that an F test does not refuse."""
    best = _best(shape, m, ends)
    rest, freedom = _rest(shape, m, best), m.size - 2
    if rest <= PERFECT * float(m @ m):
        return best, best, best
    limit = rest * (1 + f_quantile(1, freedom, CONFIDENCE) / freedom)
    lower, upper = (_crossing(lambda rate: _rest(shape, m, rate) - limit, best, end) for end in ends)
    return best, lower, upper


def _crossing(excess: Callable[[float], float], best: float, end: float) -> float:
    """Walk from the best rate to an end and return where the limit is first passed; infinite when it never is."""
    from scipy.optimize import brentq

    before = best
    for rate in np.linspace(best, end, STEPS + 1)[1:]:
        if excess(float(rate)) >= 0:
            return float(brentq(excess, before, float(rate)))
        before = float(rate)
    return inf if end > best else -inf


def _misfit_p(t: Floats, m: Floats, rest: float) -> float | None:
    """Return the probability of the law's misfit against the scatter of bottles stored equally long."""
    _, group = np.unique(t, return_inverse=True)
    levels = int(group.max()) + 1
    between, within = levels - 2, m.size - levels
    if between < 1 or within < 1:
        return None
    means = np.bincount(group, m) / np.bincount(group)
    pure = float(((m - means[group]) ** 2).sum())
    if pure <= PERFECT * float(m @ m):
        return 1.0 if rest <= PERFECT * float(m @ m) else 0.0
    return f_tail(between, within, max(0.0, rest - pure) / between / (pure / within))
