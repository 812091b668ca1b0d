"""A registered file that is not as it was: told, never sent, never read; and what keeping data does with such files."""

import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from app.cli.backup import back_up
from app.cli.verifying import verify
from app.infra.db.models import Job
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.datasets.places import bytes_of
from app.lab.datasets.purging import purge
from app.lab.datasets.watching import watch
from tests.app.registrations.facility import Facility, problem_of
from tests.app.uploads.uploading import put, some_bytes


@pytest.mark.parametrize(("what", "is_gone"), [("changed", False), ("missing", True)])
def test_a_file_that_changed_is_told_loudly_and_never_sent_and_stands_again_when_it_is_back(
    facility: Facility, what: str, is_gone: bool
):
    content = some_bytes(4000, 900 + is_gone)
    path = facility.storage / facility.file(content)
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    if is_gone:
        path.unlink()
    else:
        path.write_bytes(b"other" * 800)
    refused = facility.content(dataset)
    assert problem_of(refused)[:2] == (409, "source-changed")
    assert (refused.json()["path"], refused.json()["problem"]) == (str(path.relative_to(facility.storage)), what)
    assert facility.dataset(dataset["id"])["place"]["problem"] == what
    assert problem_of(facility.sender.get(f"/api/v1/exports/{dataset['id']}"))[:2] == (409, "source-changed")
    words = [each["words"] for each in facility.people.admin.get("/api/v1/attention").json()["items"]]
    assert any(path.name in each or "more" in each for each in words if "Registered files" in each)
    path.write_bytes(content)  # brought back, with a time of its own
    assert watch(facility.house, every=timedelta(0)) > 0
    assert facility.dataset(dataset["id"])["place"]["problem"] == "changed"
    assert not [each for each in verify(facility.house).problems if path.name in each]
    assert facility.dataset(dataset["id"])["place"]["problem"] is None
    assert facility.content(dataset).content == content


def test_other_bytes_behind_the_same_size_and_time_are_found_by_verification(facility: Facility):
    content = some_bytes(3100, 61)
    path = facility.storage / facility.file(content)
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    stamp = path.stat()
    path.write_bytes(bytes(stamp.st_size))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert problem_of(facility.content(dataset))[:2] == (500, "integrity-failure")
    assert f"em:{path.relative_to(facility.storage)} is changed" in verify(facility.house).problems
    assert facility.dataset(dataset["id"])["place"]["problem"] == "changed"
    watch(facility.house, every=timedelta(0))  # sees size and time alone, and so does who asks
    assert facility.sender.post(f"/api/v1/datasets/{dataset['id']}/place/looks").json()["problem"] == "changed"
    assert problem_of(facility.content(dataset))[:2] == (409, "source-changed")
    path.write_bytes(content)
    assert facility.registered(str(path.relative_to(facility.storage)))["id"] == dataset["id"]
    assert facility.content(dataset).content == content


def test_a_look_says_at_once_how_the_file_stands_and_is_for_those_who_may_register(facility: Facility):
    content = some_bytes(2700, 72)
    path = facility.storage / facility.file(content)
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    url = f"/api/v1/datasets/{dataset['id']}/place/looks"
    away = path.rename(path.with_name("away"))
    assert facility.sender.post(url).json()["problem"] == "missing"
    away.rename(path)
    found = facility.sender.post(url).json()
    assert (found["problem"], found["root"]) == (None, "em")
    assert found["checked_at"] > dataset["place"]["checked_at"]
    viewer = facility.people.make(role="viewer", project=facility.project)
    assert viewer.post(url).status_code == 403
    stored = put(facility.sender, some_bytes(2800, 73), facility.project.id, "stored.dm3").json()["id"]
    assert facility.sender.post(f"/api/v1/datasets/{stored}/place/looks").status_code == 404


