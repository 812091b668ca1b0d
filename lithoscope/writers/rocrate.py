"""
RO-Crate metadata of what a facility exports: samples, what was done to them, data, runs of methods and their results.

Jobs, custody events and exposures are actions of the Process Run Crate profile. That profile takes only software as
`instrument`; the microscope, furnace or glovebox of a human step stands under `apparatus`, a term of our own.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from lithoscope.writers.record_titles import last_day, title_of

Version = Literal["1.3", "1.2"]
Record = Mapping[str, Any]
Entity = dict[str, Any]

METADATA = "ro-crate-metadata.json"
RECORDS = "lithoscope-records.json"
TERMS = "https://w3id.org/ro/terms/lithoscope#"
PROCESS_RUN = "https://w3id.org/ro/wfrun/process/0.5"
_DONE = "http://schema.org/CompletedActionStatus"
_OWN_TERMS = ("apparatus", "supersedes")
_NO_LICENCE = {
    "@id": "#no-licence",
    "@type": "CreativeWork",
    "name": "No licence is stated",
    "description": "Nobody stated under which terms this may be used: ask its authors.",
}
_SAMPLE_WORDS = ("material", "kind", "electrolyte", "cell_history", "prepared_at", "capacity_mAh_per_cm2")


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


@dataclass(frozen=True, slots=True)
class Issue:
    """
    How a crate is issued.

    Parameters
    ----------
    version : {"1.3", "1.2"}
        Of the RO-Crate specification.
    software : str
        Version of Lithoscope.
    address : str
        Of the service that wrote it; the only part that another service writes otherwise.
    licence : str
        Address of the licence; empty when none is stated.
    """

    version: Version = "1.3"
    software: str = "unknown"
    address: str = ""
    licence: str = ""


def crate_json(records: Record, files: Sequence[CrateFile], issue: Issue) -> bytes:
    """
    Write the metadata document: the same bytes for the same content.

    Parameters
    ----------
    records : mapping
        What is told of, as `lithoscope-records.json` has it.
    files : sequence of CrateFile
        All files of the crate but the metadata document itself.
    issue : Issue
        In which form.
    """
    entities = list(_entities(records, files, issue))
    graph = sorted({entity["@id"]: entity for entity in entities}.values(), key=_order)
    context: Any = f"https://w3id.org/ro/crate/{issue.version}/context"
    document = {"@context": [context, {name: TERMS + name for name in _OWN_TERMS}], "@graph": graph}
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _order(entity: Entity) -> tuple[int, str]:
    place = {METADATA: 0, "./": 1}.get(entity["@id"], 2)
    return place, entity["@id"]


def _entities(records: Record, files: Sequence[CrateFile], issue: Issue) -> Iterator[Entity]:
    actions = [*_steps(records), *_beams(records), *_runs(records, files)]
    yield from _descriptor(issue)
    yield _root(records, files, issue, [action["@id"] for action in actions if action["@type"] == "CreateAction"])
    yield _licence(issue.licence)
    yield {"@id": PROCESS_RUN, "@type": ["CreativeWork", "Profile"], "name": "Process Run Crate", "version": "0.5"}
    yield _software(issue)
    yield from _terms()
    yield from _people(records)
    yield from _apparatus(records)
    yield from _samples(records)
    yield from _folders(records, files)
    yield from (_file(file) for file in files)
    yield from actions


def _descriptor(issue: Issue) -> Iterator[Entity]:
    yield {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": f"https://w3id.org/ro/crate/{issue.version}"},
        "sdPublisher": {"@id": "#service"},
    }
    address = {"url": issue.address} if issue.address else {}
    yield {"@id": "#service", "@type": "Organization", "name": "Lithoscope service", **address}


def _root(records: Record, files: Sequence[CrateFile], issue: Issue, actions: Iterable[str]) -> Entity:
    title = title_of(records)
    owned = [_folder_id(file) for file in files if file.owner_id]
    loose = [_address(file.path) for file in files if not file.owner_id]
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": records["target"],
        "name": title,
        "description": f"{title}, of project “{records['project']['title']}”, as its facility has it on record.",
        "datePublished": last_day(records),
        "license": {"@id": issue.licence or _NO_LICENCE["@id"]},
        "publisher": {"@id": f"#{records['project']['id']}"},
        "author": _references(f"#{person}" for person, about in records["people"].items() if about["kind"] == "person"),
        "conformsTo": {"@id": PROCESS_RUN},
        "hasPart": _references([*owned, *loose]),
        "about": _references(f"#{sample['id']}" for sample in records["samples"]),
        "mentions": _references(actions),
    }


def _licence(address: str) -> Entity:
    return {"@id": address, "@type": "CreativeWork", "name": address} if address else dict(_NO_LICENCE)


def _software(issue: Issue) -> Entity:
    return {
        "@id": "#lithoscope",
        "@type": "SoftwareApplication",
        "name": "Lithoscope",
        "description": "In whose custody book the step was recorded.",
        "version": issue.software,
        "url": TERMS.rstrip("#"),
    }


def _terms() -> Iterator[Entity]:
    words = {
        "apparatus": "The instrument, not software, with which a person did a step.",
        "supersedes": "The earlier record of the same step that this one corrects.",
    }
    for name, meaning in words.items():
        yield {"@id": TERMS + name, "@type": "rdf:Property", "rdfs:label": name, "rdfs:comment": meaning, "name": name}


def _people(records: Record) -> Iterator[Entity]:
    project = records["project"]
    yield {"@id": f"#{project['id']}", "@type": "Organization", "name": project["title"], "identifier": project["code"]}
    for identifier, about in records["people"].items():
        kind = "Person" if about["kind"] == "person" else "Organization"
        yield {"@id": f"#{identifier}", "@type": kind, "name": about["name"], "identifier": identifier}
    for operator in {each["operator"] for each in records["events"] if each["operator"]}:
        yield {"@id": _operator_id(operator), "@type": "Person", "name": operator}


def _operator_id(name: str) -> str:
    return f"#operator-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _apparatus(records: Record) -> Iterator[Entity]:
    for identifier, about in records["instruments"].items():
        maker = {"manufacturer": about["vendor"]} if about.get("vendor") else {}
        model = {"model": about["model"]} if about.get("model") else {}
        own = {"name": about["name"], "identifier": about["code"], "category": about["technique"]}
        yield {"@id": f"#{identifier}", "@type": "IndividualProduct", **own, **maker, **model}


def _samples(records: Record) -> Iterator[Entity]:
    for sample in records["samples"]:
        stated = {name: {"value": sample[name], "unit": None} for name in _SAMPLE_WORDS if sample[name] is not None}
        parent = {"isBasedOn": {"@id": f"#{sample['parent_id']}"}} if sample["parent_id"] else {}
        own = f"#{sample['id']}"
        yield {
            "@id": own,
            "@type": "IndividualProduct",
            "name": sample["name"],
            "identifier": sample["code"],
            "sku": sample["code"],
            "additionalProperty": _references(f"{own}-{name}" for name in stated),
            **parent,
        }
        yield from _properties(own, stated)


def _properties(owner: str, stated: Mapping[str, Record]) -> Iterator[Entity]:
    """Write values by name, each an entity of its own: a crate's graph is flat."""
    for name, record in stated.items():
        value = record["value"]
        entity = {"@id": f"{owner}-{name}", "@type": "PropertyValue", "name": name, "propertyID": TERMS + name}
        entity["value"] = "unknown" if value is None else _plain(value)
        if record.get("unit"):
            entity["unitText"] = record["unit"]
        if record.get("uncertainty") is not None:
            entity["description"] = f"standard uncertainty {record['uncertainty']!r}"
        if record.get("source"):
            entity["measurementTechnique"] = f"source: {record['source']}"
        yield entity


