"""Rows of shelf-life clocks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, case, delete, func, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, load_only

from app.infra.db.clock_states import is_in
from app.infra.db.models import Sample, SampleClock
from app.infra.db.queries import MOST_APART, in_projects


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
        wanted: Any = select(*_ORDER).where(SampleClock.due_at.is_not(None))
        if states is not None:
            wanted = wanted.where(or_(*(is_in(state, at) for state in sorted(states))))
        if after is not None:
            place = (after.due_at, after.sample_id, after.clock)
            wanted = wanted.where(SampleClock.due_at >= after.due_at, tuple_(*_ORDER) > place)
        first = _earliest(wanted, projects, limit)
        query = select(SampleClock, Sample).join(Sample, Sample.id == SampleClock.sample_id)
        query = query.options(load_only(Sample.code, Sample.name, Sample.project_id, Sample.created_at))
        query = query.join(first, (SampleClock.sample_id == first.c.sample_id) & (SampleClock.clock == first.c.clock))
        return [(row, sample) for row, sample in self._session.execute(query.order_by(*_ORDER))]

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

    def states(self, at: datetime, projects: frozenset[str] | None, states: Sequence[str]) -> dict[str, int]:
        """Count the clocks that have a deadline in each of these states."""
        counts = [func.count(case((is_in(state, at), 1))) for state in states]
        query = in_projects(select(SampleClock).where(SampleClock.due_at.is_not(None)), SampleClock, projects)
        return dict(zip(states, self._session.execute(query.with_only_columns(*counts)).one(), strict=True))


_ORDER = (SampleClock.due_at, SampleClock.sample_id, SampleClock.clock)


def _earliest(wanted: Any, projects: frozenset[str] | None, limit: int) -> Subquery:
    """
    Cut the earliest of these projects (None for all) out of the index alone.

    Those of each project are found apart, as in `page_of_projects`: sorted together, the rows of every clock of every
    project would be read for each page.
    """
    if projects is None or not 1 < len(projects) <= MOST_APART:
        found: Subquery = in_projects(wanted, SampleClock, projects).order_by(*_ORDER).limit(limit).subquery()
        return found
    own = (wanted.where(SampleClock.project_id == each).order_by(*_ORDER).limit(limit) for each in sorted(projects))
    every = union_all(*(select(page.subquery()) for page in own)).subquery()
    return select(every).order_by(every.c.due_at, every.c.sample_id, every.c.clock).limit(limit).subquery()
