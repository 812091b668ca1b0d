"""
RO-Crate metadata of what a facility exports: samples, what was done to them, data, runs of methods and their results.

Jobs, custody events and exposures are actions of the Process Run Crate profile. That profile takes only software as
`instrument`; the microscope, furnace or glovebox of a human step stands under `apparatus`, a term of our own.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lithoscope.writers.record_titles import last_day, title_of
from lithoscope.writers.rocrate_calibrations import calibrations, result_of
from lithoscope.writers.rocrate_parts import (
    TERMS,
    CrateFile,
    Entity,
    Record,
    absent_id,
    action,
    address,
    corrected,
    folder_id,
    homes_of,
    moment,
    properties,
    references,
)
from lithoscope.writers.rocrate_remarks import keywords_of, remarks
from lithoscope.writers.rocrate_runs import job_runs, recipe_runs
from lithoscope.writers.rocrate_titrations import titrations

Version = Literal["1.3", "1.2"]

METADATA = "ro-crate-metadata.json"
RECORDS = "lithoscope-records.json"
PROCESS_RUN = "https://w3id.org/ro/wfrun/process/0.5"
#: Contextual entities nothing else need point to.
_MENTIONED = frozenset({"CreateAction", "UpdateAction", "OrganizeAction", "AssessAction", "Comment"})
_OWN_TERMS = ("apparatus", "supersedes")
_NO_LICENCE = {
    "@id": "#no-licence",
    "@type": "CreativeWork",
    "name": "No licence is stated",
    "description": "Nobody stated under which terms this may be used: ask its authors.",
}
_WHY_ABSENT = {
    "missing": "the file was missing on the storage of its facility",
    "changed": "the file on the storage of its facility was no longer the one that was registered",
}
_SAMPLE_WORDS = ("material", "kind", "electrolyte", "cell_history", "prepared_at", "capacity_mAh_per_cm2")


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
    done = (*_steps(records), *_beams(records, files), *job_runs(records, files), *recipe_runs(records, files))
    told = [*done, *calibrations(records, files), *titrations(records), *remarks(records, files)]
    yield from _descriptor(issue)
    absent = list(_absent(records))
    mentioned = [*absent, *(each for each in told if each["@type"] in _MENTIONED)]
    yield _root(records, files, issue, [each["@id"] for each in mentioned])
    yield _licence(issue.licence)
    yield {"@id": PROCESS_RUN, "@type": ["CreativeWork", "Profile"], "name": "Process Run Crate", "version": "0.5"}
    yield _software(issue)
    yield from _terms()
    yield from _people(records)
    yield from _apparatus(records)
    yield from _samples(records)
    yield from _folders(records, files)
    yield from (_file(file) for file in files)
    yield from absent
    yield from told


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


def _root(records: Record, files: Sequence[CrateFile], issue: Issue, told: Iterable[str]) -> Entity:
    title = title_of(records)
    owned = [folder_id(file) for file in files if file.owner_id]
    loose = [address(file.path) for file in files if not file.owner_id]
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": records["target"],
        "name": title,
        "description": f"{title}, of project “{records['project']['title']}”, as its facility has it on record.",
        "datePublished": last_day(records),
        "license": {"@id": issue.licence or _NO_LICENCE["@id"]},
        "publisher": {"@id": f"#{records['project']['id']}"},
        "author": references(f"#{person}" for person, about in records["people"].items() if about["kind"] == "person"),
        "conformsTo": {"@id": PROCESS_RUN},
        "hasPart": references([*owned, *loose]),
        "about": references(f"#{sample['id']}" for sample in records["samples"]),
        "mentions": references(told),
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
    keywords = keywords_of(records)
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
            "additionalProperty": references(f"{own}-{name}" for name in stated),
            **parent,
            **keywords.get(sample["id"], {}),
        }
        yield from properties(own, stated)


def _folders(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    parts: dict[str, list[str]] = {}
    homes: dict[str, str] = {}
    for file in files:
        if file.owner_id:
            homes[file.owner_id] = folder_id(file)
            parts.setdefault(file.owner_id, []).append(address(file.path))
    methods = {job["result_id"]: job["method"] for job in records["jobs"]}
    keywords = keywords_of(records)
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
            "dateCreated": moment(thing["created_at"]),
            "dateModified": moment(thing["created_at"]),
            **({"author": {"@id": f"#{person}"}} if person in records["people"] else {}),
            **sample,
            **keywords.get(thing["id"], {}),
            "hasPart": references(parts[thing["id"]]),
        }


def _file(file: CrateFile) -> Entity:
    return {
        "@id": address(file.path),
        "@type": "File",
        "name": file.path.rpartition("/")[2],
        "contentSize": str(file.size_bytes),
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
    }


def _absent(records: Record) -> Iterator[Entity]:
    """Return what stands for files that the crate was packed without: their digests, and why."""
    for dataset in records["datasets"]:
        if dataset["absent"]:
            yield {
                "@id": absent_id(dataset),
                "@type": "CreativeWork",
                "name": dataset["filename"],
                "identifier": dataset["id"],
                "contentSize": str(dataset["size_bytes"]),
                "sha256": dataset["sha256"],
                "description": f"Not in this crate: {_WHY_ABSENT[dataset['absent']]} when the crate was packed.",
            }


def _steps(records: Record) -> Iterator[Entity]:
    """Return one action for each custody event: what a person did to a sample."""
    for event in records["events"]:
        own, sample = f"#{event['id']}", f"#{event['sample_id']}"
        details = {name: value for name, value in event["payload"].items() if value is not None}
        stated = {name: {"value": value} for name, value in sorted(details.items())}
        if event["place"]:
            stated["place"] = {"value": event["place"]}
        begun = moment(event["happened_at"])
        ended = event["ended_at"] or (None if "container" in event["payload"] else event["happened_at"])
        yield {
            **action(own, f"{event['type'].replace('_', ' ')} of a sample", begun, ended),
            "description": details.get("note") or f"Custody event “{event['type']}”.",
            "agent": {"@id": _operator_id(event["operator"]) if event["operator"] else f"#{event['recorded_by']}"},
            "instrument": {"@id": "#lithoscope"},
            "object": references([sample, *(f"{own}-{name}" for name in stated)]),
            "result": {"@id": sample},
            **corrected(event),
        }
        yield from properties(own, stated)


def _beams(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    """Return one action for each exposure, with its conditions and the dose it gave."""
    homes = homes_of(records, files)
    for exposure in records["exposures"]:
        own, sample = f"#{exposure['id']}", f"#{exposure['sample_id']}"
        stated = {**exposure["conditions"], **{f"dose_{name}": value for name, value in exposure["dose"].items()}}
        gave = homes.get(exposure["dataset_id"] or "")
        apparatus, read = exposure["instrument_id"], exposure["calibrated_by"]
        yield {
            **action(
                own, f"{exposure['mode'].replace('_', ' ')} exposure", exposure["happened_at"], exposure["ended_at"]
            ),
            "description": exposure["note"] or f"Beam on the sample, {exposure['frames']} frames.",
            "agent": {"@id": f"#{exposure['recorded_by']}"},
            "instrument": {"@id": "#lithoscope"},
            "object": references([sample, *(f"{own}-{name}" for name in stated), *map(result_of, read)]),
            "result": {"@id": gave or sample},
            **({"apparatus": {"@id": f"#{apparatus}"}} if apparatus in records["instruments"] else {}),
            **corrected(exposure),
        }
        yield from properties(own, stated)
