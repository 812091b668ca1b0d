"""The connection repeats what is safe, waits as long as it is told, and turns refusals into typed errors."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from lithoscope.client import Forbidden, Invalid, TooManyRequests, Unauthenticated, Unreachable
from lithoscope.client.connection import TRIES, Connection
from lithoscope.client.problems import OtherVersion
from tests.servers import free_port

Answer = tuple[int, dict[str, str], bytes]


class _Script(http.server.BaseHTTPRequestHandler):
    answers: ClassVar[list[Answer]] = []
    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.seen.append((self.command, dict(self.headers)))
        status, headers, body = self.answers.pop(0)
        if status == 0:
            self.close_connection = True  # cut before the answer
            return
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = _answer

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[Connection, list[float], type[_Script]]]]:
    """Give a maker of a connection to a server that answers by a script, and the waits it was told."""
    servers = []

    def make(*answers: Answer) -> tuple[Connection, list[float], type[_Script]]:
        script = type("Script", (_Script,), {"answers": list(answers), "seen": []})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), script)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        waits: list[float] = []
        connection = Connection(f"http://127.0.0.1:{server.server_port}", "lsk_x", sleep=waits.append)
        servers.append((server, connection))
        return connection, waits, script

    yield make
    for server, connection in servers:
        connection.close()
        server.shutdown()
        server.server_close()


CUT: Answer = (0, {}, b"")
OK: Answer = (200, {"Content-Type": "application/json"}, b'{"id": "x"}')


def test_a_post_that_was_cut_is_repeated_under_the_same_idempotency_key(scripted):
    connection, waits, script = scripted(CUT, CUT, OK)
    assert connection.post("/samples", {"name": "x"}) == {"id": "x"}
    keys = {headers["Idempotency-Key"] for _, headers in script.seen}
    assert len(script.seen) == 3
    assert len(keys) == 1
    assert len(waits) == 2


def test_a_patch_is_never_repeated_because_it_may_have_been_done(scripted):
    connection, _, script = scripted(CUT, OK)
    with pytest.raises(Unreachable):
        connection.send("PATCH", "/samples/x", json={})
    assert len(script.seen) == 1


def test_it_waits_as_long_as_retry_after_says(scripted):
    busy: Answer = (429, {"Retry-After": "7"}, b"{}")
    connection, waits, _ = scripted(busy, busy, OK)
    assert connection.get("/samples/x") == {"id": "x"}
    assert waits == [7.0, 7.0]


def test_a_refusal_that_lasts_is_told_with_its_document(scripted):
    body = b'{"type": "/problems/rate-limited", "title": "Slow down", "status": 429, "detail": "Wait."}'
    connection, _, _ = scripted(*[(429, {"Retry-After": "1"}, body)] * TRIES)
    with pytest.raises(TooManyRequests, match="Slow down: Wait") as refused:
        connection.get("/samples")
    assert refused.value.code == "rate-limited"


def refused_for(scripted, errors, detail):
    """Return the words of a refusal whose document has these errors."""
    document = {"type": "/problems/bad-crate", "title": "Refused", "detail": detail, "errors": errors}
    connection, _, _ = scripted((422, {}, json.dumps(document).encode()))
    with pytest.raises(Invalid) as refused:
        connection.get("/samples")
    return str(refused.value)


def test_a_refusal_for_one_field_begins_with_it(scripted):
    words = refused_for(scripted, [{"pointer": "/crate/datasets/a.dm3", "detail": "Put it back."}], "Put it back.")
    assert words == "Refused: /crate/datasets/a.dm3: Put it back. [422 /problems/bad-crate]"


def test_a_refusal_for_many_things_names_each_up_to_twenty(scripted):
    errors = [{"pointer": f"/export/{n}", "detail": f"em:{n:02}.mrc is missing"} for n in range(22)]
    words = refused_for(scripted, errors, "22 files are away, see errors.").splitlines()
    assert words[1:] == [*(f"  em:{n:02}.mrc is missing" for n in range(20)), "  and 2 more"]


@pytest.mark.parametrize("errors", ["text", [1, {"pointer": "/a"}], {"pointer": "/a", "detail": "Wait."}, None])
def test_errors_of_another_form_leave_the_words_as_they_are(scripted, errors):
    assert refused_for(scripted, errors, "Wait.") == "Refused: Wait. [422 /problems/bad-crate]"


def test_an_answer_that_is_no_problem_document_is_still_an_error_with_words(scripted):
    connection, _, _ = scripted((403, {}, b"<html>no</html>"))
    with pytest.raises(Forbidden, match="Forbidden"):
        connection.get("/samples/x")


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (404, "text/html", b"<h1>no such page</h1>"),
        (404, "application/json", b"{}"),
        (200, "text/html", b"<h1>hi</h1>"),
    ],
)
def test_an_address_that_speaks_another_api_is_told_apart_from_an_object_that_is_not_there(
    scripted, status, kind, body
):
    connection, _, _ = scripted((status, {"Content-Type": kind}, body))
    with pytest.raises(OtherVersion, match="update the older of the two"):
        connection.get("/datasets")


def test_a_service_that_is_not_there_is_named():
    waits: list[float] = []
    connection = Connection(f"http://127.0.0.1:{free_port()}", sleep=waits.append)
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:\d+ does not answer.*is the service running"):
        connection.get("/me")
    connection.close()
    assert waits == sorted(waits) or len(waits) == TRIES - 1


def test_the_service_refuses_a_wrong_token_with_a_typed_error(service):
    connection = Connection(service.url, "lsk_key_0_wrong")
    with pytest.raises(Unauthenticated) as refused:
        connection.get("/me")
    connection.close()
    assert refused.value.exit_code == 3
