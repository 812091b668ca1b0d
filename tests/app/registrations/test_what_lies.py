"""Names, links and patterns made to harm: refused by name within a moment."""

import os
import time
from collections.abc import Iterator

import pytest

from app.infra.storage.groups import MOST_FILES, names_in
from app.infra.storage.places import Root, Unplaceable
from tests.app.registrations.facility import Facility, facility_in, problem_of


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """Give one facility for the tests of this module."""
    with facility_in(tmp_path_factory.mktemp("facility")) as facility:
        yield facility


def root_of(facility: Facility) -> Root:
    return Root(facility.storage, facility.house.settings.data)


def test_a_pattern_of_many_stars_takes_no_longer_than_one(facility: Facility):
    folder = facility.storage / "stars"
    folder.mkdir()
    (folder / ("0" * 200 + ".tif")).write_bytes(b"x")
    since = time.monotonic()
    with pytest.raises(Unplaceable, match="no such file"):
        names_in(root_of(facility), "stars", "*0" * 100 + "*x")
    assert time.monotonic() - since < 5
    assert names_in(root_of(facility), "stars", "*0" * 100 + "*") == ["0" * 200 + ".tif"]


def test_signs_of_other_patterns_stand_for_themselves(facility: Facility):
    folder = facility.storage / "signs"
    folder.mkdir()
    for name in ("a[1].tif", "a1.tif", "a\n2.tif", "a!.tif", "a+.tif"):
        (folder / name).write_bytes(b"x")
    root = root_of(facility)
    assert names_in(root, "signs", "a[1]*") == ["a[1].tif"]
    assert names_in(root, "signs", "a+*") == ["a+.tif"]
    assert names_in(root, "signs", "a?2.tif") == ["a\n2.tif"]


def test_a_folder_is_not_listed_thousands_of_times_for_one_request(facility: Facility):
    folder = facility.storage / "patterns"
    folder.mkdir()
    (folder / "a.tif").write_bytes(b"x")
    answer = facility.ask("patterns", members=["a*"] * MOST_FILES)
    assert problem_of(answer) == (422, "invalid-input", "/body/members/100")
    assert "at most 100 names with * or ?" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("name", [os.fsdecode(b"\xff"), "/".join(["d" * 200] * 6)], ids=["bytes", "long"])
def test_a_link_to_what_has_no_name_here_is_refused(facility: Facility, name: str):
    folder = facility.storage / "links" / name
    folder.mkdir(parents=True)
    (folder / "a.tif").write_bytes(b"x")
    link = facility.storage / f"link-{len(name)}"
    link.symlink_to(folder)
    for path in (link.name, f"{link.name}/a.tif"):
        answer = facility.ask(path)
        assert problem_of(answer) == (422, "invalid-input", "/body/path"), answer.text
        assert "Its links lead to" in answer.json()["errors"][0]["detail"]
