"""Tables of shelf life: the clocks of a material, the electrolytes that are known, the inequalities of the paper."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from lithoscope.rules.storage_loss import LOSS_MODELS, LossModel, hours_to_loss, rate_from_loss

FARADAY_C_PER_MOL = 96_485.33212  # exact, SI 2019


@dataclass(frozen=True, slots=True)
class Window:
    """When a clock becomes due and overdue [h], and who says so."""

    due_h: float
    overdue_h: float
    citation: str


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock of the table; the window for electrolytes of low coulombic efficiency where it has its own."""

    name: str
    title: str
    materials: frozenset[str]
    starts: str
    stops: str
    window: Window
    low_efficiency: Window | None


@dataclass(frozen=True, slots=True)
class ElectrolyteRow:
    """An electrolyte of the table."""

    name: str
    begins_with: tuple[str, ...]
    has_low_efficiency: bool
    citation: str


@dataclass(frozen=True, slots=True)
class LossBound:
    """
    One inequality: after some hours less (``upper``) or more (``lower``) than a fraction of the lithium was lost.

    ``deposit_mAh_per_cm2`` is how much lithium that was measured on; a percentage holds for that thickness only.
    """

    material: str
    hours: float
    fraction: float
    bound: Literal["lower", "upper"]
    citation: str
    electrolyte: str | None = None
    deposit_mAh_per_cm2: float | None = None

    def rate(self, model: LossModel) -> float:
        """Return the rate with which a law just meets the inequality, in the unit of `RATE_UNIT`."""
        return rate_from_loss(model, self.fraction, self.hours)

    def hours_to(self, fraction: float) -> dict[LossModel, float]:
        """Return the time [h] to lose a fraction by either law: at least that for ``upper``, at most for ``lower``."""
        return {model: hours_to_loss(model, self.rate(model), fraction) for model in LOSS_MODELS}


def _text() -> str:
    return (resources.files("lithoscope.rules") / "tables" / "shelf_life.toml").read_text(encoding="utf-8")


@cache
def tables() -> dict[str, Any]:
    """Read the tables as they stand."""
    return tomllib.loads(_text())


@cache
def tables_digest() -> str:
    """Return the SHA-256 of the tables, by which stored clocks know whether they are stale."""
    return hashlib.sha256(_text().encode()).hexdigest()


@cache
def clock_rows() -> tuple[ClockRow, ...]:
    """Return every clock."""
    return tuple(_clock_row(row) for row in tables()["clock"])


def _clock_row(row: dict[str, Any]) -> ClockRow:
    low = row.get("low_efficiency")
    return ClockRow(
        name=row["name"],
        title=row["title"],
        materials=frozenset(row["materials"]),
        starts=row["starts"],
        stops=row["stops"],
        window=_window(row),
        low_efficiency=None if low is None else _window(low),
    )


def _window(row: dict[str, Any]) -> Window:
    overdue_h = row["overdue_h"]
    return Window(row.get("due_h", warned(overdue_h)), overdue_h, row["citation"])


def warned(overdue_h: float) -> float:
    """Return when a window of one number becomes due [h]."""
    return overdue_h * float(tables()["warning"]["fraction"])


def stable_materials() -> frozenset[str]:
    """Return the materials of which a source states that they need no clock."""
    return frozenset(row["material"] for row in tables()["stable"])


@cache
def _electrolytes() -> tuple[ElectrolyteRow, ...]:
    rows = tables()["electrolyte"]
    return tuple(ElectrolyteRow(**{**row, "begins_with": tuple(row["begins_with"])}) for row in rows)


def electrolyte_row(name: str | None) -> ElectrolyteRow | None:
    """Find an electrolyte of the table by a name as people write it."""
    plain = _plain(name or "")
    for row in _electrolytes():
        if plain and any(plain.startswith(_plain(alias)) for alias in row.begins_with):
            return row
    return None


def _plain(name: str) -> str:
    return "".join(mark for mark in name.casefold() if mark.isalnum())


def loss_bound(material: str, electrolyte: str | None) -> LossBound | None:
    """
    Find the inequality for a material and electrolyte.

    Foil that met no electrolyte has its own row; foil from a cell has none, because nobody measured it.
    """
    row = electrolyte_row(electrolyte)
    if electrolyte is not None and row is None:
        return None
    wanted = (material, row.name if row else None)
    found = (LossBound(**entry) for entry in tables()["loss"])
    return next((bound for bound in found if (bound.material, bound.electrolyte) == wanted), None)


def lithium_thickness_um(capacity_mAh_per_cm2: float) -> float:
    """Return how thick dense lithium of a capacity per area is [um]; 0.25 mAh/cm2 is 1.21 um."""
    lithium = tables()["lithium"]
    moles_per_cm2 = capacity_mAh_per_cm2 * 3.6 / FARADAY_C_PER_MOL
    return float(moles_per_cm2 * lithium["molar_mass_g_per_mol"] / lithium["density_g_per_cm3"] * 1e4)
