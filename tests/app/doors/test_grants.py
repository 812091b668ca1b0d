"""Who was let in a moment ago reads pieces of arrays without the database, and not a moment longer than they may."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.infra.db.models import Result
from app.infra.house import House
from app.infra.storage import LocalStore, StoreAway
from app.lab.doors import grants
from tests.app.results.publishing import add_job, publish
from tests.conftest import add_project, beside


def piece(result: Result, path: str = "zarr.json") -> str:
    return f"/api/v1/results/{result.id}/outputs/volume/zarr/{path}"


class Statements:
    """Counts what the database is asked."""

    def __init__(self, house: House) -> None:
        self.count = 0
        event.listen(house.database.engine, "before_cursor_execute", self._note)

    def _note(self, *_: object) -> None:
        self.count += 1


def test_the_second_piece_asks_the_database_nothing_and_is_the_same_answer(viewer: Any, result: Result):
    first = viewer.get(piece(result))
    asked = Statements(viewer.client.app.state.house)
    second = viewer.get(piece(result))
    assert asked.count == 0
    assert (second.status_code, second.content) == (200, first.content)
    kept = {name for name in first.headers if not name.startswith(("ratelimit", "x-request-id"))}
    assert {name: first.headers[name] for name in kept} == {name: second.headers[name] for name in kept}
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert viewer.get(piece(result, "0/c/0/0/0"), headers={"Range": "bytes=0-9"}).status_code == 206
    assert viewer.get(piece(result), headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert viewer.get(piece(result, "../manifest.json")).status_code == 404
    assert viewer.get(piece(result), params={"strange": 1}).status_code == 422
    assert asked.count > 0  # the strange one went the long way


def test_a_change_of_rights_holds_at_once(viewer: Any, people: Any, project: Any, result: Result):
    steward = people.make(role="steward", project=project)
    assert viewer.get(piece(result)).status_code == viewer.get(piece(result)).status_code == 200
    answer = steward.delete(f"/api/v1/projects/{project.id}/members/{viewer.id}")
    assert answer.is_success, answer.text
    assert viewer.get(piece(result)).status_code == 404


def test_an_ended_sign_in_reads_no_further_piece(viewer: Any, result: Result):
    assert viewer.get(piece(result)).status_code == viewer.get(piece(result)).status_code == 200
    assert viewer.delete("/api/v1/sessions/current").is_success
    assert viewer.get(piece(result)).status_code == 401


def test_a_deleted_result_gives_no_further_piece(viewer: Any, people: Any, project: Any, result: Result):
    steward = people.make(role="steward", project=project)
    assert viewer.get(piece(result)).status_code == viewer.get(piece(result)).status_code == 200
    headers, query = {"If-Match": f'"{result.digest}"'}, {"reason": "wrong sample"}
    assert steward.request("DELETE", f"/api/v1/results/{result.id}", params=query, headers=headers).is_success
    assert viewer.get(piece(result)).status_code == 404


def test_one_persons_grant_is_nobody_elses(viewer: Any, people: Any, house: House, result: Result):
    stranger = people.make(role="viewer", project=add_project(house, "OTHER"))
    assert viewer.get(piece(result)).status_code == 200
    assert stranger.get(piece(result)).status_code == 404
    assert stranger.get(piece(result)).status_code == 404
    wrong = {"Authorization": "Bearer lsk_00000000000000000000000000000000_x"}
    assert viewer.get(piece(result), headers=wrong).status_code == 401


def test_one_results_grant_opens_no_other(viewer: Any, house: House, result: Result, tmp_path: Path):
    theirs = publish(house, add_job(house, add_project(house, "OTHER"), None), tmp_path)
    assert viewer.get(piece(result)).status_code == viewer.get(piece(result)).status_code == 200
    assert viewer.get(piece(theirs)).status_code == 404


def test_another_process_taking_rights_back_is_heard_of_when_the_grant_ends(
    viewer: Any, house: House, project: Any, result: Result
):
    assert viewer.get(piece(result)).status_code == 200
    with house.database.engine.begin() as connection:  # not through this process' own sessions
        connection.exec_driver_sql("DELETE FROM membership")
    deadline = time.monotonic() + 10 * grants.TRUSTED_S
    while viewer.get(piece(result)).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_pieces_are_counted_as_requests_of_their_route(viewer: Any, result: Result):
    for _ in range(3):
        viewer.get(piece(result))
    template = "/api/v1/results/{result_id}/outputs/{name}/zarr/{path:path}"
    (line,) = [
        line for line in viewer.get("/metrics").text.splitlines() if template in line and "requests_total" in line
    ]
    assert line.endswith(" 3.0")


def test_pieces_have_a_limit_of_their_own(viewer: Any, house: House, result: Result):
    viewer.get(piece(result))
    assert viewer.get(piece(result)).headers["ratelimit-limit"] == str(10 * house.settings.requests_per_second)


def test_damage_done_after_a_file_was_found_sound_is_never_sent(viewer: Any, house: House, result: Result):
    assert viewer.get(piece(result, "0/c/0/0/0")).status_code == 200
    assert isinstance(house.store, LocalStore)
    path = house.store.path(result.store_key or "") / "volume.ome.zarr" / "0" / "c" / "0" / "0" / "0"
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert viewer.get(piece(result, "0/c/0/0/0")).status_code == 500


class AwayStore(LocalStore):
    """A store whose other end was unplugged."""

    def size(self, key: str) -> int:
        raise StoreAway(key)


def test_a_store_that_does_not_answer_is_said_as_on_the_long_way(viewer: Any, result: Result):
    assert viewer.get(piece(result)).status_code == 200
    house = viewer.client.app.state.house
    vars(house)["store"] = AwayStore(house.store.root)  # where the house keeps the one it opened
    answer = viewer.get(piece(result))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "/problems/store-unavailable"


def test_a_closed_account_and_a_revoked_token_read_no_further_piece(viewer: Any, people: Any, result: Result):
    made = viewer.post("/api/v1/tokens", json={"name": "t", "scopes": ["data:read"]}).json()
    program = beside(viewer.client, headers={"Authorization": f"Bearer {made['key']}"})
    for who in (program, viewer):
        assert who.get(piece(result)).status_code == who.get(piece(result)).status_code == 200
    assert viewer.delete(f"/api/v1/tokens/{made['id']}").is_success
    assert program.get(piece(result)).status_code == 401
    closed = people.admin.patch(f"/api/v1/users/{viewer.id}", json={"is_disabled": True}, headers={"If-Match": '"1"'})
    assert closed.is_success, closed.text
    assert viewer.get(piece(result)).status_code == 401


def test_a_token_without_the_scope_gets_nothing_of_its_owners_grant(viewer: Any, result: Result):
    made = viewer.post("/api/v1/tokens", json={"name": "t", "scopes": ["jobs:run"]}).json()
    program = beside(viewer.client, headers={"Authorization": f"Bearer {made['key']}"})
    assert viewer.get(piece(result)).status_code == 200
    assert program.get(piece(result)).status_code == 404
    assert viewer.get(piece(result), headers={"Authorization": ""}).status_code == 401
