"""tus 1.0.0: what arrived and was acknowledged stays, and nothing else counts."""

import time
from datetime import timedelta

import pytest

from app.infra.clock import now
from app.infra.db.models import Job, Project, Upload
from app.infra.storage import blob_key
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.datasets.purging import purge
from app.lab.uploads import leases, staging
from app.lab.uploads.schemas import NewUpload
from app.lab.uploads.sweeping import sweep
from app.lab.uploads.transfer import MIB, REREAD_AT_ONCE_BYTES, Transfer, conclude
from tests.app.uploads.uploading import (
    TUS,
    UPLOADS,
    begin,
    begun,
    checksum,
    metadata,
    offset_of,
    patch,
    problem,
    sha256,
    some_bytes,
)
from tests.conftest import add_device, add_project

CONTENT = some_bytes(100_000)


@pytest.fixture
def sender(people, project):
    return people.make(role="contributor", project=project)


def state(sender, location):
    return sender.get(location).json()


def change(house, location, **values):
    with house.database.writing() as session:
        upload = session.get_one(Upload, location.rpartition("/")[2])
        for name, value in values.items():
            setattr(upload, name, value)


def test_the_service_says_which_tus_it_speaks(client):
    answer = client.options(UPLOADS)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,checksum,termination,expiration"
    assert int(answer.headers["Tus-Max-Size"]) == 2**40


def test_a_file_sent_in_pieces_is_a_dataset(sender, house, project, sample):
    location = begun(sender, len(CONTENT), project.id, sample_id=sample.id, sha256=sha256(CONTENT))
    for start in range(0, len(CONTENT), 40_000):
        piece = CONTENT[start : start + 40_000]
        answer = patch(sender, location, start, piece, **checksum(piece))
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(start + len(piece)))
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    upload = state(sender, location)
    assert upload["state"] == "verified"
    dataset = sender.get(f"/api/v1/datasets/{upload['dataset_id']}").json()
    assert (dataset["sha256"], dataset["sample_id"]) == (sha256(CONTENT), sample.id)
    assert house.store.read(blob_key(sha256(CONTENT))) == CONTENT


def test_a_bad_checksum_keeps_nothing_of_its_request(sender, project):
    location = begun(sender, len(CONTENT), project.id)
    patch(sender, location, 0, CONTENT[:10_000])
    answer = patch(sender, location, 10_000, CONTENT[10_000:], **checksum(b"other"))
    assert problem(answer) == (460, "checksum-mismatch")
    assert offset_of(sender, location) == 10_000
    assert patch(sender, location, 10_000, CONTENT[10_000:]).status_code == 204
    assert state(sender, location)["sha256"] == sha256(CONTENT)


def test_a_checksummed_request_has_at_most_64_mib(sender, house, project):
    location = begun(sender, 2**30, project.id)
    answer = patch(sender, location, 0, b"x", **checksum(b"x"), **{"Content-Length": str(2**26 + 1)})
    assert problem(answer) == (413, "too-large")


def test_a_wrong_offset_is_told_the_right_one(sender, project):
    location = begun(sender, len(CONTENT), project.id)
    patch(sender, location, 0, CONTENT[:500])
    answer = patch(sender, location, 300, CONTENT[300:])
    assert problem(answer) == (409, "wrong-offset")
    assert answer.headers["Upload-Offset"] == "500"


def test_two_requests_at_once_are_refused_while_the_first_lives(sender, house, project):
    location = begun(sender, len(CONTENT), project.id)
    token = leases.take()
    change(house, location, lease_token=token, lease_until=now().timestamp() + 60)
    assert problem(patch(sender, location, 0, CONTENT)) == (423, "upload-busy")
    leases.drop(token)
    assert patch(sender, location, 0, CONTENT).status_code == 204


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_the_declared_length_is_refused(sender, project, announced):
    location = begun(sender, 100, project.id)
    body = b"x" * 101 if announced else iter([b"x" * 60, b"x" * 60])
    assert problem(patch(sender, location, 0, body)) == (413, "too-large")
    assert offset_of(sender, location) == 0


def test_bytes_other_than_announced_end_the_upload(sender, house, project):
    location = begun(sender, len(CONTENT), project.id, sha256=sha256(b"other"))
    assert problem(patch(sender, location, 0, CONTENT)) == (422, "digest-mismatch")
    assert state(sender, location)["state"] == "failed"
    assert state(sender, location)["problem"]["type"] == "/problems/digest-mismatch"
    assert not house.store.exists(blob_key(sha256(CONTENT)))
    assert sender.head(location, headers=TUS).status_code == 410


def test_after_a_restart_the_file_is_read_again(sender, house, project):
    location = begun(sender, len(CONTENT), project.id, sha256=sha256(CONTENT))
    patch(sender, location, 0, CONTENT[:70_000])
    staging.hashes.forget(location.rpartition("/")[2])
    assert patch(sender, location, 70_000, CONTENT[70_000:]).status_code == 204
    assert state(sender, location)["state"] == "verified"


