"""Thresholds between classes of grey values by Otsu's criterion, from a histogram."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


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
    width = counts[None, :] - counts[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(width > 0, (sums[None, :] - sums[:, None]) ** 2 / width, -np.inf)  # of bins [row, column)
    best, starts = gain[0], []
    for _ in range(classes - 1):
        total = best[:, None] + gain
        starts.append(np.argmax(total, axis=0))
        best = np.max(total, axis=0)
    edges = [len(counts) - 1]
    for start in reversed(starts):
        edges.append(int(start[edges[-1]]))
    edges = [0, *edges[::-1]]
    means = np.diff(sums[edges]) / np.diff(counts[edges])
    return np.asarray((means[1:] + means[:-1]) / 2)
