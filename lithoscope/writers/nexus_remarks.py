"""What people and protocols said of a sample and of its data, as notes (NXnote) of its NXhistory."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import h5py

Record = Mapping[str, Any]
_DATA = ("datasets", "results")


def has_remarks(records: Record, sample_id: str) -> bool:
    """Say whether there is anything to write."""
    return any(True for _ in _notes(records, sample_id)) or any(True for _ in _verdicts(records, sample_id))


def write_remarks(history: "h5py.Group", records: Record, sample_id: str) -> None:
    """
    Write notes as plain text, and the verdicts of protocols with what each rule found and asked.

    Parameters
    ----------
    history : h5py.Group
        The NXhistory of the sample.
    records : mapping
        What is told of.
    sample_id : str
        Whose.
    """
    for note in _notes(records, sample_id):
        group = _note(history, note["id"], records, by=note["created_by"], at=note["created_at"])
        group["type"], group["description"] = "text/plain", note["text"]
        group["lithoscope_about"] = note["target_id"]
    for verdict in _verdicts(records, sample_id):
        record = verdict["record"]
        group = _note(history, verdict["id"], records, by=verdict["evaluated_by"], at=verdict["evaluated_at"])
        group["type"], group["description"] = "text/plain", "\n".join(_sentences(record))
        group["lithoscope_about"] = verdict["target_id"]
        group["lithoscope_verdict"], group["lithoscope_judged_at"] = verdict["verdict"], record["at"]
        group["lithoscope_protocol"] = verdict["protocol_id"]
        group["lithoscope_protocol_version"] = verdict["protocol_number"]
        group["lithoscope_protocol_sha256"] = verdict["protocol_digest"]
        group["lithoscope_rules"] = json.dumps(record["rules"], sort_keys=True, ensure_ascii=False)


def _notes(records: Record, sample_id: str) -> Iterator[Record]:
    """Go through the notes beside a sample and beside its data."""
    own = {sample_id, *(each["id"] for kind in _DATA for each in records[kind] if each["sample_id"] == sample_id)}
    return (note for note in records["notes"] if note["target_id"] in own)


def _verdicts(records: Record, sample_id: str) -> Iterator[Record]:
    return (verdict for verdict in records["evaluations"] if verdict["sample_id"] == sample_id)


def _note(history: "h5py.Group", name: str, records: Record, *, by: str, at: str) -> "h5py.Group":
    group = history.create_group(name, track_order=True)
    group.attrs["NX_class"] = "NXnote"
    group["author"], group["date"] = records["people"].get(by, {"name": by})["name"], at
    return group


def _sentences(record: Record) -> Iterator[str]:
    """Say what a protocol said: the whole first, then each rule that applies."""
    yield f"{record['protocol_title']}, version {record['version']}: {_words(record['verdict'])}"
    if record["note"]:
        yield record["note"]
    for rule in record["rules"]:
        if rule["verdict"] != "not_applicable":
            yield f"{rule['title']}: {_words(rule['verdict'])}; found: {rule['found']}; asked: {rule['asked']}"


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")
