"""Rows of jobs and of what they said."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select, update
from sqlalchemy.orm import Session

from app.infra.db.models import Job, JobEvent, Result
from app.infra.db.queries import contains_text, in_projects, page_of_projects
from app.infra.db.quotas import lock_quota, room_in
from app.infra.queue.journal import append, step
from app.infra.queue.states import TERMINAL, State


class JobRepository:
    """Queries of jobs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def session(self) -> Session:
        """Return the transaction, for messages that go out after its commit."""
        return self._session

    def get(self, job_id: str) -> Job | None:
        """Return a job as it stands now."""
        return self._session.get(Job, job_id, populate_existing=True)

    def add(self, job: Job) -> None:
        """Insert a queued job with its first event."""
        job.last_event_seq = 1
        self._session.add(job)
        self._session.flush()
        append(self._session, job.id, 1, "state", payload={"state": "queued"})

    def room_in(self, project_id: str) -> int:
        """Return the bytes left of a project's quota; who else asks for some of it waits."""
        lock_quota(self._session, project_id)
        return room_in(self._session, project_id)

    def page(
        self,
        projects: frozenset[str] | None,
        filters: dict[str, str],
        *,
        since: datetime | None,
        before: str | None,
        limit: int,
    ) -> list[Job]:
        """Return jobs of these projects (None for all), newest first, whose columns have the given values."""
        query = select(Job) if since is None else select(Job).where(Job.created_at >= since)
        for column, value in filters.items():
            query = query.where(getattr(Job, column) == value)
        return list(self._session.scalars(page_of_projects(query, Job, projects, before=before, limit=limit)))

    def alike(self, project_id: str, fingerprint: str) -> Job | None:
        """Return the latest job of a project that did the same to its end and whose result stands."""
        query = (
            select(Job)
            .join(Result, Result.job_id == Job.id)
            .where(
                Job.project_id == project_id,
                Job.fingerprint == fingerprint,
                Job.state == "succeeded",
                Job.early_finish_requested.is_(False),
                Result.state == "available",
            )
        )
        return self._session.scalars(query.order_by(Job.id.desc()).limit(1)).one_or_none()

    def past_runs(
        self, projects: frozenset[str] | None, method: str, version: str, limit: int
    ) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Return run record and outputs of the latest jobs of a method and version that went to their own end."""
        query = in_projects(select(Result.run_record, Result.outputs), Job, projects).join(Job, Job.id == Result.job_id)
        query = query.where(Job.method == method, Job.method_version == version, Job.state == "succeeded")
        query = query.where(Job.early_finish_requested.is_(False))
        rows = self._session.execute(query.order_by(Job.id.desc()).limit(limit))
        return [(row.run_record, row.outputs) for row in rows]

    def is_free(self, job: Job) -> bool:
        """Lock a job's row, unless another transaction holds it: who waits for that one may be waited for by it."""
        query = select(Job.id).where(Job.id == job.id).with_for_update(skip_locked=True)
        return self._session.scalar(query) is not None

    def using(self, object_id: str) -> Job | None:
        """Return an unfinished job that reads this dataset, result or exposure."""
        query = select(Job).where(
            Job.state.not_in(sorted(TERMINAL)), contains_text(f'"{object_id}', cast(Job.inputs, String))
        )
        return self._session.scalars(query.order_by(Job.id).limit(1)).one_or_none()

    def events(self, job_id: str, after: int, limit: int) -> list[JobEvent]:
        """Return what a job said after a number, in order."""
        query = select(JobEvent).where(JobEvent.job_id == job_id, JobEvent.seq > after)
        return list(self._session.scalars(query.order_by(JobEvent.seq).limit(limit)))

    def heads(self, job_ids: Collection[str]) -> dict[str, int]:
        """Return the number of each job's last event."""
        query = select(Job.id, Job.last_event_seq).where(Job.id.in_(sorted(job_ids)))
        return {row.id: row.last_event_seq for row in self._session.execute(query)}

    def step(self, job: Job, to: State, *conditions: ColumnElement[bool], **values: Any) -> bool:
        """Move a job to another state; False when its present one does not allow it."""
        done = step(self._session, job.id, to, *conditions, **values)
        self._session.refresh(job)
        return done

    def ask_early_finish(self, job: Job) -> bool:
        """Ask the worker of a running job to keep what it has; False when it does not run."""
        query = (
            update(Job)
            .where(Job.id == job.id, Job.state == "running")
            .values(early_finish_requested=True, version=Job.version + 1)
            .returning(Job.id)
            .execution_options(synchronize_session=False)
        )
        done = self._session.scalar(query) is not None
        self._session.refresh(job)
        return done
