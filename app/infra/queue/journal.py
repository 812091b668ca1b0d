"""Steps of a job and what it says, numbered under its row's lock so that numbers follow commit order."""

from typing import Any

from sqlalchemy import ColumnElement, insert, update
from sqlalchemy.orm import Session

from app.infra.clock import now
from app.infra.db.models import Job, JobEvent
from app.infra.queue.states import BEFORE, State


def step(session: Session, job_id: str, to: State, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """
    Move a job to another state if the table of states allows it and every condition holds.

    Parameters
    ----------
    session : Session
        An open transaction; the caller commits.
    job_id : str
        The job.
    to : State
        The state to enter.
    *conditions
        What must hold besides, such as the lease's token.
    **values
        Columns written with it.

    Returns
    -------
    done : bool
        False when the job is in another state by now, or another holds it.
    """
    seq = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(sorted(BEFORE[to])), *conditions)
        .values(state=to, version=Job.version + 1, last_event_seq=Job.last_event_seq + 1, **values)
        .returning(Job.last_event_seq)
        .execution_options(synchronize_session=False)
    )
    if seq is None:
        return False
    note = {name: values[name] for name in ("result_id", "problem") if values.get(name) is not None}
    append(session, job_id, seq, "state", payload={"state": to, **note})
    return True


def say(session: Session, job_id: str, kind: str, payload: dict[str, Any], *, token: str) -> bool:
    """Append progress or a log line of a running job, if the token still holds it."""
    values: dict[str, Any] = {"progress": payload} if kind == "progress" else {}
    seq = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.lease_token == token)
        .values(last_event_seq=Job.last_event_seq + 1, version=Job.version + 1, **values)
        .returning(Job.last_event_seq)
        .execution_options(synchronize_session=False)
    )
    if seq is None:
        return False
    append(session, job_id, seq, kind, payload=payload)
    return True


def append(session: Session, job_id: str, seq: int, kind: str, *, payload: dict[str, Any]) -> None:
    """Write one event under a number taken from the job's row."""
    session.execute(insert(JobEvent).values(job_id=job_id, seq=seq, type=kind, payload=payload, at=now()))
