"""A report as rows of words: what the page and the printed document both show."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lithoscope.rules.report import LabelRow, Piece, Record, Report, RuleVerdict, Value, Verdict
from lithoscope.rules.report_words import moment, plain, quantity, words
from lithoscope.rules.reporting import papers
from lithoscope.units import Quantity
from lithoscope.wording import printed

STATES = {"stated": "stated", "lower_bound": "lower bound", "missing": "MISSING", "not_demanded": "not asked"}
LABELS = {
    "o2_ppm": "oxygen",
    "h2o_ppm": "water",
    "temperature_K": "temperature",
    "pressure_Pa": "pressure",
    "air_exposure_s": "time in air",
    "ion_source": "ion source",
    "ion_energies": "ion energies",
    "ion_currents": "ion currents",
    "ion_energy_kV": "ion energy",
    "duration_s": "duration",
    "thickness_nm": "thickness",
    "renewal": "surface by",
    "state_of_charge_percent": "state of charge",
    "beam_current_nA": "current",
    "dwell_s": "dwell",
    "step_nm": "step",
    "exposure_s": "frame time",
    "pixel_size_nm": "pixel size",
    "recorded_scans": "recorded frames",
    "sha256": "SHA-256",
    "exposed_after": "first in the beam after",
    "storage": "time stored",
    "air_exposure": "time in air",
    "since_disassembly": "time since disassembly",
    "O2 exposure": "exposure to oxygen",
    "H2O exposure": "exposure to water",
    "code": "label",
}
IN_COLUMNS = frozenset({"type", "occurred_at", "ended_at", "duration", "place", "is_open", "child_ids"})
OF_DOSE = frozenset({"mode", "purpose", "beam_energy", "temperature_K", "fluence", "rate", "duration", "instrument"})
CLOSED = "—"
_PAPER = re.compile(r"\b00[0-9]\b")
_IDENTIFIER = re.compile(r"\b(?:evt|exp)_[0-9a-f]{32}\b")


def view(report: Report) -> dict[str, Any]:
    """
    Return a report in words; in sentences of other rooms identifiers become the numbers of the tables.

    Returns
    -------
    rows : dict
        Plain strings, numbers and lists of them only. Nothing is escaped: whoever sets it in HTML or type does that.
    """
    anchors = _anchors(report)
    names = _Names(report, anchors)
    return {
        "title": report.title,
        "target": {"id": report.target_id, "kind": plain(report.target_kind)},
        "at": moment(report.at),
        "software": report.software,
        "shape": report.schema,
        "sample": {"anchor": anchors[id(report.sample)], "rows": _fields(report.sample)},
        "missing": [{"detail": each.detail, "record": names.named([each.record_id])[0]} for each in report.missing],
        "checklist": [
            {"title": each.title, "state": STATES[each.state], "kind": each.state, "words": each.words,
             "citation": printed(each.citation)}
            for each in report.checklist
        ],
        "methods": _methods(report, anchors),
        "references": _references(report),
        "events": [_event(record, anchors) for record in report.events],
        "clocks": _clocks(report, names),
        "exposures": [_exposure(record, anchors) for record in report.exposures],
        "sums": [_sum(record, anchors) for record in report.sums],
        "dose_note": _dose_note(report),
        "regions": [_rows(each, anchors) for each in report.regions],
        "budgets": _budgets(report, names),
        "labels": [_label_row(each, names) for each in report.labels],
        "verdicts": [_verdict(each, names) for each in report.verdicts if each.evaluation_id is not None],
        "previews": [_preview(each, names) for each in report.verdicts if each.evaluation_id is None],
        "lineage": [{"kind": plain(each.kind), "label": plain(each.label), "id": each.id} for each in report.lineage],
        "others": [_rows(each, anchors) for each in report.others],
        "papers": _papers(report),
        "notes": [names.said(note) for note in report.notes],
    }  # fmt: skip


def _papers(report: Report) -> list[str]:
    """Name the papers whose numbers stand in the report's citations."""
    rules = [rule.citation for verdict in report.verdicts for rule in verdict.rules]
    citations = [*(item.citation for item in report.checklist), *(clock.citation for clock in report.clocks), *rules]
    cited = {number for citation in citations for number in _PAPER.findall(citation)}
    return [f"{number}: {title}" for number, title in papers().items() if number in cited]


