"""CSV tables with units in their header: what cyclers and spreadsheets export."""

import csv
import io
import itertools
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence

from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import ArrayEntry, Manifest, Source
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import UNITS

SUFFIXES = (".csv", ".tsv")
SMALLEST_HEADER_BYTES = 4
MOST_BYTES, MOST_COLUMNS, MOST_CELL = 32 << 20, 500, 1000
_DELIMITERS = (",", ";", "\t")
_BRACKETED = re.compile(r"^(?P<words>.*?)\s*[\[(](?P<unit>[^\])]{1,24})[\])]\s*$")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
#: As people write numbers; float() also takes 1_2, which is the name of a sample.
_NUMBER = re.compile(r"[+-]?(([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?|nan|inf(inity)?)", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9_+]+")
#: Names without a unit that are known to be pure numbers or words.
_PURE = re.compile(r"^(cycle|index|number|n|step|label|name|sample|cell|state|note|comment)(_|$)", re.IGNORECASE)


def recognises(head: bytes) -> bool:
    """Tell a table by its first two lines: names in two columns or more, then as many cells with a number in them."""
    lines = head.split(b"\n")[:2]
    if len(lines) < 2 or b"\0" in head:
        return False
    try:
        first, second = (line.decode("utf-8-sig").strip() for line in lines)
    except UnicodeDecodeError:
        return False
    delimiter = _delimiter(first)
    try:
        names, cells = (next(csv.reader([line], delimiter=delimiter), []) for line in (first, second))
    except csv.Error:
        return False
    if len(names) < 2 or len(cells) != len(names) or not all(name.strip() for name in names):
        return False
    has_names = not any(_is_number(_number(name, delimiter)) for name in names)
    return has_names and any(_is_number(_number(cell, delimiter)) for cell in cells)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return b"\0" not in head and not head.startswith(b"<")


def inspect(source: Source) -> Manifest:
    """Read the table and hold it against the limits: it is small, or refused."""
    table = _table(source)
    rows = len(next(iter(table.columns.values())))
    entry = ArrayEntry("table", (rows, len(table.columns)), "<f8", None, source.size)
    return Manifest("csv", (entry,), {"columns": dict(table.units)})


def read(source: Source) -> Reading:
    """Read the table; a column whose header states no unit is named in a warning."""
    table = _table(source)
    silent = [
        name
        for name, unit in table.units.items()
        if unit == "1" and not _PURE.match(name) and any(map(_is_number, table.columns[name]))
    ]
    warnings = [f"unit-unknown: column {name!r} states no unit that is known here: a pure number?" for name in silent]
    return Reading((), tables={"table": table}, warnings=tuple(warnings))


def _table(source: Source) -> Table:
    """Read names, units and cells."""
    if source.size > MOST_BYTES:
        raise ReaderError(f"a table of more than {MOST_BYTES >> 20} MiB is not read: split it", code="too-large")
    try:
        text = source.path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReaderError("the table is not UTF-8 text: save it as CSV UTF-8") from error
    if "\0" in text:
        raise ReaderError("the table holds NUL bytes: it is damaged, save it again")
    delimiter = _delimiter(text.split("\n", 1)[0])
    rows = list(_rows(text, delimiter))
    if len(rows) < 2:
        raise ReaderError("the table has a header and no rows: export it with its values", code="truncated-file")
    if len(rows[0][1]) > MOST_COLUMNS:
        raise ReaderError(f"a table of more than {MOST_COLUMNS} columns is not read: split it", code="too-large")
    heads = [_head(cell) for cell in rows[0][1]]
    names = [name for name, _ in heads]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ReaderError(f"two columns are called {twice!r}: rename one")
    for line, cells in rows[1:]:
        if len(cells) != len(names):
            raise ReaderError(f"line {line} has {len(cells)} cells and the header {len(names)}: correct it")
    columns = {name: [_number(cells[place], delimiter) for _, cells in rows[1:]] for place, name in enumerate(names)}
    return Table(columns, dict(heads), _plot(dict(heads), columns))


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give each line that is not empty with its number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(len(cell) > MOST_CELL for cell in cells):
                raise ReaderError(f"line {reader.line_num} holds a cell of more than {MOST_CELL} characters")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise ReaderError(f"line {reader.line_num} is no line of a table: save it again") from error


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _head(cell: str) -> tuple[str, str]:
    """Return name and unit of a column: the unit stands in brackets, or ends the name (``capacity_mAh_g``)."""
    words = cell.strip()
    if found := _BRACKETED.match(words):
        unit = _UNIT_BY_SPELLING.get(_spelled(found["unit"]), "")
        ending = f"_{_spelled(unit or found['unit'])}"
        return _plain(found["words"]).lower() + (ending if ending != "_" else ""), unit or "1"
    name = _plain(words)
    parts = name.split("_")
    endings = ("_".join(parts[start:]) for start in range(1, len(parts)))
    return name, next((_UNIT_BY_SPELLING[ending] for ending in endings if ending in _UNIT_BY_SPELLING), "1")


def _plain(words: str) -> str:
    spelled = unicodedata.normalize("NFKD", words.replace("µ", "u").replace("μ", "u"))
    kept = _UNSAFE.sub("_", "".join(letter for letter in spelled if not unicodedata.combining(letter)))
    return kept.strip("_")[:60] or "column"


def _spelled(unit: str) -> str:
    """Write a unit as it ends a name."""
    return _UNSAFE.sub("_", unit.replace("µ", "u").replace("%", "percent").replace("°C", "degC")).strip("_")


def _spellings() -> Iterator[tuple[str, str]]:
    for unit in UNITS - {"1"}:
        yield _spelled(unit), unit
        yield _spelled(unit.replace("^", "").replace("/", "_per_")), unit
        yield _spelled(unit.replace("^", "")), unit
        if "/" in unit and "^-" not in unit:
            first, _, second = unit.partition("/")
            yield _spelled(f"{first} {second}^-1"), unit
            yield _spelled(f"{first} {second}-1"), unit


_UNIT_BY_SPELLING = dict(_spellings())


def _number(cell: str, delimiter: str) -> float | int | str | None:
    """Read a cell: a number, nothing, or words; between semicolons a number may have a decimal comma."""
    text = cell.strip()
    if not text:
        return None
    plain = text.replace(",", ".") if delimiter != "," else text
    if _WHOLE.fullmatch(plain):
        return int(plain)
    if not _NUMBER.fullmatch(plain):
        return text
    value = float(plain)
    return value if math.isfinite(value) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _plot(units: dict[str, str], columns: dict[str, list[float | int | str | None]]) -> Plot | None:
    """Draw the columns that share the unit of the first quantity against the first column."""
    numeric = [name for name, values in columns.items() if _is_numeric(values)]
    if len(numeric) < 2 or numeric[0] != next(iter(columns)):
        return None
    first = units[numeric[1]]
    lines = tuple(Line(name, kind="points") for name in itertools.islice(numeric, 1, 9) if units[name] == first)
    return Plot(x=numeric[0], lines=lines)


def _is_numeric(values: Sequence[object]) -> bool:
    return any(map(_is_number, values)) and not any(isinstance(value, str) for value in values)
