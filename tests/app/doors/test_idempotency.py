"""A repeated request does nothing twice."""

import threading

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.errors import Conflict
from app.infra.clock import now
from app.infra.db.models import AccessKey, IdempotencyRecord, Sample
from app.infra.ids import new_id
from app.lab.doors import CurrentActor, CurrentLab, room_router


def _new(project, name="cell 7"):
    return {"project_id": project.id, "name": name, "material": "nmc"}


def _samples(house) -> int:
    with house.database.reading() as session:
        return session.execute(select(func.count(Sample.id))).scalar_one()


@pytest.fixture
def house(any_house):
    """Keep every promise on both databases."""
    return any_house


def test_a_repeat_gets_the_first_answer_and_makes_nothing(house, analyst, project):
    headers = {"Idempotency-Key": new_id("otc")}
    first, second = (analyst.post("/api/v1/samples", json=_new(project), headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert _samples(house) == 1


def test_the_key_of_another_request_is_refused(analyst, project):
    headers = {"Idempotency-Key": new_id("otc")}
    analyst.post("/api/v1/samples", json=_new(project), headers=headers)
    other = analyst.post("/api/v1/samples", json=_new(project, "cell 8"), headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_a_refused_request_frees_its_key(house, analyst, project):
    headers = {"Idempotency-Key": new_id("otc")}
    assert analyst.post("/api/v1/samples", json=_new(project) | {"x": 1}, headers=headers).status_code == 422
    assert analyst.post("/api/v1/samples", json=_new(project), headers=headers).status_code == 201
    assert _samples(house) == 1


def test_a_revoked_key_gets_401_and_not_the_kept_answer(house, device):
    headers = {"Idempotency-Key": new_id("otc")}
    beat = {"sent_at": now().isoformat()}
    assert device.client.post("/api/v1/heartbeats", json=beat, headers=headers).status_code == 201
    with house.database.writing() as session:
        session.get_one(AccessKey, device.id).revoked_at = now()
    answer = device.client.post("/api/v1/heartbeats", json=beat, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")


def test_keys_of_two_people_never_meet(house, people, project, analyst):
    headers = {"Idempotency-Key": "the same"}
    other = people.make(role="analyst", project=project)
    assert analyst.post("/api/v1/samples", json=_new(project), headers=headers).status_code == 201
    assert other.post("/api/v1/samples", json=_new(project), headers=headers).status_code == 201
    assert _samples(house) == 2


def test_a_secret_is_never_kept_for_a_repeat(house, people):
    person, headers = people.make(), {"Idempotency-Key": new_id("otc")}
    new = {"name": "script", "scopes": ["data:read"]}
    first = person.post("/api/v1/tokens", json=new, headers=headers)
    second = person.post("/api/v1/tokens", json=new, headers=headers)
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["type"] == "/problems/secret-not-kept"
    with house.database.reading() as session:
        assert session.scalars(select(IdempotencyRecord.body)).all() == [None]
        assert session.execute(select(func.count(AccessKey.id))).scalar_one() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_a_key_of_no_usable_form_is_refused(analyst, project, key):
    answer = analyst.post("/api/v1/samples", json=_new(project), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-idempotency-key")


def test_a_device_must_send_a_key(device):
    answer = device.client.post("/api/v1/enrolment-redemptions", json={"code": "x", "name": "pc"})
    assert answer.status_code == 401  # open to everybody: no actor, no key
    answer = device.client.post("/api/v1/samples", json={})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")


def test_a_repeat_while_the_first_still_runs_is_told_so(app: FastAPI, people):
    started, finish = threading.Event(), threading.Event()
    router = room_router("test", prefix="")

    @router.post("/slow")
    def slow(actor: CurrentActor) -> str:
        started.set()
        finish.wait(20)
        return "done"

    app.include_router(router)
    person, headers, answers = people.make(), {"Idempotency-Key": new_id("otc")}, []
    first = threading.Thread(target=lambda: answers.append(person.post("/slow", headers=headers)))
    first.start()
    assert started.wait(20)
    second = person.post("/slow", headers=headers)
    finish.set()
    first.join()
    assert (second.status_code, second.json()["type"]) == (409, "/problems/request-running")
    assert second.headers["retry-after"] == "1"
    assert answers[0].text == '"done"'
    assert person.post("/slow", headers=headers).headers["idempotency-replayed"] == "true"


def test_an_endpoint_that_fails_while_it_writes_frees_its_key_at_once(app: FastAPI, people, project):
    router, attempts = room_router("test", prefix=""), []

    @router.post("/once-bad")
    def once_bad(actor: CurrentActor, lab: CurrentLab) -> str:
        lab.samples.codes(actor, None, 1)
        attempts.append(1)
        if len(attempts) == 1:
            raise Conflict("not yet")
        return "done"

    app.include_router(router)
    person, headers = people.make(), {"Idempotency-Key": new_id("otc")}
    assert person.post("/once-bad", headers=headers).status_code == 409
    assert person.post("/once-bad", headers=headers).text == '"done"'


def test_1000_repeats_of_100_keys_make_100_samples(house, analyst, project):
    """The short form runs 10 keys from 4 threads, 10 times each."""
    statuses: list[int] = []

    def repeat() -> None:
        for number in range(25):
            key = f"key-{number % 10}"
            answer = analyst.post("/api/v1/samples", json=_new(project, key), headers={"Idempotency-Key": key})
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=repeat) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert _samples(house) == 10
