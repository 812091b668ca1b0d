"""Home, help and the tour over the real application."""

import re

import pytest

from app.portal.tour import COOKIE, STEPS
from tests.app.jobs.standing import add_job
from tests.conftest import add_project

HTML = {"accept": "text/html"}


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
