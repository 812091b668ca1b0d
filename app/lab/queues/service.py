"""What waits, what runs where, and who works; pausing a queue. Nobody commits here."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import NotFound
from app.infra.clock import now
from app.infra.db.models import Job, QueuePause
from app.infra.queue.presence import Presence
from app.infra.queue.states import QUEUES
from app.lab.access import Action, Actor, require
from app.lab.audit.service import AuditLog
from app.lab.queues.repository import QueueLoad, QueueRepository

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WAITING_SHOWN = 20


@dataclass(frozen=True)
class Ended:
    """How many jobs ended, and how."""

    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def count(self) -> int:
        """Return how many ended."""
        return self.succeeded + self.failed + self.cancelled


@dataclass(frozen=True)
class QueueState:
    """A queue as it stands."""

    name: str
    waiting: int
    oldest_waiting_s: float | None
    running: int
    workers: int
    slots: int
    is_stuck: bool
    pause: QueuePause | None
    why: str
    day: Ended
    week: Ended


@dataclass(frozen=True)
class HeldJob:
    """A job that a worker holds, with the seconds its lease has left."""

    job: Job
    lease_left_s: float


@dataclass(frozen=True)
class WorkerState:
    """A worker with the jobs it holds; ``presence`` is None when it never reported itself."""

    name: str
    presence: Presence | None
    jobs: list[HeldJob] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        """Say whether it was heard lately, or holds a lease that is still renewed."""
        if self.presence is not None:
            return self.presence.is_alive
        return any(held.lease_left_s > 0 for held in self.jobs)


class QueueService:
    """Looks at queues and workers for managers and administrators, and pauses queues."""

    def __init__(self, rows: QueueRepository, audit: AuditLog) -> None:
        self._rows = rows
        self._audit = audit

    def loads(self) -> list[QueueLoad]:
        """Return what runs and waits in each queue that has any of it or is paused, by name; for everybody."""
        return [load for _, load in sorted(self._rows.loads().items())]

    def pause_of(self, job: Job) -> str | None:
        """Say why a job waits in a paused queue, for those who may see it; None when nothing of that holds it up."""
        pause = self._rows.pauses().get(job.queue) if job.state == "queued" else None
        return None if pause is None else pause.reason

    def queues(self, actor: Actor) -> list[QueueState]:
        """Return every queue."""
        require(actor, Action.MANAGE)
        at = now()
        loads, held, pauses = self._rows.loads(), self._rows.held(), self._rows.pauses()
        workers = [each for each in self._rows.workers() if each.is_alive]
        stuck, day, week = self._rows.stuck(), self._rows.ended_since(at - DAY), self._rows.ended_since(at - WEEK)
        found = []
        for name in QUEUES:
            serving = [each for each in workers if name in each.queues]
            slots = sum(each.slots for each in serving)
            names = {each.name for each in serving}
            load = loads.get(name, QueueLoad(name))
            busy = sum(job.worker in names for job, _ in held)
            state = QueueState(
                name=name,
                waiting=load.waiting,
                oldest_waiting_s=None if load.waiting_since is None else _age_s(load.waiting_since, at),
                running=load.running,
                workers=len(serving),
                slots=slots,
                is_stuck=name in stuck,
                pause=pauses.get(name),
                why=_why(load.waiting, pauses.get(name), slots=slots, busy=busy, is_stuck=name in stuck),
                day=Ended(**day.get(name, {})),
                week=Ended(**week.get(name, {})),
            )
            found.append(state)
        return found

    def waiting(self, actor: Actor, queue: str) -> list[Job]:
        """Return the jobs that have waited longest in a queue."""
        require(actor, Action.MANAGE)
        return self._rows.longest_waiting(_known(queue), WAITING_SHOWN)

    def workers(self, actor: Actor) -> list[WorkerState]:
        """Return every worker heard within a week and every other that holds a job, with what each holds."""
        require(actor, Action.MANAGE)
        found = {each.name: WorkerState(each.name, each) for each in self._rows.workers()}
        for job, left_s in self._rows.held():
            name = job.worker or "unknown"
            found.setdefault(name, WorkerState(name, None)).jobs.append(HeldJob(job, left_s))
        return list(found.values())

    def pause(self, actor: Actor, queue: str, reason: str) -> QueuePause:
        """Let nothing more be taken from a queue; what runs goes on."""
        require(actor, Action.MANAGE)
        present = self._rows.pauses().get(_known(queue))
        if present is not None:
            return present
        row = QueuePause(queue=queue, reason=reason, paused_by=actor.id, paused_at=now())
        self._rows.add(row)
        self._audit.record(actor, "queue.pause", queue, reason=reason)
        return row

    def resume(self, actor: Actor, queue: str) -> None:
        """Let a queue be served again."""
        require(actor, Action.MANAGE)
        present = self._rows.pauses().get(_known(queue))
        if present is not None:
            self._rows.remove(present)
            self._audit.record(actor, "queue.resume", queue)


def _known(queue: str) -> str:
    if queue not in QUEUES:
        raise NotFound
    return queue


def _age_s(instant: datetime, at: datetime) -> float:
    return max(0.0, (at - instant).total_seconds())


def _why(waiting: int, pause: QueuePause | None, *, slots: int, busy: int, is_stuck: bool) -> str:
    """Say in a sentence why jobs of a queue wait; nothing when none does."""
    if not waiting:
        return ""
    if pause is not None:
        return f"The queue is paused: {pause.reason}"
    if not slots:
        return "No living worker serves this queue: start one on a machine that can (lithoscope work --queues)."
    if is_stuck:
        return "Workers are there and take nothing: look at their log."
    if busy >= slots:
        return f"All {slots} slots of its workers are busy; persons take turns."
    return "A worker takes the next one in a moment; persons take turns."
