"""What an export is called, and of which day it is."""

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
_KINDS = (
    *("samples", "events", "exposures", "datasets", "jobs", "results"),
    *("runs", "notes", "tags", "labels", "evaluations"),
)
_MADE = ("created_at", "finished_at", "assigned_at", "evaluated_at")


def title_of(records: Record) -> str:
    """Say in a few words what is exported."""
    target = str(records["target"])
    for sample in records["samples"]:
        if sample["id"] == target:
            return f"Sample {sample['code']}, {sample['name']}"
    for dataset in records["datasets"]:
        if dataset["id"] == target:
            return f"Dataset {dataset['filename']}"
    for result in records["results"]:
        if result["id"] == target:
            method = next(job["method"] for job in records["jobs"] if job["id"] == result["job_id"])
            return f"Result of {method}"
    return f"Project {records['project']['code']}, {records['project']['title']}"


def last_day(records: Record) -> str:
    """Return the day of the latest record: the day of packing would make every crate another."""
    stamps = [moment for kind in _KINDS for each in records[kind] for moment in _moments(each)]
    return max(stamps, default="1970-01-01")[:10]


def _moments(record: Record) -> list[str]:
    """Return when a record was made here: what it tells of may have been long before."""
    received = record.get("received_at")
    return [str(received)] if received else [str(record[name]) for name in _MADE if record.get(name)]
