"""One level for all tilts: what shadowing by holder and grid took from each is given back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import NonFiniteValues, WrongShape
from lithoscope.numerics.eds.errors import ElementMismatch, EmptyTilt

Float = NDArray[np.float64]
#: Below so many counts an element's sum says too little of a tilt's level (notes 1.5).
LEAST_COUNTS = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class TiltFactors:
    """
    By how much the maps of each tilt are multiplied, every element alike.

    Parameters
    ----------
    factors : (t,) array of float64
        Mean over the elements of theirs [1]; NaN for excluded tilts.
    element_factors : (f, t) array of float64
        Mean sum over the tilts divided by the tilt's sum, for each element [1]; NaN where left out.
    uncertainty : (t,) array of float64
        Standard uncertainty of `factors` by counting [1].
    left_out : (f, t) array of bool
        Elements with too few counts in a tilt, which had no say there.
    """

    factors: Float
    element_factors: Float
    uncertainty: Float
    left_out: NDArray[np.bool_]


def tilt_factors(
    sums: ArrayLike,
    *,
    angles_deg: ArrayLike,
    excluded: ArrayLike | None = None,
    least_counts: float = LEAST_COUNTS,
    variance: ArrayLike | None = None,
) -> TiltFactors:
    """
    Bring every tilt to the same amount of matter: no projection of a whole particle holds more of it than another.

    Parameters
    ----------
    sums : (f, t) array
        Counts of each element over the particle, before any were forced to be positive [counts].
    angles_deg : (t,) array
        Tilt angles [deg], to name a tilt by.
    excluded : (t,) array of bool, optional
        Tilts that will not be used.
    least_counts : float
        Elements with fewer in a tilt are left out of that tilt's mean [counts].
    variance : (f, t) array, optional
        Variance of `sums` [counts^2]; the sums themselves by default.

    Raises
    ------
    WrongShape, NonFiniteValues
    EmptyTilt
        A tilt that is not excluded has no counts, or no element with enough of them.
    """
    totals, angles = np.asarray(sums, np.float64), np.asarray(angles_deg, np.float64)
    if totals.ndim != 2 or angles.shape != totals.shape[1:]:
        raise WrongShape(
            f"sums {totals.shape} and {angles.size} angles: give sums (element, tilt) and one angle a tilt"
        )
    out = np.zeros(angles.shape, np.bool_) if excluded is None else np.asarray(excluded, np.bool_)
    if out.shape != angles.shape:
        raise WrongShape(f"{out.size} marks of exclusion for {angles.size} tilts: give one for each tilt")
    if not np.isfinite(totals[:, ~out]).all():
        raise NonFiniteValues("a sum of a tilt is NaN or infinite: exclude the tilt or repair its maps")
    empty = ~out & (totals.sum(axis=0) <= 0)
    _refuse(empty, angles, "has no X-ray counts at all: exclude it or check whether the detector was shadowed")
    left_out = ~out & ((totals < least_counts) | (totals <= 0))
    silent = ~out & left_out.all(axis=0)
    _refuse(silent, angles, f"has no element with {least_counts:g} counts: exclude it or lower least_counts")
    said = ~left_out & ~out
    level = np.array([row[~out].mean() if (~out).any() else np.nan for row in totals])
    each = np.divide(level[:, None], totals, out=np.full(totals.shape, np.nan), where=said)
    voices = np.maximum(said.sum(axis=0), 1)
    factors = np.where(out, np.nan, np.where(said, each, 0).sum(axis=0) / voices)
    spread = np.maximum(totals if variance is None else np.asarray(variance, np.float64), 0)
    relative = np.divide(spread, totals**2, out=np.zeros(totals.shape), where=said)
    uncertainty = np.where(out, np.nan, np.sqrt((np.where(said, each, 0) ** 2 * relative).sum(axis=0)) / voices)
    return TiltFactors(factors, each, uncertainty, left_out)


def normalised_maps(maps: ArrayLike, factors: ArrayLike, *, power: int = 1) -> NDArray[np.float32]:
    """
    Multiply the maps of every tilt by its factor.

    Parameters
    ----------
    maps : (f, t, y, x) array
        Counts, or with ``power=2`` their variance.
    factors : (t,) array
        `TiltFactors.factors`; maps of excluded tilts (NaN) become NaN.
    power : int
        Power of the factor.

    Raises
    ------
    ElementMismatch
        Maps and factors of different numbers of tilts.
    """
    values, scale = np.asarray(maps, np.float32), np.asarray(factors, np.float32) ** power
    if values.ndim != 4 or values.shape[1:2] != scale.shape:
        raise ElementMismatch(f"maps {values.shape} and {scale.size} factors: give maps (f, t, y, x) of as many tilts")
    return np.asarray(values * scale[:, None, None])


def _refuse(which: NDArray[np.bool_], angles: Float, why: str) -> None:
    if which.any():
        tilt = int(np.flatnonzero(which)[0])
        raise EmptyTilt(f"tilt {tilt} ({angles[tilt]:.1f} deg) {why}")
