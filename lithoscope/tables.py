"""Tables: columns that know their units. Standard library only, so that rules may return them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """
    Columns of equal length, each with a unit.

    Parameters
    ----------
    columns : mapping of str to list
        Column name to its values; names carry their unit as a suffix.
    units : mapping of str to str
        Column name to unit; empty for the unit of the values a table was computed from, filled in by
        `lithoscope.analysis.call`.
    """

    columns: dict[str, list[Any]]
    units: dict[str, str]

    def __post_init__(self) -> None:
        if self.columns.keys() != self.units.keys():
            raise ValueError("a table gives every column a unit and every unit a column")
        if len({len(column) for column in self.columns.values()}) > 1:
            raise ValueError("the columns of a table have one length")
