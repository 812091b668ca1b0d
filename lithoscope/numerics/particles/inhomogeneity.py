"""Inhomogeneity of a composition, shell by shell: what is left of its scatter without the noise."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.common.distributions import student_quantile
from lithoscope.numerics.particles.checks import checked_map
from lithoscope.numerics.particles.profiles import or_null
from lithoscope.numerics.particles.standard_errors import shell_errors
from lithoscope.tables import Table

Float = NDArray[np.float64]

SMALLEST_BLOCK_PX, LONGEST_CORRELATION_PX = 4, 8
#: Fewer blocks say nothing about the scatter of their sums.
FEWEST_BLOCKS = 4


class Scatter(NamedTuple):
    """
    Scatter of some voxels, figure by figure as in `Inhomogeneity`; for a whole particle each shell about its own mean.

    `variance` is that of the composition, unbiased and therefore negative as often as not where there is none.
    """

    raw: float
    corrected: float
    low: float
    high: float
    upper_limit: float
    variance: float
    n: int
    blocks: int


@dataclass(frozen=True, slots=True)
class Inhomogeneity:
    """
    Scatter of a composition within each shell, and in the particle as a whole.

    Parameters
    ----------
    raw : (d,) array
        Standard deviation over the voxels of a shell: composition and noise together.
    corrected : (d,) array
        Of the composition alone; NaN where the interval touches zero or the shell is too small to tell.
    low, high : (d,) array
        Interval of `corrected`, where it has a value.
    upper_limit : (d,) array
        Below which it lies where the interval touches zero; NaN elsewhere, and where the shell is too small to tell.
    variance : (d,) array
        Square of `corrected` before it is judged: unbiased, and negative as often as not where there is no scatter, so
        that it may be averaged over particles.
    n : (d,) array of int
        Voxels with a value.
    blocks : (d,) array of int
        Separate pieces of the shell behind the interval.
    particle : Scatter
        The same over all shells, each about its own mean.
    """

    raw: Float
    corrected: Float
    low: Float
    high: Float
    upper_limit: Float
    variance: Float
    n: NDArray[np.int64]
    blocks: NDArray[np.int64]
    particle: Scatter

    @property
    def is_upper_limit(self) -> NDArray[np.bool_]:
        """Where only a limit can be told (d,)."""
        return np.isfinite(self.upper_limit)

    def table(self) -> Table:
        """List every shell."""
        columns: dict[str, list[Any]] = {
            "shell": list(range(1, len(self.raw) + 1)),
            "raw": or_null(self.raw),
            "corrected": or_null(self.corrected),
            "corrected_low": or_null(self.low),
            "corrected_high": or_null(self.high),
            "upper_limit": or_null(self.upper_limit),
            "voxels": self.n.tolist(),
        }
        return Table(columns, dict.fromkeys(columns, "") | {"shell": "1", "voxels": "1"})


def inhomogeneity(
    volume: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    shells: ArrayLike,
    block_px: int | None = None,
    confidence: float = 0.95,
) -> Inhomogeneity:
    """
    Separate the scatter of a composition from that of its noise.

    The noise of two halves of the counts is independent, so their covariance over a shell is the variance of the
    composition alone. How far it may be off is told by leaving out one block of the volume after the other, and by
    what neighbours have in common (`shell_errors`): the larger counts, since noise of a few tilts reaches beyond any
    block. What the imaging does to both halves alike counts as
    composition: blur takes scatter of a few voxels away (`recovered_share` tells how much), the missing wedge may add
    some.

    Parameters
    ----------
    volume : (z, y, x) array
        From all counts, NaN where it has no value.
    first, second : (k, z, y, x) or (z, y, x) array
        From the halves of each split of the counts, see `thinned_maps`.
    shells : (z, y, x) array of int
        From `depth_shells`, 0 outside.
    block_px : int, optional
        Edge of the blocks [px]; by default three times the length over which the halves' difference is correlated.
    confidence : float
        Of the interval, two-sided; an upper limit is one-sided at ``(1 + confidence) / 2`` [1].

    Returns
    -------
    inhomogeneity : Inhomogeneity

    Raises
    ------
    WrongShape, InvalidSetting

    References
    ----------
    Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods, "Inhomogeneity analysis" (raw).
    """
    number = np.asarray(shells, np.int64)
    if number.ndim != 3 or not number.any():
        raise WrongShape("shells must be a volume (z, y, x) with a particle in it: see depth_shells")
    if (block_px is not None and block_px < 1) or not 0 < confidence < 1:
        raise InvalidSetting("block_px starts at 1 and confidence lies between 0 and 1: correct them")
    whole = checked_map(volume, number.shape)
    halves = [_checked_halves(half, number.shape) for half in (first, second)]
    if len(halves[0]) != len(halves[1]):
        raise WrongShape("each split has two halves: give as many first as second")
    counted = (number > 0) & np.isfinite(whole) & np.isfinite(halves[0]).all(0) & np.isfinite(halves[1]).all(0)
    shell, depths = number[counted] - 1, int(number.max())
    a, b = halves[0][:, counted], halves[1][:, counted]
    n = np.bincount(shell, minlength=depths)
    voxels = _Voxels(
        _about_shell_means(whole[None, counted], shell, n)[0],
        np.mean(_about_shell_means(a, shell, n) * _about_shell_means(b, shell, n), axis=0),
        _block_numbers(number.shape, block_px or _block_edge(halves[0][0] - halves[1][0], counted))[counted],
    )
    quantile = (1 + confidence) / 2
    alike = _errors(voxels.product, counted, number), _errors(voxels.product, counted, (number > 0).astype(np.int64))
    rows = [_estimate(voxels.where(shell == d), quantile=quantile, error=alike[0][d]) for d in range(depths)]
    together = _estimate(voxels, quantile=quantile, error=alike[1][0], means=int((n > 0).sum()))
    raw, corrected, low, high, limit, variance, _, blocks = np.array(rows).T
    return Inhomogeneity(raw, corrected, low, high, limit, variance, n, blocks.astype(np.int64), together)


class _Voxels(NamedTuple):
    """Deviation of each voxel from the mean of its shell, product of its halves' deviations, and its block."""

    deviation: Float
    product: Float
    block: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "_Voxels":
        """Return some of them."""
        return _Voxels(self.deviation[chosen], self.product[chosen], self.block[chosen])


