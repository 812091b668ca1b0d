"""A consistent copy of the database while it is written: SQLite by its backup API, PostgreSQL by its own tools."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from app.infra.db import Database

SQLITE_NAME = "lithoscope.db"
POSTGRESQL_NAME = "lithoscope.pgdump"


class ToolFailed(RuntimeError):
    """A program of PostgreSQL is missing or refused."""


def dump(database: Database, folder: Path) -> Path:
    """Write the database as it is at one moment into a folder; return the file."""
    if database.is_sqlite:
        target = folder / SQLITE_NAME
        _copy_sqlite(_sqlite_path(database), target)
        return target
    target = folder / POSTGRESQL_NAME
    _run(database, "pg_dump", "--format=custom", "--no-owner", f"--file={target}")
    return target


def load(database: Database, folder: Path) -> None:
    """Bring a dump back into an empty database."""
    if not is_empty(database):
        raise ToolFailed("the database is not empty: restore into a fresh one")
    if database.is_sqlite:
        database.dispose()
        _copy_sqlite(folder / SQLITE_NAME, _sqlite_path(database))
        return
    options = ("--exit-on-error", "--single-transaction", "--no-owner", str(folder / POSTGRESQL_NAME))
    _run(database, "pg_restore", *options)


def is_empty(database: Database) -> bool:
    """Say whether a database has no tables."""
    return not inspect(database.engine).get_table_names()


def _sqlite_path(database: Database) -> Path:
    return Path(str(make_url(database.url).database))


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy in one step: SQLite holds one read snapshot for it, and in WAL mode writers go on."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _run(database: Database, program: str, *options: str) -> None:
    url = make_url(database.url)
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)  # never on a command line, which every user of the host can read
    target = url.set(drivername="postgresql", password=None).render_as_string()
    command = [_find(program), f"--dbname={target}", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise ToolFailed(f"{program} failed: {done.stderr.strip()[-1000:]}")


def _find(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise ToolFailed(f"{program} is not on the PATH: install PostgreSQL's client programs of the server's version")
    return found
