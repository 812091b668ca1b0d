"""Whether the records of a crate hold together: everything they point to is in it, and nothing came before itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from app.lab.annotations.service import MOST_TAGS
from app.lab.exchange.archive import Archive, parsed
from app.lab.exchange.ordering import in_order
from app.lab.exchange.payload import folders_of
from app.lab.exchange.records import Records
from app.lab.exchange.refusals import BadCrate
from lithoscope.writers.rocrate import METADATA, RECORDS

MOST_GENERATIONS = 100


def records_in(archive: Archive, metadata: Any) -> Records | None:
    """Return the records of a crate of ours, checked as a whole; None for a crate of another program."""
    if archive.size(RECORDS) is None:
        return None
    stated = next((each for each in entities(metadata) if each.get("@id") == RECORDS), None)
    if stated is None:
        raise BadCrate.at(RECORDS, f"{METADATA} does not name this file: export the crate again.")
    if stated.get("sha256") != archive.digest(RECORDS):
        raise BadCrate.at(RECORDS, "Its bytes are not those of its SHA-256: fetch or export the crate again.")
    told = parsed(archive.content(RECORDS), RECORDS)
    try:
        records = Records.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        raise BadCrate.at(f"{RECORDS}/{where}", f"{first['msg']}: export the crate again.") from None
    _check_references(records)
    _check_order(records)
    _check_remarks(records)
    _check_files(archive, records)
    return records


def entities(metadata: Any) -> list[Mapping[str, Any]]:
    """Return the entities of a metadata document."""
    graph = metadata.get("@graph") if isinstance(metadata, Mapping) else None
    if not isinstance(graph, list) or not all(isinstance(each, Mapping) for each in graph):
        raise BadCrate.at(METADATA, "It has no @graph of entities: it is not the metadata of an RO-Crate.")
    return graph


def _check_references(records: Records) -> None:
    things = records.things
    every = sum(map(len, records.kinds.values()))
    if len(things) != every:
        raise BadCrate.at(RECORDS, "Two records have the same identifier: export the crate again.")
    for owner, reference in _references(records):
        if reference not in things:
            raise BadCrate.at(owner, "It points to what the crate does not hold: export it again as a whole.")
    for exposure in records.exposures:
        if not records.readings.keys() >= set(exposure.calibrated_by):
            raise BadCrate.at(exposure.id, "It names a reading the crate does not hold: export it again as a whole.")
    if records.target not in things and records.target != records.project.id:
        raise BadCrate.at(RECORDS, "What it was exported for is not in it: export the crate again.")
    made = {job.id: job.result_id for job in records.jobs if job.state == "succeeded"}
    if {result.job_id: result.id for result in records.results} != made:
        raise BadCrate.at(RECORDS, "Jobs and results do not belong together one by one: export the crate again.")


def _references(records: Records) -> Iterator[tuple[str, str]]:
    names = (
        *("sample_id", "parent_id", "region_id", "dataset_id", "job_id", "result_id", "supersedes_id", "target_id"),
        "retry_of",
    )
    for identifier, piece in records.things.items():
        found = (getattr(piece, name, None) for name in names)
        yield from ((identifier, each) for each in found if each is not None)
    yield from ((run.id, step.job_id) for run in records.runs for step in run.steps)
    # Whoever tries a failed job again sends it off with these, so none may name a thing of this facility.
    yield from ((job.id, each) for job in records.jobs if job.state == "failed" for each in job.reads)
    for edge in records.edges:
        yield edge.source_id, edge.source_id
        yield edge.source_id, edge.target_id


def _check_order(records: Records) -> None:
    _check_generations({sample.id: sample.parent_id for sample in records.samples})
    for kind in (records.events, records.exposures):
        corrected = [each.supersedes_id for each in kind if each.supersedes_id]
        if len(corrected) != len(set(corrected)):
            raise BadCrate.at(corrected[0], "It is corrected twice: export the crate again.")
        in_order((each.id, each.supersedes_id) for each in kind)
        samples = {each.id: each.sample_id for each in kind}
        for each in kind:
            if each.supersedes_id and samples[each.supersedes_id] != each.sample_id:
                raise BadCrate.at(each.id, "It corrects a record of another sample: export the crate again.")


def _check_generations(parents: Mapping[str, str | None]) -> None:
    """Refuse a line of samples that has no end in sight: every history goes through all ancestors."""
    depths: dict[str | None, int] = {None: 0}
    for sample_id in in_order(parents.items()):
        depths[sample_id] = depths[parents[sample_id]] + 1
        if depths[sample_id] > MOST_GENERATIONS:
            raise BadCrate.at(sample_id, f"It has more than {MOST_GENERATIONS} ancestors: export parts one by one.")


def _check_remarks(records: Records) -> None:
    found: dict[str, set[str]] = {}
    for tag in records.tags:
        own = found.setdefault(tag.target_id, set())
        if tag.tag in own or len(own) == MOST_TAGS:
            raise BadCrate.at(tag.id, f"A thing has a tag once, and {MOST_TAGS} at most: export the crate again.")
        own.add(tag.tag)
    segmented = {
        (result.id, output["name"])
        for result in records.results
        for output in result.outputs
        if output["kind"] == "labels"
    }
    for label in records.labels:
        if (label.result_id, label.output) not in segmented:
            raise BadCrate.at(label.id, "It speaks of an output without labels: export the crate again.")
    things = records.things
    for verdict in records.evaluations:
        owner = getattr(things[verdict.target_id], "sample_id", verdict.target_id)
        if owner not in {None, verdict.sample_id}:
            raise BadCrate.at(verdict.id, "It judges a thing of another sample: export the crate again.")


def _check_files(archive: Archive, records: Records) -> None:
    for dataset in records.datasets:
        path = f"datasets/{dataset.id}/{dataset.filename}"
        if dataset.absent:
            words = f"The crate was packed without this file, which was {dataset.absent} on the storage of its facility"
            raise BadCrate.at(path, f"{words}: put it back there and export the crate again.")
        if archive.size(path) != dataset.size_bytes:
            raise BadCrate.at(path, "The file is missing or has another size: fetch or export the crate again.")
    placed = {tree for _, tree, folder in folders_of(records) if archive.size(f"{folder}/manifest.json") is not None}
    for owner, tree, _ in folders_of(records):
        if tree not in placed:
            raise BadCrate.at(owner, "Its folder is missing: fetch or export the crate again.")
    for result in records.results:
        if result.tree not in {None, result.digest}:
            raise BadCrate.at(result.id, "Its digest is not that of its folder: export the crate again.")
