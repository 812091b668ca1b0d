"""Rows of rules of automatic processing, their versions, what waits for them and what they did."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.infra.clock import now
from app.infra.db.models import Dataset, Job, ProcessingRule, RecipeRun, RuleCandidate, RuleFiring, RuleVersion, User
from app.infra.db.queries import in_projects, insert_or_change, page_before

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a rule has used of its limits."""

    in_hour: int
    in_day: int
    waiting: int
    compute_h: float


class RuleRepository:
    """Queries of rules."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, rule_id: str) -> ProcessingRule | None:
        """Return a rule."""
        return self._session.get(ProcessingRule, rule_id)

    def lock(self, rule_id: str) -> ProcessingRule | None:
        """Return a rule as it stands now and keep others from changing it or acting by it meanwhile."""
        return self._session.get(ProcessingRule, rule_id, with_for_update=True, populate_existing=True)

    def add(self, row: ProcessingRule | RuleVersion) -> None:
        """Insert a rule or a version of one."""
        self._session.add(row)
        self._session.flush()

    def page(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[ProcessingRule]:
        """Return the rules of these projects (None for all), newest first."""
        query = page_before(
            in_projects(select(ProcessingRule), ProcessingRule, projects), ProcessingRule, before, limit
        )
        return list(self._session.scalars(query))

    def enabled(self) -> list[ProcessingRule]:
        """Return every rule that is switched on."""
        return list(self._session.scalars(select(ProcessingRule).where(ProcessingRule.is_enabled)))

    def latest(self, rules: Sequence[ProcessingRule]) -> dict[str, RuleVersion]:
        """Return what rules say now."""
        is_latest = and_(ProcessingRule.id == RuleVersion.rule_id, ProcessingRule.version == RuleVersion.number)
        query = select(RuleVersion).join(ProcessingRule, is_latest)
        found = self._session.scalars(query.where(RuleVersion.rule_id.in_([rule.id for rule in rules])))
        return {version.rule_id: version for version in found}

    def versions(self, rule_id: str) -> list[RuleVersion]:
        """Return all that a rule ever said, newest first."""
        query = select(RuleVersion).where(RuleVersion.rule_id == rule_id)
        return list(self._session.scalars(query.order_by(RuleVersion.number.desc())))

    def note_readable(self, dataset: Dataset) -> None:
        """Keep in mind, in the transaction that makes a dataset readable, that rules are to look at it."""
        enabled = select(ProcessingRule.id).where(ProcessingRule.project_id == dataset.project_id)
        if self._session.scalar(enabled.where(ProcessingRule.is_enabled).limit(1)) is None:
            return
        row = {"dataset_id": dataset.id, "since": now()}
        insert_or_change(self._session, RuleCandidate, row, key="dataset_id", change={"since": row["since"]})

    def candidates(self, limit: int) -> list[str]:
        """Return the datasets that wait for rules to look at them, the first first."""
        query = select(RuleCandidate.dataset_id).order_by(RuleCandidate.since, RuleCandidate.dataset_id)
        return list(self._session.scalars(query.limit(limit)))

    def take(self, dataset_id: str) -> RuleCandidate | None:
        """Return a waiting dataset's row, locked; None when another has it or is done with it."""
        query = select(RuleCandidate).where(RuleCandidate.dataset_id == dataset_id)
        return self._session.scalar(query.with_for_update(skip_locked=True))

    def drop(self, candidate: RuleCandidate) -> None:
        """Forget a dataset that rules have looked at."""
        self._session.delete(candidate)
        self._session.flush()

    def in_force(self, project_id: str, since: datetime) -> list[RuleVersion]:
        """Return what the enabled rules of a project said at a moment, each rule locked; not one that was off."""
        rules = select(ProcessingRule.id).where(ProcessingRule.project_id == project_id, ProcessingRule.is_enabled)
        found = []
        for rule_id in self._session.scalars(rules.order_by(ProcessingRule.id).with_for_update()).all():
            said = select(RuleVersion).where(RuleVersion.rule_id == rule_id, RuleVersion.made_at <= since)
            version = self._session.scalar(said.order_by(RuleVersion.number.desc()).limit(1))
            if version is not None and version.is_enabled:
                found.append(version)
        return found

    def add_once(self, firing: RuleFiring) -> bool:
        """Insert what a version is about to do about a dataset; False when it did it before."""
        try:
            with self._session.begin_nested():
                self._session.add(firing)
        except IntegrityError:
            return False
        return True

    def note(self, firing: RuleFiring, **columns: Any) -> None:
        """Say how it went."""
        for name, value in columns.items():
            setattr(firing, name, value)
        self._session.flush()

    def savepoint(self) -> AbstractContextManager[Any]:
        """Undo what the block did when it raises, and nothing else."""
        return self._session.begin_nested()

    def spent(self, rule_id: str, at: datetime) -> Spent:
        """Return what a rule has used of its limits until a moment."""
        started = select(func.count()).where(RuleFiring.rule_id == rule_id, RuleFiring.outcome == "started")
        own = Job.rule_id == rule_id
        recent = own & Job.started_at.is_not(None) & (Job.created_at > at - 2 * DAY)
        spans = self._session.execute(select(Job.started_at, Job.finished_at).where(recent))
        return Spent(
            in_hour=self._session.scalar(started.where(RuleFiring.at > at - HOUR)) or 0,
            in_day=self._session.scalar(started.where(RuleFiring.at > at - DAY)) or 0,
            waiting=self._session.scalar(select(func.count()).where(own, Job.state == "queued")) or 0,
            compute_h=sum(_seconds_in(begin, end, at) for begin, end in spans) / 3600,
        )

    def firings(self, rule_id: str, before: str | None, limit: int) -> list[tuple[RuleFiring, str | None]]:
        """Return what a rule did and did not do, newest first, each with the state of what it started."""
        state = func.coalesce(Job.state, RecipeRun.state)
        query: Any = select(RuleFiring, state).outerjoin(Job, Job.id == RuleFiring.job_id)
        query = query.outerjoin(RecipeRun, RecipeRun.id == RuleFiring.run_id).where(RuleFiring.rule_id == rule_id)
        rows = self._session.execute(page_before(query, RuleFiring, before, limit))
        return [(firing, state) for firing, state in rows]

    def counts(self, rule_ids: Sequence[str], since: datetime) -> Mapping[str, Mapping[str, int]]:
        """Return how often rules did what since a moment, by rule and outcome."""
        query = select(RuleFiring.rule_id, RuleFiring.outcome, func.count()).group_by(
            RuleFiring.rule_id, RuleFiring.outcome
        )
        found: dict[str, dict[str, int]] = {rule_id: {} for rule_id in rule_ids}
        for rule_id, outcome, number in self._session.execute(
            query.where(RuleFiring.rule_id.in_(rule_ids), RuleFiring.at > since)
        ):
            found[rule_id][outcome] = number
        return found

    def people(self, ids: Collection[str]) -> dict[str, str]:
        """Return people's names by their identifiers."""
        found = self._session.execute(select(User.id, User.display_name).where(User.id.in_(sorted(ids))))
        return {str(identifier): str(name) for identifier, name in found}

    def started_by(self, result_id: str) -> str | None:
        """Return the rule that started the job of a result, if one did."""
        return self._session.scalar(select(Job.rule_id).where(Job.result_id == result_id))


def _seconds_in(begin: datetime | None, end: datetime | None, at: datetime) -> float:
    """Return how much of a job's time lies in the day before a moment."""
    return 0.0 if begin is None else max(0.0, ((end or at) - max(begin, at - DAY)).total_seconds())
