"""One-time links: a person chooses their own password; nobody hands one over."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import OneTimeCode, User
from tests.conftest import beside

PASSWORD = "correct horse battery"


@pytest.fixture
def grace(people):
    """Give a person without a password."""
    return people.admin.post("/api/v1/users", json={"login": "grace", "display_name": "Grace"}).json()


def invite(people, user_id):
    return people.admin.post(f"/api/v1/users/{user_id}/invitations")


def take_up(client, code, password=PASSWORD):
    return beside(client).post("/api/v1/invitation-redemptions", json={"code": code, "password": password})


def sign_in(client, password=PASSWORD):
    return beside(client).post("/api/v1/sessions", json={"login": "grace", "password": password})


def test_a_link_gives_a_password_once(house, client, people, grace):
    assert grace["signs_in_by"] == "nothing"
    made = invite(people, grace["id"])
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    code = made.json()["code"]
    assert made.json()["link"] == f"http://testserver/invitation?code={code}"
    with house.database.reading() as session:
        assert session.scalars(select(OneTimeCode.code_digest)).all() == [tokens.digest(code)]
    taken = take_up(client, code)
    assert (taken.status_code, taken.json()["signs_in_by"]) == (201, "password")
    assert sign_in(client).status_code == 201
    again = take_up(client, code, "another long password")
    assert (again.status_code, again.json()["type"]) == (403, "/problems/bad-code")
    assert sign_in(client).status_code == 201


def test_a_new_link_takes_the_place_of_the_old_one_and_of_a_forgotten_password(client, people, grace):
    old, new = invite(people, grace["id"]).json()["code"], invite(people, grace["id"]).json()["code"]
    assert take_up(client, old).status_code == 403
    take_up(client, new)
    browser = beside(client, cookies={"lithoscope_login": sign_in(client).cookies["lithoscope_login"]})
    assert browser.get("/api/v1/me").status_code == 200
    take_up(client, invite(people, grace["id"]).json()["code"], "a sentence of four words")
    assert browser.get("/api/v1/me").status_code == 401
    assert sign_in(client).status_code == 401
    assert sign_in(client, "a sentence of four words").status_code == 201


def test_a_link_ends_after_seven_days(house, client, people, grace):
    code = invite(people, grace["id"]).json()["code"]
    with house.database.writing() as session:
        expiry = session.scalars(select(OneTimeCode.expires_at)).one()
        assert timedelta(days=6, hours=23) < expiry - now() <= timedelta(days=7)
        session.execute(update(OneTimeCode).values(expires_at=now()))
    assert take_up(client, code).status_code == 403


def test_a_closed_account_has_no_link_and_its_open_link_is_dead_for_good(client, people, grace):
    code = invite(people, grace["id"]).json()["code"]
    url = f"/api/v1/users/{grace['id']}"
    people.admin.patch(url, json={"is_disabled": True}, headers={"If-Match": '"1"'})
    refused = invite(people, grace["id"])
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-invited")
    people.admin.patch(url, json={"is_disabled": False}, headers={"If-Match": '"2"'})
    assert take_up(client, code).status_code == 403


def test_who_signs_in_through_the_institution_takes_no_link(house, people, grace):
    with house.database.writing() as session:
        session.execute(update(User).where(User.id == grace["id"]).values(oidc_subject="issuer|1"))
    assert invite(people, grace["id"]).status_code == 409


def test_a_short_password_spends_nothing(client, people, grace):
    code = invite(people, grace["id"]).json()["code"]
    assert take_up(client, code, "short").status_code == 422
    assert take_up(client, code).status_code == 201


def test_only_administrators_invite(people, grace):
    for role in ("member", "manager", "auditor"):
        assert people.make(facility_role=role).post(f"/api/v1/users/{grace['id']}/invitations").status_code == 403


def test_a_link_is_not_taken_up_by_a_page_of_another_site(client, people, grace):
    code = invite(people, grace["id"]).json()["code"]
    answer = beside(client).post(
        "/api/v1/invitation-redemptions",
        json={"code": code, "password": PASSWORD},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/csrf-failed")


def test_who_gives_oneself_a_new_password_ends_a_link_nobody_used(client, people, grace):
    take_up(client, invite(people, grace["id"]).json()["code"])
    code, opened = invite(people, grace["id"]).json()["code"], sign_in(client)
    browser = beside(client, cookies={"lithoscope_login": opened.cookies["lithoscope_login"]})
    change, token = {"present": PASSWORD, "new": "quite another sentence"}, opened.json()["csrf_token"]
    assert browser.put("/api/v1/me/password", json=change, headers={"X-CSRF-Token": token}).status_code == 204
    assert take_up(client, code).status_code == 403
    assert sign_in(client, "quite another sentence").status_code == 201
