"""Rows of jobs as queues see them, of workers and of pauses."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.infra.clock import db_epoch
from app.infra.db.models import Job, QueuePause
from app.infra.queue.liveness import stuck_queues
from app.infra.queue.presence import Presence, present
from app.infra.queue.states import HELD, TERMINAL


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """What runs in a queue and what waits, since when the first of these does, and why nothing is taken from it."""

    queue: str
    running: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    paused_for: str | None = None


class QueueRepository:
    """Queries of queues."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def loads(self) -> dict[str, QueueLoad]:
        """Count what runs and what waits in each queue that has any of it or is paused."""
        query = select(Job.queue, Job.state, func.count(), func.min(Job.created_at))
        query = query.where(Job.state.in_(["queued", *sorted(HELD)]))
        found = {queue: QueueLoad(queue, paused_for=pause.reason) for queue, pause in self.pauses().items()}
        for queue, state, count, oldest in self._session.execute(query.group_by(Job.queue, Job.state)):
            load = found.get(queue, QueueLoad(queue))
            if state in HELD:
                found[queue] = replace(load, running=load.running + count)
            else:
                found[queue] = replace(load, waiting=count, waiting_since=oldest)
        return found

    def longest_waiting(self, queue: str, limit: int) -> list[Job]:
        """Return the jobs that have waited longest in a queue."""
        query = select(Job).where(Job.state == "queued", Job.queue == queue)
        return list(self._session.scalars(query.order_by(Job.id).limit(limit)))

    def held(self) -> list[tuple[Job, float]]:
        """Return the jobs workers hold, the longest held first, with the seconds their leases have left."""
        left = (Job.lease_until - db_epoch()).label("left_s")
        query = select(Job, left).where(Job.state.in_(sorted(HELD))).order_by(Job.started_at, Job.id)
        return [(job, float(seconds or 0.0)) for job, seconds in self._session.execute(query)]

    def ended_since(self, instant: datetime) -> dict[str, dict[str, int]]:
        """Count the jobs of each queue that ended since an instant, by how they ended."""
        query = select(Job.queue, Job.state, func.count()).where(Job.finished_at >= instant)
        rows = self._session.execute(query.where(Job.state.in_(sorted(TERMINAL))).group_by(Job.queue, Job.state))
        found: dict[str, dict[str, int]] = {}
        for queue, state, count in rows:
            found.setdefault(queue, {})[state] = count
        return found

    def workers(self) -> list[Presence]:
        """Return the workers heard within a week."""
        return present(self._session)

    def stuck(self) -> list[str]:
        """Name queues that wait while nothing is taken from them."""
        return stuck_queues(self._session)

    def pauses(self) -> dict[str, QueuePause]:
        """Return the pauses in force by queue."""
        return {row.queue: row for row in self._session.scalars(select(QueuePause))}

    def add(self, row: QueuePause) -> None:
        """Insert a pause."""
        self._session.add(row)
        self._session.flush()

    def remove(self, row: Any) -> None:
        """Delete a pause."""
        self._session.delete(row)
        self._session.flush()
