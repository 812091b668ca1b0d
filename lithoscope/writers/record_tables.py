"""What is on record of samples, data and runs as CSV tables, a file a kind; standard library only."""

import io
import json
from collections.abc import Iterator, Mapping
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
_OPENED = ("payload", "conditions", "dose", "quantities", "params")


def record_tables(records: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """
    Write one table for each kind of record there is, UTF-8, with the guard against formulas every table has.

    Yields
    ------
    name, content : str, bytes
        ``events.csv`` and what is in it. Quantities have three columns: value, unit and source.
    """
    for kind in KINDS:
        rows = [dict(_cells(record)) for record in records[kind]]
        if not rows:
            continue
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {name: [row.get(name) for row in rows] for name in names}
        stream = io.StringIO(newline="")
        write_rows(Table(columns, dict.fromkeys(names, "1")), stream)
        yield f"{kind}.csv", stream.getvalue().encode()


def _cells(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if name in _LEFT_OUT:
            continue
        if name in _OPENED:
            for part, inner in value.items():
                yield from _opened(f"{name}.{part}", inner)
        else:
            yield name, _cell(value)


def _opened(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and {"value", "unit", "source"} <= set(value):
        yield from (
            (name if part == "value" else f"{name}.{part}", value[part]) for part in ("value", "unit", "source")
        )
    else:
        yield name, _cell(value)


def _cell(value: Any) -> Any:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, Mapping | list) else value
