"""Thresholds between classes of grey values by Otsu's criterion, from a histogram."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

#: Variances between classes nearer than this part of each other differ by rounding.
SAME_VARIANCE = 1e-9


class GreyHistogram(NamedTuple):
    """
    How often each grey value occurs.

    Parameters
    ----------
    counts : (..., bin) array
        Values in each bin; leading axes are separate histograms over the same bins.
    sums : (..., bin) array
        Sum of the values in each bin, so that class means need no bin centres.
    """

    counts: Float
    sums: Float

    @classmethod
    def of(cls, values: NDArray[np.float32], *, bins: int = 256) -> Self:
        """Count all values of an image in one histogram."""
        counts, edges = np.histogram(values, bins)
        return cls(counts.astype(np.float64), counts * (edges[1:] + edges[:-1]) / 2)


def otsu_thresholds(histogram: GreyHistogram, classes: int) -> Float:
    """
    Place the thresholds that maximise the variance between classes.

    The variance is a sum over classes, so the best last class for each end of the one before it is all that need be
    remembered: dynamic programming finds the exact optimum in time proportional to the number of classes. At the
    optimum a threshold lies midway between the means of its two classes; taking that midpoint frees the result from
    the width of the bins.

    Parameters
    ----------
    histogram : GreyHistogram
        One histogram (bin,), with at least as many filled bins as classes.
    classes : int
        Number of classes.

    Returns
    -------
    thresholds : (classes - 1,) array
        Rising.

    References
    ----------
    Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62, doi:10.1109/TSMC.1979.4310076; Liao, Chen and Chung, J. Inf. Sci.
    Eng. 17 (2001) 713.
    """
    counts = np.concatenate([[0.0], np.cumsum(histogram.counts)])
    sums = np.concatenate([[0.0], np.cumsum(histogram.sums)])
    best, starts = _gain(counts, sums), []
    if classes > 2:
        gain = _gain(counts[None, :] - counts[:, None], sums[None, :] - sums[:, None])  # of bins [row, column)
        for _ in range(classes - 2):
            total = best[:, None] + gain
            starts.append(np.argmax(total, axis=0))
            best = np.max(total, axis=0)
    edges = [len(counts) - 1, int(np.argmax(best + _gain(counts[-1] - counts, sums[-1] - sums)))]
    for start in reversed(starts):
        edges.append(int(start[edges[-1]]))
    edges = [0, *edges[::-1]]
    means = np.diff(sums[edges]) / np.diff(counts[edges])
    return np.asarray((means[1:] + means[:-1]) / 2)


def _gain(counts: Float, sums: Float) -> Float:
    """Return what a class of these values adds to the variance between classes; a class may not be empty."""
    gain = np.full(counts.shape, -np.inf)
    np.divide(sums**2, counts, out=gain, where=counts > 0)
    return gain


def tied_threshold(histogram: GreyHistogram) -> float:
    """
    Place the one threshold between two classes, and the mean of them where several are equally good.

    A gap between the classes ties its bins, which all give the same midpoint of the class means; a symmetric histogram
    may tie different partitions, of which `otsu_thresholds` takes the lowest.

    Parameters
    ----------
    histogram : GreyHistogram
        One histogram (bin,) with at least two filled bins.

    Returns
    -------
    threshold : float
    """
    counts, sums = np.cumsum(histogram.counts), np.cumsum(histogram.sums)
    below, above = counts[:-1], counts[-1] - counts[:-1]
    split = (below > 0) & (above > 0)
    below, above, sums_below = below[split], above[split], sums[:-1][split]
    lower, upper = sums_below / below, (sums[-1] - sums_below) / above
    between = below * above * (upper - lower) ** 2
    tied = between >= (1 - SAME_VARIANCE) * between.max()
    return float(np.mean(lower[tied] + upper[tied]) / 2)
