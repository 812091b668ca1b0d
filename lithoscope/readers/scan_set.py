"""
Which files of a folder are which signal of which tilt: by ``series.csv``, by one Velox file a tilt, or by their names.

``series.csv`` has one row a scan, in order of time, and the columns ``angle_deg``, ``dark_field``, ``x_rays``,
``low_loss``, ``core_loss``, each optional; cells of signals are names of files beside it, and one file may stand in
several. An empty angle is that of the file's header. A column ``scan`` says ``series`` (or nothing), ``repeat`` for a
scan that only looks for damage, or ``both``. Without it every Velox file is one tilt, and DigitalMicrograph files are
called ``<signal>_<tilt>.dm4``: ``core_loss_-62.5deg.dm4`` tells its tilt, of ``core_loss_07.dm4`` the header does.
"""

import csv
import io
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lithoscope.errors import ReaderError
from lithoscope.readers.limits import Limits
from lithoscope.simultaneous import MANIFEST, SIGNALS

_ROLES = {"": (True, False), "series": (True, False), "repeat": (False, True), "both": (True, True)}
_NAMED = re.compile(rf"(?P<signal>{'|'.join(SIGNALS)})_(?P<tilt>[^/]+)\.(dm3|dm4)", re.IGNORECASE)
_ANGLE = re.compile(r"(?P<angle>[-+]?\d+(\.\d+)?)deg", re.IGNORECASE)
_MOST_SCANS = 1000


@dataclass(frozen=True, slots=True)
class ScanRow:
    """
    The files of one scan.

    Parameters
    ----------
    name : str
        What to call it in a refusal.
    files : mapping of Path to tuple of str
        What each file is to hold; nothing named means all it has.
    angle_deg : float or None
        Tilt, None if the headers tell it [deg].
    is_in_series, is_repeated : bool
        As for a scan of our layout.
    """

    name: str
    files: dict[Path, tuple[str, ...]] = field(default_factory=dict)
    angle_deg: float | None = None
    is_in_series: bool = True
    is_repeated: bool = False


def is_scan_set(names: Sequence[str]) -> bool:
    """Tell from the names of files whether they are the scans of a series."""
    if MANIFEST in names:
        return True
    velox = [name for name in names if name.lower().endswith(".emd")]
    named = [name for name in names if _NAMED.fullmatch(name)]
    return len(names) > 1 and len(names) in (len(velox), len(named))


def scan_rows(files: Sequence[Path], limits: Limits) -> list[ScanRow]:
    """
    Sort files into scans.

    Parameters
    ----------
    files : sequence of Path
        All in one folder, names unique.
    limits : Limits

    Raises
    ------
    ReaderError
        ``bad-manifest`` naming the line.
    """
    by_name = {path.name: path for path in files}
    if MANIFEST in by_name:
        return _listed(by_name.pop(MANIFEST), by_name, limits)
    if all(path.suffix.lower() == ".emd" for path in files):
        return [ScanRow(path.name, {path: ()}) for path in sorted(files)]
    return _by_name(files)


def _by_name(files: Sequence[Path]) -> list[ScanRow]:
    rows: dict[str, ScanRow] = {}
    for path in sorted(files):
        match = _NAMED.fullmatch(path.name)
        if match is None:
            raise ReaderError(f"{path.name} is no scan of a series: leave it out, or list the scans in {MANIFEST}")
        tilt, signal = match["tilt"], match["signal"].lower()
        row = rows.setdefault(tilt, ScanRow(f"the scan {tilt}", {}, _angle_of(tilt)))
        if any(signal in signals for signals in row.files.values()):
            raise ReaderError(f"{path.name} is the second {signal} of one tilt: leave one out", code="duplicate-tilt")
        row.files[path] = (signal,)
    return list(rows.values())


def _angle_of(tilt: str) -> float | None:
    match = _ANGLE.fullmatch(tilt)
    return float(match["angle"]) if match else None


def _listed(manifest: Path, files: dict[str, Path], limits: Limits) -> list[ScanRow]:
    if manifest.stat().st_size > limits.text_bytes:
        raise _bad("is too long for a list of scans")
    try:
        text = manifest.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _bad("is no text in UTF-8") from None
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    try:
        columns = [str(name).strip() for name in reader.fieldnames or ()]
    except csv.Error:
        raise _bad("is no list of values separated by commas", 1) from None
    if len(set(columns)) != len(columns) or not set(columns) & set(SIGNALS):
        raise _bad(f"needs columns of its own for each of {', '.join(SIGNALS)} that was recorded", 1)
    if foreign := set(columns) - set(SIGNALS) - {"angle_deg", "scan"}:
        raise _bad(f"has {len(foreign)} columns that it may not have: keep angle_deg, scan and signals", 1)
    reader.fieldnames = columns
    try:
        rows = [_row(cells, files, reader.line_num) for cells in itertools.islice(reader, _MOST_SCANS + 1)]
    except csv.Error:
        raise _bad("is no list of values separated by commas", reader.line_num) from None
    if not rows or len(rows) > _MOST_SCANS:
        listed = f"more than {_MOST_SCANS}" if rows else "0"
        raise _bad(f"lists {listed} scans: list 1 to {_MOST_SCANS}")
    _check_once(rows)
    return rows


def _check_once(rows: Sequence[ScanRow]) -> None:
    """Refuse a file in two lines: one scan has one tilt, and a few files must not unpack to a thousand tilts."""
    taken: dict[Path, str] = {}
    for row in rows:
        for path in row.files:
            if path in taken:
                raise ReaderError(
                    f"{row.name} names a file that {taken[path]} names: give each scan its own files",
                    code="bad-manifest",
                )
            taken[path] = row.name


def _row(cells: dict[str, str | None], files: dict[str, Path], line: int) -> ScanRow:
    if None in cells or any(value is None for value in cells.values()):
        raise _bad("has another number of cells than the first", line)
    stated = {name: str(value).strip() for name, value in cells.items()}
    role = _ROLES.get(stated.pop("scan", "").lower())
    if role is None:
        raise _bad("says of its scan neither series nor repeat nor both", line)
    angle = _angle(stated.pop("angle_deg", ""), line)
    signals: dict[Path, tuple[str, ...]] = {}
    for signal, name in stated.items():
        if name and name not in files:
            raise _bad(f"names a file for {signal} that is not there", line)
        if name:
            signals[files[name]] = (*signals.get(files[name], ()), signal)
    if not signals:
        raise _bad("names no file", line)
    return ScanRow(f"line {line} of {MANIFEST}", signals, angle, *role)


def _angle(cell: str, line: int) -> float | None:
    if not cell:
        return None
    try:
        angle = float(cell)
    except ValueError:
        raise _bad("has an angle that is not a number", line) from None
    if not math.isfinite(angle):
        raise _bad("has an angle that is not a finite number", line)
    return angle


def _bad(what: str, line: int | None = None) -> ReaderError:
    where = f"{MANIFEST}, line {line}," if line else MANIFEST
    return ReaderError(f"{where} {what}", code="bad-manifest")
