"""Promise 13: a migration ends well, whatever kills it on the way."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from app.cli import migrating
from app.infra.db import Database
from app.infra.db.base import Base
from tests.servers import PostgresCluster

DIE_IN_MID_MIGRATION = """
import os, signal, sys
from sqlalchemy import event
from app.cli import migrating
from app.infra.db import Database

database, left = Database(sys.argv[1]), int(sys.argv[2])

@event.listens_for(database.engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    global left
    left -= statement.startswith("CREATE") or statement.startswith("\\nCREATE")
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

migrating.migrate(database)
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'house.db'}")
        yield database
        database.dispose()
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    with cluster.database(empty=True) as url:
        database = Database(url)
        yield database
        database.dispose()


def test_a_migrated_database_has_exactly_the_tables_of_the_models(empty):
    assert migrating.migrate(empty) == (None, migrating.head())
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_changes_nothing(empty):
    migrating.migrate(empty)
    assert migrating.migrate(empty) == (migrating.head(), migrating.head())
    assert migrating.is_current(empty)


@pytest.mark.parametrize("statements", [1, 9, 30])
def test_a_migration_killed_half_way_leaves_nothing_behind_and_ends_well_when_run_again(empty, statements):
    command = [sys.executable, "-c", DIE_IN_MID_MIGRATION, empty.url, str(statements)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert migrating.current(empty) is None
    assert "sample" not in inspect(empty.engine).get_table_names()
    migrating.migrate(empty)
    assert set(Base.metadata.tables) <= set(inspect(empty.engine).get_table_names())


def test_steps_follow_each_other_without_a_fork():
    assert migrating.head()
