"""Leases on both databases: turns, tokens, lost workers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.infra.clock import now
from app.infra.db.models import Job, Project
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.queue import Claim, Leases
from app.infra.queue.liveness import stuck_queues
from app.infra.queue.states import MAX_LOST_LEASES
from app.infra.queue.sweeping import recover_lost
from tests.conftest import add_project
from tests.workers.running import job_of


@pytest.fixture
def house(any_house: House) -> Iterator[House]:
    yield any_house
    any_house.queue.close()


@pytest.fixture
def project(house: House) -> Project:
    return add_project(house, "LEASES")


def queued(house: House, project: Project, by: str = "usr_a", queue: str = "cpu-short", count: int = 1) -> list[str]:
    jobs = [
        Job(
            id=new_id("job"),
            project_id=project.id,
            kind="analysis",
            method="probe",
            method_version="1",
            queue=queue,
            inputs={},
            params={},
            seed=0,
            state="queued",
            created_by=by,
            created_at=now(),
        )
        for _ in range(count)
    ]
    with house.database.writing() as session:
        session.add_all(jobs)
    return [job.id for job in jobs]


def claim(house: House, *queues: str, lease_s: float = 60.0) -> Claim | None:
    with house.database.writing() as session:
        return Leases(session).claim(queues or ("cpu-short",), worker="w", lease_s=lease_s)


def succeed(house: House, held: Claim) -> bool:
    with house.database.writing() as session:
        return Leases(session).succeed(held, None)


def test_persons_take_turns_with_one_worker_and_with_many(house: House, project: Project):
    queued(house, project, "usr_a", count=100)
    first = claim(house)
    assert first is not None
    assert first.created_by == "usr_a"
    queued(house, project, "usr_b")
    second = claim(house)
    assert second is not None
    assert second.created_by == "usr_b"
    assert succeed(house, first)
    assert succeed(house, second)
    queued(house, project, "usr_b", count=2)
    turns = []
    for _ in range(4):
        held = claim(house)
        assert held is not None
        turns.append(held.created_by)
        assert succeed(house, held)
    assert turns == ["usr_a", "usr_b", "usr_a", "usr_b"]


def test_a_worker_takes_only_its_queues(house: House, project: Project):
    queued(house, project, queue="gpu")
    assert claim(house, "io", "cpu-short") is None
    assert claim(house, "gpu") is not None


def test_no_job_is_claimed_twice_at_once(house: House, project: Project):
    wanted = set(queued(house, project, count=12))
    with ThreadPoolExecutor(8) as pool:
        taken = [held.job_id for held in pool.map(lambda _: claim(house), range(20)) if held is not None]
    assert sorted(taken) == sorted(set(taken))
    while (held := claim(house)) is not None:  # PostgreSQL skips a row that another is taking
        taken.append(held.job_id)
    assert set(taken) == wanted
    assert len(taken) == len(wanted)


def test_a_replaced_worker_can_do_nothing_more(house: House, project: Project):
    queued(house, project)
    old = claim(house, lease_s=-1.0)
    assert old is not None
    with house.database.writing() as session:
        assert recover_lost(session) == [old.job_id]
    new = claim(house)
    assert new is not None
    with house.database.writing() as session:
        leases = Leases(session)
        assert leases.signals(old).is_lost
        assert not leases.renew(old, 60.0)
        assert not leases.say(old, "log", {"text": "still here"})
        assert not leases.fail(old, {"type": "/problems/x"})
        assert not leases.crashed(old, {"type": "/problems/x"})
        assert not leases.succeed(old, "res_old")
    assert succeed(house, new)
    assert (job_of(house, new.job_id).publications, job_of(house, new.job_id).result_id) == (1, None)


def test_a_renewed_lease_is_not_swept(house: House, project: Project):
    queued(house, project)
    held = claim(house, lease_s=-1.0)
    assert held is not None
    with house.database.writing() as session:
        assert Leases(session).renew(held, 60.0)
        assert recover_lost(session) == []


def test_a_job_that_loses_every_worker_fails_in_the_end(house: House, project: Project):
    (job_id,) = queued(house, project)
    for _ in range(MAX_LOST_LEASES):
        assert claim(house, lease_s=-1.0) is not None
        with house.database.writing() as session:
            recover_lost(session)
    job = job_of(house, job_id)
    assert (job.state, job.lost_leases) == ("failed", MAX_LOST_LEASES)
    assert job.problem is not None
    assert job.problem["type"] == "/problems/worker-lost"


def test_a_cancelled_job_whose_worker_is_lost_is_cancelled(house: House, project: Project):
    (job_id,) = queued(house, project)
    assert claim(house, lease_s=-1.0) is not None
    with house.database.writing() as session:
        session.execute(update(Job).where(Job.id == job_id).values(state="cancelling", cancel_requested=True))
        recover_lost(session)
    assert job_of(house, job_id).state == "cancelled"


def test_a_cancellation_that_came_first_wins_over_publication(house: House, project: Project):
    (job_id,) = queued(house, project)
    held = claim(house)
    assert held is not None
    with house.database.writing() as session:
        session.execute(update(Job).where(Job.id == job_id).values(state="cancelling", cancel_requested=True))
    assert not succeed(house, held)
    with house.database.writing() as session:
        assert Leases(session).cancelled(held)
    assert (job_of(house, job_id).state, job_of(house, job_id).publications) == ("cancelled", 0)


def test_giving_a_job_back_counts_nothing_against_it(house: House, project: Project):
    (job_id,) = queued(house, project)
    held = claim(house)
    assert held is not None
    with house.database.writing() as session:
        assert Leases(session).give_back(held)
    job = job_of(house, job_id)
    assert (job.state, job.crashes, job.lost_leases, job.lease_token) == ("queued", 0, 0, None)


def test_a_queue_that_waits_while_nothing_is_taken_is_named(house: House, project: Project):
    (job_id,) = queued(house, project, queue="io")
    long_ago = now() - timedelta(minutes=10)
    with house.database.writing() as session:
        assert stuck_queues(session, after_s=120) == []
        session.execute(update(Job).where(Job.id == job_id).values(created_at=long_ago))
        assert stuck_queues(session, after_s=120) == ["io"]
    queued(house, project)
    assert claim(house) is not None
    with house.database.reading() as session:
        assert stuck_queues(session, after_s=120) == []
