"""Home, help and the tour over the real application."""

import re

import pytest

from app.infra.clock import now
from app.infra.db.models import Job
from app.infra.ids import new_id
from app.portal.tour import COOKIE, STEPS
from tests.conftest import add_device, add_project
from tests.objects import add_everything

HTML = {"accept": "text/html"}


def add_job(house, project, person, state, **more):
    values = {"kind": "analysis", "method": "tomogram_sirt", "method_version": "1", "queue": "cpu-long", "seed": 0}
    moments = {"created_at": now(), "finished_at": now() if state == "failed" else None}
    job = Job(id=new_id("job"), project_id=project.id, created_by=person.id, state=state, inputs={}, params={},
              **values, **moments, **more)  # fmt: skip
    with house.database.writing() as session:
        session.add(job)
    return job


def test_a_member_sees_own_jobs_and_why_one_failed(house, people, project):
    person, other = people.make(role="analyst", project=project), people.make(role="analyst", project=project)
    add_job(house, project, person, "failed", problem={"detail": "tilt 7 has no signal inside the mask"})
    add_job(house, project, other, "failed", problem={"detail": "of somebody else"})
    text = person.get("/", headers=HTML).text
    assert "tilt 7 has no signal" in text
    assert "of somebody else" not in text


def test_a_steward_sees_what_failed_in_the_project(house, people, project):
    add_job(house, project, people.make(role="analyst", project=project), "failed", problem={"detail": "no signal"})
    steward = people.make(role="steward", project=project)
    assert "no signal" in steward.get("/", headers=HTML).text
    assert "no signal" not in people.make(role="steward", project=add_project(house, "P-2")).get("/", headers=HTML).text


def test_what_was_tried_again_is_no_failure_any_more(house, people, project):
    person = people.make(role="analyst", project=project)
    failed = add_job(house, project, person, "failed", problem={"detail": "no signal"})
    add_job(house, project, person, "queued", retry_of=failed.id)
    found = person.get("/api/v1/overview").json()
    assert found["counts"] == {"running": 0, "waiting": 1, "failed": 0}
    assert found["failed"] == []


def test_a_manager_sees_queues_and_the_disk(house, people, project):
    add_job(house, project, people.make(role="analyst", project=project), "queued")
    found = people.make(facility_role="manager").get("/api/v1/overview").json()
    assert found["kind"] == "manager"
    assert found["queues"][0]["waiting"] == 1
    assert found["total_bytes"] > found["free_bytes"] > 0


def test_a_stranger_to_a_project_hears_nothing_of_it(people, project):
    found = people.make().get("/api/v1/overview").json()
    assert found["projects"] == []
    assert found["free_bytes"] is None


@pytest.mark.parametrize("path", ["/glossary", "/docs", "/docs/custody-and-dose", "/docs/methods/tomogram_sirt"])
def test_help_is_read_by_anybody_signed_in(people, path):
    assert people.make().get(path, headers=HTML).status_code == 200


@pytest.mark.parametrize("path", ["/docs/nothing", "/docs/methods/nothing", "/docs/images/nothing.png"])
def test_help_that_does_not_exist_is_not_found(people, path):
    assert people.make().get(path, headers=HTML).status_code == 404


def test_a_picture_of_a_guide_is_given(people):
    answer = people.make().get("/docs/images/job.png")
    assert answer.headers["content-type"] == "image/png"


def test_without_a_tomogram_no_tour_is_offered(people, project):
    person = people.make(role="analyst", project=project)
    assert "Take the tour" not in person.get("/", headers=HTML).text
    assert person.get("/tour/1", headers=HTML).status_code == 404


def test_the_tour_stands_on_each_page_until_it_is_ended(people, project):
    person = people.make(role="analyst", project=project)
    person.client.cookies.set(COOKIE, "2")
    text = person.get("/samples", headers=HTML).text
    assert STEPS[1].title in text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert token is not None
    ended = person.post("/tour/end", data={"csrf_token": token[1]})
    assert ended.status_code == 303
    assert f"{COOKIE}=over" in ended.headers["set-cookie"]


@pytest.mark.parametrize("said", ["0", "99", "x", "over", ""])
def test_a_strange_cookie_is_no_tour(people, project, said):
    person = people.make(role="analyst", project=project)
    person.client.cookies.set(COOKIE, said)
    assert "data-tour" not in person.get("/", headers=HTML).text


def test_what_is_on_its_way_from_an_instrument_is_told_of_ones_own_projects_alone(
    house, people, project, sample, client
):
    instrument = add_device(house, client, [project]).instrument
    add_everything(house, project, sample, instrument)
    member, stranger = people.make(role="viewer", project=project), people.make()
    told = {}
    for who, asker in (("member", member), ("manager", people.make(facility_role="manager")), ("stranger", stranger)):
        posts = asker.get("/api/v1/overview").json()["instruments"]
        told[who] = [post["transfers"] for post in posts if post["instrument_id"] == instrument.id]
    assert told == {"member": [1], "manager": [1], "stranger": [0]}
