"""Rows of results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from app.infra.db.elements import forget, note_result, showing
from app.infra.db.locks import hold
from app.infra.db.models import Dataset, Instrument, Job, Project, Result, Sample, Tag, Tombstone, User
from app.infra.db.queries import contains_text, in_projects, page_before, page_of_projects, with_kinds
from app.infra.ids import prefix_of


@dataclass(frozen=True)
class ResultFilter:
    """What a list of results is narrowed to; None leaves a field open."""

    sample_id: str | None = None
    job_id: str | None = None
    method: str | None = None
    tag: str | None = None
    element: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation names besides the result itself: who had it computed, of which sample, in which project."""

    method: str
    author: str | None
    sample: str | None
    code: str | None
    project: str


class ResultRepository:
    """Queries of results."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, result_id: str) -> Result | None:
        """Return a result."""
        return self._session.get(Result, result_id) if prefix_of(result_id) == "res" else None

    def lock(self, result_id: str) -> Result | None:
        """Return a result and keep others from deleting it until the transaction ends."""
        return self._session.get(Result, result_id, with_for_update=True, populate_existing=True)

    def hold_tree(self, key: str) -> None:
        """Keep a tree from being published and removed at once, until the transaction ends."""
        hold(self._session, key)

    def add(self, result: Result) -> None:
        """Insert a result."""
        self._session.add(result)
        self._session.flush()

    def note_elements(self, result: Result) -> None:
        """Keep which elements a result maps or quantifies, once what it was made from is linked."""
        note_result(self._session, result)

    def page(
        self, projects: frozenset[str] | None, wanted: ResultFilter, before: str | None, limit: int
    ) -> list[Result]:
        """Return results of these projects (None for all), newest first, without deleted ones."""
        query = select(Result).where(Result.state != "deleted")
        if wanted.sample_id is not None:
            query = query.where(Result.sample_id == wanted.sample_id)
        if wanted.job_id is not None:
            query = query.where(Result.job_id == wanted.job_id)
        if wanted.method is not None:
            query = query.join(Job, Job.id == Result.job_id).where(Job.method == wanted.method)
        if wanted.tag is not None:
            query = query.where(Result.id.in_(select(Tag.target_id).where(Tag.tag == wanted.tag)))
        if wanted.element is not None:
            query = query.where(showing(Result, wanted.element))
        if wanted.since is not None:
            query = query.where(Result.created_at >= wanted.since)
        query = page_of_projects(query, Result, projects, before=before, limit=limit)
        if wanted.method is not None:  # found by their jobs, then sorted: without the outputs of each in the sort
            newest = query.with_only_columns(Result.id, maintain_column_froms=True).subquery()
            query = select(Result).where(Result.id.in_(select(newest.c.id))).order_by(Result.id.desc())
        return list(self._session.scalars(query))

    def with_outputs(
        self,
        projects: frozenset[str] | None,
        is_wanted: Callable[[str], bool],
        *,
        text: str,
        methods: Sequence[str],
        sample_id: str | None,
        before: str | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """Return what is offered of standing results with an output of a wanted kind, newest first."""
        columns = (Result.id, Result.project_id, Result.sample_id, Result.created_at, Result.outputs.label("arrays"))
        query = select(*columns, Job.method, Sample.name.label("sample")).join(Job, Job.id == Result.job_id)
        query = query.outerjoin(Sample, Sample.id == Result.sample_id).where(Result.state == "available")
        query = query.where(with_kinds(self._session, Result, is_wanted))
        if sample_id is not None:
            query = query.where(Result.sample_id == sample_id)
        if text:
            is_named = contains_text(text, Result.id, Job.method, Sample.name, Sample.code)
            query = query.where(or_(is_named, Job.method.in_(methods)))
        found = self._session.execute(page_before(in_projects(query, Result, projects), Result, before, limit))
        return [dict(row) for row in found.mappings()]

    def cited(self, result: Result) -> Cited:
        """Return what a citation of a result names."""
        query = (
            select(Job.method, User.display_name, Sample.name, Sample.code, Project.title)
            .select_from(Job)
            .join(Project, Project.id == Job.project_id)
            .outerjoin(User, User.id == Job.created_by)
            .outerjoin(Sample, Sample.id == Job.sample_id)
            .where(Job.id == result.job_id)
        )
        method, author, sample, code, project = self._session.execute(query).one()
        return Cited(method, author, sample, code, project)

    def sample_code(self, result: Result) -> str | None:
        """Return the label of a result's sample."""
        return self._session.scalar(select(Sample.code).where(Sample.id == result.sample_id))

    def method_of(self, result: Result) -> str:
        """Return the method that gave a result."""
        return self._session.scalars(select(Job.method).where(Job.id == result.job_id)).one()

    def instrument_of(self, dataset_ids: list[str]) -> tuple[str, str] | None:
        """Return code and technique of the instrument the first of these datasets came from."""
        query = select(Instrument.code, Instrument.technique).join(Dataset, Dataset.instrument_id == Instrument.id)
        row = self._session.execute(query.where(Dataset.id.in_(dataset_ids)).order_by(Dataset.id)).first()
        return (row[0], row[1]) if row else None

    def bury(self, result: Result, tombstone: Tombstone) -> None:
        """Write that a result is deleted, and what stands in its place."""
        result.state = "deleted"
        forget(self._session, result.id)
        self._session.add(tombstone)
        self._session.flush()

    def deleted_trees(self) -> list[str]:
        """Return the trees of deleted results that neither another result nor a dataset shares."""
        gone, live = aliased(Result), aliased(Result)
        in_results = select(live.id).where(live.state != "deleted", live.store_key == gone.store_key)
        in_datasets = select(Dataset.id).where(Dataset.state != "deleted", Dataset.store_key == gone.store_key)
        query = select(gone.store_key).where(gone.state == "deleted", gone.store_key.is_not(None))
        query = query.where(~in_results.exists(), ~in_datasets.exists())
        return [key for key in self._session.scalars(query.distinct()) if key is not None]

    def forget_tree(self, key: str) -> None:
        """Say that a tree of deleted results is gone."""
        dead = update(Result).where(Result.state == "deleted", Result.store_key == key)
        self._session.execute(dead.values(store_key=None))

    def live_trees(self) -> list[str]:
        """Return the trees that must be in the store."""
        query = select(Result.store_key).where(Result.state != "deleted", Result.store_key.is_not(None))
        return [key for key in self._session.scalars(query.distinct().order_by(Result.store_key)) if key is not None]
