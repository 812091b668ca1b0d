"""Counts and short lists over the tables of other rooms, for one look at what goes on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.infra.db.models import Dataset, Job, Upload
from app.infra.db.queries import in_projects

ACTIVE = ("cancelling", "queued", "running")
UNREAD = ("received", "verified")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs run, wait, and failed lately."""

    running: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class Arriving:
    """What of an instrument is on its way: unfinished transfers with the bytes still to come, files not read yet."""

    transfers: int = 0
    missing_bytes: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Whose:
    """Jobs of these projects (None for all), of one person alone when named."""

    projects: frozenset[str] | None
    person: str | None


class OverviewRepository:
    """Queries of the overview."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def active(self, whose: Whose, limit: int) -> list[Job]:
        """Return jobs that run or wait, those that run first."""
        query = _analyses(whose).where(Job.state.in_(ACTIVE))
        return list(self._session.scalars(query.order_by(Job.state.desc(), Job.id).limit(limit)))

    def failed(self, whose: Whose, since: datetime, limit: int) -> list[Job]:
        """Return jobs that failed since a moment and were not tried again, the newest first."""
        query = _failed(whose, since).order_by(Job.finished_at.desc())
        return list(self._session.scalars(query.limit(limit)))

    def counts(self, whose: Whose, since: datetime) -> Counts:
        """Count what runs, what waits, and what failed since a moment and was not tried again."""
        query = _analyses(whose).where(Job.state.in_(ACTIVE)).with_only_columns(Job.state, func.count())
        states = {row[0]: row[1] for row in self._session.execute(query.group_by(Job.state))}
        failed = self._session.scalar(_failed(whose, since).with_only_columns(func.count())) or 0
        waiting = states.pop("queued", 0)
        return Counts(sum(states.values()), waiting, failed)

    def arriving(self, instruments: Collection[str], projects: frozenset[str] | None) -> dict[str, Arriving]:
        """Return what of these projects (None for all) is on its way from each of some instruments."""
        missing = func.sum(Upload.size_bytes - Upload.offset_bytes)
        sent: Any = select(Upload.instrument_id, func.count(), missing)
        sent = in_projects(sent, Upload, projects).where(
            Upload.state == "receiving", Upload.instrument_id.in_(instruments)
        )
        kept: Any = select(Dataset.instrument_id, func.count())
        kept = in_projects(kept, Dataset, projects).where(
            Dataset.state.in_(UNREAD), Dataset.instrument_id.in_(instruments)
        )
        transfers = {row[0]: (row[1], row[2]) for row in self._session.execute(sent.group_by(Upload.instrument_id))}
        unread = {row[0]: row[1] for row in self._session.execute(kept.group_by(Dataset.instrument_id))}
        return {each: Arriving(*transfers.get(each, (0, 0)), unread.get(each, 0)) for each in instruments}


def _analyses(whose: Whose) -> Select[Job]:
    query = in_projects(select(Job), Job, whose.projects).where(Job.kind == "analysis")
    return query if whose.person is None else query.where(Job.created_by == whose.person)


def _failed(whose: Whose, since: datetime) -> Select[Job]:
    again = aliased(Job)
    query = _analyses(whose).where(Job.state == "failed", Job.finished_at >= since)
    return query.where(~select(again.id).where(again.retry_of == Job.id).exists())
