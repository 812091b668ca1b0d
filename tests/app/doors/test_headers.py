"""What every answer carries, and what its request id is."""

import pytest

PATHS = ["/healthz", "/api/v1/me", "/api/v1/nowhere", "/openapi.json", "/metrics"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_keeps_browsers_safe(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_a_request_id_of_the_client_is_kept_when_it_is_plain(client):
    assert client.get("/healthz", headers={"X-Request-Id": "run-7.a"}).headers["x-request-id"] == "run-7.a"
    for odd in ("a b", "x" * 65, "<script>", ""):
        assert client.get("/healthz", headers={"X-Request-Id": odd}).headers["x-request-id"] != odd


def test_two_requests_have_two_ids(client):
    assert client.get("/healthz").headers["x-request-id"] != client.get("/healthz").headers["x-request-id"]


def test_a_secret_is_stored_by_no_cache(people):
    made = people.make().post("/api/v1/tokens", json={"name": "t", "scopes": ["data:read"]})
    assert made.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("origin", ["http://[", "null", "http://testserver.evil.example", "//testserver"])
def test_an_origin_that_is_not_this_service_changes_nothing(people, project, origin):
    person = people.make(role="analyst", project=project)
    body = {"project_id": project.id, "name": "x", "material": "nmc"}
    answer = person.post("/api/v1/samples", json=body, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/csrf-failed")


@pytest.mark.parametrize("host", ["a" * 4000, "a b", "a/b", "a@b", '"><script>'])
def test_a_host_that_is_none_makes_no_links(client, host):
    answer = client.get("/api/v1/samples", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-request")
