"""A GENFIRE volume together with the tables and figures by which a person judges it."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import Progress
from lithoscope.numerics.tomography.genfire import GenfireResult, genfire
from lithoscope.numerics.tomography.gridding import GriddingMethod
from lithoscope.numerics.tomography.schedule import Resolution
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

#: Sums of the projections that scatter by more than this share of their mean are told [1].
LARGEST_SPREAD = 0.05
#: Withheld points that are worse off by more than this factor than shown ones are told [1].
LARGEST_RATIO = 3.0


class GenfireReport(NamedTuple):
    """
    A volume and what judges it.

    Attributes
    ----------
    volume : (z, y, x) array of float32
    errors : Table
        Error at shown and at withheld points of every iteration.
    shells : Table
        The same for each shell of Fourier space, at the iteration the volume is from.
    error_k, r_free : Quantity
        At that iteration [1]; the latter is unknown if nothing was withheld.
    filled_fraction, projection_spread, best_iteration : Quantity
        As in `GenfireResult` [1].
    notes : tuple of str
        What makes the volume doubtful.
    """

    volume: NDArray[np.float32]
    errors: Table
    shells: Table
    error_k: Quantity
    r_free: Quantity
    filled_fraction: Quantity
    projection_spread: Quantity
    best_iteration: Quantity
    notes: tuple[str, ...]


def genfire_report(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    iterations: int,
    oversampling_ratio: float = 3,
    interpolation_radius_px: float = 0.1,
    gridding: GriddingMethod = "dft",
    resolution: Resolution = "all",
    resolution_circle: bool = True,
    mask: ArrayLike | None = None,
    nonnegative: bool = True,
    withheld_fraction: float = 0.05,
    rotation_axis_px: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> GenfireReport:
    """
    Reconstruct as `genfire` does and write its figures as tables and quantities.

    Parameters
    ----------
    mask : (z, y, x) array of bool, optional
        The support. `genfire` describes all other parameters and what is refused.

    Returns
    -------
    GenfireReport
    """
    result = genfire(
        projections,
        angles_deg,
        iterations=iterations,
        oversampling_ratio=oversampling_ratio,
        interpolation_radius_px=interpolation_radius_px,
        gridding=gridding,
        resolution=resolution,
        resolution_circle=resolution_circle,
        support=mask,
        nonnegative=nonnegative,
        withheld_fraction=withheld_fraction,
        rotation_axis_px=rotation_axis_px,
        seed=seed,
        progress=progress,
    )
    best = result.best_iteration - 1
    free = None if result.r_free is None else float(result.r_free[best])
    return GenfireReport(
        volume=result.volume,
        errors=_error_curve(result),
        shells=_error_shells(result, best, np.asarray(projections).shape[2]),
        error_k=_ratio(float(result.error_k[best])),
        r_free=_ratio(free, "no point was withheld"),
        filled_fraction=_ratio(result.filled_fraction),
        projection_spread=_ratio(result.projection_spread, "the projections sum to zero"),
        best_iteration=_ratio(float(result.best_iteration)),
        notes=_notes(result, free, float(result.error_k[best])),
    )


def _error_curve(result: GenfireResult) -> Table:
    columns: dict[str, list[Any]] = {
        "iteration": list(range(1, len(result.error_k) + 1)),
        "error_k": _numbers(result.error_k),
    }
    if result.r_free is not None:
        columns["r_free"] = _numbers(result.r_free)
    return Table(columns, dict.fromkeys(columns, "1"), _plot("iteration", columns, "Error of every iteration"))


def _error_shells(result: GenfireResult, best: int, n_x: int) -> Table:
    """List the shells, one pixel of the unpadded transform thick, by the middle of each over the Nyquist frequency."""
    shells = result.error_k_shells[best]
    columns: dict[str, list[Any]] = {
        "shell": list(range(len(shells))),
        "frequency_over_nyquist": [(shell + 0.5) / (n_x / 2) for shell in range(len(shells))],
        "error_k": _numbers(shells),
    }
    if result.r_free_shells is not None:
        columns["r_free"] = _numbers(result.r_free_shells[best])
    plot = _plot("frequency_over_nyquist", columns, "Error of every shell of Fourier space")
    return Table(columns, dict.fromkeys(columns, "1"), plot)


def _plot(x: str, columns: dict[str, list[Any]], title: str) -> Plot:
    """Draw the errors that a table has."""
    words = {"error_k": "at shown points", "r_free": "R free, at withheld points"}
    lines = tuple(Line(name, title=words[name]) for name in words if name in columns)
    return Plot(x, lines, title=title, x_title=x.replace("_", " "), y_title="relative error")


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]


def _ratio(value: float | None, reason: str = "nothing was measured") -> Quantity:
    if value is None or not math.isfinite(value):
        return Quantity.unknown("1", reason)
    return Quantity(value, "1", "measured")


def _notes(result: GenfireResult, free: float | None, shown: float) -> tuple[str, ...]:
    """Say where the projections contradict each other, or the result does not hold at what it has not seen."""
    notes = []
    if result.projection_spread > LARGEST_SPREAD:
        notes.append(
            f"uneven-projections: the sums of the projections scatter by {100 * result.projection_spread:.0f} % of "
            "their mean: subtract the background of each tilt, or see whether the object leaves the field"
        )
    if free is not None and free > LARGEST_RATIO * shown:
        notes.append(
            f"withheld-points-disagree: the volume meets the measured points within {100 * shown:.1f} %, those "
            f"withheld from it within {100 * free:.1f} %: do not trust its finest detail; iterate less or align again"
        )
    return tuple(notes)
