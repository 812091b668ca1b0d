"""What is on record of samples, data and runs as CSV tables, a file a kind; standard library only."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lithoscope.tables import Table
from lithoscope.writers.csv import write_rows

KINDS = (
    *("samples", "regions", "events", "exposures", "datasets", "jobs", "results"),
    *("runs", "notes", "tags", "labels", "evaluations"),
)
#: Of these the whole record is too long for a cell, and stands in the crate.
_LEFT_OUT = frozenset({"original", "run_record", "arrays", "outputs", "calibration_history", "record"})
#: Their members become columns of their own.
_OPENED = ("payload", "conditions", "dose", "quantities", "calibration", "params")
#: What a quantity has a column for, after that of its value; an interval has two.
_BESIDE = ("uncertainty", "unit", "source")
_INTERVAL = ("interval_low", "interval_high")
_IN_ITS_UNIT = tuple(f".{part}" for part in ("uncertainty", *_INTERVAL))


def record_tables(records: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """
    Write one table for each kind of record there is, UTF-8, with the guard against formulas every table has.

    Yields
    ------
    name, content : str, bytes
        ``events.csv`` and what is in it. Quantities have four columns: value, standard uncertainty (its unit in the
        column's name, the cell empty when nobody stated one), unit and source; two more where there is an interval.
    """
    for kind, told in _kinds(records):
        rows = [dict(_cells(record)) for record in told]
        if not rows:
            continue
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {_title(name, rows): [row.get(name) for row in rows] for name in names}
        stream = io.StringIO(newline="")
        write_rows(Table(columns, dict.fromkeys(columns, "1")), stream)
        yield f"{kind}.csv", stream.getvalue().encode()


def _kinds(records: Mapping[str, Any]) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    yield from ((kind, records[kind]) for kind in KINDS)
    yield "readings", ({"id": each, **reading} for each, reading in records["readings"].items())
    yield "titrations", (row for each in records["titrations"].items() for row in _laws(*each))
    yield "titrated_bottles", (row for each in records["titrations"].items() for row in _bottles(*each))
    corrections = ((dataset["id"], each) for dataset in records["datasets"] for each in dataset["calibration_history"])
    yield "calibrations", ({"dataset_id": owner, **change} for owner, change in corrections)


def _laws(identifier: str, series: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Go through the laws fitted to a series; the curve each draws stands in the records."""
    about = {name: series[name] for name in ("material", "electrolyte", "supersedes_id", "created_by", "created_at")}
    for fit in series["record"]["fits"]:
        yield {"id": identifier, **about, **{name: value for name, value in fit.items() if name != "curve"}}


def _bottles(identifier: str, series: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from ({"series_id": identifier, **bottle} for bottle in series["record"]["bottles"])


def _title(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of a column, with its unit where a column of its own says it of the value only."""
    owner = next((name.removesuffix(part) for part in _IN_ITS_UNIT if name.endswith(part)), name)
    units = {str(row[f"{owner}.unit"]) for row in rows if row.get(f"{owner}.unit")}
    if owner == name or not units:
        return name
    return f"{name} [{units.pop()}]" if len(units) == 1 else f"{name} [as {owner}.unit]"


def _cells(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if name in _LEFT_OUT:
            continue
        if name in _OPENED:
            for part, inner in value.items():
                yield from _opened(f"{name}.{part}", inner)
        else:
            yield from _opened(name, value)


def _opened(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not (isinstance(value, Mapping) and {"value", "unit", "source"} <= set(value)):
        yield name, _cell(value)
        return
    yield name, value["value"]
    yield from ((f"{name}.{part}", value.get(part)) for part in _BESIDE)
    if value.get("interval"):
        yield from zip((f"{name}.{part}" for part in _INTERVAL), value["interval"], strict=True)


def _cell(value: Any) -> Any:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, Mapping | list) else value
