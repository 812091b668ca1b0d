"""Queues and workers: what waits and why, who works, what a pause does."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.infra.clock import db_epoch, now
from app.infra.db.models import Job, Worker
from app.infra.ids import new_id
from app.infra.queue import Leases, presence
from app.infra.queue.liveness import stuck_queues


def add_job(house, project, **fields) -> str:
    plain = {"kind": "analysis", "method": "raster_dose", "method_version": "1", "queue": "cpu-short", "seed": 0}
    plain |= {"inputs": {}, "params": {}, "created_by": "usr_1", "state": "queued", "created_at": now()}
    job = Job(**plain | {"id": new_id("job"), "project_id": project.id} | fields)
    with house.database.writing() as session:
        session.add(job)
    return job.id


def add_worker(house, name="pc:1", queues=("cpu-short",), slots=1) -> None:
    with house.database.writing() as session:
        presence.report(session, name=name, queues=queues, slots=slots, software="1", started_at=now())


def claim(house, name="pc:1", queue="cpu-short"):
    with house.database.writing() as session:
        return Leases(session).claim((queue,), worker=name, lease_s=60.0)


def queue_of(person, name="cpu-short"):
    return next(each for each in person.get("/api/v1/queues").json()["items"] if each["name"] == name)


def test_what_waits_says_why(house, manager, project):
    assert queue_of(manager)["why"] == ""
    add_job(house, project)
    assert queue_of(manager)["why"].startswith("No living worker serves this queue")
    add_worker(house)
    assert queue_of(manager)["why"].startswith("A worker takes the next one")
    claim(house)
    add_job(house, project)
    shown = queue_of(manager)
    assert (shown["waiting"], shown["running"], shown["workers"], shown["slots"]) == (1, 1, 1, 1)
    assert shown["why"].startswith("All 1 slots")
    assert shown["oldest_waiting_s"] >= 0
    (waiting,) = manager.get("/api/v1/queues/cpu-short/waiting-jobs").json()["items"]
    assert waiting["project_id"] == project.id


def test_nothing_is_taken_from_a_paused_queue_and_it_is_not_stuck(house, manager, project):
    add_job(house, project, created_at=now() - timedelta(hours=1))
    with house.database.reading() as session:
        assert stuck_queues(session) == ["cpu-short"]
    paused = manager.put("/api/v1/queues/cpu-short/pause", json={"reason": "disks are changed"})
    assert paused.status_code == 200, paused.text
    assert claim(house) is None
    with house.database.reading() as session:
        assert stuck_queues(session) == []
        assert not Leases(session).is_waiting(("cpu-short",))
    assert queue_of(manager)["why"] == "The queue is paused: disks are changed"
    assert queue_of(manager)["pause"]["paused_by"] == manager.id
    assert manager.delete("/api/v1/queues/cpu-short/pause").status_code == 204
    assert claim(house) is not None


def test_another_queue_goes_on_during_a_pause(house, manager, project):
    manager.put("/api/v1/queues/cpu-long/pause", json={"reason": "x"})
    add_job(house, project)
    assert claim(house) is not None


def test_what_ended_is_counted_by_day_and_week(house, manager, project):
    for state, days in (("succeeded", 0.5), ("failed", 0.5), ("succeeded", 3), ("cancelled", 6), ("failed", 8)):
        add_job(house, project, state=state, finished_at=now() - timedelta(days=days))
    shown = queue_of(manager)
    assert shown["day"] == {"succeeded": 1, "failed": 1, "cancelled": 0}
    assert shown["week"] == {"succeeded": 2, "failed": 1, "cancelled": 1}


def test_a_worker_is_shown_with_what_it_holds_and_how_long_its_lease_has_left(house, manager, project):
    add_worker(house)
    job_id = add_job(house, project)
    claim(house)
    (worker,) = manager.get("/api/v1/workers").json()["items"]
    assert (worker["name"], worker["is_alive"], worker["queues"], worker["slots"]) == ("pc:1", True, ["cpu-short"], 1)
    (held,) = worker["jobs"]
    assert (held["id"], held["state"], held["attempts"]) == (job_id, "running", 1)
    assert 50 < held["lease_left_s"] <= 60


def test_a_silent_worker_is_not_alive_and_serves_nothing(house, manager):
    add_worker(house)
    with house.database.writing() as session:
        session.execute(update(Worker).values(seen_at=db_epoch() - 61))
    (worker,) = manager.get("/api/v1/workers").json()["items"]
    assert not worker["is_alive"]
    assert queue_of(manager)["workers"] == 0


def test_a_worker_that_never_reported_itself_is_known_by_its_jobs(house, manager, project):
    add_job(house, project)
    claim(house, "old:7")
    (worker,) = manager.get("/api/v1/workers").json()["items"]
    assert (worker["name"], worker["is_alive"], worker["software"]) == ("old:7", True, None)


@pytest.mark.parametrize("role", ["member", "auditor"])
def test_queues_are_for_managers(people, role):
    person = people.make(facility_role=role)
    for path in ("queues", "workers", "queues/io/waiting-jobs"):
        assert person.get(f"/api/v1/{path}").status_code == 403
    assert person.put("/api/v1/queues/io/pause", json={"reason": "x"}).status_code == 403


def test_a_queue_that_is_none_is_not_found(manager):
    assert manager.put("/api/v1/queues/fast/pause", json={"reason": "x"}).status_code == 404
    assert manager.get("/api/v1/queues/fast/waiting-jobs").status_code == 404


def test_a_worker_renews_leaves_and_is_forgotten_after_a_week(any_house):
    add_worker(any_house, "a:1")
    add_worker(any_house, "b:2")
    with any_house.database.writing() as session:
        assert presence.renew(session, "a:1")
        assert not presence.renew(session, "c:3")
        session.execute(update(Worker).where(Worker.name == "b:2").values(seen_at=db_epoch() - 8 * 24 * 3600))
    add_worker(any_house, "a:1", slots=3)
    with any_house.database.writing() as session:
        (only,) = presence.present(session)
        assert (only.name, only.slots, only.is_alive) == ("a:1", 3, True)
        presence.leave(session, "a:1")
        assert presence.present(session) == []