def _errors(product: Float, counted: NDArray[np.bool_], group: NDArray[np.int64]) -> Float:
    """Return standard errors of the means of products by group (d,), as voxels that are alike allow."""
    volume = np.full(counted.shape, np.nan)
    volume[counted] = product
    mean, sd = np.full((2, 1, int(group.max())), np.nan)
    for place in range(mean.shape[1]):
        values = product[group[counted] == place + 1]
        if len(values) > 1:
            mean[0, place], sd[0, place] = values.mean(), values.std(ddof=1)
    return np.asarray(shell_errors(volume[None], group, mean, sd)[0])


def _estimate(voxels: _Voxels, *, quantile: float, error: float, means: int = 1) -> Scatter:
    """Judge the scatter of some voxels from which so many means were taken off; `error` is that of the mean product."""
    n, unknown = len(voxels.product), np.nan
    if n <= means:
        return Scatter(unknown, unknown, unknown, unknown, unknown, unknown, n, 0)
    raw = float(np.sqrt(np.sum(voxels.deviation**2) / (n - means)))
    variance = float(voxels.product.sum()) / (n - means)
    _, block = np.unique(voxels.block, return_inverse=True)
    blocks = int(block.max()) + 1
    if blocks < FEWEST_BLOCKS:
        return Scatter(raw, unknown, unknown, unknown, unknown, variance, n, blocks)
    off = np.bincount(block, voxels.product - variance)
    by_blocks = float(np.sqrt(blocks / (blocks - 1) * np.sum(off**2))) / n
    reach = student_quantile(blocks - 1, quantile) * float(np.nanmax([by_blocks, error]))
    return Scatter(raw, *judged_variance(variance, reach), variance, n, blocks)


def judged_variance(variance: float, reach: float) -> tuple[float, float, float, float]:
    """Return deviation, low, high and upper limit: an interval that touches zero leaves only the last."""
    if variance <= reach:
        return np.nan, np.nan, np.nan, float(np.sqrt(max(variance, 0.0) + reach))
    low, middle, high = np.sqrt([variance - reach, variance, variance + reach])
    return float(middle), float(low), float(high), np.nan


def _about_shell_means(values: Float, shell: NDArray[np.int64], n: NDArray[np.int64]) -> Float:
    """Return values (k, voxel) less the mean of their shell."""
    means = np.array([np.bincount(shell, row, len(n)) for row in values]) / np.maximum(n, 1)
    return np.asarray(values - means[:, shell])


def _block_edge(noise: Float, inside: NDArray[np.bool_]) -> int:
    """Return an edge of blocks [px] three times as long as noise is correlated along any axis."""
    if not inside.any():
        return SMALLEST_BLOCK_PX
    centred = np.where(inside, noise - noise[inside].mean(), 0.0)
    power = float(np.mean(centred[inside] ** 2))
    longest = 1
    for axis in range(3):
        along, within = np.moveaxis(centred, axis, 0), np.moveaxis(inside, axis, 0)
        for lag in range(1, min(LONGEST_CORRELATION_PX, len(along) - 1) + 1):
            longest = max(longest, lag)
            pairs = np.count_nonzero(within[lag:] & within[:-lag])
            if np.sum(along[lag:] * along[:-lag]) <= np.exp(-1) * power * pairs:
                break
    return max(3 * longest, SMALLEST_BLOCK_PX)


def _block_numbers(shape: tuple[int, ...], block_px: int) -> NDArray[np.int64]:
    """Number the cubic blocks of a volume, voxel by voxel."""
    z, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    across = -(-max(shape) // block_px)
    return np.asarray((z // block_px * across + y // block_px) * across + x // block_px, np.int64)


def _checked_halves(halves: ArrayLike, shape: tuple[int, ...]) -> Float:
    """Return the halves of all splits as (k, z, y, x)."""
    values = np.asarray(halves, np.float64)
    values = values[None] if values.ndim == 3 else values
    if values.ndim != 4 or values.shape[1:] != shape:
        raise WrongShape(f"halves of shape {values.shape} do not fit a volume of {shape}: give (k, z, y, x)")
    return values
