"""What people said and judged of things, in an RO-Crate: notes are comments, tags keywords, verdicts assessments."""

from collections.abc import Iterator, Mapping, Sequence

from lithoscope.writers.rocrate_parts import (
    CrateFile,
    Entity,
    Record,
    action,
    address,
    homes_of,
    moment,
    properties,
    references,
)


def keywords_of(records: Record) -> dict[str, Entity]:
    """Return by thing the keywords its entity gets."""
    found: dict[str, list[str]] = {}
    for tag in records["tags"]:
        found.setdefault(tag["target_id"], []).append(tag["tag"])
    return {target: {"keywords": sorted(words)} for target, words in found.items()}


def remarks(records: Record, files: Sequence[CrateFile]) -> Iterator[Entity]:
    """Return the notes, what labels were said to be, and the verdicts of protocols, each about its thing."""
    places = {**homes_of(records, files), **{sample["id"]: f"#{sample['id']}" for sample in records["samples"]}}
    yield from _notes(records, places)
    yield from _labels(records, places)
    yield from _verdicts(records, places)


def _place(places: Mapping[str, str], thing: str) -> Entity:
    """Refer to a thing; one whose files are those of another has no folder, and the whole stands for it."""
    return {"@id": places.get(thing, "./")}


def _notes(records: Record, places: Mapping[str, str]) -> Iterator[Entity]:
    for note in records["notes"]:
        yield {
            "@id": f"#{note['id']}",
            "@type": "Comment",
            "name": "Note",
            "identifier": note["id"],
            "text": note["text"],
            "author": {"@id": f"#{note['created_by']}"},
            "dateCreated": moment(note["created_at"]),
            "about": _place(places, note["target_id"]),
        }


def _labels(records: Record, places: Mapping[str, str]) -> Iterator[Entity]:
    for label in records["labels"]:
        own, named = f"#{label['id']}", f"label {label['label']} of {label['output']}"
        stated = {name: {"value": label[name]} for name in ("output", "label", "phase")}
        yield {
            **_assessment(own, f"{named} is {label['phase'] or 'of unknown phase'}", label["assigned_at"]),
            **({"description": label["note"]} if label["note"] else {}),
            "agent": {"@id": f"#{label['assigned_by']}"},
            "object": references([_place(places, label["result_id"])["@id"], f"{own}-output", f"{own}-label"]),
            "result": {"@id": f"{own}-phase"},
        }
        yield from properties(own, stated)


def _verdicts(records: Record, places: Mapping[str, str]) -> Iterator[Entity]:
    for verdict in records["evaluations"]:
        own, record = f"#{verdict['id']}", verdict["record"]
        protocol = f"#protocol-{verdict['protocol_digest']}"
        title = f"{record['protocol_title']}, version {verdict['protocol_number']}"
        asked = {name: {"value": record[name]} for name in ("technique", "purpose", "at")}
        rules = list(_rules(own, record))
        yield {
            **_assessment(own, f"{verdict['verdict'].replace('_', ' ')} by {title}", verdict["evaluated_at"]),
            **({"description": record["note"]} if record["note"] else {}),
            "agent": {"@id": f"#{verdict['evaluated_by']}"},
            "instrument": {"@id": protocol},
            "object": references([_place(places, verdict["target_id"])["@id"], *(f"{own}-{name}" for name in asked)]),
            "result": references([f"{own}-verdict", *(rule["@id"] for rule in rules)]),
        }
        yield from properties(own, {**asked, "verdict": {"value": verdict["verdict"]}})
        yield from rules
        yield {
            "@id": protocol,
            "@type": "CreativeWork",
            "name": title,
            "identifier": verdict["protocol_id"],
            "version": str(verdict["protocol_number"]),
        }


def _rules(own: str, record: Record) -> Iterator[Entity]:
    """Return what each rule that applies said, with what was found and asked."""
    for place, rule in enumerate(record["rules"]):
        if rule["verdict"] == "not_applicable":
            continue
        yield {
            "@id": f"{own}-rule{place + 1}-{address(rule['rule_id'])}",
            "@type": "PropertyValue",
            "name": rule["title"],
            "value": rule["verdict"],
            "description": f"found: {rule['found']}; asked: {rule['asked']}",
            **({"measurementTechnique": rule["citation"]} if rule["citation"] else {}),
        }


def _assessment(identifier: str, name: str, at: str) -> Entity:
    return {**action(identifier, name, at, at), "@type": "AssessAction"}
