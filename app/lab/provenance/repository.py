"""
Recursive queries between a result and what it came from, and from an event on to the results after it.

One rule decides both ways: an event counts for an exposure when it happened to the sample or, before the split, to an
ancestor of it, not after the exposure began, and no correction stands in its place. When a child left its parent is
decided in `app.infra.db.ancestors`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, cast, func, literal, or_, select, union
from sqlalchemy.orm import Session, aliased

from app.infra.db.ancestors import split_moment
from app.infra.db.base import Id
from app.infra.db.models import CustodyEvent, Dataset, Exposure, Job, LineageEdge, Result, Sample
from app.infra.db.queries import in_projects, page_before, stands, within_depth

MAX_DEPTH = 64
_BY_EXPOSURE = ("wasDerivedFrom", "used")  # of a result or job; a dataset's arrow may lead to a corrected exposure


@dataclass(frozen=True, slots=True)
class Follower:
    """A result that came after an event; ``is_after`` is None when nobody recorded when its data was taken."""

    result: Result
    method: str
    is_after: bool | None


class ProvenanceRepository:
    """Queries of provenance."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def origins(self, result_id: str) -> dict[str, int]:
        """Return the results, jobs, datasets and exposures a result came from, each with its distance."""
        walk = select(cast(result_id, Id).label("id"), literal(0).label("depth")).cte("walk", recursive=True)
        edge = LineageEdge
        step = select(edge.target_id, walk.c.depth + 1).join(walk, edge.source_id == walk.c.id)
        is_origin = or_(_is(edge.target_id, "res", "job", "ds"), _names_exposure())
        step = step.where(within_depth(walk, MAX_DEPTH, is_origin))
        walk = walk.union(step)
        query = select(walk.c.id, func.min(walk.c.depth)).group_by(walk.c.id)
        return {row[0]: row[1] for row in self._session.execute(query.order_by(func.min(walk.c.depth), walk.c.id))}

    def jobs(self, ids: Sequence[str]) -> list[tuple[Job, Result | None]]:
        """Return these jobs with their results."""
        query = select(Job, Result).outerjoin(Result, Result.job_id == Job.id).where(Job.id.in_(ids))
        return [(row[0], row[1]) for row in self._session.execute(query)]

    def datasets(self, ids: Sequence[str]) -> list[Dataset]:
        """Return these datasets in the order they came."""
        return list(self._session.scalars(select(Dataset).where(Dataset.id.in_(ids)).order_by(Dataset.id)))

    def exposures(self, dataset_ids: Sequence[str], exposure_ids: Sequence[str]) -> list[Exposure]:
        """Return the exposures these datasets came from that still stand, and those named; oldest first."""
        of_datasets = and_(Exposure.dataset_id.in_(dataset_ids), stands(Exposure))
        query = select(Exposure).where(or_(of_datasets, Exposure.id.in_(exposure_ids)))
        return list(self._session.scalars(query.order_by(Exposure.happened_at, Exposure.id)))

    def correction_of(self, exposure_ids: Sequence[str]) -> dict[str, str]:
        """Return by what these exposures were corrected, where they were."""
        query = select(Exposure.supersedes_id, Exposure.id).where(Exposure.supersedes_id.in_(exposure_ids))
        return {old: new for old, new in self._session.execute(query) if old is not None}

    def samples(self, ids: Sequence[str]) -> list[Sample]:
        """Return these samples in the order asked for."""
        found = {row.id: row for row in self._session.scalars(select(Sample).where(Sample.id.in_(ids)))}
        return [found[id_] for id_ in ids]

    def event(self, event_id: str) -> CustodyEvent | None:
        """Return an event."""
        return self._session.get(CustodyEvent, event_id)

    def standing(self, event: CustodyEvent) -> CustodyEvent:
        """Return the event that stands in an event's place: the last correction, or itself."""
        chain = select(literal(event.id).label("id"), literal(0).label("depth")).cte("chain", recursive=True)
        step = select(CustodyEvent.id, chain.c.depth + 1).join(chain, CustodyEvent.supersedes_id == chain.c.id)
        chain = chain.union_all(step)
        last = select(chain.c.id).order_by(chain.c.depth.desc()).limit(1).scalar_subquery()
        return self._session.scalars(select(CustodyEvent).where(CustodyEvent.id == last)).one()

    def heirs(self, event: CustodyEvent) -> list[str]:
        """Return the sample of an event and the samples split from it afterwards."""
        heirs = _heirs(event)
        return list(self._session.scalars(select(heirs.c.sample_id).distinct().order_by(heirs.c.sample_id)))

    def results_after(
        self, event: CustodyEvent, projects: frozenset[str] | None, before: str | None, limit: int
    ) -> list[Follower]:
        """Return the results of data taken after an event, or perhaps after it, newest first."""
        made = _made_of(_seeds(event, _heirs(event)))
        is_sure = func.max(made.c.is_sure)
        found = select(made.c.id, is_sure.label("is_sure")).where(_is(made.c.id, "res")).group_by(made.c.id).subquery()
        ids = select(Result.id, found.c.is_sure).join(found, found.c.id == Result.id).where(Result.state != "deleted")
        page = page_before(in_projects(ids, Result, projects), Result, before, limit).subquery()  # sorted without rows
        query = select(Result, Job.method, page.c.is_sure).join(page, page.c.id == Result.id)
        rows = self._session.execute(query.join(Job, Job.id == Result.job_id).order_by(Result.id.desc()))
        return [Follower(result, method, True if is_sure else None) for result, method, is_sure in rows]


