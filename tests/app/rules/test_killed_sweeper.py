"""A sweeper killed between what it reads and what it commits: the dataset waits, and starts one job, once."""

import signal
import subprocess
import sys

import pytest

from app.infra.db.models import Job, Project, RuleCandidate, RuleFiring
from app.infra.house import House
from tests.app.rules.acting import arrived, jobs, made
from tests.conftest import Person

DIE_WHILE_THEY_START_A_JOB = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from app.infra.house import House
from app.lab.rules.sweeping import sweep
from app.settings import Settings

def swept(begin):
    house = House(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2]))

    @event.listens_for(house.database.engine, "after_cursor_execute")
    def die(connection, cursor, statement, *rest):
        if statement.startswith(begin):
            os.kill(os.getpid(), signal.SIGKILL)

    sweep(house)

for begin in sys.stdin:
    if not (child := os.fork()):
        swept(begin.rstrip("\\n"))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture
def house(any_house: House) -> House:
    return any_house


def test_a_killed_sweeper_leaves_everything_or_nothing(house: House, analyst: Person, project: Project):
    made(analyst, project)
    arrived(house, project)
    command = [sys.executable, "-c", DIE_WHILE_THEY_START_A_JOB, str(house.settings.data), house.database.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sweepers:
        assert sweepers.stdin is not None
        assert sweepers.stdout is not None
        for begin in ("INSERT INTO rule_firing", "INSERT INTO job ", "DELETE FROM rule_candidate"):
            print(begin, file=sweepers.stdin, flush=True)
            assert int(sweepers.stdout.readline()) == -signal.SIGKILL, begin
            with house.database.reading() as session:
                assert [session.query(table).count() for table in (Job, RuleFiring, RuleCandidate)] == [0, 0, 1], begin
        sweepers.stdin.close()
    assert len(jobs(house)) == 1
    assert len(jobs(house)) == 1
