"""Files that lie on the facility's storage become datasets where they lie."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.infra.ids import new_id
from app.lab.registrations.hashing import sweep
from app.main import create_app
from tests.app.registrations.facility import REGISTRATIONS, ROOTS, Facility, problem_of, stored
from tests.app.uploads.uploading import put, sha256, some_bytes
from tests.conftest import People, add_device, add_project, settings_for
from tests.houses import furnished


def test_a_file_is_a_dataset_where_it_lies_and_nothing_of_it_is_copied_or_changed(facility_on_any: Facility):
    facility = facility_on_any
    content = some_bytes(5000, 77)
    path = facility.storage / facility.file(content)
    before = path.stat()
    dataset = facility.registered(str(path.relative_to(facility.storage)), sample_id=facility.sample.id)
    assert (dataset["sha256"], dataset["size_bytes"], dataset["filename"]) == (sha256(content), 5000, path.name)
    assert dataset["place"] | {"checked_at": 0, "hashed_at": 0} == {
        "root": "em", "path": str(path.relative_to(facility.storage)), "problem": None, "checked_at": 0, "hashed_at": 0,
        "files": None, "problem_files": None,
    }  # fmt: skip
    assert (facility.content(dataset).content, stored(facility, dataset["sha256"])) == (content, False)
    part = facility.sender.get(f"/api/v1/datasets/{dataset['id']}/content", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns, after.st_nlink) == (before.st_mtime_ns, before.st_ctime_ns, 1)


def test_registering_it_again_is_answered_by_what_is_known_and_other_bytes_become_another_dataset(facility: Facility):
    path = facility.file()
    first = facility.ask(path)
    assert facility.ask(path).json()["id"] == first.json()["id"]  # while it waits
    sweep(facility.house)
    again = facility.ask(path)
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (200, first.json()["id"], "verified")
    (facility.storage / path).write_bytes(b"longer than before" * 200)
    assert facility.registered(path)["id"] != again.json()["dataset_id"]


def test_bytes_the_project_holds_are_recognised_and_read_where_they_were(facility: Facility):
    content = some_bytes(3000, 5)
    path = facility.file(content)
    uploaded = put(facility.sender, content, facility.project.id, Path(path).name).json()
    assert facility.registered(path)["id"] == uploaded["id"]
    assert facility.dataset(uploaded["id"])["place"] is None
    other = facility.file(content)
    sweep(facility.house)
    answer = facility.ask(other)
    sweep(facility.house)
    refused = facility.sender.get(answer.headers["Location"]).json()
    assert (refused["state"], refused["problem"]["dataset_id"]) == ("failed", uploaded["id"])


@pytest.mark.parametrize(
    ("path", "lay"),
    [
        ("../outside.dm3", None),
        ("/etc/passwd", None),
        ("nowhere.dm3", None),
        ("folder", lambda place: place.mkdir()),
        ("pipe", os.mkfifo),
        ("out.dm3", lambda place: place.symlink_to("/etc/passwd")),
        ("out", lambda place: place.symlink_to("/dev/zero")),
        ("round", lambda place: place.symlink_to(place)),
        ("x" * 1000, None),
        ("way/" * 255 + "x", None),
    ],
)
def test_what_is_no_plain_file_below_the_root_is_refused_by_its_path(facility: Facility, path: str, lay: Any):
    if lay is not None:
        lay(facility.storage / path)
    assert problem_of(facility.ask(path)) == (422, "invalid-input", "/body/path")


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 1025, 7, None, "\ud800"])
def test_a_path_that_is_none_is_refused(facility: Facility, path: Any):
    content = json.dumps({"project_id": facility.project.id, "root": "em", "path": path})
    answer = facility.sender.post(REGISTRATIONS, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_link_within_the_root_is_followed_and_the_service_s_own_folder_is_no_place(tmp_path: Path):
    roots = {"all": {"path": str(tmp_path), "projects": ["*"]}}
    house = furnished(settings_for(tmp_path / "data", roots_in_place=roots))
    with TestClient(create_app(house.settings)) as client:
        project = add_project(house, "P")
        person = People(house, client).make(role="contributor", project=project)
        body = {"project_id": project.id, "root": "all", "path": "data/lithoscope.db"}
        assert problem_of(person.post(REGISTRATIONS, json=body)) == (422, "invalid-input", "/body/path")
        (tmp_path / "real").mkdir()
        (tmp_path / "real" / "a.dm3").write_bytes(b"abc")
        (tmp_path / "link").symlink_to(tmp_path / "real")
        answer = person.post(REGISTRATIONS, json=body | {"path": "link/a.dm3"})
        assert (answer.status_code, answer.json()["path"]) == (202, "real/a.dm3")
    house.database.dispose()


def test_only_projects_a_root_serves_and_people_who_may_upload_use_it(facility: Facility):
    path = facility.file()
    foreigner = facility.people.make(role="steward", project=facility.other)
    viewer = facility.people.make(role="viewer", project=facility.project)
    device = add_device(facility.house, facility.people.client, [facility.project])
    assert problem_of(facility.ask(path, who=foreigner))[:2] == (404, "not-found")
    assert problem_of(facility.ask(path, who=viewer))[:2] == (403, "forbidden")
    own = facility.ask(path, who=foreigner, project_id=facility.other.id)
    assert problem_of(own) == (422, "invalid-input", "/body/root")
    assert problem_of(facility.ask(path, root="none")) == (422, "invalid-input", "/body/root")
    taken = facility.ask(path, who=device)
    assert (taken.status_code, taken.json()["instrument_id"]) == (202, device.instrument.id)
    names = [each["name"] for each in facility.sender.get(ROOTS, params={"project_id": facility.project.id}).json()]
    away = foreigner.get(ROOTS, params={"project_id": facility.other.id}).json()
    assert (names, away) == (["away", "em"], [{"name": "away", "is_reachable": False}])
    assert foreigner.get(ROOTS, params={"project_id": facility.project.id}).status_code == 404
    sweep(facility.house)


def test_foreign_samples_unknown_instruments_wrong_digests_and_empty_files_are_refused(facility: Facility):
    path = facility.file()
    assert problem_of(facility.ask(path, sample_id=new_id("smp"))) == (422, "invalid-input", "/sample_id")
    assert problem_of(facility.ask(path, instrument_id=new_id("ins")))[2] == "/body/instrument_id"
    assert facility.ask(path, attributes={"x": "y" * 5000}).status_code == 422
    assert problem_of(facility.ask(facility.file(b"")))[1] == "empty-file"
    answer = facility.ask(path, sha256="0" * 64)
    sweep(facility.house)
    failed = facility.sender.get(answer.headers["Location"]).json()
    assert (failed["state"], failed["problem"]["type"]) == ("failed", "/problems/digest-mismatch")