class _Names:
    """What the records of a report are called in it, and where they stand."""

    def __init__(self, report: Report, anchors: Mapping[int, str]) -> None:
        words_of = {"custody_event": "event", "exposure": "exposure"}
        numbered = [record for record in report.records if record.number]
        self._names = {record.id: f"{words_of[record.kind]} {record.number}" for record in numbered}
        self._names[report.sample.id] = "the sample"
        self._anchors = {record.id: anchors[id(record)] for record in (report.sample, *numbered)}

    def said(self, text: str) -> str:
        """Return a text with identifiers replaced by names."""
        return _IDENTIFIER.sub(lambda found: self._names.get(found[0], found[0]), text)

    def named(self, ids: Iterable[str]) -> list[dict[str, str | None]]:
        """Return names of records with the places they lead to."""
        return [{"text": self._names.get(each, each), "anchor": self._anchors.get(each)} for each in ids]


def _anchors(report: Report) -> dict[int, str]:
    """Name a place for every record; records of one id get places of their own."""
    taken: dict[str, int] = {}
    anchors: dict[int, str] = {}
    for record in report.records:
        taken[record.id] = taken.get(record.id, 0) + 1
        anchors[id(record)] = record.id if taken[record.id] == 1 else f"{record.id}-{taken[record.id]}"
    return anchors


def _methods(report: Report, anchors: Mapping[int, str]) -> list[dict[str, Any]]:
    """Give every piece its place to lead to, and the last value of a run from one record the number of that record."""
    numbers = {each["record"]: each["number"] for each in _references(report)}
    rows = [
        {"text": piece.text, "anchor": _anchor(report, piece, anchors), "field": piece.field, "number": None}
        for piece in report.methods
    ]
    named = [(row, piece.record_id) for row, piece in zip(rows, report.methods, strict=True) if piece.record_id]
    for (row, record_id), following in zip(named, [*(each for _, each in named[1:]), None], strict=True):
        row["number"] = None if record_id == following else numbers[record_id]
    return rows


def _anchor(report: Report, piece: Piece, anchors: Mapping[int, str]) -> str | None:
    for record in report.records:
        if record.id == piece.record_id and piece.field in record.fields:
            return anchors[id(record)]
    return None


def _references(report: Report) -> list[dict[str, Any]]:
    """Number the records of the paragraph in the order they are named."""
    kinds = {record.id: (plain(record.kind), plain(record.title)) for record in reversed(report.records)}
    named = dict.fromkeys(piece.record_id for piece in report.methods if piece.record_id is not None)
    rows = []
    for number, record_id in enumerate(named, 1):
        kind, title = kinds[record_id]
        rows.append({"number": number, "record": record_id, "kind": kind if kind == title else f"{kind}, {title}"})
    return rows


def _rows(record: Record, anchors: Mapping[int, str]) -> dict[str, Any]:
    return {"anchor": anchors[id(record)], "id": record.id, "kind": plain(record.kind), "rows": _fields(record)}


def _fields(record: Record) -> list[list[str]]:
    return [[_label(name), _with_reason(value, name)] for name, value in record.fields.items()]


def _with_reason(value: Value, name: str) -> str:
    """Write a value; one that is unknown with the reason its room gives."""
    reason = value.note if isinstance(value, Quantity) and value.value is None else ""
    return f"{words(value, name)}: {reason}" if reason else words(value, name)


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def _known(record: Record, without: frozenset[str]) -> str:
    """Write the fields that are recorded in one line."""
    known = [
        (name, record.fields[name]) for name in record.fields if name not in without and not name.startswith("steps.")
    ]
    known.sort(key=lambda each: each[0] == "note")  # a sentence of its own stands last
    said = [f"{_label(name)} {words(value, name)}" for name, value in known if record.states(name)]
    return "; ".join(said).removesuffix(".")


def _event(record: Record, anchors: Mapping[int, str]) -> dict[str, Any]:
    instant = record.ended_at is None and record.title != "storage"
    return {
        "anchor": anchors[id(record)],
        "number": record.number,
        "type": plain(record.title),
        "start": "" if record.started_at is None else moment(record.started_at),
        "duration": CLOSED if instant else f"{words(record.fields.get('duration'))}{_still(record)}",
        "place": words(record.fields.get("place")) if record.states("place") else CLOSED,
        "details": _known(record, IN_COLUMNS),
        "id": record.id,
    }


def _still(record: Record) -> str:
    return ", open" if record.fields.get("is_open") is True else ""


