"""Non-negative least squares of many pixels that share one design."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
#: Full exchanges that may fail to help before one variable at a time is exchanged, which always ends.
PATIENCE = 3
MOST_ROUNDS = 200


def nonnegative_solution(gram: Float, along: Float) -> Float:
    """
    Solve ``min |A x - b|`` with x not negative for many b by block principal pivoting.

    Pixels with the same set of positive variables are solved together, so the cost is that of a few dozen small
    systems however many pixels there are.

    Parameters
    ----------
    gram : (k, k) array
        ``A^T A``, of full rank.
    along : (k, pixel) array
        ``A^T b``.

    Returns
    -------
    solution : (k, pixel) array of float64

    References
    ----------
    Kim and Park, SIAM J. Sci. Comput. 33 (2011) 3261, doi:10.1137/110821172.
    """
    size = np.sqrt(np.diag(gram))
    scaled, target = gram / np.outer(size, size), along / size[:, None]
    tolerance = 1e-9 * np.maximum(np.abs(target).max(axis=0), 1e-300)
    positive = np.ones(target.shape, np.bool_)
    fewest = np.full(target.shape[1], len(gram) + 1)
    patience = np.full(target.shape[1], PATIENCE)
    solution = np.zeros(target.shape)
    open_pixels = np.arange(target.shape[1])
    for _ in range(MOST_ROUNDS):
        sets = positive[:, open_pixels]
        values, slopes = _solved(scaled, target[:, open_pixels], sets)
        solution[:, open_pixels] = values
        wrong = (sets & (values < -tolerance[open_pixels])) | (~sets & (slopes < -tolerance[open_pixels]))
        count = wrong.sum(axis=0)
        unfinished = count > 0
        if not unfinished.any():
            break
        open_pixels, wrong, count = open_pixels[unfinished], wrong[:, unfinished], count[unfinished]
        better = count < fewest[open_pixels]
        patience[open_pixels] = np.where(better, PATIENCE, patience[open_pixels] - 1)
        fewest[open_pixels] = np.minimum(fewest[open_pixels], count)
        single = ~better & (patience[open_pixels] < 0)
        last = len(gram) - 1 - np.argmax(wrong[::-1], axis=0)
        wrong[:, single] = np.arange(len(gram))[:, None] == last[single]
        positive[:, open_pixels] ^= wrong
    return np.maximum(solution, 0) / size[:, None]


def _solved(gram: Float, target: Float, sets: NDArray[np.bool_]) -> tuple[Float, Float]:
    """Solve each pixel for its positive variables; return values, and slopes of the error along the others."""
    values = np.zeros(target.shape)
    patterns, which = np.unique(sets, axis=1, return_inverse=True)
    for number, pattern in enumerate(patterns.T):
        pixels = np.flatnonzero(which.ravel() == number)
        rows = np.flatnonzero(pattern)
        if rows.size:
            part = np.linalg.solve(gram[np.ix_(rows, rows)], target[np.ix_(rows, pixels)])
            values[np.ix_(rows, pixels)] = part
    return values, gram @ values - target
