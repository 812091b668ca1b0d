"""Bring a database to the schema of this code; Alembic without a configuration file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from sqlalchemy import Connection, text

from app.infra.db import Database
from app.infra.db.revisions import configuration, head, revision_of

__all__ = ["configuration", "current", "head", "is_current", "migrate", "write_step"]

_LOCK = 0x4C69746F  # any number all processes agree on: one migration at a time on PostgreSQL


def current(database: Database) -> str | None:
    """Return the revision of a database; None when it is empty."""
    with database.engine.connect() as connection:
        return revision_of(connection)


def is_current(database: Database) -> bool:
    """Say whether a database has the schema of this code."""
    return current(database) == head()


def migrate(database: Database) -> tuple[str | None, str]:
    """
    Apply the missing steps in one transaction: a process killed half way leaves the database as it was.

    Parameters
    ----------
    database : Database
        What to migrate; concurrent callers wait for each other.

    Returns
    -------
    before, after : str or None
        Revisions; equal when nothing was to do.
    """
    target = head()
    with database.engine.execution_options(writes=True).connect() as connection, _tables_may_be_remade(connection):
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        before = revision_of(connection)
        if before != target:
            command.upgrade(configuration(connection), target)
    return before, target


@contextmanager
def _tables_may_be_remade(connection: Connection) -> Iterator[None]:
    """
    Hold one transaction; on SQLite without foreign keys, and with a check of them all before it is committed.

    SQLite changes a column by making the table anew and dropping the old one, which foreign keys in force would refuse;
    they can be switched between transactions only.
    """
    raw: Any = connection.connection.driver_connection
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        raw.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            yield
            if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise RuntimeError(f"the migration would break references of table {broken[0]}: nothing was changed")
    finally:
        if is_sqlite:
            raw.execute("PRAGMA foreign_keys=ON")


def write_step(database: Database, name: str, revision: str) -> None:
    """Write a migration file for what the models have and the database, at head, has not (for developers)."""
    with database.engine.connect() as connection:
        command.revision(configuration(connection), message=name, autogenerate=True, rev_id=revision)
