"""Intervals of which an end, or the best estimate, may be unknown."""

from dataclasses import dataclass
from typing import Any, Self

from lithoscope.units import UNITS


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    An interval with its best estimate; what is None is not known.

    Parameters
    ----------
    lower, best, upper : float or None
        In ``unit``. A source that only says "less than" leaves ``lower`` and ``best`` None.
    unit : str
        One of `lithoscope.units.UNITS`.

    Raises
    ------
    ValueError
        The unit is unknown, or the known ones are not in order.
    """

    lower: float | None
    best: float | None
    upper: float | None
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unit {self.unit!r} is not one of the facility's units: see lithoscope.units.UNITS")
        known = [value for value in (self.lower, self.best, self.upper) if value is not None]
        if known != sorted(known):
            raise ValueError("an interval runs from lower over best to upper: put its numbers in order")

    @classmethod
    def unknown(cls, unit: str) -> Self:
        """Say that nothing is known."""
        return cls(None, None, None, unit)

    @classmethod
    def exactly(cls, value: float, unit: str) -> Self:
        """Say that a number is known without an interval of its own."""
        return cls(value, value, value, unit)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(record["lower"], record["best"], record["upper"], record["unit"])

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        return {"lower": self.lower, "best": self.best, "upper": self.upper, "unit": self.unit}

    def scaled(self, factor: float, unit: str) -> "Bounds":
        """Multiply by a number that is not negative."""
        lower, best, upper = (None if each is None else each * factor for each in (self.lower, self.best, self.upper))
        return Bounds(lower, best, upper, unit)

    @property
    def is_known(self) -> bool:
        """Say whether both ends are known."""
        return self.lower is not None and self.upper is not None
