"""Who follows a job's events: not endlessly many at once, and nobody after their key was revoked."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx

from app.lab.doors.event_streams import STREAMS_OF_ONE_CREDENTIAL
from tests.live import LiveService, made, wait_for

AT_ONCE = 100
MANY = httpx.Limits(max_connections=2 * AT_ONCE)


def test_a_key_follows_so_many_jobs_and_none_once_it_is_revoked(tmp_path: Path):
    with (
        LiveService(tmp_path / "data", workers=0, free_disk_fraction=0) as service,
        service.administrator() as administrator,
        httpx.Client(base_url=administrator.base_url, headers=administrator.headers, limits=MANY, timeout=60) as client,
        ExitStack() as open_streams,
    ):
        project = made(client, "/projects", {"code": "FOLLOW", "title": "Followers"})
        where = {"project_id": project["id"], "filename": "a.bin"}
        client.put("/uploads", params=where, content=b"a").raise_for_status()
        events = f"/jobs/{client.get('/jobs').json()['items'][0]['id']}/events"

        def follow() -> httpx.Response:
            asked = client.stream("GET", events, headers={"Accept": "text/event-stream"})
            return open_streams.enter_context(asked)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda _: follow(), range(AT_ONCE)))
        streams = [answer for answer in answers if answer.status_code == 200]
        assert len(streams) == STREAMS_OF_ONE_CREDENTIAL
        assert {answer.status_code for answer in answers} == {200, 429}
        streams.pop().close()
        streams.append(wait_for(lambda: next((each for each in [follow()] if each.status_code == 200), None)))
        assert follow().status_code == 429
        assert client.get(events).status_code == 200
        client.delete(f"/tokens/{client.get('/tokens').json()['items'][0]['id']}").raise_for_status()
        assert all("queued" in "".join(stream.iter_text()) for stream in streams)
        assert client.get(events).status_code == 401
