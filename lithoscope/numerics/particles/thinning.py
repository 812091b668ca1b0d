"""Halves of a measurement: counts divided at random, each half a measurement of its own."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, Progress, WrongShape, silent
from lithoscope.numerics.particles.errors import NotCounts

Float = NDArray[np.float64]
Counts = NDArray[np.int64]
#: From counts (c, t, y, x) to maps (m, z, y, x): reconstruct and quantify as for the whole measurement.
Compose = Callable[[Counts], NDArray[np.floating]]


@dataclass(frozen=True, slots=True)
class ThinnedMaps:
    """
    Maps of a measurement and of its halves.

    Parameters
    ----------
    whole : (m, z, y, x) array
        From all counts.
    first, second : (k, m, z, y, x) array
        From the two halves of each split: their noise is independent.
    """

    whole: Float
    first: Float
    second: Float

    @property
    def noise_draws(self) -> Float:
        """Half the difference of the halves (k, m, z, y, x): noise as strong and as correlated as that of `whole`."""
        return np.asarray((self.first - self.second) / 2)

    @property
    def noise_sd(self) -> Float:
        """Standard deviation of each voxel's noise over the splits (m, z, y, x), rough for few splits."""
        return np.asarray(np.sqrt(np.mean(self.noise_draws**2, axis=0)))


def thin_counts(counts: ArrayLike, *, seed: int = 0) -> tuple[Counts, Counts]:
    """
    Give every event to one of two halves by the toss of a coin.

    Halves of Poisson counts are Poisson and independent of each other. All tilts stay in both, so both halves see the
    same directions and the same missing wedge, unlike odd and even tilts.

    Parameters
    ----------
    counts : array of int
        As counted: no background taken off, no tilt normalised, not smoothed.
    seed : int
        Of the coin.

    Returns
    -------
    first, second : array of int64
        Their sum is the counts.

    Raises
    ------
    NotCounts, NonFiniteValues
    """
    events = whole_counts(counts)
    first = np.random.default_rng(seed).binomial(events, 0.5).astype(np.int64)
    return first, events - first


def whole_counts(counts: ArrayLike) -> Counts:
    """
    Return counts as int64.

    Raises
    ------
    NotCounts, NonFiniteValues
    """
    values = np.asarray(counts)
    if not np.isfinite(values).all():
        raise NonFiniteValues("the counts hold NaN or infinite values: repair or exclude these pixels")
    if (values < 0).any() or (np.issubdtype(values.dtype, np.floating) and (values % 1).any()):
        raise NotCounts("thinning needs whole counts from zero up, as recorded: give them before any correction")
    return np.asarray(values, np.int64)


def thinned_maps(
    counts: ArrayLike, compose: Compose, *, splits: int = 4, seed: int = 0, progress: Progress | None = None
) -> ThinnedMaps:
    """
    Make maps of a measurement and of its halves by one and the same way.

    Parameters
    ----------
    counts : (c, t, y, x) array of int
        As counted.
    compose : callable
        Turns counts into maps (m, z, y, x); it runs 1 + 2 `splits` times and has to leave its input alone.
    splits : int
        Divisions at random. They share the counts: more of them average the toss of the coin, not the noise.
    seed : int
    progress : callable, optional
        Called as ``progress(done, total)`` after each run.

    Returns
    -------
    maps : ThinnedMaps
        An early finish keeps the splits made.

    Raises
    ------
    NotCounts, NonFiniteValues, WrongShape, InvalidSetting
    """
    events = whole_counts(counts)
    if splits < 1:
        raise InvalidSetting("at least one split tells the noise: raise splits")
    report, total = progress or silent, 1 + 2 * splits
    whole = _composed(compose, events)
    goes_on = report(1, total)
    halves: tuple[list[Float], list[Float]] = ([], [])
    for split, key in enumerate(np.random.SeedSequence(seed).generate_state(splits)):
        if not goes_on and split:
            break
        for which, half in enumerate(thin_counts(events, seed=int(key))):
            halves[which].append(_composed(compose, half))
            goes_on = report(2 * split + which + 2, total)
    return ThinnedMaps(whole, np.array(halves[0]), np.array(halves[1]))


def _composed(compose: Compose, counts: Counts) -> Float:
    """Return the maps of some counts."""
    maps = np.asarray(compose(counts), np.float64)
    if maps.ndim != 4:
        raise WrongShape(f"compose returned shape {maps.shape}: it must return maps (m, z, y, x)")
    return maps
