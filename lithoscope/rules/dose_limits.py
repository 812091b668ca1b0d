"""Critical doses of the literature, and of the lab: rows with their conditions and everything their sources say."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, Self

from lithoscope.rules.bounds import Bounds
from lithoscope.rules.legs import Mode

Kind = Literal["literature", "lab"]
ONSET = "onset_of_visible_damage"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a source says about a limit, with what it implies by itself [e/Å²]."""

    says: str
    where: str
    implies: Bounds


@dataclass(frozen=True, slots=True)
class DoseLimit:
    """
    A critical dose and the conditions it was measured in.

    Parameters
    ----------
    id : str
        Names the row; rows of the lab have the identifier of their record.
    phase, criterion : str
        What was damaged, and by which sign.
    dose : Bounds
        Critical fluence [e/Å²]; ends the source does not give are None.
    beam_energy_kV : float
        Accelerating voltage of the measurement [kV].
    temperature_K : (float, float)
        Range the row holds for [K].
    mode : {"tem_field", "stem_raster"}
        How the beam met the sample.
    rate_e_per_A2_s : (float, float) or None
        Dose rates it was measured at [e/(Å² s)]; None when not recorded.
    source : str
        Citation, or the lab's record of the measurement.
    kind : {"literature", "lab"}
        Whose it is.
    carries_over_kV : (float, float), optional
        Beam energies the source says it holds for too [kV], in ``carries_over_words``.
    note : str
        What a reader must know.
    statements : tuple of Statement
        Everything the source says, contradictions included.
    """

    id: str
    phase: str
    criterion: str
    dose: Bounds
    beam_energy_kV: float
    temperature_K: tuple[float, float]
    mode: Mode
    rate_e_per_A2_s: tuple[float, float] | None
    source: str
    kind: Kind
    carries_over_kV: tuple[float, float] | None = None
    carries_over_words: str = ""
    note: str = ""
    statements: tuple[Statement, ...] = ()

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        pairs = ("temperature_K", "rate_e_per_A2_s", "carries_over_kV")
        ranges = {name: None if record[name] is None else tuple(record[name]) for name in pairs}
        said = tuple(
            Statement(each["says"], each["where"], Bounds.from_json(each["implies"])) for each in record["statements"]
        )
        return cls(**{**record, **ranges, "dose": Bounds.from_json(record["dose"]), "statements": said})

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        record = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("temperature_K", "rate_e_per_A2_s", "carries_over_kV"):
            record[name] = None if record[name] is None else list(record[name])
        said = [{"says": each.says, "where": each.where, "implies": each.implies.to_json()} for each in self.statements]
        return record | {"dose": self.dose.to_json(), "statements": said}


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("lithoscope.rules") / "tables" / "critical_doses.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def criteria() -> dict[str, str]:
    """Return the criteria of damage the table knows, with what each means."""
    return dict(_table()["criteria"])


@cache
def literature_limits() -> tuple[DoseLimit, ...]:
    """Read the limits the literature gives."""
    return tuple(_literature(row) for row in _table()["limit"])


def _literature(row: dict[str, Any]) -> DoseLimit:
    said = [Statement(each["says"], each["where"], _fluence(each["implies"])) for each in row["statement"]]
    carries = row.get("carries_over_kV")
    return DoseLimit(
        **{name: row[name] for name in ("id", "phase", "criterion", "beam_energy_kV", "mode", "source")},
        dose=_fluence(row),
        temperature_K=(row["temperature_K"][0], row["temperature_K"][1]),
        rate_e_per_A2_s=(row["rate_e_per_A2_s"][0], row["rate_e_per_A2_s"][1]),
        kind="literature",
        carries_over_kV=None if carries is None else (carries[0], carries[1]),
        carries_over_words=row.get("carries_over_words", ""),
        note=row.get("note", ""),
        statements=tuple(said),
    )


def _fluence(row: dict[str, float]) -> Bounds:
    return Bounds(row.get("lower"), row.get("best"), row.get("upper"), "e/A^2")


@dataclass(frozen=True, slots=True)
class LowDose:
    """What counts as low dose [e/(Å² s)]: imaging below the first, searching and focusing below the second."""

    low_dose_below_e_per_A2_s: float
    search_below_e_per_A2_s: float
    source: str


def low_dose() -> LowDose:
    """Read what counts as low dose."""
    return LowDose(**_table()["low_dose"])


def phase_note(phase: str) -> str:
    """Return what the literature says about the tolerance of a phase without giving a number."""
    return str(_table()["phases"].get(phase, {}).get("note", ""))


def canonical_phase(name: str) -> str:
    """Return the table's word for a phase, however it is written; one the table does not know stays as it is."""
    plain = name.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")).strip()
    for phase, row in _table()["phases"].items():
        if plain.lower() in {phase.lower(), *row["names"]}:
            return str(phase)
    return plain