def test_a_link_put_in_place_of_a_file_that_is_being_read_leads_nowhere_else(facility: Facility, tmp_path: Path):
    content, elsewhere = some_bytes(2600, 71), tmp_path / "of another project"
    elsewhere.write_bytes(b"not theirs")
    path = facility.storage / facility.file(content)
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    with facility.house.database.reading() as session:
        store, key = bytes_of(facility.house, Lab(facility.house, session).datasets.get(SYSTEM, dataset["id"]))
    with store.local(key) as lent:
        path.unlink()
        path.symlink_to(elsewhere)
        assert lent.read_bytes() == content


def test_a_file_that_moved_is_found_again_by_registering_it_and_uploading_it_brings_it_into_the_store(
    facility: Facility,
):
    content = some_bytes(3500, 44)
    path = facility.storage / facility.file(content)
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    moved = path.with_name("moved.dm3")
    path.rename(moved)
    assert facility.registered(str(moved.relative_to(facility.storage)))["id"] == dataset["id"]
    assert facility.dataset(dataset["id"])["place"]["path"].endswith("moved.dm3")
    moved.unlink()
    sent = put(facility.sender, content, facility.project.id, path.name)
    assert (sent.json()["id"], sent.json()["place"], facility.content(dataset).content) == (
        dataset["id"],
        None,
        content,
    )


def test_a_file_that_moved_and_is_called_otherwise_is_taken_as_its_refusal_says(facility: Facility):
    content = some_bytes(3700, 45)
    path = facility.storage / facility.file(content)
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    refused = put(facility.sender, content, facility.project.id, "otherwise.dm3")
    assert problem_of(refused)[1] == "duplicate-content"  # it is there under its own name
    path.unlink()
    assert "or upload the same bytes" in facility.content(dataset).json()["detail"]
    sent = put(facility.sender, content, facility.project.id, "otherwise.dm3")
    assert (sent.json()["id"], sent.json()["filename"]) == (dataset["id"], path.name)
    assert facility.content(dataset).content == content


def test_deleting_the_dataset_leaves_the_file_and_a_tombstone_that_says_where_it_is(facility: Facility):
    path = facility.storage / facility.file()
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    with facility.house.database.writing() as session:
        session.query(Job).update({"state": "succeeded"})
    url = f"/api/v1/datasets/{dataset['id']}"
    version = f'"{facility.dataset(dataset["id"])["version"]}"'
    answer = facility.sender.delete(url, params={"reason": "not needed"}, headers={"If-Match": version})
    assert answer.json()["record"]["stays_at"] == f"em:{path.relative_to(facility.storage)}"
    purge(facility.house)
    assert path.exists()
    assert facility.registered(str(path.relative_to(facility.storage)))["id"] != dataset["id"]


def test_registered_files_take_nothing_of_the_quota_and_are_listed_by_a_backup(facility: Facility, tmp_path: Path):
    with facility.house.database.reading() as session:
        lab = Lab(facility.house, session)
        before, rows = lab.datasets.held_bytes(facility.project.id), lab.space.projects(SYSTEM)
    path = facility.file(some_bytes(100_000, 8))
    digest = facility.registered(path)["sha256"]
    with facility.house.database.reading() as session:
        lab = Lab(facility.house, session)
        assert lab.datasets.held_bytes(facility.project.id) == before
        assert [each.share for each in lab.space.projects(SYSTEM)] == [each.share for each in rows]
    made = back_up(facility.house, tmp_path / "backup")
    listed = json.loads((made.folder / "backup.json").read_text())["in_place"]
    assert made.in_place == len(listed) > 0
    assert (path, digest) in {(each["path"], each["sha256"]) for each in listed}
    assert not any(digest in key for key in json.loads((made.folder / "backup.json").read_text())["files"])


def test_an_export_carries_the_bytes_and_refuses_when_they_are_not_there(facility: Facility):
    content = some_bytes(2500, 12)
    path = facility.storage / facility.file(content)
    dataset = facility.registered(str(path.relative_to(facility.storage)))
    url = f"/api/v1/exports/{dataset['id']}"
    with zipfile.ZipFile(io.BytesIO(facility.sender.get(url).content)) as crate:
        assert crate.read(f"datasets/{dataset['id']}/{path.name}") == content
    path.unlink()
    assert problem_of(facility.sender.get(url))[:2] == (409, "source-changed")
