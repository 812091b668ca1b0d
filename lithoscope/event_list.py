"""Lists of detected events, such as the ions of an atom probe: columns that are read piece by piece, never whole."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

Piece = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """
    One value of every event.

    Parameters
    ----------
    name : str
        Carries its unit as a suffix: ``mass_to_charge_Da``.
    unit : str
        Empty for pure numbers.
    dtype : {"float32", "uint32"}
        As it is kept, without loss.
    key : str
        Where it stands in the file.
    """

    name: str
    unit: str
    dtype: str
    key: str


@dataclass(frozen=True, eq=False)
class EventList:
    """
    Events in the order in which they were detected.

    Parameters
    ----------
    length : int
        How many there are.
    columns : tuple of Column
        What is known of each.
    bounds : mapping of str to (float, float)
        Least and greatest value of each column.
    pieces : callable
        Opens the list anew and gives it in pieces of at most a million events: column name to values.
    name : str
        What the events are, in the plural; becomes a file name.
    """

    length: int
    columns: tuple[Column, ...]
    bounds: Mapping[str, tuple[float, float]]
    pieces: Callable[[], Iterator[Piece]] = field(repr=False)
    name: str = "ions"

    @property
    def units(self) -> dict[str, str]:
        """Return the unit of each column."""
        return {column.name: column.unit for column in self.columns}
