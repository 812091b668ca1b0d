"""Rows of rules and tombstones, and of what has no room that deletes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from app.infra.db.models import Job, JobEvent, RetentionRule, Tombstone, Upload
from app.infra.db.queries import in_projects, page_before

ENDED_JOBS = ("succeeded", "failed", "cancelled")
ENDED_UPLOADS = ("failed", "terminated", "expired")


class RetentionRepository:
    """Queries of retention."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, rule_id: str) -> RetentionRule | None:
        """Return a rule."""
        return self._session.get(RetentionRule, rule_id)

    def add(self, rule: RetentionRule) -> None:
        """Insert a rule."""
        self._session.add(rule)
        self._session.flush()

    def remove(self, rule: RetentionRule) -> None:
        """Delete a rule."""
        self._session.delete(rule)
        self._session.flush()

    def has_rule(self, project_id: str | None, kind: str) -> bool:
        """Say whether a project (None: the facility) has a rule for a kind."""
        query = select(RetentionRule.id).where(RetentionRule.kind == kind)
        return self._session.scalar(query.where(RetentionRule.project_id.is_not_distinct_from(project_id))) is not None

    def page(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[RetentionRule]:
        """Return the rules of these projects and of the whole facility, newest first."""
        query = page_before(select(RetentionRule), RetentionRule, before, limit)
        if projects is not None:
            own = RetentionRule.project_id.in_(sorted(projects))
            query = query.where(or_(own, RetentionRule.project_id.is_(None)))
        return list(self._session.scalars(query))

    def rules(self) -> list[RetentionRule]:
        """Return every rule."""
        return list(self._session.scalars(select(RetentionRule).order_by(RetentionRule.id)))

    def tombstones(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[Tombstone]:
        """Return tombstones by object identifier, from the highest down."""
        query = in_projects(select(Tombstone), Tombstone, projects)
        if before is not None:
            query = query.where(Tombstone.object_id < before)
        return list(self._session.scalars(query.order_by(Tombstone.object_id.desc()).limit(limit)))

    def bury(self, tombstone: Tombstone) -> None:
        """Set a tombstone."""
        self._session.add(tombstone)
        self._session.flush()

    def due_uploads(self, project_id: str | None, instant: datetime, limit: int) -> list[Upload]:
        """Return uploads that came to nothing and began before an instant, oldest first."""
        query = select(Upload).where(Upload.state.in_(ENDED_UPLOADS), Upload.created_at < instant)
        return self._oldest(query, Upload, project_id, limit)

    def due_jobs(self, project_id: str | None, instant: datetime, limit: int) -> list[Job]:
        """Return ended jobs with an event log that were submitted before an instant, oldest first."""
        logged = select(JobEvent.job_id).where(JobEvent.job_id == Job.id).exists()
        query = select(Job).where(Job.state.in_(ENDED_JOBS), Job.created_at < instant, logged)
        return self._oldest(query, Job, project_id, limit)

    def _oldest(self, query: Any, table: Any, project_id: str | None, limit: int) -> list[Any]:
        if project_id is not None:
            query = query.where(table.project_id == project_id)
        return list(self._session.scalars(query.order_by(table.id).limit(limit)))

    def remove_upload(self, upload_id: str) -> None:
        """Delete the record of an upload."""
        self._session.execute(delete(Upload).where(Upload.id == upload_id))

    def remove_events(self, job_id: str) -> int:
        """Delete a job's event log and return how many events it had."""
        events = JobEvent.job_id == job_id
        count = self._session.execute(select(func.count()).select_from(JobEvent).where(events)).scalar_one()
        self._session.execute(delete(JobEvent).where(events))
        return count
