"""The difference of two stated numbers, with what is known of its uncertainty."""

from dataclasses import dataclass
from math import hypot

from lithoscope.units import Quantity, weakest

INDEPENDENT = "standard uncertainties added in quadrature, as of independent numbers"


@dataclass(frozen=True, slots=True)
class NumbersCompared:
    """
    Two numbers side by side.

    Parameters
    ----------
    difference : Quantity
        First less second; unknown where either is, or where the units differ.
    in_uncertainties : float or None
        Size of the difference over its standard uncertainty; None where that is not known or zero.
    """

    difference: Quantity
    in_uncertainties: float | None


def compared(first: Quantity, second: Quantity) -> NumbersCompared:
    """
    Take one number from another.

    The uncertainties are added as of independent numbers. Numbers made from the same data are not: what they share
    drops out of the difference, whose uncertainty is then smaller where both depend on it alike.
    """
    if first.unit != second.unit:
        return NumbersCompared(Quantity.unknown(first.unit, f"the second is in {second.unit}"), None)
    if first.value is None or second.value is None:
        which = "first" if first.value is None else "second"
        return NumbersCompared(Quantity.unknown(first.unit, f"the {which} is unknown"), None)
    stated = (first.uncertainty, second.uncertainty)
    spread = None if stated[0] is None or stated[1] is None else hypot(stated[0], stated[1])
    note = INDEPENDENT if spread is not None else "an uncertainty is not stated"
    value = first.value - second.value
    difference = Quantity(value, first.unit, weakest(first.source, second.source), spread, note=note)
    return NumbersCompared(difference, abs(value) / spread if spread else None)
