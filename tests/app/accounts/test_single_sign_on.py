"""Single sign-on with a real issuer on loopback: who is let in, and every forged token that is not."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from app.infra.db.models import User
from app.lab.access import SYSTEM
from app.lab.accounts.schemas import NewUser
from app.lab.composition import Lab
from tests.app.accounts.issuer import CLIENT_ID, CLIENT_SECRET, Issuer
from tests.conftest import beside, settings_for


@pytest.fixture(scope="module")
def running():
    """Give one issuer for this module."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(running):
    """Give the issuer, honest again."""
    running.lies, running.algorithm, running.uses_foreign_key = {}, "ES256", False
    return running


@pytest.fixture
def settings(tmp_path, issuer):
    return settings_for(
        tmp_path / "data", oidc_issuer=issuer.url, oidc_client_id=CLIENT_ID, oidc_client_secret=CLIENT_SECRET
    )


@pytest.fixture
def browser(client):
    return beside(client)


def come_back(browser, issuer, **forged):
    """Go to the issuer and come back; returns the service's last answer."""
    left = browser.get("/api/v1/oidc/authorization")
    assert left.status_code == 303, left.text
    query = dict(parse_qsl(urlsplit(left.headers["location"]).query))
    back = urlsplit(issuer.authorize(query))
    answer = dict(parse_qsl(back.query)) | forged
    return browser.get(back.path, params=answer)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_who_the_issuer_vouches_for_is_signed_in(house, browser, issuer, algorithm):
    issuer.algorithm = algorithm
    answer = come_back(browser, issuer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    me = browser.get("/api/v1/me").json()
    assert (me["label"], me["facility_role"], me["roles"]) == ("Marie", "member", {})
    with house.database.reading() as session:
        user = session.scalars(select(User)).one()
    assert (user.login, user.oidc_subject, user.password_hash) == ("marie.c", f"{issuer.url}#person-1", None)


def test_the_same_person_comes_back_to_the_same_account(house, client, issuer):
    for _ in range(2):
        assert come_back(beside(client), issuer).status_code == 303
    with house.database.reading() as session:
        assert len(session.scalars(select(User)).all()) == 1


def test_a_local_account_of_the_same_name_is_not_taken_over(house, browser, issuer):
    with house.database.writing() as session:
        local = Lab(house, session).accounts.create(SYSTEM, NewUser(login="marie.c", display_name="Local"), None)
    assert come_back(browser, issuer).status_code == 303
    assert browser.get("/api/v1/me").json()["id"] != local.id


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "of-another-sign-in"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_was_not_made_for_this_sign_in_is_refused(browser, issuer, lies):
    issuer.lies = lies
    assert_refused(browser, come_back(browser, issuer))


def test_a_token_without_signature_is_refused(browser, issuer):
    issuer.algorithm = "none"
    assert_refused(browser, come_back(browser, issuer))


def test_a_token_signed_by_another_key_is_refused(browser, issuer):
    issuer.uses_foreign_key = True
    assert_refused(browser, come_back(browser, issuer))


@pytest.mark.parametrize("forged", [{"state": "x"}, {"code": "x"}], ids=str)
def test_an_answer_the_browser_did_not_ask_for_is_refused(browser, issuer, forged):
    assert_refused(browser, come_back(browser, issuer, **forged))


def test_an_answer_without_the_note_is_refused(browser, client, issuer):
    left = browser.get("/api/v1/oidc/authorization")
    back = issuer.authorize(dict(parse_qsl(urlsplit(left.headers["location"]).query)))
    stranger = beside(client)
    assert_refused(stranger, stranger.get(urlsplit(back).path, params=dict(parse_qsl(urlsplit(back).query))))


def assert_refused(browser, answer) -> None:
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sso-refused")
    assert browser.get("/api/v1/me").status_code == 401


class TestWithoutIssuer:
    """The issuer is away or was never named."""

    def test_an_issuer_that_does_not_answer_is_told(self, house, browser, issuer):
        gone = Issuer()
        gone.__enter__()
        gone.__exit__()
        browser.app.state.house = type(house)(house.settings.model_copy(update={"oidc_issuer": gone.url}))
        answer = browser.get("/api/v1/oidc/authorization")
        assert (answer.status_code, answer.json()["type"]) == (502, "/problems/sso-unavailable")


class TestSwitchedOff:
    """Without an issuer single sign-on does not exist."""

    @pytest.fixture
    def settings(self, tmp_path):
        return settings_for(tmp_path / "data")

    def test_it_is_not_found(self, client):
        assert client.get("/api/v1/oidc/authorization").status_code == 404
        assert client.get("/api/v1/oidc/callback?code=x&state=y").status_code == 404
