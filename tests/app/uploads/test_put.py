"""One PUT: whole, verified, once."""

import pytest

from app.infra.db.models import Blob, Job, Upload
from app.infra.storage import blob_key
from tests.app.uploads.uploading import UPLOADS, content_digest, problem, put, sha256, some_bytes
from tests.conftest import add_project

CONTENT = some_bytes(300_000)


@pytest.fixture
def sender(people, project):
    return people.make(role="contributor", project=project)


def test_a_file_sent_whole_is_a_dataset_with_an_ingest_job(sender, house, project, sample):
    answer = put(sender, CONTENT, project.id, "série 1.dm3", sample_id=sample.id)
    assert answer.status_code == 201, answer.text
    dataset = answer.json()
    assert (dataset["sha256"], dataset["size_bytes"]) == (sha256(CONTENT), len(CONTENT))
    assert (dataset["state"], dataset["filename"]) == ("verified", "série 1.dm3")
    assert house.store.read(blob_key(dataset["sha256"])) == CONTENT
    with house.database.reading() as session:
        assert session.get_one(Blob, dataset["sha256"]).size_bytes == len(CONTENT)
        [job] = session.query(Job).all()
    assert (job.kind, job.inputs["dataset"]) == ("ingest", dataset["id"])
    assert not any((house.staging / "uploads").iterdir())


def test_the_same_file_twice_is_one_dataset(sender, project):
    first, second = put(sender, CONTENT, project.id), put(sender, CONTENT, project.id)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_the_same_bytes_under_another_name_are_refused_with_the_dataset_that_has_them(sender, project):
    first = put(sender, CONTENT, project.id, "a.dm3")
    second = put(sender, CONTENT, project.id, "b.dm3")
    assert problem(second) == (409, "duplicate-content")
    assert second.json()["dataset_id"] == first.json()["id"]


def test_two_projects_may_hold_the_same_bytes(people, house, project):
    other = add_project(house, "PRJ-2")
    answers = [put(people.admin, CONTENT, each.id) for each in (project, other)]
    assert [answer.status_code for answer in answers] == [201, 201]


def test_bytes_other_than_announced_leave_nothing_readable(sender, house, project):
    answer = put(sender, CONTENT, project.id, headers=content_digest(b"other bytes"))
    assert problem(answer) == (422, "digest-mismatch")
    assert not house.store.exists(blob_key(sha256(CONTENT)))
    assert sender.get("/api/v1/datasets").json()["items"] == []
    with house.database.reading() as session:
        assert session.query(Upload).one().state == "failed"


def test_without_a_digest_the_computed_one_is_recorded(sender, house, project):
    answer = sender.put(UPLOADS, params={"project_id": project.id, "filename": "a.dm3"}, content=CONTENT)
    assert answer.status_code == 201, answer.text
    with house.database.reading() as session:
        upload = session.query(Upload).one()
    assert (upload.declared_sha256, upload.sha256) == (None, sha256(CONTENT))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", 201),
        ("CON", 201),
        ("<script>alert(1)</script>.svg", 201),
        ("a\u202eb.dm3", (422, "bad-name")),
        ("a\x00b.dm3", (422, "malformed-text")),
        ("a\nb.dm3", (422, "bad-name")),
        ("x" * 300, (422, "bad-name")),
        ("", (422, "bad-name")),
    ],
)
def test_a_file_name_is_data_and_never_a_path(sender, house, project, name, expected):
    answer = put(sender, CONTENT, project.id, name)
    if expected == 201:
        assert (answer.status_code, answer.json()["filename"]) == (201, name)
        assert list(house.store.keys()) == [blob_key(sha256(CONTENT))]
    else:
        assert problem(answer) == expected


def test_names_are_kept_in_one_normal_form(sender, project):
    assert put(sender, CONTENT, project.id, "e\u0301.dm3").json()["filename"] == "\u00e9.dm3"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Type": "multipart/form-data; boundary=x"}, (415, "unsupported-media-type")),
        ({"Content-Type": "application/x-www-form-urlencoded"}, (415, "unsupported-media-type")),
        ({"Content-Digest": "md5=:AAAA:"}, (422, "bad-upload-header")),
        ({"Content-Digest": "sha-256=:AAAA:"}, (422, "bad-upload-header")),
    ],
)
def test_a_malformed_request_is_refused_before_its_bytes_count(sender, project, headers, expected):
    assert problem(put(sender, CONTENT, project.id, headers=headers)) == expected


def test_an_empty_file_is_refused(sender, project):
    assert problem(put(sender, b"", project.id)) == (422, "empty-file")


def test_a_body_of_unknown_length_is_refused(sender, project):
    answer = sender.put(UPLOADS, params={"project_id": project.id, "filename": "a"}, content=iter([b"abc"]))
    assert problem(answer) == (411, "length-required")


def test_a_large_file_is_sent_to_tus(sender, house, project):
    answer = put(sender, b"x" * (house.settings.single_put_limit_bytes + 1), project.id)
    assert problem(answer) == (413, "too-large")
    assert "tus" in answer.json()["detail"]


def test_strangers_find_no_project(people, project):
    stranger = people.make()
    assert problem(put(stranger, CONTENT, project.id)) == (404, "not-found")
    assert problem(put(stranger, CONTENT, "prj_" + "0" * 32)) == (404, "not-found")


def test_viewers_send_nothing(people, project):
    assert problem(put(people.make(role="viewer", project=project), CONTENT, project.id)) == (403, "forbidden")


def test_without_a_credential_nothing_is_taken(client, project):
    assert problem(put(client, CONTENT, project.id)) == (401, "unauthenticated")


def test_a_sample_of_another_project_is_refused(sender, house, project, sample):
    other = add_project(house, "PRJ-2")
    mine = put(sender, CONTENT, project.id, sample_id="smp_" + "0" * 32)
    assert problem(mine) == (422, "invalid-input")
    assert problem(put(sender, CONTENT, other.id, sample_id=sample.id)) == (404, "not-found")


def test_an_instruments_pc_names_its_instrument(device, project):
    answer = put(device, CONTENT, project.id)
    assert answer.json()["instrument_id"] == device.instrument.id
