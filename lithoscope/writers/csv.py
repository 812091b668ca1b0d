"""CSV of tables, safe to open in a spreadsheet; standard library only."""

import csv
import math
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TextIO

from lithoscope.tables import Table

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: Table, file: Path) -> None:
    """
    Write a table to a new file, UTF-8, RFC 4180.

    Text that a spreadsheet would run as a formula begins with an apostrophe; numbers keep their sign.
    """
    with file.open("x", encoding="utf-8", newline="") as stream:
        write_rows(table, stream)


def write_rows(table: Table, stream: TextIO) -> None:
    """Write a table to an open text stream: the column names, then a line a row."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([cell(name) for name in table.columns])
    writer.writerows([cell(value) for value in row] for row in zip(*table.columns.values(), strict=True))


def cell(value: Any) -> str:
    """
    Write one cell.

    Numbers are written so that they read back to the same value; nothing, NaN and infinities are empty.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return repr(float(value)) if math.isfinite(value) else ""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and text.strip() == text
    except ValueError:
        return False
