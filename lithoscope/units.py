"""Quantities: a number never travels without unit, uncertainty and source."""

from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

Source = Literal["measured", "header", "user", "assumed", "unknown"]
SOURCES: tuple[Source, ...] = get_args(Source)

#: One fixed unit per quantity; the suffix of a name says which (``dose_e_per_A2``, ``step_nm``).
UNITS = frozenset(
    {
        "1", "%", "px", "deg", "rad", "mrad", "nm", "nm^-1", "um", "mm", "nm^2", "nm^3", "um^3", "A", "s", "h",
        "eV", "eV^-1", "keV", "kV", "nA", "pA", "K", "Pa", "ppm", "e/A^2", "e/(A^2 s)", "e", "counts", "Gy",
        "photons/um^2", "photons/(um^2 s)", "photons/s", "counts/e", "cm^2/g", "ions/nm^2", "ions/(nm^2 s)", "Gy/s",
        "langmuir", "mAh", "mAh/cm^2", "mAh/g", "cm^2", "um^2", "umol", "mg", "g/cm^3", "mL", "d", "h^-1", "h^-0.5",
        "at%", "counts^2", "Da", "ns", "V", "pJ", "kHz",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """
    A value with its unit, uncertainty and source.

    Parameters
    ----------
    value : float or None
        None if and only if the source is ``unknown``.
    unit : str
        One of `UNITS`.
    source : {"measured", "header", "user", "assumed", "unknown"}
        Where the value comes from.
    uncertainty : float, optional
        Standard uncertainty in the same unit; None when nobody stated one.
    interval : (float, float), optional
        90 % interval in the same unit.
    note : str
        Where exactly: a header key, a calibration record, the reason it is unknown.
    """

    value: float | None
    unit: str
    source: Source
    uncertainty: float | None = None
    interval: tuple[float, float] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) != (self.source == "unknown"):
            raise ValueError("a quantity has no value if and only if its source is 'unknown'")
        if self.unit not in UNITS:
            raise ValueError(f"unit {self.unit!r} is not one of the facility's units: see lithoscope.units.UNITS")

    @classmethod
    def unknown(cls, unit: str, note: str = "") -> Self:
        """Say that a number is not known, and why."""
        return cls(None, unit, "unknown", note=note)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        interval = record.get("interval")
        return cls(
            record["value"],
            record["unit"],
            record["source"],
            record.get("uncertainty"),
            (interval[0], interval[1]) if interval else None,
            record.get("note", ""),
        )

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        return {
            "value": self.value,
            "unit": self.unit,
            "source": self.source,
            "uncertainty": self.uncertainty,
            "interval": list(self.interval) if self.interval else None,
            "note": self.note,
        }


def weakest(*sources: Source) -> Source:
    """Name the source of a number computed from others: the weakest of theirs (`SOURCES` runs from strong to weak)."""
    return max(sources, key=SOURCES.index)
