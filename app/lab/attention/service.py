"""What needs a manager's attention now, gathered from the rooms that know; nobody commits here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.infra.clock import now
from app.infra.db.models import Instrument
from app.lab.access import Action, Actor, require
from app.lab.accounts.invitations import InvitationService
from app.lab.accounts.keys import KeyService
from app.lab.alarms.service import AlarmService
from app.lab.datasets.service import DatasetService
from app.lab.health.report import Check, HealthReport
from app.lab.instruments.service import CLOCK_SKEW_S, QUIET, InstrumentService, collector_of
from app.lab.queues.service import QueueService, QueueState
from app.lab.space.service import Disk, ProjectSpace, SpaceService

KEY_ENDS_WITHIN = timedelta(days=30)
FAILED_SHARE, FAILED_LEAST = 0.2, 5
MANY = 200
WAITS_LONG = timedelta(hours=2)


@dataclass(frozen=True)
class Attention:
    """One thing to look at."""

    topic: str
    state: Literal["warn", "bad"]
    words: str
    object_id: str | None = None


@dataclass(frozen=True)
class Glance:
    """The facility at a glance: what needs attention, and the parts it was found in."""

    attention: list[Attention]
    checks: list[Check]
    queues: list[QueueState]
    disk: Disk
    spaces: list[ProjectSpace]


@dataclass(frozen=True)
class Rooms:
    """The rooms that are asked."""

    health: HealthReport
    queues: QueueService
    space: SpaceService
    instruments: InstrumentService
    keys: KeyService
    invitations: InvitationService
    alarms: AlarmService
    datasets: DatasetService


class AttentionService:
    """Gathers; the grave comes first."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def all(self, actor: Actor) -> list[Attention]:
        """Return everything that needs attention; for managers and administrators."""
        return self.glance(actor).attention

    def glance(self, actor: Actor) -> Glance:
        """Read every part once, and say what of it needs attention."""
        require(actor, Action.MANAGE)
        checks = self._rooms.health.checks(actor)
        queues = self._rooms.queues.queues(actor)
        disk, spaces = self._rooms.space.disk(actor), self._rooms.space.projects(actor)
        found = [*_of_health(checks), *_of_queues(queues), *_of_space(disk, spaces)]
        for finder in (self._of_instruments, self._of_keys, self._of_accounts, self._of_alarms, self._of_places):
            found += finder(actor)
        return Glance(sorted(found, key=lambda each: each.state != "bad"), checks, queues, disk, spaces)

    def _of_instruments(self, actor: Actor) -> Iterator[Attention]:
        at = now()
        for row in self._rooms.instruments.page(actor, None, MANY):
            heard = row.last_heartbeat_at
            if heard is not None and at - heard > QUIET:
                words = f"The PC of {row.name} has been silent since {heard:%Y-%m-%d %H:%M} UTC."
                if self._rooms.instruments.is_retired(row.id):
                    words += " No key of it works any more: enrol it again."
                yield Attention("instrument", "warn", words, row.id)
            if row.clock_offset_s is not None and abs(row.clock_offset_s) > CLOCK_SKEW_S:
                words = f"The clock of {row.name}'s PC is {abs(row.clock_offset_s):.0f} s off: set it by NTP."
                yield Attention("instrument", "warn", words, row.id)

            yield from _of_collector(row, at)

    def _of_keys(self, actor: Actor) -> Iterator[Attention]:
        soon = now() + KEY_ENDS_WITHIN
        for row in self._rooms.keys.page(actor, None, MANY, kind="device", is_live=True):
            if row.key.expires_at < soon:
                words = f"The key of {row.key.name} ({row.owner}) ends on {row.key.expires_at:%Y-%m-%d}: enrol its PC."
                yield Attention("key", "warn", words, row.key.instrument_id)

    def _of_accounts(self, actor: Actor) -> Iterator[Attention]:
        open_links = self._rooms.invitations.open_until(actor)
        ending = [until for until in open_links.values() if until - now() < timedelta(days=1)]
        if ending:
            yield Attention("account", "warn", f"{_many(len(ending), 'invitation')} not taken up end within a day.")

    def _of_alarms(self, actor: Actor) -> Iterator[Attention]:
        count = len(self._rooms.alarms.page(actor, is_open=True, limit=MANY))
        if count:
            words = f"{_many(count, 'alarm')} of samples nobody has acknowledged."
            yield Attention("alarm", "warn", words)

    def _of_places(self, _actor: Actor) -> Iterator[Attention]:
        """Name the first of the registered files that are not as they were; a storage that is away names all."""
        found = self._rooms.datasets.out_of_place(None)
        for problem, said in (("changed", "changed since registration"), ("missing", "missing")):
            rows = [row for row in found if row.problem == problem]
            if rows:
                first, more = rows[0], f" and {len(rows) - 1} more" if len(rows) > 1 else ""
                which = f" ({first.problem_files})" if first.problem_files else ""
                words = (
                    f"Registered files {said}: {first.root}:{first.path}{which}{more}. Put them back or register them "
                    "anew."
                )
                yield Attention("place", "bad", words, first.dataset_id)


def _of_collector(row: Instrument, at: datetime) -> Iterator[Attention]:
    """Say what an instrument's collector cannot do, and that data wait too long there."""
    report = collector_of(row)
    if report is None:
        return
    for problem in report.problems:
        count = f" ({problem.count} times)" if problem.count > 1 else ""
        yield Attention("instrument", "warn", f"The collector of {row.name}: {problem.words}{count}", row.id)
    waits = report.oldest_waiting_at
    if waits is not None and at - waits > WAITS_LONG:
        words = f"Data wait at {row.name} since {waits:%Y-%m-%d %H:%M} UTC."
        yield Attention("instrument", "warn", words, row.id)


def _of_health(checks: Sequence[Check]) -> Iterator[Attention]:
    for check in checks:
        if check.state in {"warn", "bad"}:
            yield Attention(check.name, "bad" if check.state == "bad" else "warn", check.words)


def _of_queues(queues: Sequence[QueueState]) -> Iterator[Attention]:
    for queue in queues:
        if queue.pause is not None:
            yield Attention("queue", "warn", f"Queue {queue.name} is paused: {queue.pause.reason}", queue.name)
        elif queue.waiting and not queue.slots:
            words = f"No living worker serves queue {queue.name}; waiting: {_many(queue.waiting, 'job')}."
            yield Attention("queue", "bad", words, queue.name)
        day = queue.day
        if day.failed >= FAILED_LEAST and day.failed > FAILED_SHARE * day.count:
            words = f"{day.failed} of {day.count} jobs of queue {queue.name} failed within the last day."
            yield Attention("failures", "warn", words, queue.name)


def _of_space(disk: Disk, spaces: Sequence[ProjectSpace]) -> Iterator[Attention]:
    share = f"{100 * disk.free_bytes / disk.total_bytes:.2g} % of the disk is free"
    if disk.level == "exceeded":
        yield Attention("disk", "bad", f"Only {share}: uploads are refused.")
    elif disk.level == "near":
        yield Attention("disk", "warn", f"{share}.")
    for row in spaces:
        if row.level != "within":
            words = f"Project {row.project.code} uses {100 * row.share:.3g} % of its quota"
            refused = row.level == "exceeded"
            words += ": uploads are refused." if refused else "."
            yield Attention("quota", "bad" if refused else "warn", words, row.project.id)


def _many(count: int, noun: str) -> str:
    shown = f"{count} or more" if count >= MANY else str(count)
    return f"{shown} {noun}{'' if count == 1 else 's'}"
