"""Whether the workers do anything: a process that is alive may still have stopped taking jobs."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.clock import db_epoch, now
from app.infra.db.models import Job, QueuePause
from app.infra.queue.states import HELD, QUEUES


def stuck_queues(session: Session, *, after_s: float = 120.0) -> list[str]:
    """
    Name the queues in which a job has waited while nothing of the queue was taken and nothing of it runs.

    A queue that somebody paused is not stuck.

    Parameters
    ----------
    session : Session
        Only reads.
    after_s : float
        How long is too long [s].

    Returns
    -------
    queues : list of str
        Empty when all is well; `/readyz` names what it finds.
    """
    since = now() - timedelta(seconds=after_s)
    paused = set(session.scalars(select(QueuePause.queue)))
    waiting = [name for name in QUEUES if name not in paused and _waits(session, name, since)]
    return [name for name in waiting if not _moves(session, name, since)]


def _waits(session: Session, queue: str, since: object) -> bool:
    query = select(Job.id).where(Job.state == "queued", Job.queue == queue, Job.created_at < since).limit(1)
    return session.scalar(query) is not None


def _moves(session: Session, queue: str, since: object) -> bool:
    """Taken lately, or held by a live worker: of any queue, since a busy worker serves several."""
    held = select(Job.id).where(Job.state.in_(sorted(HELD)), Job.lease_until > db_epoch()).limit(1)
    taken = select(Job.id).where(Job.queue == queue, Job.started_at > since).limit(1)
    return session.scalar(held) is not None or session.scalar(taken) is not None
