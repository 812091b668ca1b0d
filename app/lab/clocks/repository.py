"""Rows of shelf-life clocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, or_, select, tuple_
from sqlalchemy.orm import Session, load_only

from app.infra.db.clock_states import is_in
from app.infra.db.models import Sample, SampleClock
from app.infra.db.queries import in_projects


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of deadlines begins: after this row."""

    due_at: datetime
    sample_id: str
    clock: str


class ClockRepository:
    """Queries of clocks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def replace(self, sample_id: str, rows: Iterable[SampleClock]) -> None:
        """Put the clocks of a sample in the place of those it had."""
        self._session.execute(delete(SampleClock).where(SampleClock.sample_id == sample_id))
        self._session.add_all(rows)
        self._session.flush()

    def deadlines(
        self,
        projects: frozenset[str] | None,
        states: frozenset[str] | None,
        *,
        at: datetime,
        after: Place | None,
        limit: int,
    ) -> list[tuple[SampleClock, Sample]]:
        """Return clocks that have a deadline, the earliest first, each with what names its sample."""
        query = select(SampleClock, Sample).join(Sample, Sample.id == SampleClock.sample_id)
        query = query.options(load_only(Sample.code, Sample.name, Sample.project_id, Sample.created_at))
        query = query.where(SampleClock.due_at.is_not(None))
        if projects is not None:
            query = query.where(SampleClock.project_id.in_(sorted(projects)))
        if states is not None:
            query = query.where(or_(*(is_in(state, at) for state in sorted(states))))
        if after is not None:
            place = (after.due_at, after.sample_id, after.clock)
            query = query.where(SampleClock.due_at >= after.due_at, tuple_(*_ORDER) > place)
        return [(row, sample) for row, sample in self._session.execute(query.order_by(*_ORDER).limit(limit))]

    def stale(self, digest: str, limit: int) -> list[Sample]:
        """Return samples whose clocks were computed by other tables."""
        stale = select(SampleClock.sample_id).where(SampleClock.tables_digest != digest).limit(limit)
        return list(self._session.scalars(select(Sample).where(Sample.id.in_(stale))))

    def without(self, stable: frozenset[str], limit: int) -> list[Sample]:
        """Return samples that should have clocks and have none, leaving out materials that need none."""
        query = select(Sample).outerjoin(SampleClock, SampleClock.sample_id == Sample.id)
        query = query.where(SampleClock.sample_id.is_(None), Sample.material.not_in(stable))
        return list(self._session.scalars(query.limit(limit)))

    def alike(self, project_id: str, material: str) -> list[Sample]:
        """Return the samples of a project that are of one material."""
        query = select(Sample).where(Sample.project_id == project_id, Sample.material == material)
        return list(self._session.scalars(query.order_by(Sample.id)))

    def states(self, at: datetime, projects: frozenset[str] | None) -> dict[str, int]:
        """Count the clocks that have a deadline by their state."""
        states = ("fresh", "due", "overdue", "unknown")
        counts = [func.count(case((is_in(state, at), 1))) for state in states]
        query = in_projects(select(SampleClock).where(SampleClock.due_at.is_not(None)), SampleClock, projects)
        return dict(zip(states, self._session.execute(query.with_only_columns(*counts)).one(), strict=True))


_ORDER = (SampleClock.due_at, SampleClock.sample_id, SampleClock.clock)
