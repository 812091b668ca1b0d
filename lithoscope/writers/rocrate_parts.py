"""What every entity of an RO-Crate is made of: references, moments, values by name, actions, places of files."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from lithoscope.writers.record_units import unit_of

Record = Mapping[str, Any]
Entity = dict[str, Any]

TERMS = "https://w3id.org/ro/terms/lithoscope#"
_DONE = "http://schema.org/CompletedActionStatus"


@dataclass(frozen=True, slots=True)
class CrateFile:
    """
    A file of the crate.

    Parameters
    ----------
    path : str
        Its place in the crate.
    sha256 : str
        Of its bytes.
    size_bytes : int
    media_type : str
    owner_id : str
        The dataset or result it belongs to; empty for files about the crate itself.
    """

    path: str
    sha256: str
    size_bytes: int
    media_type: str
    owner_id: str = ""


def properties(owner: str, stated: Mapping[str, Record]) -> Iterator[Entity]:
    """Write values by name, each an entity of its own: a crate's graph is flat."""
    for name, record in stated.items():
        value = record["value"]
        entity = {"@id": f"{owner}-{name}", "@type": "PropertyValue", "name": name, "propertyID": TERMS + name}
        entity["value"] = "unknown" if value is None else _plain(value)
        if unit := record.get("unit") or unit_of(name, value):
            entity["unitText"] = unit
        if record.get("uncertainty") is not None:
            in_unit = f" {unit}" if unit and unit != "1" else ""
            entity["description"] = f"standard uncertainty {record['uncertainty']!r}{in_unit}"
        if record.get("source"):
            entity["measurementTechnique"] = f"source: {record['source']}"
        yield entity


def _plain(value: Any) -> Any:
    is_plain = isinstance(value, str | int | float | bool)
    return value if is_plain else json.dumps(value, sort_keys=True, ensure_ascii=False)


def folder_id(file: CrateFile) -> str:
    """Return the folder a file of a dataset or result lies in."""
    first, second, *_ = file.path.split("/")
    return address(f"{first}/{second}/")


def address(path: str) -> str:
    """Write a path as a reference: letters of any script stay as they are."""
    return "".join(mark if ord(mark) > 127 else quote(mark, safe="/") for mark in path)


def action(identifier: str, name: str, begun: str, ended: str | None) -> Entity:
    """Begin an action that created something; one without an end is not completed."""
    done = {"endTime": moment(ended), "actionStatus": _DONE} if ended else {}
    return {"@id": identifier, "@type": "CreateAction", "name": name, "startTime": moment(begun), **done}


def corrected(record: Record) -> Entity:
    """Refer to the record that one corrects."""
    return {"supersedes": {"@id": f"#{record['supersedes_id']}"}} if record["supersedes_id"] else {}


def moment(text: str) -> str:
    """Write a moment in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds")


def references(ids: Iterable[str]) -> Entity | list[Entity]:
    """Refer to entities; to one plainly, as JSON-LD in compact form does."""
    found = [{"@id": each} for each in sorted(set(ids))]
    return found[0] if len(found) == 1 else found


def homes_of(records: Record, files: Sequence[CrateFile]) -> dict[str, str]:
    """
    Return by identifier the entity of each dataset and result: the folder of its files.

    A dataset of which the crate holds nothing has the entity that tells of the file that is absent.
    """
    absent = {dataset["id"]: absent_id(dataset) for dataset in records["datasets"] if dataset["absent"]}
    return absent | {file.owner_id: folder_id(file) for file in files if file.owner_id}


def absent_id(dataset: Record) -> str:
    """Return the entity that stands for a file the crate was packed without."""
    return f"#{dataset['id']}-file"
