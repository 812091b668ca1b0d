"""What an administrator does from the machine itself."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.cli.accounts import AccountRefused, keep_account
from app.cli.documents import openapi_text, write_method_pages
from app.cli.work import worker_arguments
from lithoscope.methods import catalogue

ROOT = Path(__file__).parents[3]
PASSWORD = "a long enough password"


def sign_in(client: TestClient, login: str, password: str) -> int:
    return client.post("/api/v1/sessions", json={"login": login, "password": password}).status_code


def test_an_account_is_made_and_its_owner_can_sign_in(house, client):
    said = keep_account(house, "ada", role="admin", display_name="Ada", password=PASSWORD)
    assert said.words.startswith("made admin ada (usr_")
    assert sign_in(client, "ada", PASSWORD) == 201


def test_a_forgotten_password_is_replaced(house, client):
    keep_account(house, "ada", role="admin", display_name=None, password=PASSWORD)
    assert keep_account(house, "ada", role=None, display_name=None, password=PASSWORD + "2").act == "changed"
    assert sign_in(client, "ada", PASSWORD) == 401
    assert sign_in(client, "ada", PASSWORD + "2") == 201


@pytest.mark.parametrize(
    ("login", "role", "password", "words"),
    [
        ("Ada Lovelace", None, None, "login"),
        ("ada", "emperor", None, "facility_role"),
        ("ada", None, "short", "at least 12"),
    ],
)
def test_what_an_account_cannot_be_is_refused_with_the_reason(house, login, role, password, words):
    with pytest.raises(AccountRefused, match=words):
        keep_account(house, login, role=role, display_name=None, password=password)


def test_the_last_administrator_stays(house):
    keep_account(house, "ada", role="admin", display_name=None, password=None)
    with pytest.raises(AccountRefused, match="another person administrator"):
        keep_account(house, "ada", role="member", display_name=None, password=None)


def test_the_api_s_description_is_the_same_every_time_and_names_every_room():
    text = openapi_text()
    assert text == openapi_text()
    assert {"/api/v1/samples", "/api/v1/jobs", "/api/v1/uploads", "/healthz"} <= set(json.loads(text)["paths"])


def test_every_method_has_its_page_and_no_page_outlives_its_method(tmp_path):
    (tmp_path / "gone.md").write_text("old")
    assert {page.stem for page in write_method_pages(tmp_path)} == set(catalogue())
    assert not (tmp_path / "gone.md").exists()


def test_the_committed_pages_are_those_of_the_code(tmp_path):
    for fresh in write_method_pages(tmp_path):
        committed = ROOT / "docs" / "methods" / fresh.name
        assert committed.read_text(encoding="utf-8") == fresh.read_text(encoding="utf-8"), "run `make docs`"


def test_a_worker_serves_its_queues_by_celery_or_from_the_database():
    assert worker_arguments("db", "io", 2) == ["-m", "workers", "--slots", "2", "--queues", "io"]
    by_celery = worker_arguments("celery", "io,gpu", 4)
    assert by_celery[:5] == ["-m", "celery", "-A", "workers.celery_app", "worker"]
    assert by_celery[by_celery.index("--queues") + 1] == "io,gpu"
    assert by_celery[by_celery.index("--concurrency") + 1] == "4"
