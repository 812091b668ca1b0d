"""Comparison of cycling states: figures of many particles side by side, in one table."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.distributions import student_quantile
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.profiles import DepthProfile
from lithoscope.tables import Table

Float = NDArray[np.float64]
#: For each state in its order: for each figure its value in each particle.
States = Mapping[str, Mapping[str, Sequence[float]]]


def profile_figures(profiles: Sequence[DepthProfile]) -> dict[str, list[float]]:
    """
    Take the mean of each map over the whole particle and over its surface, particle by particle.

    Raises
    ------
    ProfileMismatch
    """
    if len({profile.names for profile in profiles}) != 1:
        raise ProfileMismatch("the profiles differ in their maps: compare those of one kind")
    figures: dict[str, list[float]] = {}
    for channel, name in enumerate(profiles[0].names):
        figures[f"{name}, whole"] = [float(profile.whole_mean[channel]) for profile in profiles]
        figures[f"{name}, surface"] = [float(profile.surface_mean[channel]) for profile in profiles]
    return figures


def compare_states(states: States, *, confidence: float = 0.95) -> Table:
    """
    Set figures of particles side by side, state by state.

    Parameters
    ----------
    states : mapping of str to mapping of str to sequence of float
        State, figure, one value per particle; values that are not finite do not count.
    confidence : float
        Of the interval of each difference to the first state [1].

    Returns
    -------
    comparison : Table
        For each figure and state: particles, mean, standard deviation (null for one particle), difference to the first
        state, and Welch's interval of the difference (null where either state has one particle).

    Raises
    ------
    InvalidSetting

    References
    ----------
    Welch, Biometrika 34 (1947) 28, doi:10.1093/biomet/34.1-2.28.
    """
    if not states or not 0 < confidence < 1:
        raise InvalidSetting("a comparison needs at least one state and a confidence between 0 and 1")
    names = list(dict.fromkeys(name for figures in states.values() for name in figures))
    rows: list[dict[str, object]] = []
    for name in names:
        first = _finite(next(iter(states.values())).get(name, ()))
        for number, (state, figures) in enumerate(states.items()):
            values = _finite(figures.get(name, ()))
            row: dict[str, object] = {"figure": name, "state": state, "particles": len(values)}
            row |= {"mean": _mean(values), "standard_deviation": _sd(values)}
            rows.append(row | _difference(first, values, confidence=confidence if number else None))
    columns = {key: [row[key] for row in rows] for key in rows[0]} if rows else {"figure": [], "state": []}
    return Table(columns, dict.fromkeys(columns, "") | {"figure": "1", "state": "1", "particles": "1"})


def _difference(first: Float, values: Float, *, confidence: float | None) -> dict[str, object]:
    """Return the difference to the first state with its interval, null where it cannot be told."""
    names = ("difference", "difference_low", "difference_high")
    if confidence is None or not len(first) or not len(values):
        return dict.fromkeys(names)
    difference = float(values.mean() - first.mean())
    if len(first) < 2 or len(values) < 2:
        return dict(zip(names, (difference, None, None), strict=True))
    parts = [float(each.var(ddof=1)) / len(each) for each in (first, values)]
    if sum(parts) == 0:
        return dict.fromkeys(names, difference)
    freedom = sum(parts) ** 2 / sum(p**2 / (len(e) - 1) for p, e in zip(parts, (first, values), strict=True))
    reach = student_quantile(freedom, (1 + confidence) / 2) * float(np.sqrt(sum(parts)))
    return dict(zip(names, (difference, difference - reach, difference + reach), strict=True))


def _finite(values: Sequence[float]) -> Float:
    """Return the values that are numbers."""
    numbers = np.asarray(values, np.float64)
    return numbers[np.isfinite(numbers)]


def _mean(values: Float) -> float | None:
    """Return the mean, null of nothing."""
    return float(values.mean()) if len(values) else None


def _sd(values: Float) -> float | None:
    """Return the standard deviation (n - 1), null of one value."""
    return float(values.std(ddof=1)) if len(values) > 1 else None