def test_bytes_beyond_the_offset_of_record_are_cut_off_before_going_on(sender, house, project):
    location = begun(sender, len(CONTENT), project.id)
    patch(sender, location, 0, CONTENT[:1000])
    with staging.path_of(house.staging, location.rpartition("/")[2]).open("ab") as file:
        file.write(b"written, never acknowledged")
    assert patch(sender, location, 1000, CONTENT[1000:]).status_code == 204
    assert state(sender, location)["sha256"] == sha256(CONTENT)


def test_an_upload_whose_staging_was_lost_goes_on_from_what_is_left(sender, house, project):
    location = begun(sender, len(CONTENT), project.id)
    patch(sender, location, 0, CONTENT[:1000])
    staging.path_of(house.staging, location.rpartition("/")[2]).unlink()
    answer = patch(sender, location, 1000, CONTENT[1000:])
    assert (problem(answer), answer.headers["Upload-Offset"]) == ((409, "wrong-offset"), "0")
    assert patch(sender, location, 0, CONTENT).status_code == 204


def test_what_a_killed_process_left_complete_is_finished_by_the_sweeper(sender, house, project):
    """The file is sealed, the process is gone: before the move to the store, and after it."""
    for seed, moved in enumerate((False, True)):
        content = some_bytes(5000, seed)
        location = begun(sender, len(content), project.id, f"{seed}.dm3")
        upload_id = location.rpartition("/")[2]
        path = staging.path_of(house.staging, upload_id)
        path.write_bytes(content)
        if moved:
            house.store.put_file(blob_key(sha256(content)), path)
        dead = f"{leases.NODE}.999999999.x"
        change(
            house,
            location,
            state="verifying",
            sha256=sha256(content) if moved else None,
            lease_token=dead,
            lease_until=now().timestamp() + 60,
            offset_bytes=len(content),
        )
        assert sweep(house).finished == 1
        assert state(sender, location)["state"] == "verified"
        assert house.store.read(blob_key(sha256(content))) == content


def test_an_abandoned_upload_expires_and_its_bytes_go(sender, house, project):
    location = begun(sender, len(CONTENT), project.id)
    patch(sender, location, 0, CONTENT[:1000])
    change(house, location, expires_at=now() - timedelta(seconds=1))
    swept = sweep(house)
    assert (swept.expired, swept.orphans) == (1, 1)
    assert state(sender, location)["state"] == "expired"
    assert problem(patch(sender, location, 1000, CONTENT[1000:])) == (410, "upload-gone")


def test_a_terminated_upload_gives_its_room_back(sender, house, project):
    with house.database.writing() as session:
        session.get_one(Project, project.id).quota_bytes = 1000
    location = begun(sender, 900, project.id)
    assert problem(begin(sender, 200, project.id)) == (413, "quota-exceeded")
    assert sender.delete(location, headers=TUS).status_code == 204
    assert begin(sender, 200, project.id).status_code == 201
    assert problem(sender.delete(location, headers=TUS)) == (410, "upload-gone")


def test_a_credential_holds_only_so_many_unfinished_uploads(sender, house, project):
    for _ in range(house.settings.uploads_per_credential):
        begun(sender, 10, project.id)
    answer = begin(sender, 10, project.id)
    assert problem(answer) == (429, "too-many-uploads")
    assert "Retry-After" in answer.headers


def test_an_upload_larger_than_the_disk_is_refused_before_it_starts(sender, house, project):
    with house.database.writing() as session:
        session.get_one(Project, project.id).quota_bytes = 2**60
    assert problem(begin(sender, 2**40, project.id)) == (507, "disk-full")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Tus-Resumable": "0.2.2"}, (412, "tus-version")),
        ({"Upload-Length": "-1"}, (422, "bad-upload-header")),
        ({"Upload-Length": "9" * 19}, (422, "bad-upload-header")),
        ({"Upload-Length": "0"}, (422, "empty-file")),
        ({"Upload-Length": str(2**40 + 1)}, (413, "too-large")),
        ({"Upload-Metadata": "filename !!!"}, (422, "bad-upload-header")),
        ({"Upload-Metadata": metadata(filename="a")}, (422, "bad-upload-header")),
        ({"Upload-Metadata": metadata(filename="a", project_id="p", colour="red")}, (422, "bad-upload-header")),
        (
            {"Upload-Metadata": metadata(filename="a", project_id="p", attributes={"x": {}}) + ",x"},
            (422, "bad-upload-header"),
        ),
        ({"Content-Type": "multipart/form-data; boundary=x"}, (415, "unsupported-media-type")),
    ],
)
def test_a_malformed_creation_is_refused(sender, project, headers, expected):
    good = {**TUS, "Upload-Length": "10", "Upload-Metadata": metadata(filename="a", project_id=project.id)}
    assert problem(sender.post(UPLOADS, headers=good | headers)) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Type": "application/octet-stream"}, (415, "unsupported-media-type")),
        ({"Upload-Offset": "x"}, (422, "bad-upload-header")),
        ({"Upload-Checksum": "crc32 AAAA"}, (422, "bad-upload-header")),
        ({"Tus-Resumable": ""}, (412, "tus-version")),
    ],
)
def test_a_malformed_patch_is_refused(sender, project, headers, expected):
    location = begun(sender, 10, project.id)
    assert problem(patch(sender, location, 0, b"x", **headers)) == expected


