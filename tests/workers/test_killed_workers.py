"""Workers killed while they hold a job: nothing is lost, nothing is published twice, nothing stays behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.infra.db.models import Project
from app.infra.house import House
from tests.conftest import add_project, settings_for
from tests.houses import furnished
from tests.workers.running import HURRIED, ended, job_of, results_in, submit, until
from tests.workers.storm import WorkerProcess, gone, wait_until_claimed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = furnished(settings_for(tmp_path / "data", **HURRIED))
    yield house
    house.database.dispose()


@pytest.fixture
def project(house: House) -> Project:
    return add_project(house, "STORM")


def test_twelve_jobs_survive_four_kills_of_their_worker(house: House, project: Project, worker: WorkerProcess):
    jobs = [submit(house, project, steps=2, pause_s=0.1) for _ in range(12)]
    for _ in range(4):
        wait_until_claimed(house, worker)
        assert gone(worker.kill())
        worker.restart()
    rows = [ended(house, job_id) for job_id in jobs]
    assert {(job.state, job.publications) for job in rows} == {("succeeded", 1)}
    assert results_in(house) == len(jobs)
    assert sum(job.lost_leases for job in rows) >= 1
    worker.stop()
    assert not list((house.staging / "jobs").glob("*/*"))


def test_a_worker_that_is_asked_to_stop_gives_its_job_back(house: House, project: Project, worker: WorkerProcess):
    job_id = submit(house, project, steps=1000, pause_s=0.1)
    until(house, job_id, lambda job: job.progress is not None)
    family = worker.family
    assert worker.stop() == 0
    job = job_of(house, job_id)
    assert (job.state, job.crashes, job.lost_leases) == ("queued", 0, 0)
    assert gone(family)
