"""Inhomogeneity averaged over the particles of one cycling state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.common.distributions import student_quantile
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.groups import mean_sd_n
from lithoscope.numerics.particles.inhomogeneity import Inhomogeneity, judged_variance
from lithoscope.numerics.particles.profiles import FEWEST_SHOWN, or_null
from lithoscope.tables import Table

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GroupScatter:
    """
    Inhomogeneity of the particles of one state by shell.

    Parameters
    ----------
    raw_curves, corrected_curves, limit_curves : (p, d) array
        Of each particle; NaN below its core, in shells of few voxels, and where one or the other cannot be told.
    raw_mean, raw_sd : (d,) array
        As published: with the noise. The deviation (n - 1) is NaN for one particle.
    corrected, low, high, upper_limit : (d,) array
        Root of the mean variance without noise, its interval, and the limit where the interval touches zero. Particles
        with a limit only count as well: leaving them out would raise the mean. NaN for one particle.
    n : (d,) array of int
        Particles that reach a shell.
    """

    raw_curves: Float
    corrected_curves: Float
    limit_curves: Float
    raw_mean: Float
    raw_sd: Float
    corrected: Float
    low: Float
    high: Float
    upper_limit: Float
    n: NDArray[np.int64]

    def table(self) -> Table:
        """List every shell; what cannot be told is null."""
        columns: dict[str, list[Any]] = {
            "shell": list(range(1, len(self.n) + 1)),
            "raw_mean": or_null(self.raw_mean),
            "raw_standard_deviation": or_null(self.raw_sd),
            "corrected": or_null(self.corrected),
            "corrected_low": or_null(self.low),
            "corrected_high": or_null(self.high),
            "upper_limit": or_null(self.upper_limit),
            "particles": self.n.tolist(),
        }
        return Table(columns, dict.fromkeys(columns, "") | {"shell": "1", "particles": "1"})


def group_scatter(
    particles: Sequence[Inhomogeneity], *, fewest_shown: int = FEWEST_SHOWN, confidence: float = 0.95
) -> GroupScatter:
    """
    Average the inhomogeneity of particles shell by shell.

    Parameters
    ----------
    particles : sequence of Inhomogeneity
        Of one state.
    fewest_shown : int
        Shells of a particle with fewer voxels do not count.
    confidence : float
        Of the interval, two-sided, from the scatter between particles [1].

    Returns
    -------
    group : GroupScatter

    Raises
    ------
    ProfileMismatch, InvalidSetting
    """
    if not particles:
        raise ProfileMismatch("an average needs at least one particle")
    if fewest_shown < 1 or not 0 < confidence < 1:
        raise InvalidSetting("fewest_shown starts at 1 and confidence lies between 0 and 1: correct them")
    depths = max(len(each.raw) for each in particles)
    raw, corrected, limit, variance = (
        _padded([np.where(p.n >= fewest_shown, getattr(p, name), np.nan) for p in particles], depths)
        for name in ("raw", "corrected", "upper_limit", "variance")
    )
    raw_mean, raw_sd, n = mean_sd_n(raw)
    mean, sd, count = mean_sd_n(variance)
    rows = np.full((depths, 4), np.nan)
    for row, level, spread, number in zip(rows, mean, sd, count, strict=True):
        if number > 1:
            reach = student_quantile(int(number) - 1, (1 + confidence) / 2) * float(spread) / np.sqrt(number)
            row[:] = judged_variance(float(level), float(reach))
    middle, low, high, upper = rows.T
    return GroupScatter(raw, corrected, limit, raw_mean, raw_sd, middle, low, high, upper, n)


def _padded(curves: Sequence[Float], depths: int) -> Float:
    """Return curves of unlike length as rows (p, d), NaN beyond their ends."""
    rows = np.full((len(curves), depths), np.nan)
    for row, curve in zip(rows, curves, strict=True):
        row[: len(curve)] = curve
    return rows
