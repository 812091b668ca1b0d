"""Workers killed while they carry a recipe: every step ends once, and the run ends whatever was killed when."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.infra.db.models import Job, Project, RecipeRun
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.recipes.schemas import request_type
from tests.app.recipes.racing import RACING
from tests.conftest import add_project, settings_for
from tests.houses import furnished
from tests.workers.running import PATIENCE_S
from tests.workers.storm import WorkerProcess, gone, wait_until_claimed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = furnished(settings_for(tmp_path / "data", **RACING))
    yield house
    house.database.dispose()


@pytest.fixture
def project(house: House) -> Project:
    return add_project(house, "STORM")


def start(house: House, project: Project, **params: Any) -> str:
    body = {"recipe": "relay_race", "inputs": {}, "params": params, "project_id": project.id}
    new = TypeAdapter(request_type(house.recipes)).validate_python(body)
    with house.database.writing() as session:
        return Lab(house, session).recipes.start(SYSTEM, new).run.id


def end_of(house: House, run_id: str) -> RecipeRun:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with house.database.reading() as session:
            run = session.get_one(RecipeRun, run_id)
        if run.finished_at is not None:
            return run
        assert time.monotonic() < deadline, f"the run stayed {run.state}"
        time.sleep(0.05)


def test_three_runs_survive_four_kills_of_their_worker(house: House, project: Project, worker: WorkerProcess):
    runs = [start(house, project, steps=number, pause_s=0.1) for number in range(1, 4)]
    for _ in range(4):
        wait_until_claimed(house, worker)
        assert gone(worker.kill())
        worker.restart()
    assert {end_of(house, run_id).state for run_id in runs} == {"succeeded"}
    with house.database.reading() as session:
        jobs = session.query(Job).all()
    assert {(job.state, job.publications) for job in jobs} == {("succeeded", 1)}
    assert len(jobs) == 4 * len(runs)
    assert sum(job.lost_leases for job in jobs) >= 1
