"""What is said about a dataset besides its bytes: file name, where it lay, its time, its side-car."""

import json
import re
import socket
import sqlite3
import tomllib
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from lithoscope.client.collector.paths import long_path
from lithoscope.client.collector.placing import is_sidecar
from lithoscope.client.collector.true_time import JUMP_S

NAME_BYTES = 255
ATTRIBUTE_CHARACTERS = 4000  # the service takes 4,096
SIDECAR_BYTES = 1 << 20
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


class BadSidecar(Exception):
    """A side-car that cannot be used; the dataset waits until somebody mends it."""


def wire_name(name: str) -> str:
    """Return a file name the service keeps: normalised, visible, at most 255 bytes with its suffix."""
    name = unicodedata.normalize("NFC", name)
    name = _INVISIBLE.sub("_", "".join("_" if unicodedata.category(mark) in {"Cc", "Cs"} else mark for mark in name))
    name = name.strip() or "_"
    if len(name.encode()) <= NAME_BYTES:
        return name
    suffix = "".join(PurePosixPath(name).suffixes[-2:])[-40:]
    room = NAME_BYTES - len(suffix.encode()) - len("…".encode())
    return name.removesuffix(suffix).encode()[:room].decode(errors="ignore") + "…" + suffix


def oddity_of(name: str, elsewhere: str | None) -> tuple[str | None, str]:
    """
    Return kind and words of what somebody should know of a file that arrived; no kind when there is nothing.

    Parameters
    ----------
    name : str
        What it is called here.
    elsewhere : str or None
        The dataset of another sample that has the same content.
    """
    if elsewhere is not None:
        words = f"the same content is also {elsewhere} of another sample: one of the two may be mislabelled"
        return "same-content", words
    if (kept := wire_name(name)) != unicodedata.normalize("NFC", name):
        return "name-changed", f"the service keeps no such name: there it is called {kept}"
    return None, ""


def attributes_of(
    unit: sqlite3.Row, root: Path, files: list[sqlite3.Row], *, possible_offsets_s: Sequence[float] = ()
) -> str:
    """
    Return what goes with a dataset, as JSON text.

    ``modified_at`` is corrected by the clock offset that held at the last change; where it was never measured,
    ``clock_offset_s`` is null and ``modified_at`` the PC's own. Where the clock was set back and other offsets fit
    too, ``modified_at_or`` has the moments that they give.
    """
    offset_s = unit["clock_offset_s"]
    said: dict[str, Any] = {
        "source_path": unit["key"],
        "source_host": socket.gethostname(),
        "modified_at": _instant(unit["mtime_ns"] / 1e9 - (offset_s or 0.0)),
        "clock_offset_s": None if offset_s is None else round(offset_s, 3),
    }
    others = [each for each in possible_offsets_s if offset_s is not None and abs(each - offset_s) > JUMP_S]
    if others:
        said["modified_at_or"] = [_instant(unit["mtime_ns"] / 1e9 - each) for each in others]
    if unit["kind"]:
        said["kind"] = unit["kind"]
    if unit["grouping"] not in {"file", "part"} or len(files) > 1:
        said["files"] = len(files)
    for row in files:
        if is_sidecar(row["path"]):
            said["side_car"] = {**said.get("side_car", {}), **_sidecar(root / row["path"])}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    if len(text) > ATTRIBUTE_CHARACTERS:
        raise BadSidecar(
            f"path and side-car have {len(text)} of at most {ATTRIBUTE_CHARACTERS} characters: shorten them"
        )
    return text


def _sidecar(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > SIDECAR_BYTES:
            raise BadSidecar(f"{path.name} is larger than a side-car: shorten it")
        text = long_path(path).read_text(encoding="utf-8-sig")
        found = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, OSError) as error:
        raise BadSidecar(f"{path.name} cannot be read ({error}): mend it") from None
    if not isinstance(found, dict):
        raise BadSidecar(f"{path.name} is not a table of names and values: mend it")
    plain: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return plain


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
