"""What the papers advise for a material and a question; where they disagree, both stand side by side."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from lithoscope.rules.dose_limits import low_dose
from lithoscope.units import Quantity

Strength = Literal["stated", "shown"]
#: What every strategy must speak of, or say that no source does.
ASKED = ("preparation", "transfer", "ion_source", "temperature", "dose_rate")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a source says otherwise."""

    says: str
    citation: str


@dataclass(frozen=True, slots=True)
class Advice:
    """
    What to do about one step.

    Parameters
    ----------
    topic : str
        ``preparation``, ``storage``, ``transfer``, ``ion_source``, ``temperature`` or ``dose_rate``.
    recommend : str
        In words.
    citation : str
        Where it stands.
    strength : {"stated", "shown"}
        Advice of the source, or what its authors did or saw.
    choices : tuple of str
        Words of the facility's event types, the first one preferred.
    at_least, at_most : Quantity or None
        Bounds, where the advice has any.
    quote : str
        As printed.
    relaxed, relaxed_choices, relaxed_citation
        What the source allows those who lack the equipment.
    disagrees : tuple of Disagreement
        What sources say otherwise.
    """

    topic: str
    recommend: str
    citation: str
    strength: Strength
    choices: tuple[str, ...] = ()
    at_least: Quantity | None = None
    at_most: Quantity | None = None
    quote: str = ""
    relaxed: str = ""
    relaxed_choices: tuple[str, ...] = ()
    relaxed_citation: str = ""
    disagrees: tuple[Disagreement, ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    """
    How to keep a kind of sample as it is while a question is asked of it.

    Parameters
    ----------
    id, title, citation : str
    materials, questions : tuple of str
        What it is for.
    advice : tuple of Advice
        Step by step.
    unknown : tuple of str
        Topics that no source speaks of: nothing is recommended there.
    phases : tuple of str
        Phases whose critical doses decide how long a beam may stay.
    protocol_id, technique, purpose : str or None
        The protocol that judges afterwards whether it was kept.
    """

    id: str
    title: str
    citation: str
    materials: tuple[str, ...]
    questions: tuple[str, ...]
    advice: tuple[Advice, ...]
    unknown: tuple[str, ...]
    phases: tuple[str, ...] = ()
    protocol_id: str | None = None
    technique: str | None = None
    purpose: str | None = None


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("lithoscope.rules") / "tables" / "strategies.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def questions() -> dict[str, str]:
    """Return the questions a strategy can be asked for, in words."""
    return dict(_table()["questions"])


def topics() -> dict[str, str]:
    """Return the steps that advice is given on, in words."""
    return dict(_table()["topics"])


@cache
def strategies() -> tuple[Strategy, ...]:
    """Return every strategy of the table."""
    return tuple(_strategy(row) for row in _table()["strategy"])


def advise(*, material: str | None = None, question: str | None = None) -> tuple[Strategy, ...]:
    """Return the strategies for a material and a question, either left open when None; none where no source speaks."""
    return tuple(
        strategy
        for strategy in strategies()
        if (material is None or material in strategy.materials) and (question is None or question in strategy.questions)
    )


def _strategy(row: dict[str, Any]) -> Strategy:
    advice = tuple(_advice(each) for each in row["advice"])
    spoken = {each.topic for each in advice}
    return Strategy(
        id=row["id"],
        title=row["title"],
        citation=row["citation"],
        materials=tuple(row["materials"]),
        questions=tuple(row["questions"]),
        advice=advice,
        unknown=tuple(topic for topic in ASKED if topic not in spoken),
        phases=tuple(row.get("phases", ())),
        protocol_id=row.get("protocol_id"),
        technique=row.get("technique"),
        purpose=row.get("purpose"),
    )


def _advice(row: dict[str, Any]) -> Advice:
    return Advice(
        topic=row["topic"],
        recommend=row["recommend"],
        citation=row["citation"],
        strength=row["strength"],
        choices=tuple(row.get("choices", ())),
        at_least=_bound(row, "at_least"),
        at_most=_bound(row, "at_most"),
        quote=row.get("quote", ""),
        relaxed=row.get("relaxed", ""),
        relaxed_choices=tuple(row.get("relaxed_choices", ())),
        relaxed_citation=row.get("relaxed_citation", ""),
        disagrees=tuple(Disagreement(**each) for each in row.get("disagrees", ())),
    )


def _bound(row: dict[str, Any], name: str) -> Quantity | None:
    """Return a bound with its citation; a dose rate stands in the table of critical doses."""
    if name == "at_most" and "low_dose" in row:
        rates = low_dose()
        return Quantity(getattr(rates, row["low_dose"]), row["unit"], "assumed", note=rates.source)
    return Quantity(row[name], row["unit"], "assumed", note=row["citation"]) if name in row else None
