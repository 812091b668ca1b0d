"""The first administrator, sign-ins by password, and what ends them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import AuditEntry, Login, OneTimeCode, User
from app.lab.composition import Lab
from tests.conftest import beside

PASSWORD = "correct horse battery"
ADMIN = {"login": "ada", "display_name": "Ada", "password": PASSWORD}


@pytest.fixture
def code(house) -> str:
    """Give the first administrator's code."""
    with house.database.writing() as session:
        code = Lab(house, session).accounts.first_administrator_code()
    assert code is not None
    return code


@pytest.fixture
def ada(client, code):
    """Give the first administrator's account."""
    answer = client.post("/api/v1/setup", json=ADMIN | {"code": code})
    assert answer.status_code == 201
    return answer.json()


def sign_in(client, password=PASSWORD, login="ada"):
    return beside(client).post("/api/v1/sessions", json={"login": login, "password": password})


def signed_in(client):
    """Return a client as a browser would be after signing in."""
    answer = sign_in(client)
    cookie = answer.cookies["lithoscope_login"]
    return beside(client, cookies={"lithoscope_login": cookie}, headers={"X-CSRF-Token": answer.json()["csrf_token"]})


def test_the_one_time_code_makes_one_administrator(house, client, code):
    assert client.post("/api/v1/setup", json=ADMIN | {"code": "0" * 64}).status_code == 403
    made = client.post("/api/v1/setup", json=ADMIN | {"code": code})
    assert (made.status_code, made.json()["facility_role"]) == (201, "admin")
    again = client.post("/api/v1/setup", json=ADMIN | {"code": code, "login": "eve"})
    assert (again.status_code, again.json()["type"]) == (403, "/problems/bad-code")
    with house.database.writing() as session:
        assert Lab(house, session).accounts.first_administrator_code() is None


def test_a_new_start_makes_a_new_code_and_the_old_one_ends(house, client, code):
    with house.database.writing() as session:
        fresh = Lab(house, session).accounts.first_administrator_code()
    assert client.post("/api/v1/setup", json=ADMIN | {"code": code}).status_code == 403
    assert client.post("/api/v1/setup", json=ADMIN | {"code": fresh}).status_code == 201


def test_only_digests_of_secrets_are_kept(house, client, code, ada):
    cookie = sign_in(client).cookies["lithoscope_login"]
    with house.database.reading() as session:
        assert session.scalars(select(OneTimeCode.code_digest)).all() == [tokens.digest(code)]
        assert session.scalars(select(Login.token_digest)).all() == [tokens.digest(cookie)]
        assert session.scalars(select(User.password_hash)).one().startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, ada):
    answer = sign_in(client)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_a_change_by_cookie_needs_the_token_of_the_page(client, ada):
    browser = signed_in(client)
    new = {"code": "AB", "title": "t"}
    bare = browser.post("/api/v1/projects", json=new, headers={"X-CSRF-Token": ""})
    assert (bare.status_code, bare.json()["type"]) == (403, "/problems/csrf-failed")
    foreign = browser.post("/api/v1/projects", json=new, headers={"Origin": "https://elsewhere.example"})
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/csrf-failed")
    assert browser.post("/api/v1/projects", json=new, headers={"Origin": "http://testserver"}).status_code == 201


def test_unknown_login_and_wrong_password_get_the_same_answer(client, ada):
    wrong, unknown = sign_in(client, "not the password"), sign_in(client, login="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_five_failures_close_the_door_to_that_account_from_that_address(client, ada):
    for _ in range(5):
        assert sign_in(client, "not the password").status_code == 401
    closed = sign_in(client)
    assert (closed.status_code, closed.json()["type"]) == (429, "/problems/too-many-failures")
    assert 0 < int(closed.headers["retry-after"]) <= 900
    assert sign_in(client, login="somebody-else").status_code == 401


def test_a_sign_in_ends_by_idleness_by_age_and_by_signing_out(house, client, ada):
    idle, old, out = signed_in(client), signed_in(client), signed_in(client)
    assert idle.get("/api/v1/me").json()["label"] == "Ada"
    past = now() - timedelta(minutes=31)
    with house.database.writing() as session:
        session.execute(
            update(Login)
            .where(Login.token_digest == tokens.digest(idle.cookies["lithoscope_login"]))
            .values(last_seen_at=past)
        )
        session.execute(
            update(Login)
            .where(Login.token_digest == tokens.digest(old.cookies["lithoscope_login"]))
            .values(expires_at=past)
        )
    assert out.delete("/api/v1/sessions/current").status_code == 204
    for client_ in (idle, old, out):
        answer = client_.get("/api/v1/me")
        assert (answer.status_code, answer.json()["detail"]) == (401, "The sign-in has ended: sign in again.")


def test_use_is_remembered_so_that_a_busy_sign_in_does_not_end(house, app, client, ada):
    browser = signed_in(client)
    digest = tokens.digest(browser.cookies["lithoscope_login"])
    before = now() - timedelta(minutes=29)
    with house.database.writing() as session:
        session.execute(update(Login).values(last_seen_at=before))
    browser.get("/api/v1/me")
    app.state.last_seen.write()
    with house.database.reading() as session:
        assert session.get_one(Login, digest).last_seen_at > before + timedelta(minutes=28)


def test_a_closed_account_is_out_at_once(client, ada, people):
    browser = signed_in(client)
    admin = people.admin
    me = browser.get(f"/api/v1/users/{ada['id']}")
    closed = admin.patch(
        f"/api/v1/users/{ada['id']}", json={"is_disabled": True}, headers={"If-Match": me.headers["etag"]}
    )
    assert closed.status_code == 200
    assert browser.get("/api/v1/me").status_code == 401
    assert sign_in(client).status_code == 401


def test_the_last_administrator_stays(client, ada):
    browser = signed_in(client)
    for change in ({"is_disabled": True}, {"facility_role": "member"}):
        answer = browser.patch(f"/api/v1/users/{ada['id']}", json=change, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/last-administrator")


def test_a_new_password_ends_every_sign_in(client, ada):
    browser, other = signed_in(client), signed_in(client)
    wrong = browser.put("/api/v1/me/password", json={"present": "not this one", "new": "another long one"})
    assert wrong.status_code == 422
    right = browser.put("/api/v1/me/password", json={"present": PASSWORD, "new": "another long one"})
    assert right.status_code == 204
    assert other.get("/api/v1/me").status_code == 401
    assert sign_in(client, "another long one").status_code == 201


def test_a_short_password_is_refused_and_not_repeated(client, code):
    answer = client.post("/api/v1/setup", json=ADMIN | {"code": code, "password": "tiny-secret"})
    assert answer.status_code == 422
    assert "tiny-secret" not in answer.text
    assert code not in answer.text


def test_every_act_of_an_account_is_in_the_audit_log(house, client, ada):
    signed_in(client).delete("/api/v1/sessions/current")
    with house.database.reading() as session:
        acts = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
        assert acts == ["user.create", "session.start", "session.end"]
        assert Lab(house, session).audit.verify() is None
