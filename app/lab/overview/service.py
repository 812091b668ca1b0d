"""What a person should know at a glance: what runs, what failed and why, what is nearly spent, what fills up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Instrument, Job, Project
from app.lab.access import Action, Actor, allow, readable_projects
from app.lab.alarms.service import AlarmService
from app.lab.budgets.service import BudgetService, RegionBudget, Wanted
from app.lab.instruments.service import QUIET, InstrumentService
from app.lab.overview.repository import Arriving, Counts, Line, OverviewRepository, Whose
from lithoscope.errors import ScienceError

Kind = Literal["member", "steward", "manager"]
Disk = Callable[[], tuple[int, int]]
ROWS = 6
INSTRUMENTS = 20
CANDIDATES = 12  # alarms of budgets that are judged anew, so that what was corrected since is not shown
PAST = timedelta(days=14)
NEARLY = frozenset({"near", "exceeded"})


@dataclass(frozen=True, slots=True)
class Near:
    """A region whose budget for a phase is nearly or wholly spent, as judged now."""

    sample_id: str
    budget: RegionBudget


@dataclass(frozen=True, slots=True)
class Post:
    """An instrument with what is on its way from it; ``is_quiet`` when its PC has not reported lately, or ever."""

    instrument: Instrument
    arriving: Arriving
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class Room:
    """A project with the bytes it holds."""

    project: Project
    held_bytes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """
    One look at what goes on.

    Parameters
    ----------
    kind : Kind
        For whom: a member sees own jobs, a steward those of the projects, a manager all.
    counts : Counts
    active, failed : list of Job
        What runs or waits; what failed lately and was not tried again.
    lines : list of Line
        The facility's queues.
    near : list of Near
    posts : list of Post
    rooms : list of Room
        Projects, the fullest first.
    free_bytes, total_bytes : int or None
        Of the disk; for managers.
    """

    kind: Kind
    counts: Counts
    active: list[Job]
    failed: list[Job]
    lines: list[Line]
    near: list[Near]
    posts: list[Post]
    rooms: list[Room]
    free_bytes: int | None
    total_bytes: int | None


class OverviewService:
    """Looks over the rooms."""

    def __init__(
        self,
        rows: OverviewRepository,
        *,
        alarms: AlarmService,
        budgets: BudgetService,
        instruments: InstrumentService,
        disk: Disk,
    ) -> None:
        self._rows = rows
        self._alarms = alarms
        self._budgets = budgets
        self._instruments = instruments
        self._disk = disk

    def of(self, actor: Actor) -> Overview:
        """Return what the actor should know."""
        projects, kind = readable_projects(actor), kind_of(actor)
        whose, since = _whose(actor, kind), now() - PAST
        free, total = self._disk() if kind == "manager" else (None, None)
        return Overview(
            kind=kind,
            counts=self._rows.counts(whose, since),
            active=self._rows.active(whose, ROWS),
            failed=self._rows.failed(whose, since, ROWS),
            lines=self._rows.lines(),
            near=list(islice(self._near(actor), ROWS)),
            posts=self._posts(actor),
            rooms=[Room(project, held) for project, held in self._rows.held(projects, ROWS)],
            free_bytes=free,
            total_bytes=total,
        )

    def _near(self, actor: Actor) -> Iterator[Near]:
        """Judge anew what alarms say is nearly spent, the spent first."""
        found = [
            entry.alarm
            for topic in ("budget.exceeded", "budget.near")
            for entry in self._alarms.page(actor, topic=topic, limit=CANDIDATES)
        ]
        judged: set[tuple[str, str]] = set()
        for alarm in found:
            key = (str(alarm.record.get("region_id")), str(alarm.record.get("phase")))
            if key in judged or alarm.sample_id is None:
                continue
            judged.add(key)
            try:
                budget = self._budgets.of_region(actor, key[0], Wanted(key[1]))
            except (LabError, ScienceError):  # its own page says why it cannot be judged
                continue
            if budget.worst.state in NEARLY and budget.region.retired_at is None:
                yield Near(alarm.sample_id, budget)

    def _posts(self, actor: Actor) -> list[Post]:
        found = self._instruments.page(actor, None, INSTRUMENTS)
        arriving = self._rows.arriving([each.id for each in found], readable_projects(actor))
        late = now() - QUIET
        return [
            Post(each, arriving[each.id], each.last_heartbeat_at is None or each.last_heartbeat_at < late)
            for each in found
        ]


def kind_of(actor: Actor) -> Kind:
    """Say whose work the actor looks after: the facility's, that of projects, or the own."""
    if allow(actor, Action.MANAGE) or actor.kind == "system":
        return "manager"
    return "steward" if "steward" in actor.roles.values() else "member"


def _whose(actor: Actor, kind: Kind) -> Whose:
    if kind == "manager":
        return Whose(readable_projects(actor), None)
    if kind == "steward":
        own = frozenset(project for project, role in actor.roles.items() if role == "steward")
        readable = readable_projects(actor)
        return Whose(own if readable is None else own & readable, None)
    return Whose(readable_projects(actor), actor.id)
