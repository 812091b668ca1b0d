"""Which part of a series a file is: its number and its tilt or depth, by its side-car, its name or its header."""

import json
import math
import re
import struct
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath

from lithoscope.client.collector.live_settings import Live
from lithoscope.client.collector.paths import long_path
from lithoscope.client.collector.placing import SIDECARS
from lithoscope.client.collector.tilts import of_digital_micrograph, of_velox

_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)", re.DOTALL)
_REAL = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_MDOC_TILT = re.compile(r"^\s*TiltAngle\s*=\s*(\S+)", re.MULTILINE)
_STAGE = re.compile(rb"\[Stage\][^\[]*?StageTa?=([-+0-9.eE]+)", re.DOTALL)
_TEXT_TAGS = frozenset({34680, 34682})  # of Thermo Fisher (FEI)
MOST_TEXT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Position:
    """
    Where a file belongs in its series.

    Parameters
    ----------
    number : int or None
        Of the part; None where nothing says it.
    place : float or None
        Tilt [deg] or depth [nm]; None where nothing says it.
    """

    number: int | None
    place: float | None


def named_position(path: str, values: Mapping[str, str | None], live: Live) -> Position:
    """
    Read what a file's path says.

    Parameters
    ----------
    path : str
        Below the watched folder, with ``/``.
    values : mapping of str to str
        What the names of the rule's pattern took: ``{number}``, and ``{tilt}`` or ``{z}``. Without ``{number}`` the
        last digits of the file's name count it, a tilt or depth in it apart.
    live : Live
        What the series is.
    """
    place = values.get("tilt" if live.kind == "tilt_series" else "z")
    number = values.get("number")
    if number is None:
        stem = PurePosixPath(path).stem
        found = _LAST_NUMBER.search(stem.replace(place, " ") if place else stem)
        number = found[1] if found else None
    return Position(int(number) if number and number.isdecimal() else None, _real(place))


def told_position(main: Path, beside: Iterable[Path], named: Position, live: Live) -> Position:
    """
    Add to what a name says what stands beside and in the file: side-car, then name, then ``.mdoc``, then header.

    Parameters
    ----------
    main : Path
        The file.
    beside : iterable of Path
        What belongs to it.
    named : Position
        What its path says.
    live : Live
        What the series is.

    Raises
    ------
    OSError
        A file cannot be read.
    """
    said: dict[str, object] = {}
    mdoc = None
    for path in beside:
        if path.name.lower().endswith(SIDECARS):
            said |= _sidecar(path)
        elif path.suffix.lower() == ".mdoc":
            mdoc = path
    number = said.get("number")
    place = _real(said.get(live.place))
    place = named.place if place is None else place
    number = number if isinstance(number, int) and not isinstance(number, bool) else named.number
    if place is None and live.kind == "tilt_series":
        place = _of_mdoc(mdoc) if mdoc is not None else None
        place = _of_header(main) if place is None else place
    if place is None and live.slice_nm is not None and isinstance(number, int):
        place = (number - live.first_number) * live.slice_nm
    return Position(number if isinstance(number, int) else None, place)


def _real(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str) and _REAL.fullmatch(value.strip()):
        return float(value.strip().replace(",", "."))
    return None


def _sidecar(path: Path) -> dict[str, object]:
    text = long_path(path).read_text(encoding="utf-8-sig")
    try:
        found = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except ValueError:
        return {}  # sending says that it cannot be read
    return found if isinstance(found, dict) else {}


def _of_mdoc(path: Path) -> float | None:
    """Return the one tilt of a file whose text tells one."""
    with long_path(path).open("rb") as file:
        text = file.read(MOST_TEXT_BYTES).decode("latin-1")
    angles = {_real(found) for found in _MDOC_TILT.findall(text)}
    return angles.pop() if len(angles) == 1 else None


def _of_header(path: Path) -> float | None:
    suffix = path.suffix.lower()
    reader = _HEADERS.get(suffix) or _ALSO.get(suffix)
    if reader is None:
        return None
    with long_path(path).open("rb") as file:
        try:
            return reader(file)
        except struct.error:
            return None


def _at(file: BufferedReader, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _of_tiff(file: BufferedReader) -> float | None:
    """Read the stage's tilt [rad] from the text of a Thermo Fisher (FEI) microscope."""
    head = _at(file, 0, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or struct.unpack_from(f"{order}H", head, 2)[0] != 42:
        return None
    (directory,) = struct.unpack_from(f"{order}I", head, 4)
    (entries,) = struct.unpack(f"{order}H", _at(file, directory, 2))
    table = _at(file, directory + 2, entries * 12)
    for index in range(entries):
        tag, _kind, count, at = struct.unpack_from(f"{order}HHII", table, index * 12)
        if tag in _TEXT_TAGS and (found := _STAGE.search(_at(file, at, min(count, MOST_TEXT_BYTES)))):
            return round(math.degrees(float(found[1])), 4)
    return None


def _of_mrc(file: BufferedReader) -> float | None:
    """Read the tilt of a single image from its extended header: FEI1, FEI2 or SerialEM's."""
    head = _at(file, 0, 1024)
    order = ">" if head[212:214] == b"\x11\x11" else "<"
    (sections,) = struct.unpack_from(f"{order}i", head, 8)
    (length,) = struct.unpack_from(f"{order}i", head, 92)
    if sections != 1 or length <= 0:
        return None
    if head[104:108] in {b"FEI1", b"FEI2"}:
        (angle,) = struct.unpack(f"{order}d", _at(file, 1024 + 100, 8))
        return round(angle, 4) if math.isfinite(angle) and abs(angle) <= 180 else None
    per_section, flags = struct.unpack_from(f"{order}2h", head, 128)
    if per_section >= 2 and flags & 1:
        return float(struct.unpack(f"{order}h", _at(file, 1024, 2))[0]) / 100
    return None


def is_read_here(path: Path) -> bool:
    """Say whether the tilt in a file's header is read on this PC; of other formats the service may know it."""
    return path.suffix.lower() in _HEADERS


_Header = Callable[[BufferedReader], float | None]
_HEADERS: dict[str, _Header] = {
    **dict.fromkeys((".tif", ".tiff"), _of_tiff),
    **dict.fromkeys((".mrc", ".mrcs", ".st", ".ali"), _of_mrc),
}
#: Read here where that is simple; what is not found is left to the service.
_ALSO: dict[str, _Header] = {".dm3": of_digital_micrograph, ".dm4": of_digital_micrograph, ".emd": of_velox}
