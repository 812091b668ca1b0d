"""The outbox: what must be sent to the broker, written in the transaction that makes it true."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.infra.clock import now
from app.infra.db.models import OutboxMessage

KEPT = timedelta(hours=1)


def enqueue(session: Session, job_id: str, queue: str) -> None:
    """Write the message that a job waits; it is sent after the commit."""
    session.execute(
        insert(OutboxMessage).values(kind="job", payload={"job_id": job_id, "queue": queue}, created_at=now())
    )


def unsent(session: Session, limit: int = 200) -> list[OutboxMessage]:
    """Return messages not sent yet, oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.sent_at.is_(None)).order_by(OutboxMessage.id).limit(limit)
    return list(session.scalars(query))


def mark_sent(session: Session, messages: list[int]) -> None:
    """Note that messages went out."""
    query = update(OutboxMessage).where(OutboxMessage.id.in_(messages)).values(sent_at=now())
    session.execute(query.execution_options(synchronize_session=False))


def prune(session: Session, *, is_unused: bool) -> None:
    """Forget messages long sent; all of them where workers claim from the database and nobody reads messages."""
    query = delete(OutboxMessage).execution_options(synchronize_session=False)
    session.execute(query if is_unused else query.where(OutboxMessage.sent_at < now() - KEPT))
