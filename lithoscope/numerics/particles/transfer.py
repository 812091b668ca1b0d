"""How much of a composition's scatter the imaging lets through: grains finer than the resolution are averaged away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting, Progress, WrongShape, silent
from lithoscope.tables import Table

Float = NDArray[np.float64]
#: From a change of the composition (z, y, x) to the counts (c, t, y, x) expected of it, without noise.
Expect = Callable[[Float], NDArray[np.floating]]
#: From counts to the map (z, y, x) of that composition.
ComposeOne = Callable[[NDArray[np.floating]], NDArray[np.floating]]


@dataclass(frozen=True, slots=True)
class RecoveredShare:
    """
    Scatter that comes through over scatter that was planted, by size of the grains.

    Parameters
    ----------
    grain_px : (g,) array
        Standard deviation of the Gaussian that made the grains [px].
    by_shell : (g, d) array
        In each shell [1]; NaN where a shell is too small to tell.
    particle : (g,) array
        Over all shells, each about its own mean [1].
    """

    grain_px: Float
    by_shell: Float
    particle: Float

    def table(self) -> Table:
        """List the share of every size."""
        columns: dict[str, list[Any]] = {"grain_px": self.grain_px.tolist(), "share": self.particle.tolist()}
        return Table(columns, {"grain_px": "px", "share": "1"})


def recovered_share(
    expect: Expect,
    compose: ComposeOne,
    *,
    shells: ArrayLike,
    grain_px: Sequence[float],
    amplitude: float = 0.02,
    seed: int = 0,
    progress: Progress | None = None,
) -> RecoveredShare:
    """
    Send grains of known scatter through projection, reconstruction and quantification.

    The noise-corrected inhomogeneity is that of what the imaging resolves. Divided by the share found here it is that
    of the specimen, *if* its grains have the size assumed; without knowing the size, show the range. Grains are
    planted once up and once down, so that what the imaging adds by itself cancels.

    Parameters
    ----------
    expect : callable
        Expected counts of the particle with its composition changed by a map (z, y, x).
    compose : callable
        Reconstructs and quantifies as for the measurement; takes expected counts, which are no whole numbers.
    shells : (z, y, x) array of int
        From `depth_shells`, 0 outside.
    grain_px : sequence of float
        Sizes to try, standard deviations of a Gaussian [px].
    amplitude : float
        Standard deviation of what is planted [1].
    seed : int
    progress : callable, optional
        Called as ``progress(done, total)`` after each size; an early finish keeps the sizes done.

    Returns
    -------
    share : RecoveredShare

    Raises
    ------
    InvalidSetting, WrongShape
    """
    number = np.asarray(shells, np.int64)
    if not len(grain_px) or min(grain_px) <= 0 or amplitude <= 0 or number.ndim != 3 or not number.any():
        raise InvalidSetting("give shells of a particle, sizes of grains and an amplitude above zero")
    report, rng = progress or silent, np.random.default_rng(seed)
    rows: list[tuple[Float, float]] = []
    for size in grain_px:
        grains = ndimage.gaussian_filter(rng.standard_normal(number.shape), size)
        grains *= amplitude / grains[number > 0].std()
        up, down = (np.asarray(compose(expect(sign * grains)), np.float64) for sign in (1, -1))
        if up.shape != number.shape:
            raise WrongShape(f"compose returned shape {up.shape}: it must return one map of shape {number.shape}")
        rows.append(_shares((up - down) / 2, grains, number))
        if not report(len(rows), len(grain_px)):
            break
    by_shell, particle = (np.array(part) for part in zip(*rows, strict=True))
    return RecoveredShare(np.asarray(grain_px[: len(rows)], np.float64), by_shell, particle)


def _shares(found: Float, planted: Float, shells: NDArray[np.int64]) -> tuple[Float, float]:
    """Return the scatter found over that planted in each shell, and in all."""
    counted = (shells > 0) & np.isfinite(found)
    group = shells[counted] - 1
    n = np.bincount(group, minlength=int(shells.max()))
    squares = []
    for values in (found[counted], planted[counted]):
        means = np.bincount(group, values, len(n)) / np.maximum(n, 1)
        squares.append(np.bincount(group, (values - means[group]) ** 2, len(n)))
    share = np.full(len(n), np.nan)
    np.divide(squares[0], squares[1], out=share, where=(n > 1) & (squares[1] > 0))
    return np.sqrt(share), float(np.sqrt(squares[0].sum() / squares[1].sum()))
