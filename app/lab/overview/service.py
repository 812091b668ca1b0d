"""What a person should know at a glance: what runs, what failed and why, what is nearly spent, what fills up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Instrument, Job
from app.lab.access import Action, Actor, allow, readable_projects
from app.lab.alarms.service import AlarmService
from app.lab.budgets.service import BudgetService, RegionBudget, Wanted
from app.lab.instruments.service import QUIET, InstrumentService
from app.lab.overview.repository import Arriving, Counts, OverviewRepository, Whose
from app.lab.queues.repository import QueueLoad
from app.lab.queues.service import QueueService
from app.lab.space.service import Disk, ProjectSpace, SpaceService
from lithoscope.errors import ScienceError

Kind = Literal["member", "steward", "manager"]
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
class InstrumentState:
    """An instrument with what is on its way from it; ``is_quiet`` when its PC has not reported lately, or ever."""

    instrument: Instrument
    arriving: Arriving
    is_quiet: bool


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
    queues : list of QueueLoad
        The facility's.
    near : list of Near
    instruments : list of InstrumentState
    spaces : list of ProjectSpace
        Of projects, the fullest first.
    disk : Disk or None
        For managers.
    """

    kind: Kind
    counts: Counts
    active: list[Job]
    failed: list[Job]
    queues: list[QueueLoad]
    near: list[Near]
    instruments: list[InstrumentState]
    spaces: list[ProjectSpace]
    disk: Disk | None


class OverviewService:
    """Looks over the rooms."""

    def __init__(
        self,
        rows: OverviewRepository,
        *,
        alarms: AlarmService,
        budgets: BudgetService,
        instruments: InstrumentService,
        queues: QueueService,
        space: SpaceService,
    ) -> None:
        self._rows = rows
        self._alarms = alarms
        self._budgets = budgets
        self._instruments = instruments
        self._queues = queues
        self._space = space

    def of(self, actor: Actor) -> Overview:
        """Return what the actor should know."""
        kind = kind_of(actor)
        whose, since = _whose(actor, kind), now() - PAST
        return Overview(
            kind=kind,
            counts=self._rows.counts(whose, since),
            active=self._rows.active(whose, ROWS),
            failed=self._rows.failed(whose, since, ROWS),
            queues=self._queues.loads(),
            near=list(islice(self._near(actor), ROWS)),
            instruments=self._instruments_of(actor),
            spaces=self._space.projects(actor)[:ROWS],
            disk=self._space.disk(actor) if allow(actor, Action.MANAGE) else None,
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

    def _instruments_of(self, actor: Actor) -> list[InstrumentState]:
        found = self._instruments.page(actor, None, INSTRUMENTS)
        arriving = self._rows.arriving([each.id for each in found], readable_projects(actor))
        late = now() - QUIET
        return [
            InstrumentState(each, arriving[each.id], each.last_heartbeat_at is None or each.last_heartbeat_at < late)
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
