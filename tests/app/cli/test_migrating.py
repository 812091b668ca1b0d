"""Promise 13: a migration ends well, whatever kills it on the way."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Insert, MetaData, Table, inspect, select

from app.cli import migrating
from app.infra.db import Database
from app.infra.db.base import Base
from app.infra.db.models import CustodyEvent, Exposure, Job, RecipeRun, Result, Sample, ShownElement
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.settings import Settings
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
    killed = [sys.executable, "-c", DIE_IN_MID_MIGRATION, empty.url, str(statements)]
    assert subprocess.run(killed, check=False).returncode == -signal.SIGKILL
    assert migrating.current(empty) is None
    assert "sample" not in inspect(empty.engine).get_table_names()
    migrating.migrate(empty)
    assert set(Base.metadata.tables) <= set(inspect(empty.engine).get_table_names())


def test_steps_follow_each_other_without_a_fork():
    assert migrating.head()


NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _row(table: Table, values: dict[str, Any]) -> Insert:
    """Return the insertion of a row as the first release had it: columns it must have and nobody names hold nothing."""
    empty = {
        column.name: _nothing(column)
        for column in table.columns
        if not column.nullable and column.default is None and column.server_default is None
    }
    return table.insert().values(**{**empty, **values})


def _nothing(column: Column[Any]) -> object:
    name = str(column.type).upper()
    if "JSON" in name:
        return []
    if "TIME" in name:
        return NINE if column.type.timezone else NINE.replace(tzinfo=None)
    return 0 if any(word in name for word in ("INT", "FLOAT", "BOOL", "DOUBLE")) else "x"


def _fill_first_release(connection: Connection) -> None:
    """Store a parent and its child, an event with a measured offset, its correction, and an exposure."""
    tables = MetaData()
    tables.reflect(connection)
    moment = NINE if connection.dialect.name == "postgresql" else NINE.replace(tzinfo=None)
    sample = {"project_id": "prj_1", "created_at": moment, "version": 1, "material": "lithium_electrodeposited"}
    child = {"parent_id": "smp_parent", "split_at": moment + timedelta(hours=9)}
    event = {"sample_id": "smp_parent", "type": "storage", "occurred_at": moment, "received_at": moment, "warnings": []}
    said = {"source": "user", "atmosphere": "argon"}
    right = {"payload": {**said, "o2_ppm": 0.1}, "clock_offset_s": -0.25, "supersedes_id": "evt_slow"}
    beam = {"mode": "tem_field", "conditions": {}, "geometry": {}, "frames": 1, "recorded_scans": 1, "recorded_by": "x"}
    times = {"occurred_at": moment, "received_at": moment, "clock_offset_s": 60.0}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("project", {"id": "prj_1", "code": "P", "created_at": moment}),
        ("sample", {**sample, "id": "smp_parent", "code": "S-1", "name": "anode"}),
        ("sample", {**sample, **child, "id": "smp_child", "code": "S-2", "name": "lamella"}),
        ("custody_event", {**event, "id": "evt_plain", "payload": said}),
        ("custody_event", {**event, "id": "evt_slow", "payload": said, "clock_offset_s": 3600.0}),
        ("custody_event", {**event, "id": "evt_right", **right}),
        ("exposure", {"id": "exp_1", "sample_id": "smp_parent", **beam, **times}),
    ]
    for name, values in rows:
        connection.execute(_row(tables.tables[name], values))


def test_a_house_of_the_first_release_comes_through_with_its_moments_corrected(empty):
    with empty.engine.begin() as connection:
        command.upgrade(migrating.configuration(connection), "0001")
        _fill_first_release(connection)
    assert migrating.migrate(empty) == ("0001", migrating.head())
    with empty.reading() as session:
        moments = {event.id: event.happened_at for event in session.scalars(select(CustodyEvent))}
        assert moments == {
            "evt_plain": NINE,
            "evt_slow": NINE + timedelta(hours=1),
            "evt_right": NINE - timedelta(seconds=0.25),
        }
        assert {event.occurred_at for event in session.scalars(select(CustodyEvent))} == {NINE}
        exposure = session.get_one(Exposure, "exp_1")
        assert (exposure.happened_at, exposure.is_running, exposure.region_id) == (
            NINE + timedelta(minutes=1),
            False,
            None,
        )
        assert session.get_one(CustodyEvent, "evt_right").supersedes_id == "evt_slow"
        child = session.get_one(Sample, "smp_child")
        assert (child.parent_id, child.prepared_at, child.capacity_mAh_per_cm2) == ("smp_parent", None, None)


def test_histories_and_clocks_of_the_first_release_are_read_by_this_one(empty, tmp_path):
    with empty.engine.begin() as connection:
        command.upgrade(migrating.configuration(connection), "0001")
        _fill_first_release(connection)
    migrating.migrate(empty)
    house = House(Settings(data=tmp_path / "data", database_url=empty.url))
    try:
        with house.database.writing() as session:
            lab = Lab(house, session)
            standing = lab.custody.happenings(SYSTEM, "smp_child")
            assert [each.id for each in standing] == ["evt_right", "evt_plain"]
            assert lab.clocks.refresh_stale(10) == 2
            assert {clock.state for clock in lab.clocks.of_sample(SYSTEM, "smp_child")} == {"unknown"}
    finally:
        house.database.dispose()


def _fill_second_release(connection: Connection) -> None:
    """Store a job that ended and its result, as they were before recipes."""
    tables = MetaData()
    tables.reflect(connection)
    moment = NINE if connection.dialect.name == "postgresql" else NINE.replace(tzinfo=None)
    job = {"id": "job_1", "project_id": "prj_1", "state": "succeeded", "method": "tomogram_sirt", "created_at": moment}
    made = [{"kind": "volume", "axes": "czyx", "labels": {"c": ["Ni K"]}}]
    data = {"id": "ds_1", "project_id": "prj_1", "sha256": "0" * 64, "state": "readable", "created_at": moment}
    result = {"id": "res_1", "job_id": "job_1", "project_id": "prj_1", "state": "available", "created_at": moment}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("project", {"id": "prj_1", "code": "P", "created_at": moment}),
        ("job", {**job, "inputs": {}, "params": {}}),
        ("result", {**result, "outputs": made, "run_record": {}}),
        ("blob", {"sha256": "0" * 64, "created_at": moment}),
        ("dataset", data),
        (
            "lineage_edge",
            {"source_id": "res_1", "target_id": "ds_1", "relation": "wasDerivedFrom", "created_at": moment},
        ),
    ]
    for name, values in rows:
        connection.execute(_row(tables.tables[name], values))


def test_jobs_of_the_second_release_stay_and_are_never_taken_for_equal(empty, tmp_path):
    with empty.engine.begin() as connection:
        command.upgrade(migrating.configuration(connection), "0002")
        _fill_second_release(connection)
    assert migrating.migrate(empty) == ("0002", migrating.head())
    with empty.reading() as session:
        job = session.get_one(Job, "job_1")
        assert (job.state, job.fingerprint) == ("succeeded", None)
        assert session.query(RecipeRun).count() == 0
        assert session.query(Result.array_kinds).scalar() == "volume/czyx"
        shown = session.query(ShownElement.element, ShownElement.object_id, ShownElement.by_id).all()
        assert set(shown) == {("Ni", "res_1", "res_1"), ("Ni", "ds_1", "res_1")}
    house = House(Settings(data=tmp_path / "data", database_url=empty.url))
    try:
        with house.database.reading() as session:
            lab = Lab(house, session)
            assert lab.recipes.page(SYSTEM, before=None, limit=5) == []
            assert lab.recipes.with_job(SYSTEM, "job_1") == []
    finally:
        house.database.dispose()
