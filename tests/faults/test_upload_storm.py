"""Uploads in a storm: cut lines and killed services lose nothing that was acknowledged."""

import base64
import hashlib
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.live import LiveService, persistently, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
MIB = 1024 * 1024


def npy(seed: int, size: int) -> bytes:
    """Make bytes no two seeds share."""
    return np.random.default_rng(seed).bytes(size)


def tus_metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def offset_of(client: httpx.Client, location: str) -> int:
    answer = persistently(lambda: client.head(location, headers={"Tus-Resumable": "1.0.0"}))
    assert answer.status_code == 200, answer.status_code
    return int(answer.headers["Upload-Offset"])


def test_two_gibibytes_cut_twenty_times_send_at_most_64_mib_again_each(
    service: LiveService, scientist: httpx.Client, project_id: str, tmp_path: Path
):
    """Promise 2: a cut upload resumes where it stopped."""
    size, rng = 2048 * MIB, random.Random(2)
    block = npy(1, 16 * MIB)
    digest = hashlib.sha256()
    for _ in range(size // len(block)):
        digest.update(block)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
    created = scientist.post(
        "/uploads",
        headers={
            **headers,
            "Upload-Metadata": tus_metadata(filename="large.raw", project_id=project_id, sha256=digest.hexdigest()),
        },
    )
    assert created.status_code == 201, created.text
    location = f"{service.url}{created.headers['Location']}"
    cuts = sorted(rng.sample(range(40 * MIB, size - 40 * MIB, MIB), 20))
    offset, resent = 0, []
    for cut in [*cuts, None]:
        sent_to = send(scientist, location, block, offset, size if cut is None else max(cut, offset + MIB), size)
        if cut is not None:
            offset = wait_for(lambda: settled_offset(scientist, location), seconds=30)
            resent.append(sent_to - offset)
    assert max(resent) <= 64 * MIB + MIB, [value / MIB for value in resent]
    state = wait_for(lambda: finished(scientist, location), seconds=120)
    assert state["sha256"] == digest.hexdigest()


def settled_offset(client: httpx.Client, location: str) -> int | None:
    """Return the offset once the cut request has let go of the upload."""
    before = offset_of(client, location)
    time.sleep(0.3)
    return before if offset_of(client, location) == before else None


def send(client: httpx.Client, location: str, block: bytes, start: int, stop: int, size: int) -> int:
    """PATCH from one offset; the line is cut at another."""

    def body():
        at = start
        while at < stop:
            begin = at % len(block)
            piece = block[begin : begin + min(MIB, stop - at)]
            at += len(piece)
            yield piece
        if stop < size:
            raise ConnectionError("the line is cut")

    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(start),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(size - start),
    }
    try:
        answer = client.patch(location, content=body(), headers=headers)
        assert answer.status_code == 204, answer.text
    except (ConnectionError, httpx.TransportError):
        assert stop < size
    return stop


def finished(client: httpx.Client, location: str) -> dict | None:
    state = client.get(location).json()
    assert state["state"] not in {"failed", "expired", "terminated"}, state
    return state if state["dataset_id"] else None


def kill_api_while(work: list[Future[None]], service: LiveService, rng: random.Random) -> int:
    """Kill the API up to twenty times while work goes on; return how often."""
    kills = 0
    while not all(task.done() for task in work) and kills < 20:
        time.sleep(rng.uniform(0.3, 1.2))
        for api in service.children("app.cli.api"):
            api.kill()
            kills += 1
    return kills


def test_a_hundred_uploads_and_twenty_kills_leave_every_acknowledged_file_intact(
    service: LiveService, scientist: httpx.Client, project_id: str
):
    """Promise 1: an acknowledged upload is never lost."""
    acknowledged: dict[str, str] = {}
    rng = random.Random(1)

    def upload(number: int) -> None:
        content = npy(number, rng.choice([1, 2, 4, 8]) * MIB)
        digest = hashlib.sha256(content)
        encoded = base64.b64encode(digest.digest()).decode()
        answer = persistently(
            lambda: scientist.put(
                "/uploads",
                params={"project_id": project_id, "filename": f"file{number}.raw"},
                content=content,
                headers={"Content-Digest": f"sha-256=:{encoded}:", "Content-Type": "application/octet-stream"},
            )
        )
        assert answer.status_code in {200, 201}, answer.text
        acknowledged[digest.hexdigest()] = answer.json()["id"]

    with ThreadPoolExecutor(4) as pool:
        uploads = [pool.submit(upload, number) for number in range(100)]
        kills = kill_api_while(uploads, service, rng)
        for done in uploads:
            done.result()
    assert len(acknowledged) == 100
    for digest, dataset_id in acknowledged.items():
        content = persistently(lambda dataset_id=dataset_id: scientist.get(f"/datasets/{dataset_id}/content"))
        assert hashlib.sha256(content.content).hexdigest() == digest
    assert kills >= 15


def test_a_thousand_posts_of_a_hundred_keys_make_a_hundred_rows(
    service: LiveService, scientist: httpx.Client, project_id: str
):
    """Promise 6: repeating a request does nothing twice, whoever dies between commit and answer."""
    answers: dict[str, set[str]] = {}
    lock = threading.Lock()

    def post(numbers: list[int]) -> None:
        for number in numbers:
            body = {"project_id": project_id, "name": f"Sample {number}", "material": "nmc"}
            while True:
                answer = persistently(
                    lambda number=number, body=body: scientist.post(
                        "/samples", json=body, headers={"Idempotency-Key": f"key-{number}"}
                    )
                )
                if answer.status_code != 409:
                    break
                assert answer.json()["type"] == "/problems/request-running"
                time.sleep(0.2)
            assert answer.status_code == 201, answer.text
            with lock:
                answers.setdefault(f"key-{number}", set()).add(answer.text)

    orders = [random.Random(seed).sample([*range(100), *range(25)], 125) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        posts = [pool.submit(post, order) for order in orders]
        kill_api_while(posts, service, random.Random(3))
        for done in posts:
            done.result()
    assert len(answers) == 100
    assert all(len(texts) == 1 for texts in answers.values())
    names = [
        item["name"]
        for item in scientist.get("/samples", params={"project_id": project_id, "limit": 500}).json()["items"]
    ]
    assert len(names) == len(set(names)) == 100
