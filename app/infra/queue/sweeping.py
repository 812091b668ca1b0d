"""What heals by itself: lost leases, hints that never arrived."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.infra.clock import db_epoch, now
from app.infra.db import Database
from app.infra.db.models import Job, QueuePause
from app.infra.queue import outbox
from app.infra.queue.door import Queue
from app.infra.queue.journal import step
from app.infra.queue.states import HELD, MAX_LOST_LEASES

RESEND_AFTER = timedelta(seconds=30)
WORKER_LOST: dict[str, Any] = {
    "type": "/problems/worker-lost",
    "title": "Worker lost",
    "status": 500,
    "detail": f"The machine or process that ran the job was lost {MAX_LOST_LEASES} times: "
    "look at the workers' log, then retry the job.",
}


def recover_lost(session: Session) -> list[str]:
    """Queue again, cancel or fail every job whose holder has been silent beyond its lease; return their ids."""
    expired = (Job.lease_until < db_epoch(),)
    query = select(Job.id, Job.queue, Job.state, Job.lost_leases).where(Job.state.in_(sorted(HELD)), *expired)
    return [row.id for row in session.execute(query) if _recover(session, row, *expired)]


def _recover(session: Session, row: Any, *expired: Any) -> bool:
    freed: dict[str, Any] = {"lease_token": None, "lease_until": None, "lost_leases": Job.lost_leases + 1}
    if row.state == "cancelling":
        return step(session, row.id, "cancelled", *expired, **freed, finished_at=now())
    if row.lost_leases + 1 < MAX_LOST_LEASES:
        done = step(session, row.id, "queued", *expired, **freed)
        if done:
            outbox.enqueue(session, row.id, row.queue)
        return done
    return step(session, row.id, "failed", *expired, **freed, finished_at=now(), problem=WORKER_LOST)


def resend(database: Database, queue: Queue, *, after: timedelta = RESEND_AFTER) -> int:
    """
    Send hints for waiting jobs when the broker holds fewer messages than jobs wait: a wiped broker loses nothing.

    Messages are permits: each lets a worker run one job of its queue, whichever is next, so only numbers count.

    Returns
    -------
    sent : int
        Messages sent again.
    """
    if not queue.flush():
        return 0
    counts = queue.broker.waiting()
    if counts is None:
        return 0
    with database.reading() as session:
        missing = _without_message(session, counts, after)
    return sum(queue.broker.publish(job_id, name) for job_id, name in missing)


def _without_message(session: Session, counts: dict[str, int], after: timedelta) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    paused = set(session.scalars(select(QueuePause.queue)))  # a permit for a paused queue would be spent on nothing
    for name, messages in counts.items():
        if name in paused:
            continue
        waiting = session.scalar(select(func.count()).where(Job.state == "queued", Job.queue == name)) or 0
        if waiting <= messages:
            continue
        old = select(Job.id).where(Job.state == "queued", Job.queue == name, Job.created_at < now() - after)
        ids = session.scalars(old.order_by(Job.id).limit(waiting - messages))
        found.extend((job_id, name) for job_id in ids)
    return found
