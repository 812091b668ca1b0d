"""Quantities as the service tells them, and things by name: a name that is not there is refused with those that are."""

from typing import Any, TypeVar

from lithoscope.units import UNITS, Quantity

T = TypeVar("T")


class Derived(Quantity):
    """A quantity in a unit that the service derived, such as the ``counts/px`` of a voxel."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Take the unit as the service says it."""


def quantity_of(record: dict[str, Any]) -> Quantity:
    """Read a quantity of the service; a newer one may know more units than this client."""
    return (Quantity if record["unit"] in UNITS else Derived).from_json(record)


class Named(dict[str, T]):
    """Things by their names."""

    def __missing__(self, name: Any) -> T:
        """Say which names there are."""
        raise KeyError(f"{name}: there are {', '.join(self) or 'none'}")


class Quantities(Named[Quantity]):
    """Quantities by their names, with or without the unit: ``beam_energy`` is ``beam_energy_kV``."""

    def __missing__(self, name: Any) -> Quantity:
        """Find the name that goes on with its own unit."""
        for each, quantity in self.items():
            if each == f"{name}_{quantity.unit}":
                return quantity
        return super().__missing__(name)
