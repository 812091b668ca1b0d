"""Crates of other programs: their files become datasets, with what is understood of their metadata beside them."""

import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from app.lab.exchange.archive import Archive
from app.lab.exchange.contents import ForeignFile
from app.lab.exchange.judging import entities
from app.lab.exchange.refusals import BadCrate
from app.lab.schemas import Name
from lithoscope.writers.rocrate import METADATA, RECORDS

MOST_FILES = 2000
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_UNDERSTOOD = ("name", "description", "encodingFormat", "license", "author", "dateCreated", "keywords")
_LONGEST = 1000


def files_in(archive: Archive, metadata: Any) -> Iterator[ForeignFile]:
    """Go through the files of a crate of another program, their digests taken from the bytes themselves."""
    about = {_path_of(each): each for each in entities(metadata)}
    names = [name for name in archive.names if name not in {METADATA, RECORDS} and archive.size(name)]
    if len(names) > MOST_FILES:
        raise BadCrate.at("archive", f"It holds more than {MOST_FILES} files: take it in part by part.")
    for name in names:
        entity = about.get(name, {})
        digest = archive.digest(name)
        stated = entity.get("sha256")
        if stated is not None and stated != digest:
            raise BadCrate.at(name, "Its bytes are not those of its SHA-256: fetch the crate again.")
        yield ForeignFile(name, _filename(name), archive.size(name) or 0, digest, _understood(name, entity))


def once_each(files: Iterator[ForeignFile]) -> tuple[tuple[ForeignFile, ...], tuple[str, ...]]:
    """Return files with each bytes once, and in words which were the same."""
    found: dict[str, ForeignFile] = {}
    words = []
    for file in files:
        if file.sha256 in found:
            words.append(f"{file.path}: the same bytes as {found[file.sha256].path}")
            again = [*found[file.sha256].attributes.get("also_at", []), file.path]
            kept = found[file.sha256]
            found[file.sha256] = replace(kept, attributes={**kept.attributes, "also_at": again})
        else:
            found[file.sha256] = file
    return tuple(found.values()), tuple(words)


def unused(metadata: Any) -> tuple[str, ...]:
    """Say which kinds of entity nothing was made of."""
    counts: dict[str, int] = {}
    for each in entities(metadata):
        kinds = each.get("@type")
        kind = str(kinds[0] if isinstance(kinds, list) and kinds else kinds)[:60]
        if kind not in {"File", "CreativeWork"}:
            counts[kind] = counts.get(kind, 0) + 1
    return tuple(
        f"{number} of type {kind}: kept in the crate, nothing was made of them"
        for kind, number in sorted(counts.items())
    )


def title_in(metadata: Any) -> str:
    """Return what the crate calls itself."""
    root = next((each for each in entities(metadata) if each.get("@id") == "./"), {})
    return _text(root.get("name"))[:700] or "Crate without a name"


def origin_in(metadata: Any) -> str | None:
    """Return the address of the service that wrote the crate, as it says itself."""
    known = {str(each.get("@id")): each for each in entities(metadata)}
    publisher = known.get(METADATA, {}).get("sdPublisher")
    about = known.get(str(publisher.get("@id"))) if isinstance(publisher, Mapping) else None
    address = str(about.get("url", "")) if about else ""
    is_address = address.startswith(("https://", "http://")) and len(address) <= 500
    return address if is_address and address.isascii() and address.isprintable() else None


def _path_of(entity: Mapping[str, Any]) -> str:
    return unquote(str(entity.get("@id"))).removeprefix("./")


def _filename(path: str) -> str:
    try:
        return _NAME.validate_python(path.rpartition("/")[2])
    except ValidationError:
        raise BadCrate.at(path, "Its name is not one a dataset can have: rename it and pack the crate again.") from None


def _understood(path: str, entity: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: _text(entity.get(name)) for name in _UNDERSTOOD}
    guessed = mimetypes.types_map.get(f".{path.rpartition('.')[2].lower()}", "")
    said = {name: text for name, text in told.items() if text}
    return {"crate_path": path, "encodingFormat": guessed, **said} if guessed else {"crate_path": path, **said}


def _text(value: Any) -> str:
    """Return a plain text of a property: itself, what it refers to, or the first of several."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))[:_LONGEST]
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("@id") or "")[:_LONGEST]
    return "" if value is None else str(value)[:_LONGEST]
