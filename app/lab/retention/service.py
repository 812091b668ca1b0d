"""What is deleted when, and in whose name; nobody commits here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.errors import Conflict, NotFound, StaleVersion
from app.infra.clock import now
from app.infra.db.models import RetentionRule, Tombstone
from app.infra.ids import new_id
from app.lab.access import SYSTEM, Action, Actor, allow, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.datasets.service import DatasetService
from app.lab.lineage.service import LineageService
from app.lab.projects.service import ProjectService
from app.lab.results.service import ResultService
from app.lab.retention.repository import RetentionRepository
from app.lab.retention.schemas import Kind, NewRule

BATCH = 10_000


class RuleExists(Conflict):
    """One rule for a kind in a project."""

    code, title = "rule-exists", "There is such a rule already"


@dataclass(frozen=True)
class Due:
    """Something whose time is over, and what holds it."""

    object_id: str
    kind: Kind
    project_id: str
    label: str
    created_at: datetime
    rule_id: str
    held_by: list[str]


class RetentionService:
    """
    Keeps rules and deletes by them.

    A project's own rule for a kind takes the place of the facility's. What results were made from is held: it is
    not deleted before they are.
    """

    def __init__(
        self,
        rules: RetentionRepository,
        *,
        projects: ProjectService,
        datasets: DatasetService,
        results: ResultService,
        lineage: LineageService,
        audit: AuditLog,
    ) -> None:
        self._rules = rules
        self._projects = projects
        self._datasets = datasets
        self._results = results
        self._lineage = lineage
        self._audit = audit

    def create(self, actor: Actor, new: NewRule) -> RetentionRule:
        """Set a rule: for a project by its stewards, for the facility by its managers."""
        self._require(actor, new.project_id)
        if self._rules.has_rule(new.project_id, new.kind):
            raise RuleExists("There is a rule for this kind already: remove it, then set another.")
        rule = RetentionRule(**new.model_dump(), id=new_id("rul"), created_by=actor.id, created_at=now())
        self._rules.add(rule)
        self._audit.record(
            actor, "retention.set", rule.id, project_id=rule.project_id, kind=rule.kind, keep_days=rule.keep_days
        )
        return rule

    def _require(self, actor: Actor, project_id: str | None) -> None:
        if project_id is None:
            require(actor, Action.MANAGE)
        else:
            self._projects.get(actor, project_id, need=Action.STEWARD)

    def may_remove(self, actor: Actor, rule: RetentionRule) -> bool:
        """Say whether the actor answers for a rule: stewards for their project's, managers for the facility's."""
        return allow(actor, Action.MANAGE if rule.project_id is None else Action.STEWARD, rule.project_id)

    def remove(self, actor: Actor, rule_id: str, version: int) -> None:
        """Remove a rule; nothing more is deleted by it."""
        rule = self._rules.get(rule_id)
        if rule is None:
            raise NotFound
        self._require(actor, rule.project_id)
        if rule.version != version:
            raise StaleVersion
        self._rules.remove(rule)
        self._audit.record(actor, "retention.remove", rule.id, project_id=rule.project_id, kind=rule.kind)

    def page(self, actor: Actor, *, project_id: str | None, before: str | None, limit: int) -> list[RetentionRule]:
        """Return the rules that touch the actor's projects, newest first."""
        return self._rules.page(readable_projects(actor, project_id), before, limit)

    def tombstones(self, actor: Actor, *, project_id: str | None, before: str | None, limit: int) -> list[Tombstone]:
        """Return what stands where things of the actor's projects were deleted."""
        return self._rules.tombstones(readable_projects(actor, project_id), before, limit)

    def plan(self, actor: Actor, project_id: str) -> list[Due]:
        """Say what the rules would delete from a project now, and what holds the rest; deletes nothing."""
        require(actor, Action.READ, project_id)
        return [due for due in self.due() if due.project_id == project_id]

    def due(self) -> list[Due]:
        """Return everything whose time is over, at most 10,000 of each rule."""
        rules = self._rules.rules()
        own = {(rule.project_id, rule.kind) for rule in rules if rule.project_id is not None}
        found: list[Due] = []
        for rule in rules:
            due = self._of_rule(rule)
            found += [each for each in due if rule.project_id is not None or (each.project_id, rule.kind) not in own]
        return found

    def _of_rule(self, rule: RetentionRule) -> Iterator[Due]:
        instant = now() - timedelta(days=rule.keep_days)
        finders: dict[str, Callable[[str | None, datetime], Iterator[tuple[Any, str, list[str]]]]] = {
            "dataset": self._due_datasets,
            "result": self._due_results,
            "upload": self._due_uploads,
            "job": self._due_jobs,
        }
        for row, label, held_by in finders[rule.kind](rule.project_id, instant):
            yield Due(row.id, rule.kind, row.project_id, label, row.created_at, rule.id, held_by)  # type: ignore[arg-type]

    def _due_datasets(self, project_id: str | None, instant: datetime) -> Iterator[tuple[Any, str, list[str]]]:
        for row in self._datasets.older_than(project_id, instant, BATCH):
            yield row, row.filename, self._lineage.dependents(row.id)

    def _due_results(self, project_id: str | None, instant: datetime) -> Iterator[tuple[Any, str, list[str]]]:
        before = f"res_{int(instant.timestamp() * 1000):012x}{'0' * 20}"  # identifiers sort by time
        for row in self._results.page(SYSTEM, project_id=project_id, before=before, limit=BATCH):
            yield row, row.digest[:12], self._lineage.dependents(row.id)

    def _due_uploads(self, project_id: str | None, instant: datetime) -> Iterator[tuple[Any, str, list[str]]]:
        for row in self._rules.due_uploads(project_id, instant, BATCH):
            yield row, row.filename, []

    def _due_jobs(self, project_id: str | None, instant: datetime) -> Iterator[tuple[Any, str, list[str]]]:
        for row in self._rules.due_jobs(project_id, instant, BATCH):
            yield row, row.method, []

    def delete(self, due: Due) -> None:
        """Delete one thing in the name of its rule's author; a rule removed meanwhile deletes nothing."""
        rule = self._rules.get(due.rule_id)
        if rule is None:
            return
        author = replace(SYSTEM, id=rule.created_by, label=f"the author of {rule.id}")
        reason = f"retention rule {rule.id}: kept {rule.keep_days} days"
        if due.kind == "dataset":
            self._datasets.delete(author, due.object_id, reason)
        elif due.kind == "result":
            result = self._results.get(author, due.object_id)
            self._results.delete(author, due.object_id, result.digest, reason)
        else:
            self._delete_record(author, due, reason)

    def _delete_record(self, author: Actor, due: Due, reason: str) -> None:
        record = {"label": due.label, "created_at": due.created_at.isoformat()}
        if due.kind == "upload":
            self._rules.remove_upload(due.object_id)
        else:
            record["events"] = str(self._rules.remove_events(due.object_id))
        self._rules.bury(
            Tombstone(
                object_id=due.object_id,
                kind=due.kind,
                project_id=due.project_id,
                reason=reason,
                record=record,
                deleted_by=author.id,
                deleted_at=now(),
            )
        )
        self._audit.record(author, f"{due.kind}.delete", due.object_id, project_id=due.project_id, reason=reason)
