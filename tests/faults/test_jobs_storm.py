"""Jobs in a storm: killed workers, killed services and a lost broker lose nothing and double nothing."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import redis

from app.infra.db.models import Job, Result
from app.infra.house import House
from app.infra.queue import TERMINAL
from tests.live import LiveService, persistently, wait_for
from tests.servers import RedisServer
from tests.workers import probe
from tests.workers.storm import family_of, gone

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _probe_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process of the service inherits the setting."""
    monkeypatch.setenv("LITHOSCOPE_EXTRA_METHODS", json.dumps([probe.MODULE]))
    monkeypatch.setenv("LITHOSCOPE_JOB_MEMORY_MIB", "768")


class Hands:
    """The processes that run jobs: the supervisor's own, or Celery workers of ours beside a service without any."""

    def __init__(self, service: LiveService, environment: dict[str, str]) -> None:
        self._service = service
        self._environment = environment
        self._has_celery = environment.get("LITHOSCOPE_QUEUE") == "celery"
        self._celery: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start two Celery workers where there are none."""
        if self._has_celery:
            self._celery = [self._start_one() for _ in range(2)]

    def _start_one(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "workers.celery_app", "worker", "--pool", "threads"]
        options = ["--concurrency", "1", "--queues", "io,cpu-short,cpu-long", "--loglevel", "WARNING"]
        with (self._service.folder / "celery.log").open("ab") as log:
            return subprocess.Popen([*command, *options], cwd=ROOT, env=self._environment, stdout=log, stderr=log)

    @property
    def pids(self) -> list[int]:
        """Return the worker processes' ids."""
        if self._has_celery:
            return [process.pid for process in self._celery]
        return [process.pid for process in self._service.children("-m workers")]

    def kill(self, pid: int) -> None:
        """Kill one worker process alone; its jobs' processes must end by themselves."""
        started = psutil.Process(pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        for index, process in enumerate(self._celery):
            if process.pid == pid:
                process.wait()
                self._celery[index] = self._start_one()
        assert gone(started)

    def kill_everything(self) -> None:
        """Kill the whole service, as a power cut would, and start it again."""
        for process in self._celery:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        self._service.kill()
        self._service.start()
        self.start()

    def stop(self) -> None:
        """End the Celery workers."""
        for process in self._celery:
            process.terminate()
        for process in self._celery:
            process.wait(60)


@pytest.fixture
def house(service: LiveService) -> Iterator[House]:
    """Look into the service's database."""
    from app.settings import Settings

    given = service.environment
    house = House(Settings(data=service.folder, database_url=given.get("LITHOSCOPE_DATABASE_URL", "")))
    yield house
    house.database.dispose()


@pytest.fixture
def hands(service: LiveService) -> Iterator[Hands]:
    """Give the workers of the service."""
    hands = Hands(service, {**service.environment, "LITHOSCOPE_DATA": str(service.folder)})
    hands.start()
    yield hands
    hands.stop()


def submit(client: httpx.Client, project_id: str, **params: Any) -> str:
    body = {"method": "probe", "inputs": {}, "params": params, "project_id": project_id}
    key = {"Idempotency-Key": os.urandom(16).hex()}
    answer = persistently(lambda: client.post("/jobs", json=body, headers=key))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def rows(house: House) -> list[Job]:
    with house.database.reading() as session:
        return session.query(Job).order_by(Job.id).all()


def all_ended(house: House) -> list[Job] | None:
    found = rows(house)
    return found if all(job.state in TERMINAL for job in found) else None


def holder(house: House, pids: list[int]) -> int | None:
    """Return a worker process that holds a job now."""
    held = {int((job.worker or ":0").rpartition(":")[2]) for job in rows(house) if job.state == "running"}
    return next((pid for pid in pids if pid in held), None)


def published(house: House) -> Counter[str]:
    with house.database.reading() as session:
        return Counter(job_id for (job_id,) in session.query(Result.job_id))


def test_sixty_jobs_survive_fifteen_kills_of_workers_and_five_of_everything(
    service: LiveService, scientist: httpx.Client, project_id: str, house: House, hands: Hands
):
    """Promises 3 and 4: every job ends, each is published once, nothing stays running or behind."""
    jobs = [submit(scientist, project_id, steps=4, pause_s=0.25) for _ in range(60)]
    for kill in range(20):
        pid = wait_for(lambda: holder(house, hands.pids), step_s=0.01, seconds=120)
        if kill % 4 == 3:
            hands.kill_everything()
        else:
            hands.kill(pid)
    found = wait_for(lambda: all_ended(house), seconds=900)
    assert [(job.attempts, job.lost_leases, job.problem) for job in found if job.state != "succeeded"] == []
    assert len(found) == 60
    assert {job.publications for job in found} == {1}
    assert published(house) == Counter(dict.fromkeys(jobs, 1))
    assert sum(job.lost_leases for job in found) >= 15
    wait_for(lambda: not list((service.folder / "staging" / "jobs").glob("*/*")), seconds=60)


def test_poison_stops_while_twenty_others_finish(scientist: httpx.Client, project_id: str, house: House, hands: Hands):
    """Promise 5."""
    del hands
    poison = [submit(scientist, project_id, act=act) for act in ("eat", "crash")]
    for _ in range(20):
        submit(scientist, project_id, steps=2, pause_s=0.1)
    found = {job.id: job for job in wait_for(lambda: all_ended(house), seconds=300)}
    ends = [(found[job_id].attempts, (found[job_id].problem or {})["type"]) for job_id in poison]
    assert ends == [(3, "/problems/out-of-memory"), (3, "/problems/crashed-on-input")]
    assert Counter(job.state for job in found.values()) == {"succeeded": 20, "failed": 2}


def test_twenty_cancellations_end_within_twenty_seconds_with_no_process_alive(
    service: LiveService, scientist: httpx.Client, project_id: str, house: House, hands: Hands
):
    """Promise 11; the jobs' processes ignore SIGTERM and have started others."""
    del hands
    for _ in range(20):
        job_id = submit(scientist, project_id, act="spawn")
        wait_for(lambda job_id=job_id: family_of(job_id), step_s=0.02)
        time.sleep(random.Random(job_id).random() / 2)
        members, asked = family_of(job_id), time.monotonic()
        assert scientist.post(f"/jobs/{job_id}/cancellation").status_code == 202
        wait_for(lambda: all_ended(house), seconds=20, step_s=0.05)
        assert time.monotonic() - asked <= 20
        assert gone(members, within_s=1)
        assert not family_of(job_id)
    assert {job.state for job in rows(house)} == {"cancelled"}
    assert not published(house)
    wait_for(lambda: not list((service.folder / "staging" / "jobs").glob("*/*")))


@pytest.mark.parametrize("service", ["production"], indirect=True)
def test_losing_the_broker_loses_no_job(
    scientist: httpx.Client, project_id: str, house: House, hands: Hands, redis_server: RedisServer
):
    """Promise 7: Redis is wiped, then stopped for a minute, while a hundred jobs are submitted."""
    del hands
    slowest = 0.0
    for number in range(100):
        if number == 20:
            redis.Redis(port=redis_server.port).flushall()
        if number == 40:
            redis_server.stop()
            stopped = time.monotonic()
        began = time.monotonic()
        body = {"method": "probe", "inputs": {}, "params": {}, "project_id": project_id}
        assert scientist.post("/jobs", json=body).status_code == 202
        slowest = max(slowest, time.monotonic() - began)
    time.sleep(max(0.0, 60 - (time.monotonic() - stopped)))
    redis_server.start()
    found = wait_for(lambda: all_ended(house), seconds=300)
    assert Counter(job.state for job in found) == {"succeeded": 100}
    assert published(house).total() == 100
    assert slowest < 5
