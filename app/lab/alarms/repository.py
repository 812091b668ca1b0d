"""Rows of alarms, their deliveries and webhooks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.infra.db.models import (
    Alarm,
    AlarmDelivery,
    BeamCalibration,
    BeamRecord,
    DoseLimit,
    Exposure,
    Region,
    Sample,
    SampleClock,
    Webhook,
)
from app.infra.db.queries import in_projects, page_before

CHUNK = 500


@dataclass(frozen=True, slots=True)
class BeamMark:
    """What is on record of beams in a project: another text, or a beam that is on, may mean another budget."""

    text: str
    is_running: bool


class AlarmRepository:
    """Queries of alarms."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, alarm_id: str) -> Alarm | None:
        """Return an alarm."""
        return self._session.get(Alarm, alarm_id)

    def known_keys(self, keys: Iterable[str]) -> set[str]:
        """Return which of these keys have raised an alarm."""
        wanted, known = sorted(set(keys)), set[str]()
        for start in range(0, len(wanted), CHUNK):
            query = select(Alarm.key).where(Alarm.key.in_(wanted[start : start + CHUNK]))
            known.update(self._session.scalars(query))
        return known

    def add_once(self, alarm: Alarm) -> bool:
        """Insert an alarm; False when another sweeper raised it a moment before."""
        try:
            with self._session.begin_nested():
                self._session.add(alarm)
        except IntegrityError:
            return False
        return True

    def page(
        self,
        projects: frozenset[str] | None,
        *,
        topic: str | None,
        is_open: bool | None,
        before: str | None,
        limit: int,
    ) -> list[Alarm]:
        """Return alarms of these projects (None for all), newest first."""
        query = in_projects(select(Alarm), Alarm, projects)
        if topic is not None:
            query = query.where(Alarm.topic == topic)
        if is_open is not None:
            query = query.where(Alarm.acknowledged_at.is_(None) if is_open else Alarm.acknowledged_at.is_not(None))
        return list(self._session.scalars(page_before(query, Alarm, before, limit)))

    def count_open(self, projects: frozenset[str] | None, most: int) -> int:
        """Count the alarms of these projects (None for all) that nobody has acknowledged, up to so many."""
        some = in_projects(select(Alarm.id), Alarm, projects).where(Alarm.acknowledged_at.is_(None)).limit(most)
        return self._session.scalar(select(func.count()).select_from(some.subquery())) or 0

    def acknowledge(self, alarm: Alarm, by: str, at: datetime) -> None:
        """Note who has seen an alarm; the first who did stays."""
        first = update(Alarm).where(Alarm.id == alarm.id, Alarm.acknowledged_at.is_(None))
        self._session.execute(first.values(acknowledged_by=by, acknowledged_at=at))
        self._session.refresh(alarm)

    def delivery_counts(self, alarm_ids: list[str]) -> dict[str, tuple[int, int, int]]:
        """Return how many messages of each alarm were delivered, wait, and were given up."""
        is_waiting = AlarmDelivery.delivered_at.is_(None) & AlarmDelivery.next_try_at.is_not(None)
        query = (
            select(
                AlarmDelivery.alarm_id,
                func.count(AlarmDelivery.delivered_at),
                func.sum(case((is_waiting, 1), else_=0)),
                func.count(),
            )
            .where(AlarmDelivery.alarm_id.in_(alarm_ids))
            .group_by(AlarmDelivery.alarm_id)
        )
        rows = self._session.execute(query)
        return {alarm: (done, waiting, every - done - waiting) for alarm, done, waiting, every in rows}

    def clock_mark(self, at: datetime) -> str:
        """Return what changes whenever a clock passes a moment or is computed anew."""
        moments = (SampleClock.due_at, SampleClock.overdue_at, SampleClock.unknown_at)
        passed = [func.count(case((moment <= at, 1))) for moment in moments]
        return str(tuple(self._session.execute(select(func.max(SampleClock.computed_at), *passed)).one()))

    def watched(self) -> list[tuple[Region, Sample]]:
        """Return the live regions that are watched for a phase, each with its sample."""
        query = select(Region, Sample).join(Sample, Sample.id == Region.sample_id).where(Region.retired_at.is_(None))
        return [(region, sample) for region, sample in self._session.execute(query) if region.phases]

    def beam_marks(self) -> dict[str, BeamMark]:
        """Return what is on record of beams, by project; nothing there is ever edited, so counts tell a change."""
        shared = [
            self._session.scalar(select(func.count()).select_from(BeamCalibration)),
            self._session.scalar(select(func.count()).where(DoseLimit.retired_at.is_(None))),
        ]
        ended = select(Exposure.supersedes_id).where(Exposure.supersedes_id.is_not(None))
        running = func.sum(case((Exposure.is_running & Exposure.id.not_in(ended), 1), else_=0))
        exposures = self._by_project(Exposure, running)
        records, regions = self._by_project(BeamRecord), self._by_project(Region, func.sum(Region.version))
        return {
            project: BeamMark(
                f"{shared}{exposures.get(project)}{records.get(project)}{regions[project]}",
                bool(exposures.get(project, (0, 0))[1]),
            )
            for project in regions
        }

    def _by_project(self, table: Any, also: ColumnElement[Any] | None = None) -> dict[str, tuple[int, int]]:
        """Count rows by their sample's project, with one more sum."""
        more = func.count() if also is None else also
        query = select(Sample.project_id, func.count(), more).join(table, table.sample_id == Sample.id)
        return {row[0]: (row[1], int(row[2])) for row in self._session.execute(query.group_by(Sample.project_id))}

    def webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook, retired ones included."""
        return self._session.get(Webhook, webhook_id)

    def webhooks(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[Webhook]:
        """Return live webhooks of these projects (None: all, and the facility's own), newest first."""
        query = in_projects(select(Webhook), Webhook, projects).where(Webhook.retired_at.is_(None))
        return list(self._session.scalars(page_before(query, Webhook, before, limit)))

    def listening(self, project_id: str, topic: str) -> list[Webhook]:
        """Return the live webhooks that want to hear of a topic in a project."""
        query = select(Webhook).where(
            Webhook.retired_at.is_(None), or_(Webhook.project_id == project_id, Webhook.project_id.is_(None))
        )
        return [webhook for webhook in self._session.scalars(query) if not webhook.topics or topic in webhook.topics]

    def add(self, row: Webhook | AlarmDelivery) -> None:
        """Insert a row."""
        self._session.add(row)
        self._session.flush()

    def last_news(self, webhook_ids: list[str]) -> dict[str, tuple[datetime | None, str | None]]:
        """Return when each webhook last took a message, and what went wrong with the newest that it has not taken."""
        mine = AlarmDelivery.webhook_id.in_(webhook_ids)
        taken = select(AlarmDelivery.webhook_id, func.max(AlarmDelivery.delivered_at)).where(mine)
        failed = select(AlarmDelivery.webhook_id, AlarmDelivery.last_error).where(
            mine, AlarmDelivery.delivered_at.is_(None), AlarmDelivery.last_error.is_not(None)
        )
        errors = {row[0]: row[1] for row in self._session.execute(failed.order_by(AlarmDelivery.id))}
        times = {row[0]: row[1] for row in self._session.execute(taken.group_by(AlarmDelivery.webhook_id))}
        return {hook: (times.get(hook), errors.get(hook)) for hook in webhook_ids}

    def due(self, at: datetime, limit: int) -> list[AlarmDelivery]:
        """Return deliveries whose time has come, oldest first."""
        query = select(AlarmDelivery).where(AlarmDelivery.next_try_at <= at, AlarmDelivery.delivered_at.is_(None))
        return list(self._session.scalars(query.order_by(AlarmDelivery.next_try_at, AlarmDelivery.id).limit(limit)))

    def delivery(self, delivery_id: str) -> AlarmDelivery | None:
        """Return a delivery."""
        return self._session.get(AlarmDelivery, delivery_id)

    def claim(self, delivery_id: str, attempts: int, until: datetime) -> bool:
        """Take a delivery for one try; False when another sweeper took it. A sweeper that dies frees it in time."""
        free = update(AlarmDelivery).where(
            AlarmDelivery.id == delivery_id,
            AlarmDelivery.attempts == attempts,
            AlarmDelivery.delivered_at.is_(None),
            AlarmDelivery.next_try_at.is_not(None),
        )
        taken = free.values(attempts=attempts + 1, next_try_at=until).returning(AlarmDelivery.id)
        return self._session.scalar(taken) is not None

    def note(
        self, delivery_id: str, *, delivered_at: datetime | None, next_try_at: datetime | None, error: str | None
    ) -> None:
        """Note how a try ended."""
        values = {"delivered_at": delivered_at, "next_try_at": next_try_at, "last_error": error}
        self._session.execute(update(AlarmDelivery).where(AlarmDelivery.id == delivery_id).values(values))
