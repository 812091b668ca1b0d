"""People: made, changed and listed by administrators."""

import pytest


@pytest.fixture
def new():
    return {"login": "grace", "display_name": "Grace"}


def test_an_administrator_makes_and_changes_people(people, new):
    made = people.admin.post("/api/v1/users", json=new)
    assert made.status_code == 201
    url, tag = made.headers["location"], made.headers["etag"]
    changed = people.admin.patch(url, json={"facility_role": "manager"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["facility_role"], changed.headers["etag"]) == (200, "manager", '"2"')
    stale = people.admin.patch(url, json={"display_name": "G"}, headers={"If-Match": tag})
    assert stale.status_code == 412


def test_login_names_are_unique(people, new):
    people.admin.post("/api/v1/users", json=new)
    assert people.admin.post("/api/v1/users", json=new).json()["type"] == "/problems/login-taken"


def test_people_see_themselves_managers_see_all(people, new):
    member, manager = people.make(), people.make(facility_role="manager")
    assert member.get("/api/v1/users").status_code == 403
    assert member.get(f"/api/v1/users/{manager.id}").status_code == 404
    assert member.get(f"/api/v1/users/{member.id}").json()["login"] == member.user.login
    assert len(manager.get("/api/v1/users").json()["items"]) == 2


@pytest.mark.parametrize("role", ["member", "manager", "auditor"])
def test_nobody_else_gives_facility_roles(people, new, role):
    person = people.make(facility_role=role)
    assert person.post("/api/v1/users", json=new).status_code == 403
    answer = person.patch(f"/api/v1/users/{person.id}", json={"facility_role": "admin"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 403


def test_a_hash_of_a_password_never_leaves(people, new):
    made = people.admin.post("/api/v1/users", json=new | {"password": "long enough for all"})
    assert "argon2" not in made.text
    assert "password" not in made.text
