"""A calibration line and what may be read from it: classical calibration with inverse prediction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import NonFiniteValues, WrongShape
from lithoscope.numerics.common.distributions import f_tail, student_quantile
from lithoscope.numerics.titration.errors import NegativeValue, NoSlope, NoSpread, TooFewPoints

FEWEST_POINTS = 3
CONFIDENCE = 0.90
CURVED_P = 0.01


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """
    Peak area against amount, with all that inverse prediction needs.

    Parameters
    ----------
    slope, intercept : float
        Area per amount, and area without any.
    residual_sd : float
        Standard deviation of areas about the line, with ``points - 2`` degrees of freedom.
    points : int
        Injected standards.
    mean_amount, sum_of_squares : float
        Mean of the amounts and sum of their squared distances from it.
    amount_range, area_range : (float, float)
        What was covered.
    curvature_p : float or None
        Probability of a curvature this strong if the truth is a line; None with fewer than four points.
    """

    slope: float
    intercept: float
    residual_sd: float
    points: int
    mean_amount: float
    sum_of_squares: float
    amount_range: tuple[float, float]
    area_range: tuple[float, float]
    curvature_p: float | None

    @property
    def intercept_sd(self) -> float:
        """Return the standard uncertainty of the area without any amount."""
        return float(self.residual_sd * np.sqrt(1 / self.points + self.mean_amount**2 / self.sum_of_squares))

    @property
    def is_curved(self) -> bool:
        """Say whether a line is not enough."""
        return self.curvature_p is not None and self.curvature_p < CURVED_P


@dataclass(frozen=True, slots=True)
class InversePrediction:
    """
    The amount behind measured areas.

    Parameters
    ----------
    amount : float
        Best estimate.
    lower, upper : float
        90 % interval (Fieller), not symmetric; neither is cut at zero.
    sd : float
        Standard uncertainty to first order.
    is_inside : bool
        The mean area lies within those of the standards.
    """

    amount: float
    lower: float
    upper: float
    sd: float
    is_inside: bool


def fit_calibration(amounts: ArrayLike, areas: ArrayLike) -> CalibrationLine:
    """
    Fit areas as a line of known amounts, all areas taken as equally uncertain.

    Parameters
    ----------
    amounts : (n,) array
        Known amounts of the standards, exact beside the areas.
    areas : (n,) array
        Peak areas; a standard injected several times stands several times.

    Returns
    -------
    line : CalibrationLine

    Raises
    ------
    TooFewPoints, NoSpread, NegativeValue, NoSlope, NonFiniteValues, WrongShape
        The standards give no line that amounts can be read from.

    References
    ----------
    Miller and Miller, Statistics and Chemometrics for Analytical Chemistry, 6th ed., chapter 5.
    """
    x, y = _checked(amounts, areas)
    if np.ptp(x) == 0:
        raise NoSpread("all standards hold the same amount: inject standards of three amounts or more")
    x_most, y_most = float(x.max()), float(y.max()) or 1.0
    x, y = x / x_most, y / y_most  # squares stay far from the ends of floating point
    x_mean, sxx = float(x.mean()), float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x_mean) * (y - y.mean())).sum() / sxx)
    intercept = float(y.mean() - slope * x_mean)
    residual_sd = float(np.sqrt(((y - intercept - slope * x) ** 2).sum() / (x.size - 2)))
    if slope <= 0 or _fieller_g(slope, residual_sd, sxx, x.size - 2) >= 1:
        raise NoSlope("areas do not clearly rise with the amount: check which area belongs to which standard")
    return CalibrationLine(
        slope=slope * y_most / x_most,
        intercept=intercept * y_most,
        residual_sd=residual_sd * y_most,
        points=int(x.size),
        mean_amount=x_mean * x_most,
        sum_of_squares=sxx * x_most**2,
        amount_range=(float(x.min()) * x_most, float(x.max()) * x_most),
        area_range=(float(y.min()) * y_most, float(y.max()) * y_most),
        curvature_p=_curvature_p(x, y),
    )


def read_amount(line: CalibrationLine, areas: ArrayLike) -> InversePrediction:
    """
    Read an amount from the areas of repeated injections of one gas.

    The interval is Fieller's: every amount whose predicted mean area differs from the measured one by less than the
    scatter allows. It covers the truth in 90 % of cases over fresh calibrations and injections alike.

    Parameters
    ----------
    line : CalibrationLine
    areas : (k,) array
        One area or more.
    """
    y = np.atleast_1d(np.asarray(areas, dtype=float))
    if y.ndim != 1 or y.size == 0:
        raise WrongShape("give the areas of one bottle as a list of at least one")
    if not np.isfinite(y).all():
        raise NonFiniteValues("an area is not finite: leave it out")
    if (y < 0).any():
        raise NegativeValue("a peak area is below zero: integrate the peak again")
    mean_area = float(y.mean())
    freedom = line.points - 2 + y.size - 1
    pooled = np.sqrt(((line.points - 2) * line.residual_sd**2 + ((y - mean_area) ** 2).sum()) / freedom)
    t = student_quantile(freedom, (1 + CONFIDENCE) / 2)
    offset = (mean_area - line.intercept) / line.slope - line.mean_amount
    g = (t * pooled / line.slope) ** 2 / line.sum_of_squares
    if g >= 1:
        raise NoSlope("these areas scatter so much that no amount can be read: inject again")
    spread = 1 / y.size + 1 / line.points
    half = t * pooled / line.slope * np.sqrt((1 - g) * spread + offset**2 / line.sum_of_squares)
    amount = line.mean_amount + offset
    return InversePrediction(
        amount=amount,
        lower=float(line.mean_amount + (offset - half) / (1 - g)),
        upper=float(line.mean_amount + (offset + half) / (1 - g)),
        sd=float(pooled / line.slope * np.sqrt(spread + offset**2 / line.sum_of_squares)),
        is_inside=line.area_range[0] <= mean_area <= line.area_range[1],
    )


def _checked(amounts: ArrayLike, areas: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(amounts, dtype=float), np.asarray(areas, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise WrongShape("give one area for each amount")
    if x.size < FEWEST_POINTS:
        raise TooFewPoints(f"a line needs {FEWEST_POINTS} standards at least: through two it always fits")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise NonFiniteValues("an amount or an area is not finite: leave the standard out")
    if (x < 0).any() or (y < 0).any():
        raise NegativeValue("an amount or a peak area is below zero: correct it or leave the standard out")
    return x, y


def _fieller_g(slope: float, residual_sd: float, sxx: float, freedom: int) -> float:
    """Return how far the slope is from being told from zero: below one it can be."""
    t = student_quantile(freedom, (1 + CONFIDENCE) / 2)
    return float((t * residual_sd / slope) ** 2 / sxx)


def _curvature_p(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Return the probability of so strong a curvature by chance: the F test of a quadratic term."""
    if x.size < FEWEST_POINTS + 1 or np.unique(x).size < FEWEST_POINTS:
        return None
    scaled = (x - x.mean()) / np.ptp(x)
    straight, curved = (_rest(np.vander(scaled, degree + 1), y) for degree in (1, 2))
    freedom = x.size - 3
    if curved <= 1e-24 * float((y**2).sum()):
        return 1.0 if straight <= 1e-24 * float((y**2).sum()) else 0.0
    return f_tail(1, freedom, (straight - curved) / (curved / freedom))


def _rest(design: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    coefficients = np.linalg.lstsq(design, y, rcond=None)[0]
    return float(((y - design @ coefficients) ** 2).sum())
