"""Promise 12: what was acknowledged before a backup began comes back byte for byte, whatever was written meanwhile."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from app.cli import migrating
from app.cli.backup import BackupRefused, back_up, restore
from app.cli.verifying import verify
from app.infra.clock import now
from app.infra.db.models import Dataset
from app.infra.house import House
from app.infra.storage import blob_key
from app.main import create_app
from tests.conftest import People, add_project, settings_for
from tests.servers import PostgresCluster

Make = Callable[[str], House]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def make_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Give a maker of houses on empty databases."""
    houses, databases = [], []

    def make(name: str) -> House:
        url = ""
        if request.param == "postgres":
            cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
            databases.append(cluster.database(empty=True))
            url = databases[-1].__enter__()
        houses.append(House(settings_for(tmp_path / name, database_url=url)))
        return houses[-1]

    yield make
    for house in houses:
        house.database.dispose()
    for database in databases:
        database.__exit__(None, None, None)


class Sender:
    """Uploads a fresh file about every 50 ms and remembers when each was acknowledged."""

    def __init__(self, house: House) -> None:
        self.acknowledged: dict[str, tuple[datetime, str]] = {}
        self._house = house
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Sender":
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: Any) -> None:
        self._stopping.set()
        self._thread.join()

    def _send(self) -> None:
        project = add_project(self._house, "BACKUP")
        with TestClient(create_app(self._house.settings)) as client:
            admin = People(self._house, client).admin
            number = 0
            while not self._stopping.is_set():
                body = f"file {number}".encode() * 100
                where = {"project_id": project.id, "filename": f"{number}.bin"}
                answer = admin.put("/api/v1/uploads", params=where, content=body)
                assert answer.status_code == 201, answer.text
                self.acknowledged[answer.json()["id"]] = (now(), hashlib.sha256(body).hexdigest())
                number += 1
                if number == 10:
                    self._ready.set()
                self._stopping.wait(0.03)


def test_everything_acknowledged_before_the_backup_began_is_in_it_byte_for_byte(make_house, tmp_path):
    house = make_house("old")
    migrating.migrate(house.database)
    with Sender(house) as sender:
        began = now()
        back_up(house, tmp_path / "backup")
        time.sleep(0.2)
    assert len(sender.acknowledged) > len([at for at, _ in sender.acknowledged.values() if at < began]) >= 10
    new = make_house("new")
    report = restore(tmp_path / "backup", new)
    assert report.problems == []
    assert report.blobs >= 10
    with new.database.reading() as session:
        kept = dict(session.execute(select(Dataset.id, Dataset.sha256)).all())
    for dataset_id, (at, sha256) in sender.acknowledged.items():
        if at < began:
            assert kept[dataset_id] == sha256
            assert hashlib.sha256(new.store.read(blob_key(sha256))).hexdigest() == sha256


@pytest.fixture
def backed_up(make_house: Make, tmp_path: Path) -> tuple[House, Path]:
    house = make_house("old")
    migrating.migrate(house.database)
    with Sender(house):
        pass
    back_up(house, tmp_path / "backup")
    return house, tmp_path / "backup"


def test_a_restored_service_continues_where_the_old_one_stood(backed_up, make_house):
    new = make_house("new")
    restore(backed_up[1], new)
    assert migrating.is_current(new.database)
    assert new.secret("cursor") == backed_up[0].secret("cursor")
    with TestClient(create_app(new.settings)) as client:
        assert client.get("/healthz").status_code == 200


def test_one_changed_byte_in_a_backup_is_named(backed_up, make_house):
    victim = next(path for path in sorted((backed_up[1] / "store").rglob("*")) if path.is_file())
    victim.write_bytes(b"X" + victim.read_bytes()[1:])
    report = restore(backed_up[1], make_house("new"))
    assert any(victim.name in problem for problem in report.problems)


def test_a_database_file_that_was_changed_is_not_restored(backed_up, make_house):
    database = next(path for path in backed_up[1].iterdir() if path.name.startswith("lithoscope."))
    database.write_bytes(database.read_bytes()[:-1] + b"!")
    with pytest.raises(BackupRefused, match="damaged"):
        restore(backed_up[1], make_house("new"))


def test_nothing_is_restored_over_a_house_that_is_in_use(backed_up):
    with pytest.raises(BackupRefused, match="not empty"):
        restore(backed_up[1], backed_up[0])


def test_a_backup_never_replaces_another(backed_up):
    with pytest.raises(BackupRefused, match="exists already"):
        back_up(*backed_up)


def test_a_backup_that_was_interrupted_does_not_look_like_one(backed_up, make_house):
    (backed_up[1] / "backup.json").unlink()
    with pytest.raises(BackupRefused, match="not a complete backup"):
        restore(backed_up[1], make_house("new"))


def test_linked_files_take_no_room_and_hold_the_same_bytes(backed_up, tmp_path):
    house, _ = backed_up
    made = back_up(house, tmp_path / "linked", link=True)
    key = next(iter(house.store.keys()))
    assert (tmp_path / "linked" / "store" / key).stat().st_nlink == 2
    assert made.files == len(list(house.store.keys()))


def test_verification_names_what_is_changed_missing_or_edited(backed_up):
    house, _ = backed_up
    keys = list(house.store.keys())
    paths = [house.settings.data / "store" / key for key in keys[:2]]
    for path in paths:
        path.chmod(0o600)
    paths[0].write_bytes(b"other bytes")
    paths[1].unlink()
    with house.database.writing() as session:
        if house.database.is_sqlite:
            session.execute(text("DROP TRIGGER audit_entry_is_never_changed"))
        else:
            session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE audit_entry SET object_id = 'ds_other' WHERE seq = 5"))
    problems = " ".join(verify(house).problems)
    assert f"{keys[0]} is changed" in problems
    assert f"{keys[1]} is missing" in problems
    assert "audit entry 5" in problems
