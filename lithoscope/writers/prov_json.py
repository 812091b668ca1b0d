"""PROV-JSON (W3C member submission, 2013): samples and data are entities, steps and runs activities, people agents."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lithoscope.writers.rocrate_parts import TERMS

Record = Mapping[str, Any]
_ENTITIES = ("samples", "datasets", "results")
_ACTIVITIES = ("events", "exposures", "jobs", "runs", "evaluations")
#: Relation: the names its two ends have in PROV-JSON, and of which kind each must be.
_ENDS = {
    "used": (("prov:activity", "activity"), ("prov:entity", "entity")),
    "wasGeneratedBy": (("prov:entity", "entity"), ("prov:activity", "activity")),
    "wasDerivedFrom": (("prov:generatedEntity", "entity"), ("prov:usedEntity", "entity")),
    "wasInformedBy": (("prov:informed", "activity"), ("prov:informant", "activity")),
}
#: Which field of an activity's record tells its name, beginning and end.
_LABELS = ("type", "method", "mode", "recipe", "protocol_id")
_BEGUN = ("happened_at", "started_at", "created_at", "evaluated_at")
_ENDED = ("ended_at", "finished_at", "evaluated_at")


def prov_json(records: Record) -> bytes:
    """
    Write the provenance of what is exported: the same bytes for the same content.

    Parameters
    ----------
    records : mapping
        What is told of, as `lithoscope-records.json` of a crate has it.
    """
    entities = {_name(each["id"]): _entity(each) for kind in _ENTITIES for each in records[kind]}
    for tag in records["tags"]:
        entities[_name(tag["target_id"])].setdefault("lithoscope:tag", []).append(tag["tag"])
    activities = {_name(each["id"]): _activity(each) for kind in _ACTIVITIES for each in records[kind]}
    document: dict[str, Any] = {
        "prefix": {"lithoscope": TERMS},
        "entity": entities,
        "activity": activities,
        "agent": {_name(each): _agent(about) for each, about in records["people"].items()},
    }
    told = (*_arrows(records, entities, activities), *_steps(records), *_judged(records), *_doers(records))
    for relation, name, content in told:
        document.setdefault(relation, {})[name] = content
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _name(identifier: str) -> str:
    return f"lithoscope:{identifier}"


def _entity(record: Record) -> dict[str, Any]:
    kind = {"smp": "Sample", "ds": "Dataset", "res": "Result"}[record["id"].partition("_")[0]]
    own = {"prov:type": {"$": f"lithoscope:{kind}", "type": "xsd:QName"}}
    words = {"name": "prov:label", "filename": "prov:label", "code": "lithoscope:code", "sha256": "lithoscope:sha256"}
    return own | {label: record[name] for name, label in words.items() if record.get(name)}


def _activity(record: Record) -> dict[str, Any]:
    label = next(record[name] for name in _LABELS if record.get(name))
    begun = next((record[name] for name in _BEGUN if record.get(name)), None)
    ended = next((record[name] for name in _ENDED if record.get(name)), None)
    moments = {"prov:startTime": begun, "prov:endTime": ended}
    return {"prov:label": label, **{name: moment for name, moment in moments.items() if moment}}


def _agent(about: Record) -> dict[str, Any]:
    kind = "prov:Person" if about["kind"] == "person" else "prov:SoftwareAgent"
    return {"prov:type": {"$": kind, "type": "xsd:QName"}, "prov:label": about["name"]}


def _arrows(
    records: Record, entities: Mapping[str, Any], activities: Mapping[str, Any]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Go through the lineage; an arrow between kinds its relation does not join is an influence."""
    known = {"entity": entities, "activity": activities}
    for number, edge in enumerate(records["edges"]):
        relation, ends = edge["relation"], (_name(edge["source_id"]), _name(edge["target_id"]))
        named = _ENDS.get(relation)
        if named is None or not all(end in known[kind] for end, (_, kind) in zip(ends, named, strict=True)):
            relation, named = "wasInfluencedBy", (("prov:influencee", ""), ("prov:influencer", ""))
        yield relation, f"_:arrow{number}", {name: end for end, (name, _) in zip(ends, named, strict=True)}


def _steps(records: Record) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Join recipes' runs and the jobs of their steps: those they started, and those they found done."""
    for run in records["runs"]:
        for step in run["steps"]:
            own, job, name = _name(run["id"]), _name(step["job_id"]), f"_:step-{run['id']}-{step['position']}"
            if step["is_reused"]:
                yield "wasInformedBy", name, {"prov:informed": own, "prov:informant": job}
            else:
                yield "wasStartedBy", name, {"prov:activity": job, "prov:starter": own}


def _judged(records: Record) -> Iterator[tuple[str, str, dict[str, str]]]:
    for verdict in records["evaluations"]:
        ends = {"prov:activity": _name(verdict["id"]), "prov:entity": _name(verdict["target_id"])}
        yield "used", f"_:judged-{verdict['id']}", ends


def _doers(records: Record) -> Iterator[tuple[str, str, dict[str, str]]]:
    for kind in _ACTIVITIES:
        for record in records[kind]:
            ends = {"prov:activity": _name(record["id"]), "prov:agent": _name(_by(record))}
            yield "wasAssociatedWith", f"_:doer-{record['id']}", ends
    for kind in ("samples", "datasets"):
        for record in records[kind]:
            ends = {"prov:entity": _name(record["id"]), "prov:agent": _name(_by(record))}
            yield "wasAttributedTo", f"_:by-{record['id']}", ends


def _by(record: Record) -> str:
    return str(record.get("recorded_by") or record.get("evaluated_by") or record["created_by"])
