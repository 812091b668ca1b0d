"""A file on the facility's storage is registered from the upload page, which says what became of it."""

from collections.abc import Iterator

import pytest

from app.lab.datasets.watching import watch
from app.lab.registrations.hashing import sweep
from tests.app.registrations.facility import Facility, facility_in


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    with facility_in(tmp_path_factory.mktemp("facility")) as facility:
        yield facility


def form(facility: Facility, **answers: str):
    me = facility.sender
    answers = {"project_id": facility.project.id, "root": "em", "sample_id": "", **answers}
    return me.post("/registrations", data=answers | {"csrf_token": me.client.headers["X-CSRF-Token"]})


def test_a_registered_file_is_followed_to_its_dataset_which_says_where_it_lies(facility: Facility):
    path = facility.file()
    assert "Register the file" in facility.sender.get(f"/upload?project_id={facility.project.id}").text
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


def test_a_changed_file_is_loud_on_the_dataset_s_page(facility: Facility):
    path = facility.file()
    dataset = facility.registered(path)
    (facility.storage / path).unlink()
    assert facility.content(dataset).status_code == 409
    assert "The file is missing." in facility.sender.get(f"/datasets/{dataset['id']}").text
    assert watch(facility.house) == 0


def test_a_project_without_storage_is_told_so_and_a_failed_registration_why(facility: Facility):
    path = facility.file()
    answer = form(facility, path=path)
    (facility.storage / path).unlink()
    sweep(facility.house)
    page = facility.sender.get(answer.headers["location"]).text
    assert "could not be registered" in page
    assert "Register it again" in page
