"""Elements that arrays show: read from their names, kept in a table by which datasets and results are found."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.infra.db.models import Dataset, LineageEdge, Result, ShownElement
from lithoscope.elements import SYMBOLS, element_in

CHANNEL = "c"


def elements_of(summaries: Iterable[Mapping[str, Any]], params: Mapping[str, Any] | None = None) -> frozenset[str]:
    """
    Return the elements that arrays map or quantify.

    Parameters
    ----------
    summaries : iterable of mapping
        Of the arrays: maps, volumes and compositions name their channels by element.
    params : mapping, optional
        Of the method that made them: one that looks at a single edge is told its ``atomic_number``.
    """
    labels = [(summary.get("labels") or {}).get(CHANNEL) or () for summary in summaries]
    found = {element_in(str(name)) for names in labels for name in names}
    number = (params or {}).get("atomic_number")
    if isinstance(number, int) and 1 <= number <= len(SYMBOLS):
        found.add(SYMBOLS[number - 1])
    return frozenset(element for element in found if element)


def note_dataset(session: Session, dataset: Dataset) -> None:
    """Keep what a dataset's own arrays show, in the place of what they showed before."""
    _keep(session, dataset.id, elements_of(dataset.arrays), {dataset.id})


def note_result(session: Session, result: Result) -> None:
    """Keep what a result shows, of itself and of the datasets of its project it was made from, once it is linked."""
    elements = elements_of(result.outputs, result.run_record.get("params"))
    sources = _sources(session, result) if elements else set()
    _keep(session, result.id, elements, {result.id, *sources})


def forget(session: Session, by_id: str) -> None:
    """Take back what a deleted dataset or result showed."""
    session.execute(delete(ShownElement).where(ShownElement.by_id == by_id))


def showing(table: Any, element: str) -> ColumnElement[bool]:
    """Match datasets or results in which an element was mapped or quantified."""
    found: ColumnElement[bool] = table.id.in_(select(ShownElement.object_id).where(ShownElement.element == element))
    return found


def _keep(session: Session, by_id: str, elements: Iterable[str], objects: Iterable[str]) -> None:
    forget(session, by_id)
    session.add_all(
        ShownElement(element=element, object_id=each, by_id=by_id)
        for element in sorted(elements)
        for each in sorted(objects)
    )
    session.flush()


def _sources(session: Session, result: Result) -> set[str]:
    """Return the datasets of a result's project it was made from, over any number of results between."""
    walk = select(LineageEdge.target_id.label("id")).where(LineageEdge.source_id == result.id)
    walk_from = walk.where(LineageEdge.relation == "wasDerivedFrom").cte("sources", recursive=True)
    step = select(LineageEdge.target_id).join(walk_from, LineageEdge.source_id == walk_from.c.id)
    sources = walk_from.union(step.where(LineageEdge.relation == "wasDerivedFrom"))
    own = select(Dataset.id).where(Dataset.id.in_(select(sources.c.id)), Dataset.project_id == result.project_id)
    return set(session.scalars(own))
