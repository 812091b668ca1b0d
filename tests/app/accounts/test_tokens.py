"""Tokens of programs: limited, shown once, revocable."""

from datetime import timedelta

from sqlalchemy import select, update

from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import AccessKey, Membership
from tests.conftest import add_project, add_sample, beside


def program(client, person, **limits):
    """Return a client that uses a token of a person, and the token."""
    made = person.post("/api/v1/tokens", json={"name": "script", "scopes": ["data:read"], **limits})
    assert made.status_code == 201, made.text
    return beside(client, headers={"Authorization": f"Bearer {made.json()['key']}"}), made.json()


def test_a_key_is_shown_once_and_kept_as_a_digest(house, client, analyst):
    _, made = program(client, analyst)
    secret = made["key"].rpartition("_")[2]
    listed = analyst.get("/api/v1/tokens").json()["items"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert "key" not in listed[0]
    with house.database.reading() as session:
        assert session.scalars(select(AccessKey.secret_digest)).all() == [tokens.digest(secret)]


def test_a_scope_is_a_limit(client, analyst, project, sample):
    reader, _ = program(client, analyst)
    assert reader.get(f"/api/v1/samples/{sample.id}").status_code == 200
    refused = reader.post("/api/v1/samples", json={"project_id": project.id, "name": "x", "material": "nmc"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")


def test_a_project_limit_hides_the_other_projects(house, client, people, project, sample):
    other = add_project(house, "OTHER")
    person = people.make(role="analyst", project=project)
    with house.database.writing() as session:
        session.add(Membership(project_id=other.id, user_id=person.id, role="steward", created_at=now()))
    foreign = add_sample(house, other, "LS-2026-0050")
    limited, _ = program(client, person, project_ids=[project.id])
    assert [row["id"] for row in limited.get("/api/v1/samples").json()["items"]] == [sample.id]
    assert limited.get(f"/api/v1/samples/{foreign.id}").status_code == 404


def test_an_administrators_limited_token_does_nothing_facility_wide(client, people, project):
    every = ["data:read", "facility:admin", "facility:manage"]
    limited, _ = program(client, people.admin, scopes=every, project_ids=[project.id])
    assert limited.get("/api/v1/users").status_code == 403
    assert limited.get(f"/api/v1/projects/{project.id}").status_code == 200


def test_a_token_never_gives_more_than_its_owner_has(client, people, project):
    viewer = people.make(role="viewer", project=project)
    ambitious, _ = program(client, viewer, scopes=["data:read", "samples:write", "facility:admin"])
    new = {"project_id": project.id, "name": "x", "material": "nmc"}
    assert ambitious.post("/api/v1/samples", json=new).status_code == 403
    assert ambitious.get("/api/v1/users").status_code == 403
    answer = viewer.post("/api/v1/tokens", json={"name": "t", "scopes": ["data:read"], "project_ids": ["prj_0"]})
    assert answer.status_code == 422


def test_a_token_makes_no_tokens(client, analyst):
    script, _ = program(client, analyst)
    answer = script.post("/api/v1/tokens", json={"name": "more", "scopes": ["data:read"]})
    assert answer.status_code == 403


def test_a_revoked_token_stops_at_once_and_only_its_owner_revokes_it(client, people, analyst):
    script, made = program(client, analyst)
    assert people.make().delete(f"/api/v1/tokens/{made['id']}").status_code == 404
    assert script.get("/api/v1/me").status_code == 200
    assert analyst.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert script.get("/api/v1/me").status_code == 401


def test_a_token_lives_a_year_at_most(house, client, analyst):
    for days in (-1, 400):
        expiry = (now() + timedelta(days=days)).isoformat()
        answer = analyst.post("/api/v1/tokens", json={"name": "t", "scopes": ["data:read"], "expires_at": expiry})
        assert answer.status_code == 422
    script, _ = program(client, analyst)
    with house.database.writing() as session:
        session.execute(update(AccessKey).values(expires_at=now() - timedelta(seconds=1)))
    assert script.get("/api/v1/me").status_code == 401


def test_a_role_taken_away_is_gone_for_the_token_too(house, client, analyst, sample):
    script, _ = program(client, analyst)
    with house.database.writing() as session:
        session.delete(session.scalars(select(Membership)).one())
    assert script.get(f"/api/v1/samples/{sample.id}").status_code == 404


def test_the_last_use_is_written_beside_the_requests(house, app, client, analyst):
    script, made = program(client, analyst)
    script.get("/api/v1/me")
    with house.database.reading() as session:
        assert session.get_one(AccessKey, made["id"]).last_used_at is None
    app.state.last_seen.write()
    with house.database.reading() as session:
        assert session.get_one(AccessKey, made["id"]).last_used_at is not None


def test_managers_see_everybodys_keys_and_revoke_them(client, people, analyst, device):
    script, made = program(client, analyst)
    manager = people.make(facility_role="manager")
    listed = manager.get("/api/v1/access-keys").json()["items"]
    assert {(row["kind"], row["owner"]) for row in listed} == {
        ("token", analyst.user.display_name),
        ("device", "Titan"),
    }
    assert all(row["is_live"] for row in listed)
    assert manager.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert script.get("/api/v1/me").status_code == 401
    ended = manager.get("/api/v1/access-keys", params={"is_live": False}).json()["items"]
    assert [row["id"] for row in ended] == [made["id"]]
    devices = manager.get("/api/v1/access-keys", params={"kind": "device"}).json()["items"]
    assert [row["id"] for row in devices] == [device.id]
    assert "secret" not in manager.get("/api/v1/access-keys").text


def test_nobody_else_sees_or_revokes_the_keys_of_others(client, people, analyst):
    _, made = program(client, analyst)
    for role in ("member", "auditor"):
        person = people.make(facility_role=role)
        assert person.get("/api/v1/access-keys").status_code == 403
        assert person.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
