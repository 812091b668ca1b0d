"""Files on the storage that are away: a crate is refused before its first byte, or packed without them and says so."""

import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from lithoscope.writers.rocrate_preview import PREVIEW
from tests.app.exchange.facilities import facility, members
from tests.app.exchange.test_round_trip import METADATA, RECORDS
from tests.app.registrations.facility import Facility, facility_in, problem_of


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """Give a facility whose files lie on its storage."""
    with facility_in(tmp_path_factory.mktemp("here")) as found:
        yield found


@pytest.fixture(scope="module")
def datasets(here: Facility) -> list[dict[str, Any]]:
    """Give three registered files of a sample: one that stands, one that is gone, one that was written to."""
    found = [here.registered(here.file(), sample_id=here.sample.id) for _ in range(3)]
    (here.storage / found[1]["place"]["path"]).unlink()
    (here.storage / found[2]["place"]["path"]).write_bytes(b"other bytes")
    return found


def asked(here: Facility, object_id: str, **query: str) -> Any:
    return here.sender.get(f"/api/v1/exports/{object_id}", params=query)


@pytest.mark.parametrize("form", ["ro-crate", "eln"])
def test_a_crate_is_refused_before_its_first_byte_and_every_file_that_is_away_is_named(here, datasets, form):
    answer = asked(here, here.sample.id, format=form)
    assert problem_of(answer)[:2] == (409, "source-changed")
    told = answer.json()
    assert [(each["pointer"], each["detail"]) for each in told["errors"]] == [
        (f"/export/{each['id']}", f"em:{each['place']['path']} is {problem}")
        for each, problem in zip(datasets[1:], ("missing", "changed"), strict=True)
    ]
    assert "2 files" in told["detail"]
    assert "absent=leave-out, in a shell --without-absent" in told["detail"]


@pytest.mark.parametrize("form", ["prov", "csv", "nexus"])
def test_forms_that_hold_no_bytes_are_given_all_the_same(here, datasets, form):
    assert asked(here, here.sample.id, format=form).status_code == 200


def test_a_crate_without_what_is_away_says_so_in_records_graph_and_page(here, datasets):
    answer = asked(here, here.sample.id, absent="leave-out")
    assert answer.status_code == 200, answer.text
    crate = members(answer.content)
    held = [name for name in crate if name.startswith("datasets/")]
    assert held == [f"datasets/{datasets[0]['id']}/{datasets[0]['filename']}"]
    told = {each["id"]: each["absent"] for each in json.loads(crate[RECORDS])["datasets"]}
    assert [told[each["id"]] for each in datasets] == [None, "missing", "changed"]
    entities = {entity["@id"]: entity for entity in json.loads(crate[METADATA])["@graph"]}
    for dataset, words in zip(datasets[1:], ("was missing", "no longer the one"), strict=True):
        absent = entities[f"#{dataset['id']}-file"]
        assert words in absent["description"]
        assert absent["sha256"] == dataset["sha256"]
        assert {"@id": absent["@id"]} in entities["./"]["mentions"]
    page = crate[PREVIEW].decode()
    assert "not in this crate: missing" in page
    assert "not in this crate: changed" in page
    every = set(entities)
    named = {each["@id"] for entity in entities.values() for each in _references(entity)}
    assert {each for each in named if not each.startswith("http")} <= every


def _references(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict) and set(value) == {"@id"}:
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def test_a_crate_that_was_packed_without_a_file_is_not_taken_in_and_the_file_is_named(here, datasets, tmp_path: Path):
    crate = asked(here, here.sample.id, absent="leave-out").content
    assert zipfile.is_zipfile(BytesIO(crate))
    with facility(tmp_path / "there", "OTHER") as there:
        answer = there.take(crate)
        assert problem_of(answer)[:2] == (422, "bad-crate")
        assert datasets[1]["id"] in problem_of(answer)[2]
        assert "packed without this file, which was missing" in answer.json()["detail"]
        assert "put it back there" in answer.json()["detail"]


@pytest.mark.parametrize("which", ["sample", "project", "dataset"])
def test_the_page_says_which_files_are_away_before_anything_is_downloaded(here, datasets, which):
    asked(here, here.sample.id)  # looks at the files
    target = {"sample": here.sample.id, "project": here.project.id, "dataset": datasets[1]["id"]}[which]
    page = here.sender.get(f"/exports/{target}").text
    assert f"em:{datasets[1]['place']['path']}" in page
    assert (f"em:{datasets[2]['place']['path']}" in page) == (which != "dataset")
    assert "absent=leave-out" in page
    assert "not on the storage as registered" in page


def test_the_page_of_what_stands_speaks_of_nothing_away(here, datasets):
    page = here.sender.get(f"/exports/{datasets[0]['id']}").text
    assert "not on the storage" not in page
    assert "leave-out" not in page
