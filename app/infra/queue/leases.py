"""Leases: who may work on a job, for how long, and how it is handed on."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select, update
from sqlalchemy.orm import Session, aliased

from app.infra.clock import db_epoch, now
from app.infra.db.models import Job, QueuePause
from app.infra.queue.journal import append, say, step
from app.infra.queue.outbox import enqueue
from app.infra.queue.states import HELD, MAX_CRASHES


@dataclass(frozen=True)
class Lease:
    """The right to finish a job, proved by its token."""

    job_id: str
    token: str


@dataclass(frozen=True)
class Claim(Lease):
    """A job as its worker took it."""

    kind: str
    method: str
    method_version: str
    queue: str
    project_id: str
    sample_id: str | None
    inputs: dict[str, Any]
    params: dict[str, Any]
    seed: int
    created_by: str
    attempts: int
    crashes: int
    lost_leases: int


@dataclass(frozen=True)
class Signals:
    """What the service asks of the worker that holds a job."""

    is_lost: bool
    is_cancelled: bool
    is_finish_asked: bool


class Leases:
    """
    Claims, renewals and endings within one transaction.

    Parameters
    ----------
    session : Session
        The caller commits.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_waiting(self, queues: Sequence[str]) -> bool:
        """Say whether a job of these queues waits: one cheap read."""
        query = select(Job.id).where(Job.state == "queued", Job.queue.in_(queues))
        query = query.where(Job.queue.not_in(select(QueuePause.queue))).limit(1)
        return self._session.scalar(query) is not None

    def claim(self, queues: Sequence[str], *, worker: str, lease_s: float, fair_share: int = 1) -> Claim | None:
        """
        Take the next job of these queues, or None.

        What a rule started in somebody's name waits until nothing that people asked for waits. Persons take turns:
        first who holds fewest running jobs of their own, then who was served longest ago; within that, by priority
        and age.
        """
        token = secrets.token_hex(16)
        chosen = _next(queues, fair_share).with_for_update(of=Job, skip_locked=True).scalar_subquery()
        row = self._session.execute(
            update(Job)
            .where(Job.id == chosen, Job.state == "queued")
            .values(
                state="running",
                lease_token=token,
                lease_until=db_epoch() + lease_s,
                worker=worker,
                attempts=Job.attempts + 1,
                started_at=now(),
                version=Job.version + 1,
                last_event_seq=Job.last_event_seq + 1,
            )
            .returning(Job.last_event_seq, *(getattr(Job, name) for name in _CLAIMED))
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if row is None:
            return None
        seq, job_id, *rest = row
        append(self._session, job_id, seq, "state", payload={"state": "running", "attempt": row.attempts})
        return Claim(job_id, token, **dict(zip(_CLAIMED[1:], rest, strict=True)))

    def renew(self, lease: Lease, lease_s: float) -> bool:
        """Extend a lease; False when it was lost."""
        query = (
            update(Job)
            .where(Job.id == lease.job_id, Job.lease_token == lease.token, Job.state.in_(sorted(HELD)))
            .values(lease_until=db_epoch() + lease_s)
            .returning(Job.id)
            .execution_options(synchronize_session=False)
        )
        return self._session.scalar(query) is not None

    def signals(self, lease: Lease) -> Signals:
        """Read what is asked of the holder."""
        query = select(Job.state, Job.lease_token, Job.cancel_requested, Job.early_finish_requested)
        row = self._session.execute(query.where(Job.id == lease.job_id)).one_or_none()
        if row is None or row.lease_token != lease.token or row.state not in HELD:
            return Signals(is_lost=True, is_cancelled=False, is_finish_asked=False)
        return Signals(is_lost=False, is_cancelled=row.cancel_requested, is_finish_asked=row.early_finish_requested)

    def say(self, lease: Lease, kind: str, payload: dict[str, Any]) -> bool:
        """Append progress or a log line."""
        return say(self._session, lease.job_id, kind, payload, token=lease.token)

    def succeed(self, lease: Lease, result_id: str | None) -> bool:
        """Enter `succeeded`, once; the caller writes what was made in the same transaction."""
        return self._end(lease, "succeeded", result_id=result_id, publications=Job.publications + 1, problem=None)

    def fail(self, lease: Lease, problem: dict[str, Any]) -> bool:
        """Enter `failed` with a problem; a cancellation that came first wins."""
        return self._end(lease, "failed", problem=problem) or self.cancelled(lease)

    def cancelled(self, lease: Lease) -> bool:
        """Enter `cancelled` after the process is gone."""
        return self._end(lease, "cancelled")

    def crashed(self, lease: Lease, problem: dict[str, Any]) -> bool:
        """Count a crash of the child: queue the job again, or fail it with the problem after the third."""
        mine = (Job.lease_token == lease.token,)
        again = step(
            self._session,
            lease.job_id,
            "queued",
            *mine,
            Job.crashes < MAX_CRASHES - 1,
            crashes=Job.crashes + 1,
            lease_token=None,
            lease_until=None,
        )
        if again:
            self._send_again(lease.job_id)
            return True
        return self._end(lease, "failed", problem=problem, crashes=Job.crashes + 1) or self.cancelled(lease)

    def give_back(self, lease: Lease) -> bool:
        """Queue a job again that its worker cannot finish now; nothing is counted against it."""
        done = step(
            self._session, lease.job_id, "queued", Job.lease_token == lease.token, lease_token=None, lease_until=None
        )
        if done:
            self._send_again(lease.job_id)
        return done or self.cancelled(lease)

    def _end(self, lease: Lease, to: Any, **values: Any) -> bool:
        return step(
            self._session,
            lease.job_id,
            to,
            Job.lease_token == lease.token,
            lease_token=None,
            lease_until=None,
            finished_at=now(),
            **values,
        )

    def _send_again(self, job_id: str) -> None:
        queue = self._session.scalars(select(Job.queue).where(Job.id == job_id)).one()
        enqueue(self._session, job_id, queue)


_CLAIMED = (
    "id",
    "kind",
    "method",
    "method_version",
    "queue",
    "project_id",
    "sample_id",
    "inputs",
    "params",
    "seed",
    "created_by",
    "attempts",
    "crashes",
    "lost_leases",
)


def _next(queues: Sequence[str], fair_share: int) -> Select[Any]:
    """Choose the next job; the standing of each person who waits is worked out once, not once per job."""
    open_ones = Job.queue.in_(queues), Job.queue.not_in(select(QueuePause.queue))
    waiting = select(Job.created_by).where(Job.state == "queued", *open_ones).distinct().subquery()
    held, past = aliased(Job), aliased(Job)
    running = (
        select(func.count())
        .where(held.created_by == waiting.c.created_by, held.state.in_(sorted(HELD)), held.priority >= 0)
        .scalar_subquery()
    )
    served = select(func.max(past.started_at)).where(past.created_by == waiting.c.created_by).scalar_subquery()
    standing = select(
        waiting.c.created_by, case((running < fair_share, 0), else_=running).label("share"), served.label("served")
    ).subquery()
    return (
        select(Job.id)
        .join(standing, standing.c.created_by == Job.created_by)
        .where(Job.state == "queued", *open_ones)
        .order_by(
            case((Job.priority < 0, 1), else_=0),
            standing.c.share,
            Job.priority.desc(),
            standing.c.served.asc().nulls_first(),
            Job.id,
        )
        .limit(1)
    )
