"""Rows of the audit log and the head of its chain."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.infra.db.counters import take_number
from app.infra.db.models import AccessKey, AuditEntry, Counter, User
from app.infra.db.queries import contains_text

MOST_NAMES = 200


@dataclass(frozen=True)
class AuditFilter:
    """
    What a page of the log is narrowed to; None leaves a field open.

    ``actor`` is an identifier, a user name or a part of a name; ``action`` a whole act or a family such as ``sample``.
    """

    object_id: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditRepository:
    """Queries of the audit log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def next_number(self) -> int:
        """Take the next number; holds the counter's row until the transaction ends, so numbers follow commit order."""
        return take_number(self._session, "audit")

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an entry."""
        return self._session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq))

    def add(self, entry: AuditEntry) -> None:
        """Append an entry."""
        self._session.add(entry)
        self._session.flush()

    def last_number(self) -> int:
        """Return the number given out last: the chain has this many entries."""
        return self._session.scalar(select(Counter.value).where(Counter.name == "audit")) or 0

    def page(self, before: int | None, limit: int, wanted: AuditFilter) -> list[AuditEntry]:
        """Return entries from new to old."""
        query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditEntry.seq < before)
        if wanted.object_id is not None:
            query = query.where(AuditEntry.object_id == wanted.object_id)
        if wanted.actor is not None:
            query = query.where(AuditEntry.actor_id.in_(self.actor_ids(wanted.actor)))
        if wanted.action is not None:
            whole = AuditEntry.action == wanted.action
            query = query.where(or_(whole, AuditEntry.action.startswith(f"{wanted.action}.", autoescape=True)))
        if wanted.since is not None:
            query = query.where(AuditEntry.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AuditEntry.at < wanted.until)
        return list(self._session.scalars(query))

    def actor_ids(self, text: str) -> list[str]:
        """Return who may be meant by an identifier, a user name or a part of a name."""
        people = select(User.id).where(or_(User.login == text, contains_text(text, User.display_name)))
        devices = select(AccessKey.id).where(AccessKey.kind == "device", contains_text(text, AccessKey.name))
        found = [*self._session.scalars(people.limit(MOST_NAMES)), *self._session.scalars(devices.limit(MOST_NAMES))]
        return [text, *found]

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """Return what people and devices are called."""
        wanted = sorted(ids)
        people = select(User.id, User.display_name).where(User.id.in_(wanted))
        devices = select(AccessKey.id, AccessKey.name).where(AccessKey.id.in_(wanted))
        return {id_: name for query in (people, devices) for id_, name in self._session.execute(query)}

    def actions(self) -> list[str]:
        """Return the acts that were ever recorded, by name."""
        return list(self._session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))

    def walk(self, after: int = 0, limit: int | None = None) -> Iterator[AuditEntry]:
        """Go through entries in their order, from the one after a number."""
        query = select(AuditEntry).where(AuditEntry.seq > after).order_by(AuditEntry.seq)
        query = query.limit(limit).execution_options(yield_per=1000)
        with self._session.scalars(query) as entries:  # closes the server's cursor also when the caller stops early
            yield from entries