def _exposure(record: Record, anchors: Mapping[int, str]) -> dict[str, Any]:
    named = ("mode", "purpose", "beam_energy", "temperature_K", "rate", "fluence", "duration", "instrument")
    said = {name: words(record.fields.get(name), name) for name in named}
    return {
        **said,
        "anchor": anchors[id(record)],
        "number": record.number,
        "start": "" if record.started_at is None else moment(record.started_at),
        "source": _source(record.fields.get("fluence")),
        "details": _known(record, OF_DOSE),
        "id": record.id,
    }


def _source(value: Value) -> str:
    return value.source if isinstance(value, Quantity) else "unknown"


def _sum(record: Record, anchors: Mapping[int, str]) -> dict[str, Any]:
    names = ("beam_energy", "total", "known_part")
    said = {name: words(record.fields.get(name), name) for name in names}
    return {**said, "anchor": anchors[id(record)], "radiation": record.title}


def _dose_note(report: Report) -> str:
    if not report.exposures:
        return "No exposure is recorded, so the dose is not known."
    if report.dose_is_complete:
        return "The doses are complete: all the time of the beam is covered by a log or a declaration."
    return f"Every dose is a lower bound: {report.dose_note}."


def _clocks(report: Report, names: _Names) -> list[dict[str, str]]:
    return [
        {
            "title": clock.title,
            "state": clock.state,
            "elapsed": quantity(clock.elapsed),
            "due": CLOSED if clock.due_at is None else moment(clock.due_at),
            "overdue": CLOSED if clock.overdue_at is None else moment(clock.overdue_at),
            "loss": "; ".join(f"{plain(each.model)}: {_range(each.lower, each.upper)}" for each in clock.losses)
            or CLOSED,
            "reason": names.said(clock.reason),
            "citation": printed(clock.citation),
        }
        for clock in report.clocks
    ]


def _range(lower: Quantity, upper: Quantity) -> str:
    if lower.value is None and upper.value is None:
        return "unknown"
    if lower.value is None:
        return f"at most {quantity(upper)}"
    if upper.value is None:
        return f"at least {quantity(lower)}"
    return quantity(lower) if lower.value == upper.value else f"{quantity(lower)} to {quantity(upper)}"


def _budgets(report: Report, names: _Names) -> list[dict[str, str]]:
    return [
        {
            "region": each.region,
            "phase": each.phase,
            "criterion": plain(each.criterion),
            "state": plain(each.state),
            "kind": each.state,
            "spent": _range(each.spent_lower, each.spent_upper),
            "recorded": _range(each.recorded_lower, each.recorded_upper),
            "left": _range(each.seconds_left_lower, each.seconds_left_upper),
            "reason": names.said(each.reason),
        }
        for each in report.budgets
    ]


def _label_row(row: LabelRow, names: _Names) -> dict[str, Any]:
    made = {"true": "possibly", "false": "below every limit", "unknown": "unknown"}[row.possibly_beam_made]
    about = {"made": made, "kind": row.possibly_beam_made, "reason": names.said(row.reason)}
    place = f"{row.output}, label {row.label}"
    return {"place": place, "phase": row.phase, **about, "seen_by": names.named(row.seen_by)}


def _verdict(verdict: Verdict, names: _Names) -> dict[str, Any]:
    return {
        **_head(verdict),
        "about": f"{plain(verdict.purpose) if verdict.purpose else 'any purpose'}; {verdict.evaluation_id}",
        "rules": [_rule(rule, names) for rule in verdict.rules],
    }


def _preview(verdict: Verdict, names: _Names) -> dict[str, Any]:
    """Return what a protocol would say, and which rules decide it."""
    deciding = [rule for rule in verdict.rules if rule.verdict == verdict.verdict and rule.verdict != "pass"]
    ids = dict.fromkeys(each for rule in deciding for each in rule.decided_by)
    return {
        **_head(verdict),
        "purpose": plain(verdict.purpose) if verdict.purpose else "any",
        "deciding": ", ".join(rule.rule_id for rule in deciding) or CLOSED,
        "decided_by": names.named(ids),
    }


def _head(verdict: Verdict) -> dict[str, str]:
    said = {"verdict": plain(verdict.verdict), "kind": verdict.verdict}
    return {"protocol": verdict.protocol, "version": verdict.version, **said}


def _rule(rule: RuleVerdict, names: _Names) -> dict[str, Any]:
    return {
        "id": rule.rule_id,
        "verdict": plain(rule.verdict),
        "kind": rule.verdict,
        "words": names.said(rule.words),
        "citation": printed(rule.citation),
        "decided_by": names.named(rule.decided_by),
    }
