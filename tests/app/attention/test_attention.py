"""What needs attention: found where it is known, the grave first, nothing made up."""

from datetime import timedelta
from importlib.metadata import version

import pytest
from sqlalchemy import update

from app.cli import migrating
from app.infra.clock import now
from app.infra.db.models import AccessKey, Instrument, Job, Project
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.queue import presence
from tests.conftest import settings_for


@pytest.fixture
def house(tmp_path):
    """Give a house as a migrated service has it, with a worker for every queue but one."""
    house = House(settings_for(tmp_path / "data", free_disk_fraction=0, free_disk_warning_fraction=0))
    migrating.migrate(house.database)
    with house.database.writing() as session:
        about = {"software": version("lithoscope"), "started_at": now()}
        presence.report(session, name="a:1", queues=["io", "cpu-short", "cpu-long"], slots=2, **about)
    yield house
    house.database.dispose()


def attention(person):
    answer = person.get("/api/v1/attention")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def add_jobs(house, project, count, **fields):
    plain = {"kind": "analysis", "method": "raster_dose", "method_version": "1", "queue": "cpu-short", "seed": 0}
    plain |= {"inputs": {}, "params": {}, "created_by": "usr_1", "project_id": project.id, "created_at": now()}
    with house.database.writing() as session:
        session.add_all([Job(**plain | {"id": new_id("job")} | fields) for _ in range(count)])


def test_a_service_in_order_asks_for_nothing(manager, project, device):
    assert attention(manager) == []


def test_a_queue_nobody_serves_comes_before_a_silent_pc(house, manager, project, device):
    add_jobs(house, project, 1, queue="gpu", state="queued")
    with house.database.writing() as session:
        session.execute(update(Instrument).values(last_heartbeat_at=now() - timedelta(minutes=11)))
    found = attention(manager)
    assert [(each["topic"], each["state"], each["object_id"]) for each in found] == [
        ("queue", "bad", "gpu"),
        ("instrument", "warn", device.instrument.id),
    ]
    assert found[0]["words"] == "No living worker serves queue gpu; waiting: 1 job."


def test_many_failures_of_a_day_are_told(house, manager, project):
    add_jobs(house, project, 5, state="failed", finished_at=now())
    add_jobs(house, project, 5, state="succeeded", finished_at=now())
    (found,) = attention(manager)
    assert found["words"] == "5 of 10 jobs of queue cpu-short failed within the last day."


def test_a_full_project_a_key_that_ends_and_a_clock_that_is_off_are_told(house, manager, project, device):
    with house.database.writing() as session:
        session.execute(update(Project).where(Project.id == project.id).values(quota_bytes=0))
        session.execute(update(AccessKey).values(expires_at=now() + timedelta(days=3)))
        session.execute(update(Instrument).values(clock_offset_s=-300.0))
    assert {each["topic"] for each in attention(manager)} == {"quota", "key", "instrument"}


def test_a_pause_is_told_until_it_ends(manager):
    manager.put("/api/v1/queues/io/pause", json={"reason": "the disk is changed"})
    assert [each["words"] for each in attention(manager)] == ["Queue io is paused: the disk is changed"]
    manager.delete("/api/v1/queues/io/pause")
    assert attention(manager) == []


@pytest.mark.parametrize("role", ["member", "auditor"])
def test_attention_is_for_managers(people, role):
    assert people.make(facility_role=role).get("/api/v1/attention").status_code == 403
