"""Who looks at a series is killed, or is not alone, on SQLite and PostgreSQL: each step is done once, or not at all."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.infra.db.models import Job, Project, Sample, SeriesAssembly, SeriesCandidate
from app.infra.house import House
from app.lab.series.sweeping import sweep
from tests.app.series.growing import ACTION, add, begun, close, computed, refreshes, seen, stacked, tilt
from tests.conftest import Person

DIE_WHILE_IT_LOOKS = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from app.infra.house import House
from app.lab.series.sweeping import sweep
from app.settings import Settings

house = House(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2]))

@event.listens_for(house.database.engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.startswith(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

sweep(house)
"""


@pytest.fixture
def house(any_house: House) -> House:
    return any_house


def test_a_series_grows_once_whoever_is_killed_and_however_many_look(
    house: House, analyst: Person, project: Project, sample: Sample, tmp_path: Path
) -> None:
    series = begun(analyst, sample, every=2, action=ACTION)
    for number in (2, 1):
        add(analyst, series, tilt(house, project, sample), number)
    for begin in ("INSERT INTO job ", "DELETE FROM series_candidate"):
        command = [sys.executable, "-c", DIE_WHILE_IT_LOOKS, str(house.settings.data), house.database.url, begin]
        done = subprocess.run(command, check=False, timeout=120)
        assert done.returncode == -signal.SIGKILL, begin
        with house.database.reading() as session:
            assert [session.query(table).count() for table in (Job, SeriesAssembly)] == [0, 0], begin
            assert session.query(SeriesCandidate).count() > 0
    with ThreadPoolExecutor(4) as looking:
        list(looking.map(sweep, [house] * 4))
    stacked(house, tmp_path)
    close(analyst, series, 2)
    (first,) = refreshes(house)
    with ThreadPoolExecutor(4) as looking:
        list(looking.map(sweep, [house] * 4))
    found = seen(house, analyst, series)
    assert (found["state"], found["newest_assembly"]["numbers"]) == ("sealed", [1, 2])
    computed(house, first, project, sample, tmp_path)
    assert seen(house, analyst, series)["newest_result"]["job_id"] == first.id  # it began with nothing: it is the last
    with house.database.reading() as session:
        assert [session.query(table).count() for table in (SeriesAssembly, SeriesCandidate)] == [1, 0]
        assert session.query(Job).filter_by(kind="assembly").count() == len(refreshes(house)) == 1
