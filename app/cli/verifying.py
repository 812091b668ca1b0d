"""Is everything there and as it was? The database, every stored byte, the audit chain."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cli import migrating
from app.infra.db.models import Blob, Dataset, Result
from app.infra.house import House
from app.infra.storage import blob_key, sha256_of, tree_damage
from app.lab.composition import Lab


@dataclass
class Report:
    """
    What a verification found.

    Parameters
    ----------
    blobs, trees, audit_entries : int
        How many were checked.
    problems : list of str
        What is wrong, each naming the thing; empty when all is well.
    """

    blobs: int = 0
    trees: int = 0
    audit_entries: int = 0
    problems: list[str] = field(default_factory=list)


def verify(house: House) -> Report:
    """Check the database, the bytes of every blob and tree a row names, and the audit chain."""
    report = Report()
    with house.database.reading() as session:
        report.problems += _database_problems(house, session)
        for blob in session.scalars(select(Blob).where(Blob.purged_at.is_(None)).order_by(Blob.sha256)):
            report.blobs += 1
            report.problems += _blob_problems(house, blob)
        for key in sorted(_tree_keys(session)):
            report.trees += 1
            report.problems += [
                f"{damage.key}/{damage.path} is {damage.problem}" for damage in tree_damage(house.store, key)
            ]
        report.audit_entries = session.scalar(text("SELECT count(*) FROM audit_entry")) or 0
        broken = Lab(house, session).audit.verify()
        if broken is not None:
            report.problems.append(f"audit entry {broken} does not fit the chain: it, or one before it, was changed")
    return report


def _database_problems(house: House, session: Session) -> Iterator[str]:
    if not migrating.is_current(house.database):
        yield "the database has another schema than this version: run `lithoscope admin migrate`"
    if not house.database.is_sqlite:
        return  # PostgreSQL checks its own pages (initdb --data-checksums)
    yield from (str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok")
    for row in session.execute(text("PRAGMA foreign_key_check")):
        yield f"row {row[1]} of {row[0]} points to a row of {row[2]} that is not there"


def _blob_problems(house: House, blob: Blob) -> Iterator[str]:
    key = blob_key(blob.sha256)
    try:
        with house.store.open(key) as file:
            found = sha256_of(file)
    except FileNotFoundError:
        yield f"{key} is missing"
        return
    if found != blob.sha256:
        yield f"{key} is changed"


def _tree_keys(session: Session) -> set[str]:
    datasets = session.scalars(select(Dataset.store_key).where(Dataset.store_key.is_not(None)))
    results = session.scalars(select(Result.store_key))
    return {key for keys in (datasets, results) for key in keys if key}
