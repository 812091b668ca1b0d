"""Rows of the audit log and the head of its chain."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.counters import take_number
from app.infra.db.models import AuditEntry, Counter


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

    def page(self, before: int | None, limit: int, object_id: str | None = None) -> list[AuditEntry]:
        """Return entries from new to old."""
        query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditEntry.seq < before)
        if object_id is not None:
            query = query.where(AuditEntry.object_id == object_id)
        return list(self._session.scalars(query))

    def walk(self) -> Iterator[AuditEntry]:
        """Go through all entries from the first."""
        query = select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000)
        with self._session.scalars(query) as entries:  # closes the server's cursor also when the caller stops early
            yield from entries
