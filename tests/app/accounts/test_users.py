"""People: made, changed and listed by administrators."""

import pytest

from tests.conftest import beside


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
    assert "long enough" not in made.text
    assert "password_hash" not in made.text


def test_people_are_found_by_a_part_of_their_name_and_by_whether_their_account_is_open(people, new):
    made = people.admin.post("/api/v1/users", json=new)
    people.make()
    people.admin.patch(made.headers["location"], json={"is_disabled": True}, headers={"If-Match": '"1"'})
    listed = people.admin.get("/api/v1/users", params={"q": "GRA"}).json()["items"]
    assert [each["login"] for each in listed] == ["grace"]
    assert people.admin.get("/api/v1/users", params={"is_disabled": True}).json()["items"] == listed
    assert len(people.admin.get("/api/v1/users", params={"is_disabled": False}).json()["items"]) == 2


def test_closing_an_account_ends_its_sign_ins_and_its_tokens_at_once(people, client):
    member = people.make()
    token = member.post("/api/v1/tokens", json={"name": "script", "scopes": ["data:read"]}).json()["key"]
    program = beside(client, headers={"Authorization": f"Bearer {token}"})
    assert len(people.admin.get(f"/api/v1/users/{member.id}/sessions").json()["items"]) == 1
    url = f"/api/v1/users/{member.id}"
    assert people.admin.patch(url, json={"is_disabled": True}, headers={"If-Match": '"1"'}).status_code == 200
    assert people.admin.get(f"{url}/sessions").json()["items"] == []
    assert member.get("/api/v1/me").status_code == 401
    assert program.get("/api/v1/me").status_code == 401


def test_an_administrator_ends_sign_ins_without_closing_the_account(people):
    member, manager = people.make(), people.make(facility_role="manager")
    assert manager.delete(f"/api/v1/users/{member.id}/sessions").status_code == 403
    assert people.admin.delete(f"/api/v1/users/{member.id}/sessions").status_code == 204
    assert member.get("/api/v1/me").status_code == 401


def test_a_person_was_last_seen_when_they_or_their_program_last_came(people, app, client):
    member = people.make()
    assert people.admin.get(f"/api/v1/users/{member.id}").json()["last_seen_at"] is None
    member.get("/api/v1/me")
    app.state.last_seen.write()
    first = people.admin.get(f"/api/v1/users/{member.id}").json()["last_seen_at"]
    token = member.post("/api/v1/tokens", json={"name": "script", "scopes": ["data:read"]}).json()["key"]
    beside(client, headers={"Authorization": f"Bearer {token}"}).get("/api/v1/me")
    app.state.last_seen.write()
    assert people.admin.get(f"/api/v1/users/{member.id}").json()["last_seen_at"] > first
