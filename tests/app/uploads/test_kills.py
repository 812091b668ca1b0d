"""What was acknowledged survives kills of the API and cuts of the connection (the full storm is `make faults`)."""

import random
import socket
import threading
import time

import httpx
import pytest

from app.infra.db.models import Blob, Dataset, Upload
from app.infra.storage import blob_key
from app.lab.uploads.sweeping import sweep
from tests.app.uploads.api_process import ApiProcess
from tests.app.uploads.uploading import TUS, UPLOADS, metadata, offset_of, patch, put, sha256, some_bytes

MIB = 2**20


@pytest.fixture
def api(house, device, tmp_path):
    with ApiProcess(house.settings.data, device.key_text, log=tmp_path / "api.log") as api:
        yield api


def insist(request):
    """Repeat a request until it is answered, as an instrument's PC does."""
    for _ in range(2400):
        try:
            answer = request()
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if answer.status_code not in {423, 503}:
            return answer
        time.sleep(0.05)
    raise TimeoutError("never answered")


def wait_until(condition):
    for _ in range(2400):
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError("it never came to that")


def begin(api, size, project_id, name="series.dm3"):
    headers = {**TUS, "Upload-Length": str(size), "Idempotency-Key": name}
    headers["Upload-Metadata"] = metadata(filename=name, project_id=project_id)
    return insist(lambda: api.client.post(UPLOADS, headers=headers)).headers["Location"]


def test_every_acknowledged_file_survives_kills(house, api, project):
    contents = [some_bytes(random.Random(seed).randint(200_000, 2 * MIB), seed) for seed in range(10)]
    acknowledged = {}

    def send():
        for number, content in enumerate(contents):
            answer = insist(lambda c=content, n=number: put(api.client, c, project.id, f"{n}.dm3"))
            assert answer.status_code in {200, 201}, answer.text
            acknowledged[answer.json()["id"]] = sha256(content)

    sender = threading.Thread(target=send)
    sender.start()
    for kill in range(4):
        wait_until(lambda done=2 * kill: len(acknowledged) > done)
        time.sleep(random.Random(kill).uniform(0.0, 0.1))
        api.kill()
        api.start()
    sender.join(120)
    sweep(house)

    assert len(acknowledged) == len(contents)
    with house.database.reading() as session:
        datasets = {row.id: row.sha256 for row in session.query(Dataset)}
        blobs = {row.sha256 for row in session.query(Blob)}
        left_open = session.query(Upload).filter(Upload.state.in_(["receiving", "verifying"])).count()
    assert datasets == acknowledged
    for digest in datasets.values():
        assert sha256(house.store.read(blob_key(digest))) == digest
    stored = list(house.store.keys("blobs"))
    assert {key.rpartition("/")[2] for key in stored} == blobs
    assert left_open == 0
    assert list((house.staging / "uploads").iterdir()) == []


def cut_after(api, location, offset, content, sent_bytes):
    """Announce the rest of a file, send part of it and break the connection."""
    head = (
        f"PATCH {location} HTTP/1.1\r\nHost: x\r\nAuthorization: {api.client.headers['Authorization']}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Content-Length: {len(content) - offset}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", api.port)) as connection:
        connection.sendall(head.encode() + content[offset : offset + sent_bytes])


def settled_offset(api, location, at_least):
    for _ in range(200):
        offset = offset_of(api.client, location)
        if offset >= at_least:
            return offset
        time.sleep(0.05)
    return offset


def test_a_cut_upload_goes_on_where_it_stopped(house, api, project):
    """Across broken connections everything received counts; across a kill everything acknowledged does."""
    content = some_bytes(12 * MIB)
    location = begin(api, len(content), project.id)
    offset = 0
    for cut in range(3):
        sent = 2 * MIB + 1000 * cut
        cut_after(api, location, offset, content, sent)
        offset = settled_offset(api, location, offset + sent)
    assert offset == 6 * MIB + 3000
    acknowledged = insist(lambda: patch(api.client, location, offset, content[offset : 7 * MIB]))
    assert acknowledged.headers["Upload-Offset"] == str(7 * MIB)
    threading.Timer(0.05, api.kill).start()
    cut_after(api, location, 7 * MIB, content, 3 * MIB)
    time.sleep(0.3)
    api.start()
    offset = offset_of(api.client, location)
    assert 7 * MIB <= offset <= 10 * MIB
    assert insist(lambda: patch(api.client, location, offset, content[offset:])).status_code == 204
    upload = api.client.get(location).json()
    assert (upload["state"], upload["sha256"]) == ("verified", sha256(content))


def test_an_upload_cut_after_its_last_byte_is_finished_without_its_sender(api, project):
    content = some_bytes(MIB)
    location = begin(api, len(content), project.id)
    head = (
        f"PATCH {location} HTTP/1.1\r\nHost: x\r\nAuthorization: {api.client.headers['Authorization']}\r\n"
        "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n{len(content):x}\r\n"
    )
    with socket.create_connection(("127.0.0.1", api.port)) as connection:
        connection.sendall(head.encode() + content + b"\r\n")  # the closing chunk is never sent
    assert settled_offset(api, location, len(content)) == len(content)
    wait_until(lambda: api.client.get(location).json()["state"] != "verifying")
    upload = api.client.get(location).json()
    assert (upload["state"], upload["sha256"]) == ("verified", sha256(content))


def test_the_second_of_two_patches_waits_until_the_first_is_done(api, project):
    content = some_bytes(3 * MIB)
    location = begin(api, len(content), project.id)
    gate = threading.Event()

    def slowly():
        yield content[:MIB]
        gate.wait(30)
        yield content[MIB:]

    answers = []
    first = threading.Thread(target=lambda: answers.append(patch(api.client, location, 0, slowly())))
    first.start()
    time.sleep(0.5)
    with httpx.Client(base_url=api.base, headers=api.client.headers) as other:
        assert patch(other, location, 0, content).status_code == 423
    gate.set()
    first.join(30)
    assert answers[0].status_code == 204
