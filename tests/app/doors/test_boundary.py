"""One request is one transaction, and its commit precedes the answer."""

import sqlite3

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from starlette.testclient import TestClient

from app.errors import Conflict
from app.infra.clock import now
from app.infra.db.models import Project
from app.infra.ids import new_id
from app.lab.doors import CurrentActor, CurrentLab, room_router
from tests.conftest import beside


def _project(code: str) -> Project:
    return Project(id=new_id("prj"), code=code, title=code, quota_bytes=1, created_by="system", created_at=now())


def _rows(house) -> list[str]:
    """Read with a connection of its own, as another process would."""
    with sqlite3.connect(house.settings.data / "lithoscope.db") as connection:
        return [code for (code,) in connection.execute("SELECT code FROM project ORDER BY code")]


@pytest.fixture
def app(app: FastAPI, house) -> FastAPI:
    """Add routes that write and then answer, fail, or stream."""
    router = room_router("test", prefix="")

    @router.post("/writes")
    def writes(lab: CurrentLab, response: Response) -> list[str]:
        lab.session.add(_project("WRITTEN"))
        lab.session.flush()
        return _rows(house)

    @router.post("/fails")
    def fails(lab: CurrentLab) -> None:
        lab.session.add(_project("FAILED"))
        lab.session.flush()
        raise Conflict("no")

    @router.post("/breaks")
    def breaks(lab: CurrentLab) -> None:
        lab.session.add(_project("BROKEN"))
        lab.session.flush()
        raise ZeroDivisionError("a fault")

    @router.get("/streams")
    def streams(actor: CurrentActor) -> StreamingResponse:
        return StreamingResponse(iter([b"checked out: ", str(house.database.engine.pool.checkedout()).encode()]))

    app.include_router(router)
    return app


class _SeesTheDatabaseWhenTheAnswerBegins:
    """Wraps the application and looks at the database at the first byte of each answer."""

    def __init__(self, app, house) -> None:
        self.app, self.house, self.seen = app, house, []

    async def __call__(self, scope, receive, send) -> None:
        async def watching(message) -> None:
            if message["type"] == "http.response.start":
                self.seen.append(_rows(self.house))
            await send(message)

        await self.app(scope, receive, watching)


def test_the_commit_precedes_the_first_byte_of_the_answer(app, client, house):
    watcher = _SeesTheDatabaseWhenTheAnswerBegins(app, house)
    observed = TestClient(watcher)
    observed.portal = client.portal
    answer = observed.post("/writes")
    assert answer.json() == []
    assert watcher.seen == [["WRITTEN"]]


@pytest.mark.parametrize(("path", "status"), [("/fails", 409), ("/breaks", 500)])
def test_what_a_refused_or_broken_request_wrote_is_rolled_back(client, house, path, status):
    answer = client.post(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert _rows(house) == []


def test_a_fault_is_told_by_request_id_only(client):
    answer = client.post("/breaks")
    assert answer.json()["type"] == "/problems/internal-error"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "fault" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_streaming_answer_holds_no_connection(people):
    assert people.make().get("/streams").text == "checked out: 0"


def test_what_was_planned_for_after_the_commit_happens_after_it(app, client, house):
    seen = []
    router = room_router("test", prefix="")

    @router.post("/plans")
    def plans(lab: CurrentLab) -> None:
        lab.session.add(_project("PLANNED"))
        lab.session.info.setdefault("after_commit", []).append(lambda: seen.append(_rows(house)))

    app.include_router(router)
    assert client.post("/plans").status_code == 200
    assert seen == [["PLANNED"]]


def test_reading_never_waits_for_a_writer(house, people, project, sample):
    """A GET answers while another connection holds SQLite's write lock, from authentication to the last byte."""
    person = people.make(role="viewer", project=project)
    with house.database.writing() as writer:
        writer.execute(select(1))
        for path in ("/api/v1/me", f"/api/v1/samples/{sample.id}", "/api/v1/samples", "/readyz", "/metrics"):
            assert person.get(path).status_code == 200, path


def test_a_password_is_hashed_without_the_write_lock(house, client, people):
    """While a writer holds the lock a wrong password is still refused: nothing is written before it is known."""
    with house.database.writing() as writer:
        writer.execute(select(1))
        answer = beside(client).post("/api/v1/sessions", json={"login": "nobody", "password": "not the password"})
    assert answer.status_code == 401


def test_a_route_declared_wrongly_says_why_each_time_it_is_asked():
    router = room_router("test", prefix="")

    @router.get("/empty", status_code=204)
    def empty() -> list[str]:
        return []

    (route,) = router.routes
    for _ in range(2):
        with pytest.raises(AssertionError, match="204 must not have a response body"):
            assert route.app
