"""Is everything there and as it was? The database, every stored byte, the audit chain."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.cli import migrating
from app.infra.db.models import AuditEntry, Blob, Result
from app.infra.house import House
from app.infra.storage import Damage
from app.lab.composition import Lab
from app.lab.datasets.verification import verify_store


@dataclass
class Report:
    """
    What a verification found.

    Parameters
    ----------
    blobs, results, audit_entries : int
        How many were checked.
    problems : list of str
        What is wrong, each naming the thing; empty when all is well.
    """

    blobs: int = 0
    results: int = 0
    audit_entries: int = 0
    problems: list[str] = field(default_factory=list)


def verify(house: House) -> Report:
    """Check the database, the bytes of every blob and tree, and the audit chain; damaged blobs are marked as such."""
    report = Report()
    with house.database.reading() as session:
        report.problems += _database_problems(house, session)
        report.blobs = _count(session, Blob.sha256, Blob.purged_at.is_(None))
        report.results = _count(session, Result.id, Result.state != "deleted")
        report.audit_entries = _count(session, AuditEntry.seq, AuditEntry.seq > 0)
        report.problems += [f"{key} is missing" for key in _lost_results(house, session)]
        broken = Lab(house, session).audit.verify()
    if broken is not None:
        report.problems.append(f"audit entry {broken} does not fit the chain: it, or one before it, was changed")
    report.problems += [_words(damage) for damage in verify_store(house)]
    return report


def _count(session: Session, column: object, condition: object) -> int:
    return session.scalar(select(func.count(column)).where(condition)) or 0  # type: ignore[arg-type]


def _lost_results(house: House, session: Session) -> list[str]:
    keys = session.scalars(select(Result.store_key).where(Result.state != "deleted", Result.store_key.is_not(None)))
    return sorted({key for key in keys if key and not house.store.exists(key)})


def _words(damage: Damage) -> str:
    return f"{damage.key}/{damage.path} is {damage.problem}" if damage.path else f"{damage.key} is {damage.problem}"


def _database_problems(house: House, session: Session) -> Iterator[str]:
    if not migrating.is_current(house.database):
        yield "the database has another schema than this version: run `lithoscope admin migrate`"
    if not house.database.is_sqlite:
        return  # PostgreSQL checks its own pages (initdb --data-checksums)
    yield from (str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok")
    for row in session.execute(text("PRAGMA foreign_key_check")):
        yield f"row {row[1]} of {row[0]} points to a row of {row[2]} that is not there"
