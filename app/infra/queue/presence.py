"""Which worker processes are there: each says so now and then, by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.infra.clock import db_epoch
from app.infra.db.models import Worker
from app.infra.db.queries import insert_or_change

SILENT_S = 60.0
FORGOTTEN_S = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Presence:
    """
    A worker process as it reported itself.

    Parameters
    ----------
    name : str
        Machine and process, as in the rows of the jobs it holds.
    queues : tuple of str
        What it serves.
    slots : int
        Jobs it runs at once.
    software : str
        Version of the service's code it runs.
    started_at : datetime
        When it began.
    silent_s : float
        How long ago it was heard [s].
    """

    name: str
    queues: tuple[str, ...]
    slots: int
    software: str
    started_at: datetime
    silent_s: float

    @property
    def is_alive(self) -> bool:
        """Say whether it was heard within a minute."""
        return self.silent_s < SILENT_S


def report(session: Session, *, name: str, queues: Sequence[str], slots: int, **about: Any) -> None:
    """
    Say that a worker is there.

    Parameters
    ----------
    session : Session
        The caller commits.
    name, queues, slots
        Of the worker.
    **about
        ``software`` and ``started_at``.
    """
    row = {"queues": list(queues), "slots": slots, **about, "seen_at": db_epoch()}
    insert_or_change(session, Worker, {"name": name, **row}, key="name", change=row)
    session.execute(delete(Worker).where(Worker.seen_at < db_epoch() - FORGOTTEN_S))


def renew(session: Session, name: str) -> bool:
    """Say that a worker is still there; False when its row is gone."""
    beat = update(Worker).where(Worker.name == name).values(seen_at=db_epoch()).returning(Worker.name)
    return session.scalar(beat.execution_options(synchronize_session=False)) is not None


def leave(session: Session, name: str) -> None:
    """Say that a worker ended as it should."""
    session.execute(delete(Worker).where(Worker.name == name))


def present(session: Session) -> list[Presence]:
    """Return the workers heard within a week, those heard last first."""
    query = select(Worker, (db_epoch() - Worker.seen_at).label("silent_s")).order_by(Worker.seen_at.desc(), Worker.name)
    return [
        Presence(row.name, tuple(row.queues), row.slots, row.software, row.started_at, max(0.0, float(silent_s)))
        for row, silent_s in session.execute(query)
    ]
