"""How far two reconstructions of the same elements agree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import WrongShape
from lithoscope.numerics.tomography.checks import checked_mask
from lithoscope.tables import Table

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """
    Two sets of volumes side by side, element by element.

    Parameters
    ----------
    correlation : (e,) array
        Pearson's coefficient over all voxels [1]; NaN where a volume is constant.
    inside : (e,) array
        The same over the voxels of the mask only, where being inside the particle explains nothing [1].
    deviation : (e,) array
        Root mean square difference in the mask over the mean of the first there, after the second is scaled to it [1].
    """

    correlation: Float
    inside: Float
    deviation: Float

    def table(self, names: tuple[str, ...]) -> Table:
        """List every element under its name; what cannot be told is null."""
        rows = {"correlation": self.correlation, "correlation_inside": self.inside, "deviation": self.deviation}
        numbers = {key: [float(v) if np.isfinite(v) else None for v in values] for key, values in rows.items()}
        columns: dict[str, list[Any]] = {"element": list(names), **numbers}
        return Table(columns, dict.fromkeys(columns, "1"))


def agreement(first: ArrayLike, second: ArrayLike, *, mask: ArrayLike | None = None) -> Agreement:
    """
    Compare volumes of the same elements from two routes.

    Parameters
    ----------
    first, second : (e, z, y, x) array
        In any units: each element of the second is scaled to the first by least squares.
    mask : (z, y, x) array of bool, optional
        The particle; everywhere by default.

    Returns
    -------
    agreement : Agreement

    Raises
    ------
    WrongShape, EmptyMask
    """
    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.ndim != 4 or one.shape != two.shape:
        raise WrongShape(f"volumes of shape {one.shape} and {two.shape} do not compare: give (e, z, y, x) of one grid")
    shape = (one.shape[1], one.shape[2], one.shape[3])
    chosen = checked_mask(mask, shape)
    inside = np.ones(shape, bool) if chosen is None else chosen
    pairs = list(zip(one, two, strict=True))
    return Agreement(
        np.array([_correlation(a.ravel(), b.ravel()) for a, b in pairs]),
        np.array([_correlation(a[inside], b[inside]) for a, b in pairs]),
        np.array([_deviation(a[inside], b[inside]) for a, b in pairs]),
    )


def _correlation(first: Float, second: Float) -> float:
    """Return Pearson's coefficient, NaN of a constant."""
    a, b = first - first.mean(), second - second.mean()
    power = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / power if power > 0 else np.nan


def _deviation(first: Float, second: Float) -> float:
    """Return the relative root mean square difference after scaling."""
    power, mean = float(second @ second), float(first.mean())
    if power == 0 or mean == 0:
        return np.nan
    scaled = second * (float(first @ second) / power)
    return float(np.sqrt(np.mean((first - scaled) ** 2))) / abs(mean)
