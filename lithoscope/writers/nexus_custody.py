"""
NeXus application definitions NXem and NXapm in HDF5: samples with their custody as NXhistory, without the data.

What NeXus has no word for (dose, critical dose, gas in ppm, the container, the rest of an event) stands in the activity
under names that begin with ``lithoscope_``, with its unit and source.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lithoscope.writers.nexus_remarks import has_remarks, write_remarks
from lithoscope.writers.record_units import unit_of

if TYPE_CHECKING:
    import h5py

Record = Mapping[str, Any]
#: NXsample's words for what surrounds a sample.
_SITUATIONS = {
    "air": "air",
    "dry_air": "air",
    "vacuum": "vacuum",
    "ultra_high_vacuum": "vacuum",
    "argon": "inert atmosphere",
    "nitrogen": "inert atmosphere",
}
_UNITS = {"e/(A^2 s)": "1/(angstrom^2*s)", "e/A^2": "1/angstrom^2"}


def write_custody_nexus(records: Record, file: Path) -> None:
    """
    Write what is on record of samples as NXem, or as NXapm when the sample asked for is a tip.

    Parameters
    ----------
    records : mapping
        What is told of, as `lithoscope-records.json` of a crate has it.
    file : Path
        New file.
    """
    import h5py

    with h5py.File(file, "x", track_order=True) as root:
        root.attrs["NX_class"] = "NXroot"
        root.attrs["default"] = "entry1"
        entry = _group(root, "entry1", "NXentry")
        asked = _asked_for(records)
        is_tip = asked is not None and asked["kind"] == "tip"
        entry["definition"] = "NXapm" if is_tip else "NXem"
        _moments(entry, records)
        project = _group(entry, "project", "NXproject")
        project["name"] = records["project"]["title"]
        for number, about in enumerate(each for each in records["people"].values() if each["kind"] == "person"):
            _group(entry, f"user{number + 1}", "NXuser")["name"] = about["name"]
        if is_tip:
            _as_atom_probe(entry)
        for number, sample in enumerate(records["samples"]):
            name = "specimen" if is_tip and sample is asked else f"sample{number + 1}"
            _sample(_group(entry, name, "NXsample"), sample, records)


def _as_atom_probe(entry: "h5py.Group") -> None:
    """State what NXapm wants of every entry; no measurement is told of, so its mode is a word of our own."""
    entry["operation_mode"] = "not told of"
    entry["operation_mode"].attrs["custom"] = True
    frame = _group(entry, "named_reference_frame1", "NXcoordinate_system")
    frame["alias"], frame["type"], frame["origin"] = "specimen", "cartesian", "apex of the specimen"
    for axis, direction in (("x", (1.0, 0.0, 0.0)), ("y", (0.0, 1.0, 0.0)), ("z", (0.0, 0.0, 1.0))):
        frame[axis] = direction
        frame[axis].attrs["units"] = "nm"
    frame["z_direction"] = "along the axis of the specimen"


def _group(parent: "h5py.Group", name: str, kind: str) -> "h5py.Group":
    group = parent.create_group(name, track_order=True)
    group.attrs["NX_class"] = kind
    return group


def _asked_for(records: Record) -> Record | None:
    """Return the sample the export is about: the target, or that of the data asked for."""
    things = {each["id"]: each for kind in ("samples", "datasets", "results") for each in records[kind]}
    target = things.get(records["target"], {})
    found = target if "code" in target else things.get(target.get("sample_id") or "")
    return found or None


def _moments(entry: "h5py.Group", records: Record) -> None:
    """Write when the first and the last beam was on it, else the first and the last record."""
    told = records["exposures"] or records["events"] or records["samples"]
    begun = [each.get("happened_at") or each["created_at"] for each in told]
    ended = [each.get("ended_at") or moment for each, moment in zip(told, begun, strict=True)]
    if begun:
        entry["start_time"], entry["end_time"] = min(begun), max(ended)


def _sample(group: "h5py.Group", sample: Record, records: Record) -> None:
    events = [each for each in records["events"] if each["sample_id"] == sample["id"]]
    standing = _standing(events)
    group["name"], group["alias"] = sample["name"], sample["code"]
    group["is_simulation"] = False
    for name, identifier in (("identifier_sample", sample["id"]), ("identifier_parent", sample["parent_id"])):
        if identifier:
            group[name] = UUID(hex=identifier[-32:]).urn  # what ours are, behind their prefix
            group[name].attrs["type"] = "URN"
    prepared = sample["prepared_at"] or next(
        (each["happened_at"] for each in standing if each["type"] == "disassembly"), sample["split_at"]
    )
    if prepared:
        group["preparation_date"] = prepared
    group["atom_types"] = "unknown"
    group["description"] = sample["material"].replace("_", " ")
    gases = [each["payload"]["atmosphere"] for each in standing if each["payload"].get("atmosphere")]
    if gases:
        group["situation"] = _SITUATIONS.get(gases[-1], "other")
    exposures = [each for each in records["exposures"] if each["sample_id"] == sample["id"]]
    if not events and not exposures and not has_remarks(records, sample["id"]):
        return
    history = _group(group, "history", "NXhistory")
    for event in sorted(events, key=_when):
        _event(_activity(history, event, event["type"]), event)
    for exposure in sorted(exposures, key=_when):
        _exposure(_activity(history, exposure, f"{exposure['mode']} exposure"), exposure, records)
    if not events and not exposures:
        _registered(history, sample)
    write_remarks(history, records, sample["id"])


def _registered(history: "h5py.Group", sample: Record) -> None:
    """Begin a history of remarks alone: NXhistory wants an activity, and the sample was put on record at least."""
    activity = _group(history, sample["id"], "NXactivity")
    activity["start_time"] = activity["end_time"] = sample["created_at"]
    activity["description"] = "registration of the sample"


def _standing(events: list[Record]) -> list[Record]:
    corrected = {each["supersedes_id"] for each in events}
    return sorted((each for each in events if each["id"] not in corrected), key=_when)


def _when(record: Record) -> tuple[str, str]:
    return record["happened_at"], record["id"]


def _activity(history: "h5py.Group", record: Record, what: str) -> "h5py.Group":
    activity = _group(history, record["id"], "NXactivity")
    activity["start_time"] = record["happened_at"]
    if record["ended_at"]:
        activity["end_time"] = record["ended_at"]
        activity["end_time"].attrs["estimated"] = False
    activity["description"] = what.replace("_", " ")
    return activity


def _event(activity: "h5py.Group", event: Record) -> None:
    details = {name: value for name, value in event["payload"].items() if value is not None}
    if note := details.pop("note", None):
        written = _group(activity, "notes", "NXnote")
        written["type"], written["description"] = "text/plain", note
    source = details.pop("source")
    about = {"place": event["place"], "operator": event["operator"], "supersedes": event["supersedes_id"]}
    for name, value in {**details, **{name: each for name, each in about.items() if each}}.items():
        field = f"lithoscope_{name}"
        activity[field] = value if isinstance(value, str | float | int) else json.dumps(value, sort_keys=True)
        activity[field].attrs["source"] = source
        if unit := unit_of(name, value):
            activity[field].attrs["units"] = _UNITS.get(unit, unit)


def _exposure(activity: "h5py.Group", exposure: Record, records: Record) -> None:
    for prefix, quantities in (("", exposure["conditions"]), ("dose_", exposure["dose"])):
        for name, quantity in quantities.items():
            _quantity(activity, f"lithoscope_{prefix}{name}", quantity)
    for critical in records.get("critical_doses", {}).get(exposure["id"], ()):
        _critical_dose(activity, critical)
    instrument = records["instruments"].get(exposure["instrument_id"] or "")
    if instrument:
        activity["lithoscope_instrument"] = instrument["name"]


def _critical_dose(activity: "h5py.Group", critical: Record) -> None:
    """Write the critical dose of a phase in these conditions, by the table row that holds; NaN where none does."""
    name = f"lithoscope_critical_dose_{critical['phase']}".replace("/", "_")
    best = critical["best"]
    activity[name] = float("nan") if best is None else float(best)
    attributes = activity[name].attrs
    attributes["units"] = _UNITS[critical["unit"]]
    attributes["criterion"], attributes["reason"] = critical["criterion"], critical["reason"]
    for end in ("lower", "upper"):
        if critical[end] is not None:
            attributes[end] = float(critical[end])
    if critical["limit_id"]:
        attributes["source"], attributes["row"] = critical["source"], critical["limit_id"]


def _quantity(activity: "h5py.Group", name: str, quantity: Record) -> None:
    """Write a number with unit, uncertainty and source; one that is unknown is not a number, and says so."""
    value = quantity["value"]
    activity[name] = float("nan") if value is None else float(value)
    attributes = activity[name].attrs
    attributes["units"] = _UNITS.get(quantity["unit"], quantity["unit"])
    attributes["source"] = quantity["source"]
    if quantity.get("uncertainty") is not None:
        attributes["standard_uncertainty"] = float(quantity["uncertainty"])
