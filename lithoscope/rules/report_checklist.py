"""What a report must state, judged record by record: what nobody recorded is named, never taken as fine."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from lithoscope.rules.report import Item, Missing, Record, Report
from lithoscope.rules.report_words import plain

TECHNIQUE_OF_MODE = {"stem_raster": "electron", "tem_field": "electron", "xray": "xray"}
BEAM_WORDS = {"electron": "electrons", "xray": "X-rays", "atom_probe": "atom probe"}
COMPLETENESS = "dose_completeness"


@dataclass(frozen=True, slots=True)
class Demand:
    """One line of the table of demands; the table itself says what its fields mean."""

    id: str
    title: str
    kind: Literal["sample", "custody_event", "exposure", "measurement"]
    fields: tuple[str, ...]
    need: Literal["every", "some"]
    none: str
    citation: str
    types: tuple[str, ...] = ()
    any: bool = False
    at_least_one: bool | tuple[str, ...] = False
    materials: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()

    def is_asked_of(self, material: str, techniques: frozenset[str]) -> bool:
        """Say whether a material seen by these techniques (none: not known) must state it."""
        fits = not self.techniques or not techniques or bool(techniques & set(self.techniques))
        return fits and (not self.materials or material in self.materials)

    def needs_one(self, techniques: frozenset[str]) -> bool:
        """Say whether there must be a record that could state it at all."""
        if isinstance(self.at_least_one, tuple):
            return bool(techniques & set(self.at_least_one))
        return self.at_least_one


@cache
def demands() -> tuple[Demand, ...]:
    """Read the table of demands, in its order."""
    text = (resources.files("lithoscope.rules") / "tables" / "report_checklist.toml").read_text(encoding="utf-8")
    return tuple(Demand(id=name, **_frozen(row)) for name, row in tomllib.loads(text).items())


def checklist(report: Report) -> tuple[Item, ...]:
    """Judge a report, whose records are filled already, by the table of demands."""
    material = str(report.sample.fields.get("material"))
    techniques = techniques_of(report)
    items = [_item(demand, report, material, techniques) for demand in demands()]
    place = 1 + [item.id for item in items].index("dose_rate")
    return (*items[:place], _completeness(report), *items[place:])


def techniques_of(report: Report) -> frozenset[str]:
    """Return what the sample was seen with, as far as recorded: electron, xray, atom_probe."""
    seen = {TECHNIQUE_OF_MODE.get(str(record.fields.get("mode"))) for record in report.exposures}
    tips = {"atom_probe" for record in report.others if record.fields.get("technique") == "atom_probe"}
    return frozenset({name for name in seen if name is not None} | tips)


def _item(demand: Demand, report: Report, material: str, techniques: frozenset[str]) -> Item:
    if not demand.is_asked_of(material, techniques):
        return _answer(demand, "not_demanded", f"not asked of {plain(material)} {_seen_with(techniques)}")
    records = _records(demand, report)
    if not records:
        if not demand.needs_one(techniques):
            return _answer(demand, "not_demanded", demand.none)
        lacking = Missing(demand.id, report.sample.id, demand.fields[0], f"{demand.none}: record it")
        return _answer(demand, "missing", demand.none, missing=(lacking,))
    silent = [missing for record in records for missing in _missing(demand, record)]
    stating = tuple(record.id for record in records if not _missing(demand, record))
    if silent and (demand.need == "every" or not stating):
        words = f"not recorded in {len(records) - len(stating)} of {len(records)} records"
        return _answer(demand, "missing", words, stating=stating, missing=tuple(silent))
    return _answer(demand, "stated", "recorded", stating=stating)


def _completeness(report: Report) -> Item:
    """Say whether the doses are all the beam gave, or a lower bound; either is stated, neither is missing."""
    citation = "003, Methods and 004, Fig. 4: search, focus, flyback and a parked beam count"
    title, ids = "Completeness of the dose", tuple(record.id for record in report.exposures)
    if not ids:
        return Item(COMPLETENESS, title, "not_demanded", "no exposure is recorded", (), (), citation)
    state: Literal["stated", "lower_bound"] = "stated" if report.dose_is_complete else "lower_bound"
    words = "complete" if report.dose_is_complete else f"lower bound: {report.dose_note}"
    return Item(COMPLETENESS, title, state, words, ids, (), citation)


def _records(demand: Demand, report: Report) -> list[Record]:
    if demand.kind == "sample":
        return [report.sample]
    if demand.kind == "custody_event":
        return [record for record in report.events if record.title in demand.types]
    if demand.kind == "exposure":
        return [record for record in report.exposures if record.title in TECHNIQUE_OF_MODE]
    return [*report.exposures, *(record for record in report.others if record.kind == "dataset")]


def _missing(demand: Demand, record: Record) -> list[Missing]:
    silent = [name for name in demand.fields if not record.states(name)]
    if not silent or (demand.any and len(silent) < len(demand.fields)):
        return []
    named = demand.fields[:1] if demand.any else silent
    what = plain(record.title)
    place = f"{what} {record.number}" if record.number else what
    return [Missing(demand.id, record.id, name, f"{demand.title}: not recorded in {place}") for name in named]


def _answer(
    demand: Demand,
    state: Literal["stated", "missing", "not_demanded"],
    words: str,
    *,
    stating: tuple[str, ...] = (),
    missing: tuple[Missing, ...] = (),
) -> Item:
    return Item(demand.id, demand.title, state, words, stating, missing, demand.citation)


def _seen_with(techniques: frozenset[str]) -> str:
    return f"seen by {' and '.join(BEAM_WORDS[name] for name in sorted(techniques))}" if techniques else ""


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
