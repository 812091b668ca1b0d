"""Who follows a job's events: not endlessly many at once, and nobody after their key was revoked."""

from contextlib import ExitStack
from pathlib import Path

import httpx

from app.lab.doors.event_streams import STREAMS_OF_ONE_CREDENTIAL
from tests.live import LiveService, made


def test_a_key_follows_so_many_jobs_and_none_once_it_is_revoked(tmp_path: Path):
    with (
        LiveService(tmp_path / "data", workers=0, free_disk_fraction=0) as service,
        service.administrator() as client,
        ExitStack() as open_streams,
    ):
        project = made(client, "/projects", {"code": "FOLLOW", "title": "Followers"})
        where = {"project_id": project["id"], "filename": "a.bin"}
        client.put("/uploads", params=where, content=b"a").raise_for_status()
        events = f"/jobs/{client.get('/jobs').json()['items'][0]['id']}/events"

        def follow() -> httpx.Response:
            asked = client.stream("GET", events, headers={"Accept": "text/event-stream"})
            return open_streams.enter_context(asked)

        streams = [follow() for _ in range(STREAMS_OF_ONE_CREDENTIAL)]
        assert {stream.status_code for stream in streams} == {200}
        assert follow().status_code == 429
        assert client.get(events).status_code == 200
        client.delete(f"/tokens/{client.get('/tokens').json()['items'][0]['id']}").raise_for_status()
        assert all("queued" in "".join(stream.iter_text()) for stream in streams)
        assert client.get(events).status_code == 401
