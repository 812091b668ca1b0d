"""Plausible ranges: values beyond them are questioned, never refused for being unusual."""

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

CONFIRM_FACTOR = 1e3


@dataclass(frozen=True, slots=True)
class PlausibleRange:
    """The range of a quantity, in the unit its name carries, with where it comes from."""

    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """
    Why a value is questioned.

    Parameters
    ----------
    message : str
        Names the quantity and its range; never the value.
    needs_confirmation : bool
        The value is more than a thousand times outside: most likely a slip of unit.
    """

    message: str
    needs_confirmation: bool


@cache
def plausible_ranges() -> dict[str, PlausibleRange]:
    """Read the table of ranges, by quantity name."""
    text = (resources.files("lithoscope.rules") / "tables" / "plausible_ranges.toml").read_text(encoding="utf-8")
    return {name: PlausibleRange(**row) for name, row in tomllib.loads(text).items()}


def doubt(name: str, value: float) -> Doubt | None:
    """
    Question a value outside the plausible range of its quantity.

    Zero is outside a range that starts above zero but is no slip of unit, so it never needs confirmation.
    """
    known = plausible_ranges().get(name)
    if known is None or known.low <= value <= known.high:
        return None
    factor = known.low / value if 0 < value < known.low else value / known.high
    slip = math.isfinite(factor) and value > 0 and factor > CONFIRM_FACTOR
    return Doubt(f"{name} is outside its plausible range {known.low:g} to {known.high:g}: check its unit", slip)
