"""Uncertainty of what is counted in a correlated image: resampling blocks of it."""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.otsu import GreyHistogram, otsu_thresholds

Float = NDArray[np.float64]

#: Blocks are this many correlation lengths wide where the field allows it.
BLOCK_CORRELATION_LENGTHS = 4.0
#: Fewest and most blocks along an axis, for images and volumes.
BLOCKS_ALONG_AXIS = {2: (4, 32), 3: (3, 10)}
#: Lines looked at along each axis to find the correlation length.
SAMPLED_LINES = 4096
INTERVAL = (0.05, 0.95)


class Spread(NamedTuple):
    """Standard deviation and 90 % interval of each of several numbers."""

    deviation: Float
    low: Float
    high: Float

    def reaching(self, shift: Float) -> "Spread":
        """Stretch the interval on one side by a shift of unknown share."""
        return Spread(self.deviation, self.low + np.minimum(shift, 0), self.high + np.maximum(shift, 0))


def correlation_lengths_px(labels: NDArray[np.integer]) -> tuple[float, ...]:
    """
    Measure along each axis how far a class map resembles itself.

    Returns
    -------
    lengths : tuple of float
        Lag at which the autocorrelation falls below 1/e [px], at most a third of the axis.
    """
    return tuple(_correlation_length_px(np.moveaxis(labels, axis, -1)) for axis in range(labels.ndim))


def _correlation_length_px(labels: NDArray[np.integer]) -> float:
    """Measure the correlation length along the last axis."""
    n: int = labels.shape[-1]
    if n == 1:
        return 1.0
    lines = labels.reshape(-1, n)
    lines = lines[:: max(1, len(lines) // SAMPLED_LINES)].astype(np.float64)
    lines -= lines.mean()
    power = np.mean(abs(np.fft.rfft(lines, n=2 * n, axis=1)) ** 2, axis=0)
    lags = np.arange(max(1, n // 4) + 1)
    similarity = np.fft.irfft(power)[: len(lags)] / (n - lags)
    below = np.flatnonzero(similarity < similarity[0] / np.e)
    length = float(below[0]) if below.size else float(lags[-1])
    return length / (1 - length / n)  # the field's own mean was taken off, which hides this share of the correlation


class Blocks(NamedTuple):
    """
    A field cut into blocks.

    Parameters
    ----------
    parts : tuple of tuple of slice
        Where each block is.
    widening : float
        How much wider than the scatter between resampled fields the true 90 % interval is.
    """

    parts: tuple[tuple[slice, ...], ...]
    widening: float


def cut_into_blocks(shape: tuple[int, ...], correlation_px: tuple[float, ...]) -> Blocks:
    """
    Cut a field into blocks wider than its structures.

    Blocks of a small field resemble their neighbours and each other, so resampling them scatters too little. With a
    correlation that decays exponentially the variance of a block's mean and of the field's mean follow in closed form,
    and so does the missing part; Student's distribution widens the rest as few independent blocks ask for.

    Parameters
    ----------
    shape : tuple of int
        Of the image or volume.
    correlation_px : tuple of float
        From `correlation_lengths_px`.

    Returns
    -------
    blocks : Blocks
    """
    from scipy.special import ndtri, stdtrit

    along: list[list[slice]] = []
    of_block = of_field = 1.0
    fewest, most = BLOCKS_ALONG_AXIS[len(shape)]
    for n, length in zip(shape, correlation_px, strict=True):
        blocks = min(n, most, max(fewest, int(n / (BLOCK_CORRELATION_LENGTHS * length))))
        edges = np.linspace(0, n, blocks + 1).round().astype(int).tolist()
        along.append([slice(start, end) for start, end in itertools.pairwise(edges)])
        of_block *= _variance_of_mean(n / blocks / length)
        of_field *= _variance_of_mean(n / length)
    parts = tuple(itertools.product(*along))
    independent = max(of_block / of_field, 2.0)
    missing = np.sqrt(len(parts) / (independent - 1))
    return Blocks(parts, float(missing * stdtrit(independent - 1, INTERVAL[1]) / ndtri(INTERVAL[1])))


def _variance_of_mean(lengths: float) -> float:
    """Return the variance of a mean over so many correlation lengths, relative to that of a point."""
    return 2 / lengths * (1 - (1 - float(np.exp(-lengths))) / lengths)


def bootstrap_spread(
    histograms: GreyHistogram,
    class_counts: Float,
    thresholds: Float,
    *,
    widening: float,
    resamples: int,
    rng: np.random.Generator,
) -> tuple[Spread, Spread]:
    """
    Estimate how thresholds and class fractions scatter from one field of a material to the next.

    Blocks are drawn with replacement. A fraction varies with the blocks that make up the field and with the threshold
    that these blocks give.

    Parameters
    ----------
    histograms : GreyHistogram
        One histogram per block (block, bin), in a common grey scale.
    class_counts : (block, class) array
        Pixels of each class in each block.
    thresholds : (classes - 1,) array
        Of the whole field.
    widening : float
        From `cut_into_blocks`.
    resamples : int
        How often the field is made up anew.
    rng : Generator

    Returns
    -------
    thresholds, fractions : Spread

    References
    ----------
    Lahiri, Resampling Methods for Dependent Data (2003), chapter 12, doi:10.1007/978-1-4757-3803-2.
    """
    blocks, classes = class_counts.shape
    drawn = rng.multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples).astype(np.float64)
    counts, sums = drawn @ histograms.counts, drawn @ histograms.sums
    new_thresholds = np.tile(thresholds, (resamples, 1))
    for i in np.flatnonzero(np.count_nonzero(counts, axis=1) >= classes):  # a field without grey values moves nothing
        new_thresholds[i] = otsu_thresholds(GreyHistogram(counts[i], sums[i]), classes)
    whole = GreyHistogram(histograms.counts.sum(axis=0), histograms.sums.sum(axis=0))
    by_threshold = fractions_at(whole, new_thresholds) - fractions_at(whole, thresholds[None])
    by_block = drawn @ class_counts
    by_block /= by_block.sum(axis=1, keepdims=True)
    fractions = class_counts.sum(axis=0) / class_counts.sum()
    return (
        _spread(thresholds, widening * (new_thresholds - thresholds)),
        _spread(fractions, widening * (by_block - fractions + by_threshold)),
    )


def _spread(centre: Float, deviations: Float) -> Spread:
    """Summarise deviations from a centre."""
    low, high = np.quantile(deviations, INTERVAL, axis=0)
    return Spread(deviations.std(axis=0), centre + low, centre + high)


def fractions_at(histogram: GreyHistogram, thresholds: Float) -> Float:
    """Return the share of each class for each set of thresholds (set, classes - 1)."""
    filled = histogram.counts > 0
    counts = histogram.counts[filled]
    centres = histogram.sums[filled] / counts
    below = np.interp(thresholds, centres, np.cumsum(counts) - counts / 2) / counts.sum()
    ends = np.zeros((len(thresholds), 1)), np.ones((len(thresholds), 1))
    return np.diff(np.concatenate([ends[0], below, ends[1]], axis=1), axis=1)
