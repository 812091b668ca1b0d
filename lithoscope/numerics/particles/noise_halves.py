"""Halves of measured maps with independent noise: by the toss of a coin, or by noise of known variance."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.particles.thinning import thin_counts, whole_counts

Float = NDArray[np.float64]


def halves_of_counts(counts: ArrayLike, *, splits: int, seed: int) -> Iterator[tuple[Float, Float]]:
    """
    Give every event to one of two halves, again and again; both on the scale of the whole.

    Raises
    ------
    NotCounts, NonFiniteValues, InvalidSetting
    """
    _check(splits)
    events = whole_counts(counts)
    for key in np.random.SeedSequence(seed).generate_state(splits):
        first, second = thin_counts(events, seed=int(key))
        yield np.asarray(2.0 * first), np.asarray(2.0 * second)


def halves_of_variance(
    maps: ArrayLike, variance: ArrayLike, *, splits: int, seed: int
) -> Iterator[tuple[Float, Float]]:
    """
    Add noise as strong as that of maps to one copy and take it off another, again and again.

    With noise n of the maps and noise e of the same variance, independent of it, n + e and n - e have the covariance
    var(n) - var(e) = 0: what binomial thinning does for counts, this does for what was fitted to counts and then moved.
    It needs the true variance: half of an error of it becomes a false variance of what is measured, or takes some away.

    Parameters
    ----------
    maps, variance : (c, t, y, x) array
        Noise of one pixel independent of the others'.
    splits : int
    seed : int

    Yields
    ------
    first, second : (c, t, y, x) array
        Both on the scale of the maps.

    Raises
    ------
    WrongShape, NonFiniteValues, InvalidSetting

    References
    ----------
    Rasines and Young, Biometrika 110 (2023) 597, doi:10.1093/biomet/asac070.
    """
    _check(splits)
    values, spread = np.asarray(maps, np.float64), np.asarray(variance, np.float64)
    if values.shape != spread.shape:
        raise WrongShape(f"maps {values.shape} with variance {spread.shape}: give one variance for each value")
    if not np.isfinite(values).all() or not np.isfinite(spread).all():
        raise NonFiniteValues("maps or their variance hold NaN or infinite values: repair or exclude these pixels")
    if (spread < 0).any():
        raise InvalidSetting("a variance is not negative: correct it")
    sigma = np.sqrt(spread)
    for key in np.random.SeedSequence(seed).generate_state(splits):
        noise = sigma * np.random.default_rng(int(key)).standard_normal(values.shape)
        yield values + noise, values - noise


def _check(splits: int) -> None:
    if splits < 1:
        raise InvalidSetting("at least one split tells the noise: raise splits")
