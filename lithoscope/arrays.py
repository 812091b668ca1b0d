"""Arrays that know their axes: what readers return, methods exchange and writers write."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.tables import Table
from lithoscope.units import Quantity

__all__ = ["LabelledArray", "Table"]


@dataclass(frozen=True)
class LabelledArray:
    """
    Values with axes, spacing and unit.

    Parameters
    ----------
    values : array
        The numbers, never modified by a reader of this object.
    axes : str
        One letter an axis, slow to fast: ``t`` tilt, ``z``, ``y``, ``x``, ``c`` channel of a detector or map, ``e``
        energy.
    spacing : mapping of axis letter to Quantity
        Step along an axis (nm for z, y, x; eV for e). An axis without an entry has no physical step.
    unit : str
        Unit of the values (``counts``, ``1``).
    coordinates : mapping of axis letter to array
        Positions along an axis that are uneven or do not begin at zero: tilt angles of ``t`` [deg], energies of ``e``
        [eV], momentum transfers of ``c`` in tables of oscillator strengths [1/nm].
    kind : str
        What it is: ``image``, ``tilt_series``, ``stack``, ``volume``, ``labels``, ``spectra``.
    name : str
        Short name, unique in its reading or result.
    labels : mapping of axis letter to tuple of str
        Names of the places along an axis: the families or elements of the maps along ``c``.
    source : str
        Where theory comes from: file and citation of a table; empty for data.
    """

    values: NDArray[Any]
    axes: str
    spacing: dict[str, Quantity] = field(default_factory=dict)
    unit: str = "1"
    coordinates: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    kind: str = "image"
    name: str = "data"
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        if self.values.ndim != len(self.axes) or len(set(self.axes)) != len(self.axes):
            raise ValueError(
                f"axes {self.axes!r} do not name the {self.values.ndim} dimensions of the array, one letter each"
            )
        for what, places in (("coordinates", self.coordinates), ("labels", self.labels)):
            for axis, given in places.items():
                length = self.values.shape[self.axes.index(axis)]
                if len(given) != length:
                    raise ValueError(f"axis {axis!r} has {length} places, {len(given)} {what}")
