"""The front door refuses what never should reach the service (Debian's nginx with the shipped configuration)."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy import front_door as nginx


class Behind(BaseHTTPRequestHandler):
    """Reads what it is sent, counting when the first byte came."""

    protocol_version = "HTTP/1.1"
    first_byte_at = 0.0

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/stored":
            self.send_header("X-Accel-Redirect", "/_store/blob")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        self.rfile.read(1)
        Behind.first_byte_at = time.monotonic()
        self.rfile.read(int(self.headers["Content-Length"]) - 1)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def front_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "store").mkdir()
    (folder / "store" / "blob").write_bytes(b"stored bytes")
    folder.chmod(0o755)
    behind = ThreadingHTTPServer(("127.0.0.1", 0), Behind)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    with nginx.front_door(folder, behind.server_port, folder / "store", client_body_timeout="1s") as port:
        yield port
    behind.shutdown()
    behind.server_close()


def talk(port: int, request: bytes, *, wait_s: float = 10.0) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n" not in answer and (piece := connection.recv(65536)):
            answer += piece
    return answer.split(b"\r\n")[0]


def test_ten_thousand_header_lines_are_answered_431(front_door: int):
    lines = b"".join(b"X-Line-%d: value\r\n" % number for number in range(10_000))
    assert b" 431 " in talk(front_door, b"GET / HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")


def test_both_content_length_and_transfer_encoding_are_answered_400(front_door: int):
    request = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert b" 400 " in talk(front_door, request)


def test_a_body_that_stops_coming_is_answered_408(front_door: int):
    answer = talk(front_door, b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
    assert answer == b"" or b" 408 " in answer  # nginx closes without a line once the body is being passed on


def test_an_upload_reaches_the_service_before_it_is_complete(front_door: int):
    with socket.create_connection(("127.0.0.1", front_door), timeout=10) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100_000)
        time.sleep(0.4)
        half_sent_at = time.monotonic()
        connection.sendall(b"b" * 100_000)
        assert b" 204 " in connection.recv(1000)
    assert 0 < Behind.first_byte_at < half_sent_at


def test_stored_bytes_leave_only_through_the_service(front_door: int):
    assert b" 404 " in talk(front_door, b"GET /_store/blob HTTP/1.1\r\nHost: x\r\n\r\n")
    with socket.create_connection(("127.0.0.1", front_door), timeout=10) as connection:
        connection.sendall(b"GET /stored HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.endswith(b"stored bytes")