def test_a_companion_names_a_dataset_of_its_project(sender, project):
    refused = begin(sender, 10, project.id, attributes={"companion_of": "ds_" + "0" * 32})
    assert problem(refused) == (422, "invalid-input")


def test_an_upload_of_another_project_is_not_found(people, sender, project):
    location = begun(sender, 10, project.id)
    stranger = people.make()
    missing = UPLOADS + "/upl_" + "0" * 32
    for path in (location, missing):
        assert problem(stranger.get(path)) == (404, "not-found")
        assert stranger.head(path, headers=TUS).status_code == 404
        assert problem(patch(stranger, path, 0, b"x")) == (404, "not-found")
        assert problem(stranger.delete(path, headers=TUS)) == (404, "not-found")


def test_only_its_sender_goes_on_with_an_upload(people, sender, project):
    location = begun(sender, 10, project.id)
    colleague = people.make(role="contributor", project=project)
    assert colleague.get(location).status_code == 200
    assert problem(patch(colleague, location, 0, b"x")) == (403, "forbidden")
    assert problem(colleague.delete(location, headers=TUS)) == (403, "forbidden")
    assert people.make(role="steward", project=project).delete(location, headers=TUS).status_code == 204


def test_an_instruments_pc_sees_only_its_own_uploads(house, client, sender, device, project):
    own, other = begun(device, 10, project.id), begun(sender, 10, project.id)
    assert device.get(own).status_code == 200
    assert problem(device.get(other)) == (404, "not-found")
    assert problem(add_device(house, client, [project]).get(own)) == (404, "not-found")
    assert patch(device, own, 0, b"0123456789").status_code == 204
    dataset_id = device.get(own).json()["dataset_id"]
    assert problem(device.get(f"/api/v1/datasets/{dataset_id}")) == (404, "not-found")


def test_an_instruments_pc_must_send_an_idempotency_key_to_begin(device, project):
    headers = {**TUS, "Upload-Length": "10", "Upload-Metadata": metadata(filename="a", project_id=project.id)}
    assert device.client.post(UPLOADS, headers=headers).status_code == 400
    answers = [device.client.post(UPLOADS, headers={**headers, "Idempotency-Key": "k"}) for _ in range(3)]
    assert len({answer.headers["Location"] for answer in answers}) == 1


def test_a_large_file_whose_hash_was_lost_is_verified_beside_the_requests(sender, house, project):
    """Reading it again must not keep the last request waiting; the upload says `verifying` until it is done."""
    size = REREAD_AT_ONCE_BYTES + MIB
    location = begun(sender, size, project.id)
    patch(sender, location, 0, bytes(size - 5))
    staging.hashes.forget(location.rpartition("/")[2])
    answer = patch(sender, location, size - 5, b"12345")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(size))
    for _ in range(200):
        if (found := state(sender, location))["state"] != "verifying":
            break
        time.sleep(0.05)
    assert (found["state"], found["sha256"]) == ("verified", sha256(bytes(size - 5) + b"12345"))


@pytest.mark.parametrize("declared", [True, False])
def test_uploads_end_alike_on_both_databases(any_house, declared):
    """Begin, a piece, the rest, publication, the same bytes again, deletion and their return."""
    project = add_project(any_house, "PRJ-1")
    actor = Actor(id="usr_x", kind="person", label="x", roles={project.id: "steward"})

    def send(filename):
        said = NewUpload(
            project_id=project.id,
            sample_id=None,
            filename=filename,
            size_bytes=len(CONTENT),
            declared_sha256=sha256(CONTENT) if declared else None,
            attributes={},
        )
        with any_house.database.writing() as session:
            upload_id = Lab(any_house, session).uploads.begin(actor, said).id
        for start, end in ((0, 60_000), (60_000, len(CONTENT))):
            transfer = Transfer.of_patch(any_house, actor, upload_id, offset=start, length=end - start, checksum=None)
            transfer.take(CONTENT[start:end])
            stand = transfer.complete()
        return conclude(any_house, stand)

    first, again, other = send("a"), send("a"), send("b")
    assert (first.state, again.dataset_id) == ("verified", first.dataset_id)
    assert (other.state, other.problem["dataset_id"]) == ("failed", first.dataset_id)
    with any_house.database.writing() as session:
        session.query(Job).update({"state": "succeeded"})
        Lab(any_house, session).datasets.delete(actor, first.dataset_id, "a test")
    assert purge(any_house) == 1
    back = send("b")
    assert back.state == "verified"
    assert back.dataset_id != first.dataset_id
    assert any_house.store.read(blob_key(sha256(CONTENT))) == CONTENT
    assert sweep(any_house).orphans == 0
