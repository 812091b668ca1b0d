"""What people do with rules of automatic processing; nobody commits here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.errors import Invalid, LabError, NotFound, StaleVersion
from app.infra.clock import now
from app.infra.db.models import Dataset, ProcessingRule, RuleFiring, RuleVersion
from app.infra.ids import new_id
from app.infra.log import get_logger
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.accounts.authentication import Authentication
from app.lab.audit.service import AuditLog
from app.lab.datasets.repository import DatasetFilter
from app.lab.datasets.service import DatasetService
from app.lab.instruments.service import InstrumentService
from app.lab.projects.service import ProjectService
from app.lab.rules.judging import Judge, Judgement, Standing, effect_lost, words_of
from app.lab.rules.planning import Planner
from app.lab.rules.repository import DAY, HOUR, RuleRepository, Spent
from app.lab.rules.schemas import NewRule, RuleChange, RuleSaid, RuleSwitch
from app.lab.rules.versions import document_of, said_by

NOT_JUDGED = (
    ("waiting", "jobs that wait: they are counted when the rule acts"),
    ("compute_h_per_day", "computing time: it is counted when the rule acts"),
)
WEEK = timedelta(days=7)

log = get_logger(__name__)


@dataclass(frozen=True)
class RuleView:
    """A rule with what it says, and why it has no effect, if it has none."""

    rule: ProcessingRule
    version: RuleVersion
    problem: str

    @property
    def said(self) -> RuleSaid:
        """Return what it says."""
        return said_by(self.version)


@dataclass(frozen=True)
class Trial:
    """What a rule would do about a dataset."""

    dataset: Dataset
    judgement: Judgement


@dataclass(frozen=True)
class DryRun:
    """What a rule would have done about the latest datasets, newest first."""

    params: dict[str, Any]
    not_judged: tuple[str, ...]
    trials: Sequence[Trial]

    def count(self, outcome: str) -> int:
        """Count the datasets of an outcome."""
        return sum(trial.judgement.outcome == outcome for trial in self.trials)


class RuleService:
    """Keeps rules; every change is a version that stays."""

    def __init__(
        self,
        rules: RuleRepository,
        judge: Judge,
        planner: Planner,
        *,
        authentication: Authentication,
        projects: ProjectService,
        instruments: InstrumentService,
        datasets: DatasetService,
        audit: AuditLog,
    ) -> None:
        self._rules = rules
        self._judge = judge
        self._planner = planner
        self._authentication = authentication
        self._projects = projects
        self._instruments = instruments
        self._datasets = datasets
        self._audit = audit

    def create(self, actor: Actor, new: NewRule) -> RuleView:
        """Make a rule of a project, for who may start jobs in it; it acts for them."""
        self._check(actor, new.project_id, new)
        at = now()
        rule = ProcessingRule(
            id=new_id("apr"),
            project_id=new.project_id,
            is_enabled=new.is_enabled,
            created_by=actor.id,
            created_at=at,
        )
        self._rules.add(rule)
        self._append(actor, rule, new, at=at, is_enabled=new.is_enabled, reason="made")
        return self.get(actor, rule.id)

    def change(self, actor: Actor, rule_id: str, number: int, change: RuleChange) -> RuleView:
        """Append the next version of a rule; from now on it acts for the actor."""
        rule = self._changeable(actor, rule_id, number)
        self._check(actor, rule.project_id, change)
        return self._next(actor, rule, change, is_enabled=change.is_enabled, reason=change.reason)

    def switch(self, actor: Actor, rule_id: str, number: int, switch: RuleSwitch) -> RuleView:
        """Switch a rule on, for the actor from now on, or off."""
        rule = self._changeable(actor, rule_id, number)
        said = said_by(self._rules.latest([rule])[rule.id])
        if switch.is_enabled:
            self._check(actor, rule.project_id, said)
        reason = switch.reason or ("switched on" if switch.is_enabled else "switched off")
        return self._next(actor, rule, said, is_enabled=switch.is_enabled, reason=reason)

    def get(self, actor: Actor, rule_id: str, need: Action = Action.READ) -> RuleView:
        """Return a rule of a project the actor may act in; a foreign one is not found."""
        rule = self._rules.get(rule_id)
        if rule is None:
            raise NotFound
        require(actor, need, rule.project_id)
        return self._views([rule])[0]

    def page(self, actor: Actor, *, project_id: str | None, before: str | None, limit: int) -> list[RuleView]:
        """Return the rules of the actor's projects, newest first."""
        return self._views(self._rules.page(readable_projects(actor, project_id), before, limit))

    def without_effect(self) -> Iterator[RuleView]:
        """Go through the facility's rules that are switched on and start nothing, for the service itself."""
        rules = self._rules.enabled()
        latest = self._rules.latest(rules)
        for rule in rules:
            try:
                problem = self._problem(rule, latest[rule.id])
            except DBAPIError:
                raise
            except Exception:  # one rule must not silence the others
                log.exception("rule not looked at", rule_id=rule.id)
                continue
            if problem:
                yield RuleView(rule, latest[rule.id], problem)

    def versions(self, actor: Actor, rule_id: str) -> list[RuleVersion]:
        """Return all that a rule ever said, newest first."""
        return self._rules.versions(self.get(actor, rule_id).rule.id)

    def firings(
        self, actor: Actor, rule_id: str, *, before: str | None = None, limit: int = 50
    ) -> list[tuple[RuleFiring, str | None]]:
        """Return what a rule did, skipped and was refused, newest first, with the state of what it started."""
        return self._rules.firings(self.get(actor, rule_id).rule.id, before, limit)

    def counts(self, views: Sequence[RuleView]) -> Mapping[str, Mapping[str, int]]:
        """Return how often rules that the actor was already given did what in the last seven days."""
        return self._rules.counts([view.rule.id for view in views], now() - WEEK)

    def makers(self, versions: Sequence[RuleVersion]) -> dict[str, str]:
        """Return what those are called who made versions that the actor was already given."""
        return self._rules.people({version.made_by for version in versions})

    def dry_run(self, actor: Actor, rule_id: str, over: int) -> DryRun:
        """Hold a rule as it stands against the latest datasets of its project; nothing is kept."""
        view = self.get(actor, rule_id)
        maker = self._authentication.on_behalf_of(view.version.made_by)
        return self._tried(actor, view.rule.project_id, Standing(rule_id, view.said, maker), over)

    def try_out(self, actor: Actor, new: NewRule, over: int) -> DryRun:
        """Hold a rule that need not exist against the latest datasets of a project; nothing is kept."""
        self._check(actor, new.project_id, new)
        return self._tried(actor, new.project_id, Standing(None, new, actor), over)

    def _tried(self, actor: Actor, project_id: str, standing: Standing, over: int) -> DryRun:
        wanted = DatasetFilter(state="readable")
        rows = self._datasets.page(actor, project_id=project_id, wanted=wanted, limit=over)
        starts: list[datetime] = []
        trials = []
        for dataset in reversed(rows):  # as they came: limits are used up in that order
            judgement = self._judge.judge(standing, dataset, _spent_by(starts, dataset.created_at))
            if judgement.outcome == "started":
                starts.append(dataset.created_at)
            trials.append(Trial(dataset, judgement))
        limits = standing.said.limits
        unjudged = tuple(words for name, words in NOT_JUDGED if getattr(limits, name) is not None)
        return DryRun(self._planner.params(standing.said.action), unjudged, trials[::-1])

    def _check(self, actor: Actor, project_id: str, said: RuleSaid) -> None:
        """Refuse what could never act: no right to start jobs, no such instrument, what its method does not take."""
        self._projects.get(actor, project_id, need=Action.RUN)
        for place, instrument_id in enumerate(said.trigger.instrument_ids):
            try:
                self._instruments.get(actor, instrument_id)
            except NotFound:
                pointer = f"/body/trigger/instrument_ids/{place}"
                raise Invalid.field(pointer, "No such instrument: see GET /instruments.") from None
        self._planner.check(actor, said.action, project_id)

    def _changeable(self, actor: Actor, rule_id: str, number: int) -> ProcessingRule:
        self.get(actor, rule_id, need=Action.RUN)
        rule = self._rules.lock(rule_id)
        if rule is None:
            raise NotFound
        if rule.version != number:
            raise StaleVersion
        return rule

    def _next(self, actor: Actor, rule: ProcessingRule, said: RuleSaid, *, is_enabled: bool, reason: str) -> RuleView:
        rule.version += 1
        rule.is_enabled = is_enabled
        self._append(actor, rule, said, at=now(), is_enabled=is_enabled, reason=reason)
        return self.get(actor, rule.id)

    def _append(
        self, actor: Actor, rule: ProcessingRule, said: RuleSaid, *, at: datetime, is_enabled: bool, reason: str
    ) -> None:
        version = RuleVersion(
            rule_id=rule.id,
            number=rule.version,
            name=said.name,
            is_enabled=is_enabled,
            document=document_of(said),
            reason=reason,
            made_by=actor.id,
            made_at=at,
        )
        self._rules.add(version)
        details = {"version": version.number, "is_enabled": is_enabled, "reason": reason}
        self._audit.record(actor, "rule.version", rule.id, project_id=rule.project_id, **details)

    def _views(self, rules: Sequence[ProcessingRule]) -> list[RuleView]:
        latest = self._rules.latest(rules)
        return [RuleView(rule, latest[rule.id], self._problem(rule, latest[rule.id])) for rule in rules]

    def _problem(self, rule: ProcessingRule, version: RuleVersion) -> str:
        """Say why a rule has no effect, whether it is switched on or not."""
        said, actor = said_by(version), self._authentication.on_behalf_of(version.made_by)
        lost = effect_lost(actor, rule.project_id) or self._source_lost(said.trigger.instrument_ids)
        if lost or actor is None:
            return lost
        try:
            self._planner.check(actor, said.action, rule.project_id)
        except LabError as refusal:
            return f"what it runs, or what it runs on, is not there as it was: {words_of(refusal)}"
        return ""

    def _source_lost(self, instrument_ids: Sequence[str]) -> str:
        """Say that every instrument a rule is about was retired; empty while one is not, or where it names none."""
        if not instrument_ids or not all(map(self._instruments.is_retired, instrument_ids)):
            return ""
        names = ", ".join(instrument_ids)
        return f"nothing arrives any more from {names}: each key of its PCs was revoked or has ended"


def _spent_by(starts: Sequence[datetime], at: datetime) -> Spent:
    """Count the starts before a moment; what waited and computed then is not known."""
    in_hour, in_day = (sum(at - span < start <= at for start in starts) for span in (HOUR, DAY))
    return Spent(in_hour, in_day, waiting=0, compute_h=0.0)
