"""Capacity of a cell against its cycles: how much is left of the first."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.tables import Table

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CapacityRetention:
    """
    What is left of a cell's capacity.

    Parameters
    ----------
    cycle : (c,) array of int
        Rising.
    capacity_mAh_per_g : (c,) array
    retention, uncertainty : (c,) array
        Capacity over that of the reference cycle, and its standard uncertainty [1]; exactly 1 and 0 at the reference.
    reference_cycle : int
    """

    cycle: NDArray[np.int64]
    capacity_mAh_per_g: Float
    retention: Float
    uncertainty: Float
    reference_cycle: int

    @property
    def lost(self) -> Float:
        """Share of the reference capacity that is lost, (c,) [1]; its uncertainty is that of the retention."""
        return np.asarray(1 - self.retention)

    def table(self) -> Table:
        """List every cycle."""
        columns: dict[str, list[Any]] = {
            "cycle": self.cycle.tolist(),
            "capacity_mAh_per_g": self.capacity_mAh_per_g.tolist(),
            "retention": self.retention.tolist(),
            "lost": self.lost.tolist(),
            "uncertainty": self.uncertainty.tolist(),
        }
        return Table(columns, dict.fromkeys(columns, "1") | {"capacity_mAh_per_g": "mAh/g"})


def capacity_retention(
    cycle: ArrayLike,
    capacity_mAh_per_g: ArrayLike,
    *,
    uncertainty_mAh_per_g: ArrayLike = 0.0,
    reference_cycle: int | None = None,
) -> CapacityRetention:
    """
    Compare the capacity of each cycle with that of a reference cycle.

    Parameters
    ----------
    cycle : (c,) array of int
        Cycle numbers in any order, each once.
    capacity_mAh_per_g : (c,) array
        Discharge capacity [mAh/g]; 0 once the cell has stopped working.
    uncertainty_mAh_per_g : float or (c,) array
        Standard uncertainty of one reading against another of the same cell [mAh/g]: of the cycler's current and the
        cut-offs. The mass of the electrode divides every cycle alike and drops out; leave it out here.
    reference_cycle : int, optional
        The first by default; give a later one where formation cycles come before.

    Returns
    -------
    retention : CapacityRetention

    Raises
    ------
    WrongShape, NonFiniteValues, InvalidSetting
    """
    number, capacity = np.asarray(cycle, np.float64), np.asarray(capacity_mAh_per_g, np.float64)
    if number.ndim != 1 or number.shape != capacity.shape or number.size == 0:
        raise WrongShape("give one capacity for each cycle")
    spread = np.broadcast_to(np.asarray(uncertainty_mAh_per_g, np.float64), capacity.shape)
    if not np.isfinite([*number, *capacity, *spread]).all():
        raise NonFiniteValues("cycles, capacities and uncertainties must be finite numbers: leave the others out")
    if len(np.unique(number)) < len(number) or (number % 1).any() or (capacity < 0).any() or (spread < 0).any():
        raise InvalidSetting("cycles are whole numbers, each once; capacities and uncertainties are not negative")
    order = np.argsort(number)
    number, capacity, spread = number[order], capacity[order], spread[order]
    first = int(number[0]) if reference_cycle is None else reference_cycle
    if first not in number:
        raise InvalidSetting("the reference cycle was not measured: choose one that was")
    place = int(np.flatnonzero(number == first)[0])
    if capacity[place] <= 0:
        raise InvalidSetting("the reference cycle has no capacity: choose one before the cell failed")
    retention = capacity / capacity[place]
    uncertainty = np.hypot(spread, retention * spread[place]) / capacity[place]
    uncertainty[place] = 0.0
    return CapacityRetention(number.astype(np.int64), capacity, retention, uncertainty, first)