def _is(column: Any, *prefixes: str) -> ColumnElement[bool]:
    """Say of what kind an id is; the underscore after the prefix is no wildcard."""
    return or_(*(column.startswith(f"{prefix}_", autoescape=True) for prefix in prefixes))


def _names_exposure() -> ColumnElement[bool]:
    edge = LineageEdge
    return and_(_is(edge.target_id, "exp"), edge.relation.in_(_BY_EXPOSURE), ~_is(edge.source_id, "ds"))


def _heirs(event: CustodyEvent) -> CTE:
    """Walk from the sample of an event to the samples that left it afterwards: they carry the event on."""
    heirs = select(cast(event.sample_id, Id).label("sample_id"), literal(0).label("depth")).cte("heirs", recursive=True)
    child = aliased(Sample)
    step = select(child.id, heirs.c.depth + 1).join(heirs, child.parent_id == heirs.c.sample_id)
    is_later = split_moment(child) >= event.happened_at
    return heirs.union_all(step.where(within_depth(heirs, MAX_DEPTH, is_later)))


def _seeds(event: CustodyEvent, heirs: CTE) -> CTE:
    """
    Return exposures and datasets after an event (1), and what may be: data without exposure, corrected exposures (0).
    """
    carried = select(heirs.c.sample_id)
    later = and_(Exposure.sample_id.in_(carried), Exposure.happened_at >= event.happened_at, stands(Exposure))
    exposures = select(Exposure.id.label("id"), literal(1).label("is_sure")).where(later)
    dated = select(Exposure.dataset_id, literal(1)).where(later, Exposure.dataset_id.is_not(None))
    has_exposure = select(Exposure.id).where(Exposure.dataset_id == Dataset.id, stands(Exposure)).exists()
    undated = select(Dataset.id, literal(0)).where(Dataset.sample_id.in_(carried), ~has_exposure)
    corrected = select(Exposure.id, literal(0)).where(Exposure.sample_id.in_(carried), ~stands(Exposure))
    return union(exposures, dated, undated, corrected).cte("seeds")


def _made_of(seeds: CTE) -> CTE:
    """Walk from data to the jobs and results made of it."""
    made = select(seeds.c.id, seeds.c.is_sure, literal(0).label("depth")).cte("made", recursive=True)
    edge = LineageEdge
    step = select(edge.source_id, made.c.is_sure, made.c.depth + 1).join(made, edge.target_id == made.c.id)
    return made.union(step.where(within_depth(made, MAX_DEPTH, _is(edge.source_id, "res", "job"))))
