"""Products of quantities: unit, source, uncertainty, and the names of the factors that are not known."""

from collections.abc import Mapping
from math import hypot

from lithoscope.units import Quantity, weakest

Factors = Mapping[str, tuple[Quantity, int]]


def product(factors: Factors, *, unit: str, scale: float = 1.0, note: str = "") -> Quantity:
    """
    Multiply quantities, each to its power.

    Parameters
    ----------
    factors : mapping of name to (Quantity, power)
        One unknown factor makes the product unknown, with a note that names it and says why.
    unit : str
        Of the product.
    scale : float
        Constants and conversions of units; exact.
    note : str
        What the product is.

    Returns
    -------
    product : Quantity
        With the weakest source of its factors. Its standard uncertainty, their independent ones added in quadrature,
        is stated only if all of theirs are.
    """
    if missing := [_why(name, factor) for name, (factor, _) in factors.items() if factor.value is None]:
        return Quantity.unknown(unit, f"not known: {', '.join(missing)}")
    value = scale
    for factor, power in factors.values():
        value *= (factor.value or 0.0) ** power
    source = weakest(*(factor.source for factor, _ in factors.values()))
    if unstated := [name for name, (factor, _) in factors.items() if factor.uncertainty is None]:
        silent = f"no uncertainty stated of {', '.join(unstated)}"
        return Quantity(value, unit, source, note=f"{note}; {silent}" if note else silent)
    relative = hypot(*(power * (q.uncertainty or 0.0) / (q.value or 1.0) for q, power in factors.values()))
    return Quantity(value, unit, source, uncertainty=value * relative, note=note)


def _why(name: str, factor: Quantity) -> str:
    return f"{name} ({factor.note})" if factor.note else name
