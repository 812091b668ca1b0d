"""Downloads: whole or not at all, and what was cut goes on."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lithoscope.client import ClientError
from lithoscope.client.connection import Connection
from lithoscope.client.saving import DamagedDownload, fetch, save
from tests.lithoscope.client.conftest import EXAMPLE

CONTENT = bytes(range(256)) * 8192  # 2 MiB


class Shelf(HTTPServer):
    """Serves one content with Range, and breaks off after so many bytes as long as cuts are left."""

    def __init__(self, cuts: list[int], content: bytes = CONTENT, tag: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Reader)
        self.cuts, self.content = cuts, content
        self.tag = tag or hashlib.sha256(content).hexdigest()
        self.starts: list[int] = []


class Reader(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Shelf

    def do_GET(self) -> None:
        shelf = self.server
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range") == f'"{shelf.tag}"'
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and same else 0
        shelf.starts.append(start)
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{shelf.tag}"')
        self.send_header("Content-Length", str(len(shelf.content) - start))
        self.end_headers()
        until = start + shelf.cuts.pop(0) if shelf.cuts else len(shelf.content)
        self.wfile.write(shelf.content[start:until])

    def log_message(self, *_words: object) -> None:
        """Keep quiet."""


@contextmanager
def shelf(*cuts: int, **content: object) -> Iterator[tuple[Shelf, Connection]]:
    server = Shelf([*cuts], **content)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    connection = Connection(f"http://127.0.0.1:{server.server_port}", sleep=lambda _seconds: None)
    try:
        yield server, connection
    finally:
        connection.close()
        server.shutdown()
        server.server_close()


def test_a_download_that_is_cut_goes_on_where_it_stopped(tmp_path):
    told = []
    with shelf(700_000, 900_000) as (server, connection):
        saved = fetch(connection, "/file", tmp_path / "file", params={}, report=lambda *amounts: told.append(amounts))
    assert saved.read_bytes() == CONTENT
    assert len(server.starts) == 3
    assert 0 < server.starts[1] < server.starts[2]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_download_goes_on_after_a_restart_with_what_is_here(tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:1_000_000])
    (tmp_path / "file.part.sha256").write_text(hashlib.sha256(CONTENT).hexdigest())
    with shelf() as (server, connection):
        assert save(connection, "/file", tmp_path / "file").read_bytes() == CONTENT
    assert server.starts == [1_000_000]


def test_another_content_is_fetched_from_its_beginning(tmp_path):
    (tmp_path / "file.part").write_bytes(b"of another file")
    (tmp_path / "file.part.sha256").write_text("0" * 64)
    with shelf() as (server, connection):
        assert save(connection, "/file", tmp_path / "file").read_bytes() == CONTENT
    assert server.starts == [0]


def test_damaged_bytes_never_get_the_good_name(tmp_path):
    with shelf(tag="1" * 64) as (_, connection), pytest.raises(DamagedDownload, match="fetch it again"):
        save(connection, "/file", tmp_path / "file")
    assert not [*tmp_path.iterdir()]


def test_a_service_that_gives_nothing_more_is_given_up_and_what_came_is_kept(tmp_path):
    with shelf(500_000, *[0] * 20) as (_, connection), pytest.raises(ClientError, match="broke off"):
        save(connection, "/file", tmp_path / "file")
    assert 0 < (tmp_path / "file.part").stat().st_size <= 500_000
    assert not (tmp_path / "file").exists()


def test_a_dataset_and_an_output_come_whole(example, client, tmp_path):
    (tmp_path / "series.dm3.part").write_bytes(EXAMPLE.read_bytes()[:100_000])
    (tmp_path / "series.dm3.part.sha256").write_text(str(example.sha256))
    assert example.download(tmp_path / "series.dm3").read_bytes() == EXAMPLE.read_bytes()
    result = client.run("tilt_series_subset", example, step_deg=20.0).wait().result
    (tmp_path / "out.part").write_bytes(b"left by another program")
    result.download("tilt_series", "mrc", tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"series.dm3", "out"}
