"""The health report: each part looked at, for those who keep the service."""

from datetime import timedelta
from importlib.metadata import version

import pytest

from app.cli import migrating
from app.infra.clock import now
from app.infra.db.models import Job
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.queue import presence
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from tests.conftest import settings_for


def checks(person):
    answer = person.get("/api/v1/health-report")
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()["checks"]}


def report(house):
    with house.database.reading() as session:
        return {each.name: each for each in Lab(house, session).health_report.checks(SYSTEM)}


def test_every_part_is_looked_at(manager):
    found = checks(manager)
    assert list(found) == ["database", "migrations", "broker", "storage", "workers", "clock", "versions"]
    assert found["database"]["state"] == found["storage"]["state"] == found["clock"]["state"] == "good"
    assert {"name": "Python", "value": found["versions"]["facts"][-2]["value"]} in found["versions"]["facts"]


def test_a_service_without_workers_says_that_nothing_is_computed(house, manager):
    assert checks(manager)["workers"]["state"] == "bad"
    with house.database.writing() as session:
        presence.report(session, name="a:1", queues=["io"], slots=2, software="0.0.9", started_at=now())
    found = checks(manager)["workers"]
    assert found["state"] == "warn"
    assert "0.0.9" in found["words"]


def test_jobs_nobody_takes_are_found(house, manager, project):
    with house.database.writing() as session:
        session.add(
            Job(
                id=new_id("job"),
                project_id=project.id,
                kind="analysis",
                method="raster_dose",
                method_version="1",
                queue="cpu-long",
                seed=0,
                inputs={},
                params={},
                state="queued",
                created_by="usr_1",
                created_at=now() - timedelta(hours=1),
            )
        )
    assert "cpu-long" in checks(manager)["workers"]["words"]


def test_the_schema_is_compared_with_the_codes(tmp_path, house):
    assert report(house)["migrations"].state == "unknown"
    other = House(settings_for(tmp_path / "migrated"))
    migrating.migrate(other.database)
    assert report(other)["migrations"].state == "good"
    with other.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert report(other)["migrations"].state == "bad"
    other.database.dispose()


def test_a_broker_that_is_away_is_said_so(tmp_path, house):
    other = House(settings_for(tmp_path / "data", queue="celery", broker_url="redis://127.0.0.1:1/0"))
    with other.database.writing() as session:
        about = {"software": version("lithoscope"), "started_at": now()}
        presence.report(session, name="a:1", queues=["io"], slots=2, **about)
    found = report(other)
    assert (found["broker"].state, found["workers"].state) == ("bad", "warn")
    assert "broker answers" in found["workers"].words
    assert report(house)["broker"].state == "not_used"
    assert report(house)["workers"].state == "good"
    other.queue.close()
    other.database.dispose()


def test_a_folder_that_cannot_be_written_is_found(house, manager):
    staging = house.staging
    for path in staging.iterdir():
        path.unlink()
    staging.rmdir()
    staging.write_text("a file where the folder was")
    assert checks(manager)["storage"]["state"] == "bad"


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("auditor", 200), ("manager", 200), ("admin", 200)])
def test_health_in_full_is_for_those_who_keep_the_service(people, role, status):
    assert people.make(facility_role=role).get("/api/v1/health-report").status_code == status