def _plain(value: Any) -> Any:
    is_plain = isinstance(value, str | int | float | bool)
    return value if is_plain else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _folders(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    parts: dict[str, list[str]] = {}
    homes: dict[str, str] = {}
    for file in files:
        if file.owner_id:
            homes[file.owner_id] = _folder_id(file)
            parts.setdefault(file.owner_id, []).append(_address(file.path))
    methods = {job["result_id"]: job["method"] for job in records["jobs"]}
    for thing in (*records["datasets"], *records["results"]):
        if thing["id"] not in homes:
            continue
        name = thing.get("filename") or f"Result of {methods.get(thing['id'], 'a job')}"
        sample = {"about": {"@id": f"#{thing['sample_id']}"}} if thing["sample_id"] else {}
        person = thing.get("created_by")
        yield {
            "@id": homes[thing["id"]],
            "@type": "Dataset",
            "identifier": thing["id"],
            "name": name,
            "dateCreated": _moment(thing["created_at"]),
            "dateModified": _moment(thing["created_at"]),
            **({"author": {"@id": f"#{person}"}} if person in records["people"] else {}),
            **sample,
            "hasPart": _references(parts[thing["id"]]),
        }


def _folder_id(file: CrateFile) -> str:
    first, second, *_ = file.path.split("/")
    return _address(f"{first}/{second}/")


def _file(file: CrateFile) -> Entity:
    return {
        "@id": _address(file.path),
        "@type": "File",
        "name": file.path.rpartition("/")[2],
        "contentSize": str(file.size_bytes),
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
    }


def _address(path: str) -> str:
    """Write a path as a reference: letters of any script stay as they are."""
    return "".join(mark if ord(mark) > 127 else quote(mark, safe="/") for mark in path)


def _steps(records: Record) -> Iterator[Entity]:
    """Return one action for each custody event: what a person did to a sample."""
    for event in records["events"]:
        own, sample = f"#{event['id']}", f"#{event['sample_id']}"
        details = {name: value for name, value in event["payload"].items() if value is not None}
        stated = {name: {"value": value} for name, value in sorted(details.items())}
        if event["place"]:
            stated["place"] = {"value": event["place"]}
        begun = _moment(event["happened_at"])
        ended = event["ended_at"] or (None if "container" in event["payload"] else event["happened_at"])
        yield {
            **_action(own, f"{event['type'].replace('_', ' ')} of a sample", begun, ended),
            "description": details.get("note") or f"Custody event “{event['type']}”.",
            "agent": {"@id": _operator_id(event["operator"]) if event["operator"] else f"#{event['recorded_by']}"},
            "instrument": {"@id": "#lithoscope"},
            "object": _references([sample, *(f"{own}-{name}" for name in stated)]),
            "result": {"@id": sample},
            **_corrected(event),
        }
        yield from _properties(own, stated)


def _beams(records: Record) -> Iterator[Entity]:
    """Return one action for each exposure, with its conditions and the dose it gave."""
    homes = {dataset["id"]: f"datasets/{dataset['id']}/" for dataset in records["datasets"]}
    for exposure in records["exposures"]:
        own, sample = f"#{exposure['id']}", f"#{exposure['sample_id']}"
        stated = {**exposure["conditions"], **{f"dose_{name}": value for name, value in exposure["dose"].items()}}
        gave = homes.get(exposure["dataset_id"] or "")
        apparatus = exposure["instrument_id"]
        yield {
            **_action(
                own, f"{exposure['mode'].replace('_', ' ')} exposure", exposure["happened_at"], exposure["ended_at"]
            ),
            "description": exposure["note"] or f"Beam on the sample, {exposure['frames']} frames.",
            "agent": {"@id": f"#{exposure['recorded_by']}"},
            "instrument": {"@id": "#lithoscope"},
            "object": _references([sample, *(f"{own}-{name}" for name in stated)]),
            "result": {"@id": gave or sample},
            **({"apparatus": {"@id": f"#{apparatus}"}} if apparatus in records["instruments"] else {}),
            **_corrected(exposure),
        }
        yield from _properties(own, stated)


def _runs(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    """Return one action for each job that gave a result."""
    homes = {file.owner_id: _folder_id(file) for file in files if file.owner_id}
    software = {each["job_id"]: _version_in(each["run_record"]) for each in records["results"]}
    for job in records["jobs"]:
        own, tool = f"#{job['id']}", f"#method-{job['method']}-{job['method_version']}"
        stated = {name: {"value": value} for name, value in sorted(job["params"].items())}
        read = [homes[each] for each in _inputs(job) if each in homes]
        yield {
            **_action(own, f"run of {job['method']}", job["started_at"] or job["created_at"], job["finished_at"]),
            "description": f"Lithoscope {software[job['id']]} ran {job['method']}.",
            "agent": {"@id": f"#{job['created_by']}"},
            "instrument": {"@id": tool},
            "object": _references([*read, *(f"{own}-{name}" for name in stated)]),
            "result": _references(homes[each] for each in (job["result_id"],) if each in homes),
        }
        yield from _properties(own, stated)
        yield {
            "@id": tool,
            "@type": "SoftwareApplication",
            "name": job["method"],
            "version": job["method_version"],
            "url": f"{TERMS.rstrip('#')}/methods/{job['method']}",
        }


def _version_in(run_record: Record) -> str:
    return str((run_record.get("software") or {}).get("lithoscope", "of unknown version"))


def _inputs(job: Record) -> list[str]:
    given = [each if isinstance(each, list) else [each] for each in job["inputs"].values()]
    return sorted({str(reference).partition("/")[0] for references in given for reference in references})


def _action(identifier: str, name: str, begun: str, ended: str | None) -> Entity:
    done = {"endTime": _moment(ended), "actionStatus": _DONE} if ended else {}
    return {"@id": identifier, "@type": "CreateAction", "name": name, "startTime": _moment(begun), **done}


def _corrected(record: Record) -> Entity:
    return {"supersedes": {"@id": f"#{record['supersedes_id']}"}} if record["supersedes_id"] else {}


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds")


def _references(ids: Iterable[str]) -> Entity | list[Entity]:
    """Refer to entities; to one plainly, as JSON-LD in compact form does."""
    found = [{"@id": each} for each in sorted(set(ids))]
    return found[0] if len(found) == 1 else found
