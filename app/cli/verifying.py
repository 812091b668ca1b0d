"""Is everything there and as it was? The database, every stored byte, the audit chain."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.cli import migrating
from app.infra.db.models import AuditEntry
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
    blobs, trees, audit_entries, in_place : int
        How many were checked; ``in_place`` are files on the facility's own storage.
    problems : list of str
        What is wrong, each naming the thing; empty when all is well.
    """

    blobs: int = 0
    trees: int = 0
    audit_entries: int = 0
    problems: list[str] = field(default_factory=list)
    in_place: int = 0


def verify(house: House) -> Report:
    """Check the database, the bytes of every blob and tree, and the audit chain; damaged blobs are marked as such."""
    with house.database.reading() as session:
        problems = list(_database_problems(house, session))
        entries = session.scalar(select(func.count(AuditEntry.seq))) or 0
        broken = Lab(house, session).audit.verify()
    if broken is not None:
        problems.append(f"audit entry {broken} does not fit the chain: it, or one before it, was changed")
    stored = verify_store(house)
    problems += [_words(damage) for damage in stored.damages]
    return Report(stored.blobs, stored.trees, entries, problems, stored.in_place)


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
