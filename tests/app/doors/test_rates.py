"""A credential asks as often as it may, and is told when it may go on."""

import time

import pytest
from fastapi import FastAPI, Request

from app.lab.doors.rates import Rates, TooManyRequests, count_piece
from tests.conftest import settings_for
from tests.servers import free_port


@pytest.fixture
def settings(tmp_path):
    return settings_for(tmp_path / "data", requests_per_second=3)


def test_the_fourth_request_within_a_second_is_refused_with_a_time_to_wait(people):
    person = people.make()
    answers = [person.get("/api/v1/me") for _ in range(4)]
    refused = [answer for answer in answers if answer.status_code == 429]
    if not refused:  # the machine took more than a second for four requests
        pytest.skip("too slow to ask four times within a second")
    assert refused[0].json()["type"] == "/problems/too-many-requests"
    assert int(refused[0].headers["retry-after"]) == 1
    assert answers[0].headers["ratelimit-limit"] == "3"
    assert answers[0].headers["ratelimit-remaining"] == "2"
    assert refused[0].headers["ratelimit-remaining"] == "0"


def test_one_persons_hurry_does_not_slow_another(people):
    hasty, calm = people.make(), people.make()
    for _ in range(6):
        hasty.get("/api/v1/me")
    assert calm.get("/api/v1/me").status_code == 200


def test_who_has_no_credential_is_counted_by_address(client):
    statuses = {client.post("/api/v1/enrolment-redemptions", json={}).status_code for _ in range(8)}
    assert 422 in statuses
    assert statuses <= {422, 429}


def is_let_in(app: FastAPI, name: str) -> bool:
    try:
        count_piece(Request({"type": "http", "app": app, "state": {}}), name)
    except TooManyRequests:
        return False
    return True


def test_pieces_are_counted_by_tens_and_no_more_are_let_in_than_may_be(app: FastAPI):
    counter = Rates(settings_for(app.state.house.settings.data, requests_per_second=3))
    app.state.rates = counter
    began = time.monotonic()
    answered = [is_let_in(app, "key_1") for _ in range(40)]
    if time.monotonic() - began > 0.9:
        pytest.skip("too slow to ask thirty times within a second")
    assert answered == 30 * [True] + 10 * [False]
    other = Request({"type": "http", "app": app, "state": {}})
    count_piece(other, "key_2")
    assert other.state.rate_headers["RateLimit-Limit"] == "30"
    assert other.state.rate_headers["RateLimit-Remaining"] == "20"


@pytest.mark.redis
class TestSharedByProcesses:
    """With `limits_url` several API processes count together."""

    @pytest.fixture
    def settings(self, tmp_path, redis_server):
        return settings_for(tmp_path / "data", requests_per_second=2, limits_url=redis_server.url)

    def test_another_process_counts_with_it(self, people, house):
        person = people.make()
        credential = person.get("/api/v1/me").headers
        assert credential["ratelimit-remaining"] == "1"
        other = Rates(house.settings)
        assert other.take(other.requests, "requests", "somebody")
        assert other.left(other.requests, "requests", "somebody")[0] == 1


class TestWhileRedisIsAway:
    """Losing the counts loses nothing else."""

    @pytest.fixture
    def settings(self, tmp_path):
        return settings_for(tmp_path / "data", requests_per_second=2, limits_url=f"redis://127.0.0.1:{free_port()}/0")

    def test_requests_are_answered_uncounted(self, people):
        person = people.make()
        assert [person.get("/api/v1/me").status_code for _ in range(4)] == [200] * 4
