"""A file on the facility's storage is registered from the upload page, which says what became of it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from app.lab.registrations.hashing import sweep
from tests.app.registrations.facility import Facility, facility_in
from tests.app.uploads.uploading import some_bytes


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    with facility_in(tmp_path_factory.mktemp("facility")) as facility:
        yield facility


def form(facility: Facility, **answers: str) -> Any:
    return post(facility, "/registrations", project_id=facility.project.id, root="em", sample_id="", **answers)


def post(facility: Facility, path: str, /, **answers: str) -> Any:
    me = facility.sender
    return me.post(path, data=answers | {"csrf_token": me.client.headers["X-CSRF-Token"]})


def test_a_registered_file_is_followed_to_its_dataset_which_says_where_it_lies(facility: Facility):
    path = facility.file()
    assert "Path of the file or folder there" in facility.sender.get(f"/upload?project_id={facility.project.id}").text
    answer = form(facility, path=path)
    assert answer.status_code == 303, answer.text
    page = facility.sender.get(answer.headers["location"])
    assert "Being hashed where it lies" in page.text
    sweep(facility.house)
    found = facility.sender.get(answer.headers["location"])
    dataset = facility.sender.get(found.headers["location"]).text
    assert f"em:{path}" in dataset
    assert "is read there" in dataset


def test_a_path_that_leads_nowhere_is_shown_at_its_field(facility: Facility):
    answer = form(facility, path="../<b>x")
    assert answer.status_code == 422
    assert 'id="path-wrong"' in answer.text
    assert "../&lt;b&gt;x" in answer.text


def test_a_missing_file_is_loud_on_the_page_and_in_lists_with_its_remedy_in_place_of_the_download(facility: Facility):
    content = some_bytes(3000, 77)
    path = facility.file(content)
    dataset = facility.registered(path)
    home, file = f"/datasets/{dataset['id']}", facility.storage / path
    assert f"/api/v1{home}/content" in facility.sender.get(home).text
    stamp = file.stat()
    file.unlink()
    page = look_again(facility, dataset)
    assert "The file is missing." in page.text
    assert "file missing" in page.text
    assert "Look again" in page.text
    assert f"/api/v1{home}/content" not in page.text
    assert "Crates are refused until it is back" in facility.sender.get(f"/exports/{dataset['id']}").text
    assert "file missing" in facility.sender.get(f"/datasets?project_id={facility.project.id}").text
    assert "file missing" in facility.sender.get(f"/projects/{facility.project.id}").text
    file.write_bytes(content)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    page = look_again(facility, dataset)
    assert "stands as it was registered" in page.text
    assert f"/api/v1{home}/content" in page.text


def look_again(facility: Facility, dataset: dict[str, Any]) -> Any:
    """Look at a dataset's file by its page; return the page it leads to."""
    answer = post(facility, f"/datasets/{dataset['id']}/place/looks")
    assert answer.status_code == 303, answer.text
    return facility.sender.get(answer.headers["location"])


def test_a_file_that_is_back_with_another_time_is_read_and_stands_again(facility: Facility):
    content = some_bytes(3000, 78)
    path = facility.file(content)
    dataset = facility.registered(path)
    home, file = f"/datasets/{dataset['id']}", facility.storage / path
    os.utime(file, ns=(1, 1))
    assert "Being hashed where it lies" in look_again(facility, dataset).text
    assert "no longer the one that was registered" in facility.sender.get(home).text
    sweep(facility.house)
    assert "It stood as registered" in facility.sender.get(home).text


def test_other_bytes_in_its_place_are_not_taken_for_the_dataset_and_may_become_one_of_their_own(facility: Facility):
    path = facility.file(some_bytes(3000, 79))
    dataset = facility.registered(path)
    (facility.storage / path).write_bytes(some_bytes(3000, 80))
    page = post(facility, f"/datasets/{dataset['id']}/place/looks").headers["location"]
    sweep(facility.house)
    refused = facility.sender.get(page).text
    assert dataset["sha256"] in refused
    assert "Look again" in refused
    answer = form(facility, path=path)
    sweep(facility.house)
    other = facility.sender.get(answer.headers["location"]).headers["location"]
    assert other != f"/datasets/{dataset['id']}"
    assert "no longer the one that was registered" in facility.sender.get(f"/datasets/{dataset['id']}").text


def test_who_may_not_upload_is_told_whom_to_ask(facility: Facility):
    path = facility.file()
    dataset = facility.registered(path)
    (facility.storage / path).unlink()
    assert facility.content(dataset).status_code == 409
    viewer = facility.people.make(role="viewer", project=facility.project)
    page = viewer.get(f"/datasets/{dataset['id']}").text
    assert "ask somebody who may upload" in page
    assert "Look again" not in page


def test_a_project_without_storage_is_told_so_and_a_failed_registration_why(facility: Facility):
    path = facility.file()
    answer = form(facility, path=path)
    (facility.storage / path).unlink()
    sweep(facility.house)
    page = facility.sender.get(answer.headers["location"]).text
    assert "could not be registered" in page
    assert "Look again" in page
    assert f'name="path" value="{path}"' in page


def test_bytes_the_project_holds_already_lead_to_their_dataset_first_for_another_look_would_say_the_same(
    facility: Facility,
):
    content = some_bytes(3000, 81)
    dataset = facility.registered(facility.file(content))
    twin = facility.file(content)
    answer = form(facility, path=twin)
    sweep(facility.house)
    page = facility.sender.get(answer.headers["location"]).text
    assert "The project holds these bytes already" in page
    assert f'class="button first" href="/datasets/{dataset["id"]}"' in page
    assert "Look again" not in page
    assert "Register another file" in page


def test_a_folder_is_registered_as_one_dataset_whose_page_and_list_show_it_as_one(facility: Facility):
    folder = facility.storage / "fib 17"
    folder.mkdir()
    for number in range(3):
        (folder / f"s_{number}.tif").write_bytes(some_bytes(900, 700 + number))
    answer = form(facility, path="fib 17", members="s_*.tif")
    assert answer.status_code == 303, answer.text
    assert "3 files" in facility.sender.get(answer.headers["location"]).text
    sweep(facility.house)
    home = facility.sender.get(answer.headers["location"]).headers["location"]
    page = facility.sender.get(home).text
    assert "The 3 files of this dataset lie on the facility's storage" in page
    assert "s_2.tif" in page
    assert facility.sender.get(f"/datasets?project_id={facility.project.id}").text.count("fib 17.zip") == 1
    one = folder / "s_1.tif"
    content = one.read_bytes()
    one.unlink()
    dataset = {"id": home.rpartition("/")[2]}
    missing = look_again(facility, dataset).text
    assert "Files are missing: s_1.tif." in missing
    assert "all its 3 files are back" in missing
    assert "is missing: s_1.tif" in facility.sender.get(f"/exports/{dataset['id']}").text
    one.write_bytes(content)
    assert "Being hashed where it lies" in look_again(facility, dataset).text
    sweep(facility.house)
    assert "They stood as registered" in facility.sender.get(home).text


def test_a_file_that_cannot_be_in_one_dataset_is_shown_at_its_field_and_the_rest_stays_filled_in(facility: Facility):
    path = facility.file()
    answer = form(facility, path=path, members="<b>none.ser")
    assert answer.status_code == 422
    assert 'id="members-wrong"' in answer.text
    assert "&lt;b&gt;none.ser: there is no such file" in answer.text
    assert f'value="{path}"' in answer.text
