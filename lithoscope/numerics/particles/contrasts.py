"""Whether particles agree that something changes from their surfaces to their cores."""

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.distributions import student_quantile

Float = NDArray[np.float64]

#: Looked at: a steady change from surface to core, and a surface unlike all that is below.
CONTRASTS = 2


def is_gradient_within(curves: Float, *, smallest_change: float, confidence: float) -> bool:
    """
    Say whether particles change with depth, and alike.

    Parameters
    ----------
    curves : (p, r) array
        Each particle over its own radius from surface to core; NaN throughout for one without a value.
    smallest_change : float
        Changes up to this do not count, in units of the curves.
    confidence : float
        With which the mean change must exceed zero, shared by the contrasts [1]. One particle alone is judged by how
        its curve scatters about the change.

    Returns
    -------
    is_gradient : bool
    """
    rows = curves[np.isfinite(curves).all(axis=1)]
    if len(rows) == 0 or rows.shape[1] < 3:
        return False
    quantile = 1 - (1 - confidence) / (2 * CONTRASTS)
    return any(_exceeds(rows, shape, smallest_change, quantile) for shape in _shapes(rows.shape[1]))


def _shapes(points: int) -> list[Float]:
    """Return what each contrast looks like, from -1/2 at the surface to 1/2 at the core, about a mean of zero."""
    steady = np.linspace(-0.5, 0.5, points)
    surface = np.where(np.arange(points) < max(points // 8, 1), -0.5, 0.5)
    return [shape - shape.mean() for shape in (steady, surface)]


def _exceeds(rows: Float, shape: Float, smallest_change: float, quantile: float) -> bool:
    """Say whether the mean change along a shape is larger than asked and than its own scatter."""
    power = float(shape @ shape)
    changes = rows @ shape / power
    change = float(changes.mean())
    if abs(change) <= smallest_change:
        return False
    if len(rows) > 1:
        error, freedom = float(changes.std(ddof=1)) / np.sqrt(len(rows)), len(rows) - 1
    else:
        left = rows[0] - rows[0].mean() - change * shape
        freedom = len(shape) - 2
        error = float(np.sqrt(left @ left / freedom / power))
    return bool(abs(change) > student_quantile(freedom, quantile) * error)
