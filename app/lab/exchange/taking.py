"""Records of a crate turned into rows: under new identifiers, in the order in which they need each other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.infra.db.base import Base
from app.infra.db.models import (
    CustodyEvent,
    Dataset,
    Evaluation,
    Exposure,
    ImportedObject,
    Job,
    LabelPhase,
    Note,
    RecipeRun,
    RecipeStep,
    Region,
    Result,
    Sample,
    Tag,
)
from app.infra.ids import new_id, prefix_of
from app.infra.storage import tree_key
from app.lab.access import Actor
from app.lab.exchange.naming import renamed
from app.lab.exchange.ordering import in_order
from app.lab.exchange.pieces import Piece
from app.lab.exchange.records import Records
from app.lab.exchange.runs import RunPiece

#: What only the place of origin can say: kept beside the row, and told again by an export.
_OF_ORIGIN = ("created_by", "recorded_by", "assigned_by", "evaluated_by", "instrument_id", "dose", "calibrated_by")
#: What a row has no column for.
_NO_COLUMN = frozenset({"tree", "dose", "steps", "absent"})


@dataclass(frozen=True, slots=True)
class Taking:
    """
    How a crate is taken in.

    Parameters
    ----------
    actor : Actor
        Who does it: what came is recorded by them.
    project_id, import_id : str
        Where it goes, and with which import it came.
    codes : mapping of str to str
        Labels that samples are given instead of their own.
    queues : mapping of str to str
        Where each method runs here, for who tries a failed job again.
    """

    actor: Actor
    project_id: str
    import_id: str
    codes: Mapping[str, str]
    queues: Mapping[str, str]


def names_for(records: Records) -> dict[str, str]:
    """Give every thing of a crate a new identifier; their order in time stays."""
    return {each: new_id(prefix_of(each) or "") for each in sorted(records.things, key=lambda name: name[-32:])}


def rows_of(records: Records, names: Mapping[str, str], taking: Taking) -> Iterator[Base]:
    """Go through the rows of a crate, each after those it needs, and where each came from."""
    for piece, row in (*_rows(records, names, taking), *_remarks(records, names, taking)):
        yield row
        if isinstance(piece, RunPiece):
            yield from _steps(piece, names)
        stated = piece.model_dump(mode="json")
        origin = {name: stated[name] for name in _OF_ORIGIN if name in stated}
        yield ImportedObject(
            object_id=names[stated["id"]], origin_id=stated["id"], import_id=taking.import_id, record=origin
        )


def _rows(records: Records, names: Mapping[str, str], taking: Taking) -> Iterator[tuple[Piece, Base]]:
    place = {"project_id": taking.project_id}
    by = {"created_by": taking.actor.id}
    recorded = {"recorded_by": taking.actor.id}
    nowhere = {"instrument_id": None}
    for sample in _after_each_other(records.samples, "parent_id"):
        code = {"code": taking.codes.get(sample.code, sample.code)}
        yield sample, Sample(**_columns(sample, names), **place, **by, **code)
    for region in records.regions:
        yield region, Region(**_columns(region, names), **by)
    for dataset in records.datasets:
        key = {"store_key": tree_key(dataset.tree) if dataset.tree else None}
        yield dataset, Dataset(**_columns(dataset, names), **place, **by, **nowhere, **key)
    for event in _after_each_other(records.events, "supersedes_id"):
        yield event, CustodyEvent(**_columns(event, names), **recorded)
    for exposure in _after_each_other(records.exposures, "supersedes_id"):
        geometry = {"geometry": exposure.geometry.model_dump(mode="json", exclude_none=True)}
        yield exposure, Exposure(**(_columns(exposure, names) | geometry), **recorded, **nowhere)
    for job in _after_each_other(records.jobs, "retry_of"):
        queue = taking.queues.get(job.method, "cpu-short")
        yield job, Job(**_columns(job, names), **place, **by, kind="analysis", queue=queue)
    for result in records.results:
        key = {"store_key": tree_key(result.tree) if result.tree else None, "state": "available"}
        yield result, Result(**_columns(result, names), **place, **key)


def _remarks(records: Records, names: Mapping[str, str], taking: Taking) -> Iterator[tuple[Piece, Base]]:
    """Go through what was said and judged of things, and the runs their jobs belonged to; all of it is over."""
    place = {"project_id": taking.project_id}
    by = {"created_by": taking.actor.id}
    for run in records.runs:
        yield run, RecipeRun(**_columns(run, names), **place, **by, state="succeeded")
    for note in records.notes:
        yield note, Note(**_columns(note, names), **place, **by)
    for tag in records.tags:
        yield tag, Tag(**_columns(tag, names), **place, **by, kind=prefix_of(tag.target_id))
    for label in records.labels:
        yield label, LabelPhase(**_columns(label, names), assigned_by=taking.actor.id)
    for verdict in records.evaluations:
        yield verdict, Evaluation(**_columns(verdict, names), **place, evaluated_by=taking.actor.id)


def _steps(run: RunPiece, names: Mapping[str, str]) -> Iterator[RecipeStep]:
    for step in run.steps:
        yield RecipeStep(**renamed(step.model_dump(), names), run_id=names[run.id])


def _columns(piece: Piece, names: Mapping[str, str]) -> dict[str, Any]:
    left_out = _NO_COLUMN | set(_OF_ORIGIN) | {"code"}
    values = renamed(piece.model_dump(), names)
    return {name: value for name, value in values.items() if name not in left_out}


def _after_each_other(pieces: Iterable[Any], need: str) -> Iterator[Any]:
    known = {piece.id: piece for piece in pieces}
    order = in_order((piece.id, getattr(piece, need)) for piece in known.values())
    yield from (known[each] for each in order)
