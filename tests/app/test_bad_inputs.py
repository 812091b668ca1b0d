"""
Rows 23 to 42 of the table of bad inputs: each with its status and problem type, and nothing sent is repeated.

Add a row to `tests.app.bad_inputs` where a room has an input of its own; files (rows 1 to 22) are told in tests of
uploads and readers.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.infra.clock import now
from app.infra.house import House
from app.infra.ids import new_id
from tests.app.bad_inputs import MARK, TABLE, Bad
from tests.conftest import People, add_device, add_project, add_sample, beside, served
from tests.servers import PostgresCluster

Ask = Callable[[Bad], Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Send a row of the table to one service: what is refused changes nothing."""
    with served(tmp_path_factory.mktemp("asked") / "data") as (house, client):
        yield asker(house, client)


@pytest.fixture(scope="module")
def ask_on_postgres(postgres_cluster: PostgresCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Send a row of the table to a service on PostgreSQL."""
    folder = tmp_path_factory.mktemp("asked") / "data"
    with postgres_cluster.database() as url, served(folder, database_url=url) as (house, client):
        yield asker(house, client)


def asker(house: House, client: TestClient) -> Ask:
    """Fill a house, and return what sends a row of the table to it."""
    people, project = People(house, client), add_project(house, "PRJ-1")
    sample, other = add_sample(house, project, "LS-2026-9001"), add_project(house, "OTHER")
    analyst, device = people.make(role="analyst", project=project), add_device(house, client, [project])
    ids = {
        "project": project.id,
        "sample": sample.id,
        "me": analyst.id,
        "foreign_project": other.id,
        "later": add_sample(house, project, "LS-2026-0098", prepared_at=now()).id,
        "foreign": add_sample(house, other, "LS-2026-0099").id,
    }

    def send(bad: Bad) -> Any:
        askers = {"analyst": analyst, "nobody": beside(client), "admin": people.admin}
        who = askers.get(bad.as_who, device.client)
        content = bad.content(ids) if callable(bad.content) else bad.content
        path = bad.path
        for name, value in ids.items():
            path = path.replace("{" + name + "}", value)
        headers = {"Content-Type": "application/json"} if content else {}
        headers = {k: v.encode("latin-1") for k, v in (headers | bad.headers).items()}
        return who.request(bad.method, path, content=content, headers=headers)

    return send


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: f"{bad.row}-{bad.what}")
def test_a_bad_input_gets_its_answer(ask, bad):
    answer = ask(bad)
    assert (answer.status_code, answer.json().get("type")) == (bad.status, f"/problems/{bad.type}"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == bad.status
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert MARK not in answer.text
    assert len(answer.content) < 5000
    if bad.status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_device_a_year_off_is_heard_and_warned(device):
    """Row 31: both times are kept, the offset is measured."""
    for ahead_s in (365 * 86400, -365 * 86400):
        answer = device.post("/api/v1/heartbeats", json={"sent_at": (now() + timedelta(seconds=ahead_s)).isoformat()})
        assert answer.status_code == 201
        assert answer.json()["clock_offset_s"] == pytest.approx(ahead_s, abs=5)
        assert answer.json()["warnings"] == ["clock-skew"]


def test_markup_in_a_name_is_stored_as_it_is(people, project):
    """Row 34: what is shown is encoded where it is shown."""
    name, analyst = "<script>alert(1)</script>", people.make(role="analyst", project=project)
    made = analyst.post("/api/v1/samples", json={"project_id": project.id, "name": name, "material": "nmc"})
    assert made.json()["name"] == name
    assert made.headers["content-security-policy"].startswith("default-src 'none'")
    assert made.headers["x-content-type-options"] == "nosniff"


def test_a_search_takes_its_text_as_it_is(people, project):
    """Row 35: %, _, backslash and quotes have no meaning of their own."""
    analyst = people.make(role="analyst", project=project)
    for name in ("100% SOC", "100 SOC", "a_b", "axb", "c\\d", "it's", 'say "x"'):
        analyst.post("/api/v1/samples", json={"project_id": project.id, "name": name, "material": "nmc"})

    def found(text: str) -> list[str]:
        return sorted(row["name"] for row in analyst.get("/api/v1/samples", params={"q": text}).json()["items"])

    assert found("100%") == ["100% SOC"]
    assert found("a_b") == ["a_b"]
    assert found("c\\d") == ["c\\d"]
    assert found("it's") == ["it's"]
    assert found('"') == ['say "x"']


def test_a_name_is_kept_in_one_normal_form(people, project):
    """Row 27: composed and decomposed letters are the same name."""
    analyst = people.make(role="analyst", project=project)
    new = {"project_id": project.id, "name": "Ae\u0301", "material": "nmc"}
    assert analyst.post("/api/v1/samples", json=new).json()["name"] == "A\u00e9"


def test_a_foreign_sample_answers_exactly_as_a_missing_one(ask):
    """Row 42: the bodies differ in the request id only."""
    foreign = ask(Bad(42, "foreign", 404, "not-found", "GET", "/api/v1/samples/{foreign}")).json()
    missing = ask(Bad(42, "missing", 404, "not-found", "GET", f"/api/v1/samples/{new_id('smp')}")).json()
    assert {**foreign, "request_id": ""} == {**missing, "request_id": ""}


def test_a_list_goes_on_where_its_page_ended(people, project, house):
    for number in range(5):
        add_sample(house, project, f"LS-2026-10{number}")
    viewer, seen, url = people.make(role="viewer", project=project), [], "/api/v1/samples?limit=2"
    while url:
        page = viewer.get(url).json()
        seen += [row["code"] for row in page["items"]]
        url = page["next"]
    assert seen == [f"LS-2026-10{number}" for number in (4, 3, 2, 1, 0)]


def test_a_cursor_serves_only_the_list_it_came_from(people, project, house):
    for number in range(3):
        add_sample(house, project, f"LS-2026-10{number}")
    viewer = people.make(role="viewer", project=project)
    cursor = viewer.get("/api/v1/samples?limit=2").json()["next"].partition("cursor=")[2]
    assert viewer.get(f"/api/v1/projects?cursor={cursor}").status_code == 422


def test_a_version_the_client_holds_is_not_sent_again(people, project, sample):
    viewer = people.make(role="viewer", project=project)
    tag = viewer.get(f"/api/v1/samples/{sample.id}").headers["etag"]
    again = viewer.get(f"/api/v1/samples/{sample.id}", headers={"If-None-Match": f'"0", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert viewer.get(f"/api/v1/samples/{sample.id}", headers={"If-None-Match": '"0"'}).status_code == 200


@pytest.mark.postgres
class TestOnPostgres:
    """Text and numbers that PostgreSQL refuses never reach it."""

    @pytest.mark.parametrize("bad", [bad for bad in TABLE if bad.row in {27, 28, 37, 38, 42}], ids=lambda bad: bad.what)
    def test_a_bad_input_gets_the_same_answer(self, ask_on_postgres, bad):
        answer = ask_on_postgres(bad)
        assert (answer.status_code, answer.json()["type"]) == (bad.status, f"/problems/{bad.type}")
