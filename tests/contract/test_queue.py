"""What every queue promises, whoever hands out the jobs: local workers, Celery in memory, Celery on Redis."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest
from celery.contrib.testing.worker import start_worker

from app.infra.db.models import Project
from app.infra.house import House
from app.infra.queue import Leases
from app.infra.queue.broker import make_celery
from app.infra.queue.states import QUEUES
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.settings import Settings
from tests.conftest import add_project, settings_for
from tests.houses import furnished
from tests.servers import RedisServer
from tests.workers.running import HURRIED, ended, events_of, job_of, local_workers, result_of, submit, until
from tests.workers.storm import family_of
from workers import tasks
from workers.sandbox import prepare_fork_server
from workers.sweeper import sweep


def opened(settings: Settings) -> Iterator[House]:
    """Give a house with all tables, closed at the end."""
    house = furnished(settings)
    yield house
    house.queue.close()
    house.database.dispose()


class QueueContract:
    """Promises; a subclass says who works."""

    def workers(self, house: House) -> AbstractContextManager[None]:
        """Start workers on a house."""
        raise NotImplementedError

    @pytest.fixture
    def house(self, tmp_path: Path) -> Iterator[House]:
        """Give a house with the probe among its methods."""
        yield from opened(settings_for(tmp_path / "data", **HURRIED))

    @pytest.fixture
    def project(self, house: House) -> Project:
        """Give a project."""
        return add_project(house, "QUEUE")

    def test_a_job_runs_and_is_published_once(self, house: House, project: Project) -> None:
        with self.workers(house):
            job = ended(house, submit(house, project, steps=3))
        assert (job.state, job.publications, job.attempts) == ("succeeded", 1, 1)
        result = result_of(house, job)
        assert result.outputs[0]["quantity"]["value"] == 3.0
        assert house.store.exists(f"{result.store_key}/manifest.json")
        assert [event.seq for event in events_of(house, job.id)] == list(range(1, job.last_event_seq + 1))

    def test_a_running_job_is_cancelled_with_all_its_processes(self, house: House, project: Project) -> None:
        with self.workers(house):
            job_id = submit(house, project, act="spawn")
            until(house, job_id, lambda job: job.state == "running" and len(family_of(job.id)) >= 2)
            members = family_of(job_id)
            with house.database.writing() as session:
                assert Lab(house, session).jobs.cancel(SYSTEM, job_id).state == "cancelling"
            job = ended(house, job_id)
        assert (job.state, job.publications, job.result_id) == ("cancelled", 0, None)
        assert not [member for member in members if member.is_running() and member.status() != psutil.STATUS_ZOMBIE]
        assert not list((house.staging / "jobs").glob("*/*"))

    def test_an_early_finish_keeps_the_result(self, house: House, project: Project) -> None:
        with self.workers(house):
            job_id = submit(house, project, steps=100_000, pause_s=0.01)
            until(house, job_id, lambda job: job.progress is not None)
            with house.database.writing() as session:
                Lab(house, session).jobs.finish_early(SYSTEM, job_id)
            job = ended(house, job_id)
        record = result_of(house, job).run_record
        assert job.state == "succeeded"
        assert record["finished_early"]
        assert 0 < record["steps_done"] < 100_000

    def test_poison_stops_after_three_attempts_while_others_finish(self, house: House, project: Project) -> None:
        with self.workers(house):
            crashing, eating = submit(house, project, act="crash"), submit(house, project, act="eat")
            healthy = [submit(house, project, steps=1) for _ in range(4)]
            assert {ended(house, job_id).state for job_id in healthy} == {"succeeded"}
            crashed, ate = ended(house, crashing), ended(house, eating)
        assert (crashed.state, crashed.attempts, crashed.crashes) == ("failed", 3, 3)
        assert crashed.problem is not None
        assert crashed.problem["type"] == "/problems/crashed-on-input"
        assert (ate.state, ate.attempts) == ("failed", 3)
        assert ate.problem is not None
        assert ate.problem["type"] == "/problems/out-of-memory"

    def test_a_job_whose_worker_vanished_runs_again(self, house: House, project: Project) -> None:
        job_id = submit(house, project, steps=1)
        with house.database.writing() as session:
            vanished = Leases(session).claim(QUEUES, worker="vanished", lease_s=-1.0)
        assert vanished is not None
        sweep(house)
        with self.workers(house):
            job = ended(house, job_id)
        assert (job.state, job.attempts, job.lost_leases, job.publications) == ("succeeded", 2, 1, 1)
        with house.database.writing() as session:
            assert not Leases(session).succeed(vanished, None)

    def test_a_message_delivered_twice_does_nothing_twice(self, house: House, project: Project) -> None:
        with self.workers(house):
            first = submit(house, project, steps=1)
            if house.queue.has_broker:
                house.queue.broker.publish(first, "cpu-short")
                house.queue.broker.publish(first, "cpu-short")
            second = submit(house, project, steps=1)
            assert [ended(house, job_id).publications for job_id in (first, second)] == [1, 1]
        assert [job_of(house, job_id).attempts for job_id in (first, second)] == [1, 1]

    def test_a_refusal_by_the_method_fails_at_once_with_its_code(self, house: House, project: Project) -> None:
        with self.workers(house):
            job = ended(house, submit(house, project, act="refuse"))
        assert (job.state, job.attempts) == ("failed", 1)
        assert job.problem is not None
        assert job.problem["type"] == "/problems/unwilling"
        assert "ask another" in job.problem["detail"]


class TestLocalWorkers(QueueContract):
    def workers(self, house: House) -> AbstractContextManager[None]:
        return local_workers(house)


class TestCeleryInMemory(QueueContract):
    @pytest.fixture
    def house(self, tmp_path: Path) -> Iterator[House]:
        settings = settings_for(tmp_path / "data", queue="celery", broker_url="memory://", **HURRIED)
        yield from opened(settings)

    @contextmanager
    def workers(self, house: House) -> Iterator[None]:
        prepare_fork_server()
        stopping = threading.Event()
        celery = make_celery(house.settings)
        tasks.install(celery, house, stopping)
        with start_worker(
            celery, pool="threads", concurrency=2, perform_ping_check=False, queues=list(QUEUES), loglevel="WARNING"
        ):
            yield
            stopping.set()


@pytest.mark.redis
class TestCeleryOnRedis(TestCeleryInMemory):
    @pytest.fixture
    def house(self, tmp_path: Path, redis_server: RedisServer) -> Iterator[House]:
        settings = settings_for(tmp_path / "data", queue="celery", broker_url=redis_server.url, **HURRIED)
        yield from opened(settings)
