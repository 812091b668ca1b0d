"""Several files of the facility's storage are one dataset where they lie: one digest, every file hashed and watched."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli.backup import back_up
from app.cli.verifying import verify
from app.infra.storage.groups import MOST_FILES, hash_together, look_at
from app.infra.storage.places import FileAway, Root
from app.lab.datasets.watching import watch
from app.lab.registrations.hashing import sweep
from lithoscope.client.packing import PackedFiles
from tests.app.registrations.facility import Facility, problem_of, stored
from tests.app.uploads.uploading import put, sha256, some_bytes


def folder_with(facility: Facility, *names: str) -> Path:
    """Lay a folder of fresh files into the storage."""
    facility.names.append("a group")
    folder = facility.storage / f"group {len(facility.names)}"
    folder.mkdir()
    for number, name in enumerate(names):
        (folder / name).write_bytes(some_bytes(1500 + number, 10 * len(facility.names) + number))
    return folder


def archive_of(folder: Path, *names: str) -> bytes:
    """Return what the client would send of these files."""
    return PackedFiles("x.zip", [folder / name for name in names]).open().read()


def place_of(facility: Facility, dataset: dict[str, Any]) -> tuple[str | None, str | None]:
    place = facility.dataset(dataset["id"])["place"]
    return place["problem"], place["problem_files"]


def test_a_folder_is_one_dataset_with_the_digest_it_would_have_if_it_were_sent(facility_on_any: Facility):
    facility = facility_on_any
    folder = folder_with(facility, "b_2.tif", "b_10.tif", "ä_1.tif")
    (folder / ".hidden").write_bytes(b"x")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "older").mkdir()
    whole = archive_of(folder, "b_10.tif", "b_2.tif", "ä_1.tif")
    dataset = facility.registered(folder.name, sample_id=facility.sample.id)
    assert (dataset["filename"], dataset["sha256"]) == (f"{folder.name}.zip", sha256(whole))
    assert dataset["size_bytes"] == len(whole)
    place = dataset["place"]
    assert (place["path"], place["files"], place["problem"], place["problem_files"]) == (folder.name, 3, None, None)
    assert (facility.content(dataset).content, stored(facility, dataset["sha256"])) == (whole, False)
    part = facility.sender.get(f"/api/v1/datasets/{dataset['id']}/content", headers={"Range": "bytes=1490-1700"})
    assert (part.status_code, part.content) == (206, whole[1490:1701])
    listed = facility.sender.get(f"/api/v1/datasets/{dataset['id']}/place/files").json()
    assert [(each["name"], each["sha256"]) for each in listed] == [
        (name, sha256((folder / name).read_bytes())) for name in ("b_10.tif", "b_2.tif", "ä_1.tif")
    ]
    again = facility.ask(folder.name, sample_id=facility.sample.id)
    assert (again.status_code, again.json()["dataset_id"]) == (200, dataset["id"])
    sent = put(facility.sender, whole, facility.project.id, f"{folder.name}.zip", sample_id=facility.sample.id)
    assert sent.json()["id"] == dataset["id"]
    assert facility.dataset(dataset["id"])["place"] is None  # the store has it now


def test_a_file_with_those_beside_it_is_one_dataset_and_what_is_not_named_is_none_of_it(facility: Facility):
    folder = folder_with(facility, "map.emi", "map_1.ser", "map_2.ser", "notes.txt")
    dataset = facility.registered(f"{folder.name}/map.emi", members=["map_?.ser"])
    assert (dataset["filename"], dataset["place"]["files"]) == ("map.emi.zip", 3)
    assert dataset["sha256"] == sha256(archive_of(folder, "map.emi", "map_1.ser", "map_2.ser"))
    only = facility.registered(folder.name, members=["map_1.ser", "map.emi"])
    assert (only["filename"], only["place"]["files"]) == (f"{folder.name}.zip", 2)
    alone = facility.registered(f"{folder.name}/map.emi")  # it was in groups before
    assert (alone["place"]["files"], alone["place"]["path"]) == (None, f"{folder.name}/map.emi")
    (folder / "map_1.ser").write_bytes(b"shared and changed")
    watch(facility.house, every=timedelta(0))
    assert [place_of(facility, each) for each in (dataset, only, alone)] == [
        ("changed", "map_1.ser"), ("changed", "map_1.ser"), (None, None),
    ]  # fmt: skip


def test_files_that_come_later_are_none_of_it_and_the_folder_registered_again_is_another_dataset(facility: Facility):
    folder = folder_with(facility, "s_1.tif", "s_2.tif")
    first = facility.registered(folder.name)
    (folder / "s_3.tif").write_bytes(b"third")
    assert watch(facility.house, every=timedelta(0)) > 0
    assert place_of(facility, first) == (None, None)
    second = facility.registered(folder.name)
    assert (second["id"] != first["id"], second["place"]["files"]) == (True, 3)


Lay = Callable[[Path], object]


@pytest.mark.parametrize(
    ("members", "lay", "pointer", "words"),
    [
        (["a.tif", "no.tif"], None, "/body/members/1", "no.tif: there is no such file"),
        (["a.tif", "no*.tif"], None, "/body/members/1", "no*.tif: The folder holds no such file"),
        (["a.tif", "../a.tif"], None, "/body/members/1", "it lies in another folder"),
        (["a.tif", "a.tif"], None, "/body/members/0", "it is named twice"),
        (["a.tif", "."], None, "/body/members/1", "no plain file"),
        (["a.tif", "x" * 300], None, "/body/members/1", "at most 255"),
        ([], None, "/body/members", "at least 1"),
        (["x"] * (MOST_FILES + 1), None, "/body/members", f"at most {MOST_FILES}"),
        (["l.tif"], lambda at: (at / "l.tif").symlink_to("/etc/hostname"), "/body/members/0", "l.tif: it is no plain"),
        (None, lambda at: (at / "l.tif").symlink_to("/etc/hostname"), "/body/path", "l.tif: it is no plain file"),
        (None, lambda at: (at / "A.TIF").write_bytes(b"x"), "/body/path", "the case of letters only"),
        (None, lambda at: (at / "con.tif").write_bytes(b"x"), "/body/path", "named like a device"),
        (None, lambda at: (at / "empty.tif").touch(), "/body/path", "empty.tif: it has no bytes"),
        (None, lambda at: (at / "a.tif").unlink(), "/body/path", "holds no such file"),
        (None, lambda at: os.mkfifo(at / "pipe"), "/body/path", "pipe: it is no plain file"),
    ],
)
def test_what_cannot_be_one_dataset_is_refused_at_its_field_with_its_name(
    facility: Facility, members: list[str] | None, lay: Lay | None, pointer: str, words: str
):
    folder = folder_with(facility, "a.tif")
    if lay is not None:
        lay(folder)
    answer = facility.ask(folder.name, **({} if members is None else {"members": members}))
    assert problem_of(answer) == (422, "invalid-input", pointer), answer.text
    assert words in answer.json()["errors"][0]["detail"]


def test_a_name_that_is_no_text_and_a_folder_of_too_many_files_are_refused(facility: Facility):
    folder = folder_with(facility, "a.tif")
    (folder / os.fsdecode(b"\xff.tif")).write_bytes(b"x")
    assert "no UTF-8" in facility.ask(folder.name).json()["errors"][0]["detail"]
    many = folder_with(facility)
    for number in range(MOST_FILES + 1):
        (many / f"{number}.tif").touch()
    assert f"more than {MOST_FILES} such files" in facility.ask(many.name).json()["errors"][0]["detail"]


def test_a_path_of_255_bytes_names_its_dataset_within_what_a_name_may_have(facility: Facility):
    folder = facility.storage / ("ä" * 127)
    folder.mkdir()
    (folder / ("b" * 251 + ".tif")).write_bytes(b"x" * 10)
    (folder / "c.tif").write_bytes(b"y" * 10)
    dataset = facility.registered(folder.name)
    assert (dataset["filename"], dataset["place"]["files"]) == ("ä" * 120 + ".zip", 2)


@pytest.mark.parametrize("happens", ["goes", "changes"])
def test_a_file_that_goes_before_it_is_hashed_is_named_by_the_registration(facility: Facility, happens: str):
    folder = folder_with(facility, "s_1.tif", "s_2.tif", "s_3.tif")
    answer = facility.ask(folder.name)
    if happens == "goes":
        (folder / "s_2.tif").unlink()
        sweep(facility.house)
        upload = facility.sender.get(answer.headers["Location"]).json()
        assert (upload["state"], upload["problem"]["type"]) == ("failed", "/problems/not-registered")
        assert "s_2.tif: there is no such file" in upload["problem"]["detail"]
    else:
        root = Root(facility.storage, facility.house.settings.data)
        names = ["s_1.tif", "s_2.tif", "s_3.tif"]
        with pytest.raises(FileAway) as away:
            hash_together(root, folder.name, names, tell=lambda _: (folder / "s_1.tif").write_bytes(b"z"))
        assert (away.value.problem, away.value.files) == ("changed", ("s_1.tif",))


def test_a_missing_file_is_named_wherever_the_dataset_is_used_and_it_stands_again_when_it_is_back(facility: Facility):
    folder = folder_with(facility, "s_1.tif", "s_2.tif", "s_3.tif")
    dataset = facility.registered(folder.name)
    one, stamp = folder / "s_2.tif", (folder / "s_2.tif").stat()
    content = one.read_bytes()
    one.unlink()
    refused = facility.content(dataset)
    assert problem_of(refused)[:2] == (409, "source-changed")
    assert "s_2.tif, is not there" in refused.json()["detail"]
    assert place_of(facility, dataset) == ("missing", "s_2.tif")
    exported = facility.sender.get(f"/api/v1/exports/{dataset['id']}").json()
    assert exported["errors"][0]["detail"] == f"em:{folder.name} (s_2.tif) is missing"
    (folder / "s_1.tif").unlink()
    looked = facility.sender.post(f"/api/v1/datasets/{dataset['id']}/place/looks").json()
    assert (looked["problem"], looked["problem_files"]) == ("missing", "s_1.tif and 1 more")
    (folder / "s_1.tif").write_bytes(some_bytes(1500, 1))
    one.write_bytes(content)
    os.utime(one, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    watch(facility.house, every=timedelta(0))
    assert place_of(facility, dataset) == ("changed", "s_1.tif")


def test_every_byte_of_it_is_read_by_verification_which_names_the_file_and_lets_it_stand_again(facility: Facility):
    folder = folder_with(facility, "s_1.tif", "s_2.tif")
    dataset = facility.registered(folder.name)
    one = folder / "s_2.tif"
    content, stamp = one.read_bytes(), one.stat()
    one.write_bytes(bytes(len(content)))
    os.utime(one, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    watch(facility.house, every=timedelta(0))
    assert place_of(facility, dataset) == (None, None)  # size and time are as they were
    assert any(f"{folder.name}/s_2.tif is changed" in each for each in verify(facility.house).problems)
    watch(facility.house, every=timedelta(0))
    assert place_of(facility, dataset) == ("changed", "s_2.tif")
    one.write_bytes(content)
    assert not [each for each in verify(facility.house).problems if folder.name in each]
    assert place_of(facility, dataset) == (None, None)
    assert sha256(facility.content(dataset).content) == dataset["sha256"]


def test_an_export_holds_its_archive_and_a_backup_lists_its_files(facility: Facility, tmp_path: Path):
    folder = folder_with(facility, "s_1.tif", "s_2.tif")
    dataset = facility.registered(folder.name)
    crate = facility.sender.get(f"/api/v1/exports/{dataset['id']}")
    assert crate.status_code == 200, crate.text
    with zipfile.ZipFile(io.BytesIO(crate.content)) as archive:
        (member,) = [name for name in archive.namelist() if name.endswith(f"{folder.name}.zip")]
        with zipfile.ZipFile(io.BytesIO(archive.read(member))) as inner:
            assert (inner.testzip(), inner.namelist()) == (None, ["s_1.tif", "s_2.tif"])
    made = back_up(facility.house, tmp_path / "backup")
    listed = json.loads((made.folder / "backup.json").read_text())["in_place"]
    (entry,) = [each for each in listed if each["dataset"] == dataset["id"]]
    assert [each["name"] for each in entry["files"]] == ["s_1.tif", "s_2.tif"]


def test_a_group_is_no_crate_and_no_companion(facility: Facility):
    folder = folder_with(facility, "s_1.tif", "s_2.tif")
    dataset = facility.registered(folder.name)
    imported = facility.sender.post("/api/v1/imports", json={"dataset_id": dataset["id"]})
    assert problem_of(imported)[:2] == (422, "bad-crate")
    refused = facility.ask(folder.name, attributes={"companion_of": dataset["id"]})
    assert problem_of(refused) == (422, "invalid-input", "/body/attributes/companion_of")


def test_members_are_looked_at_in_one_walk_however_many_there_are(facility: Facility):
    folder = folder_with(facility)
    names = [f"{number:04}.tif" for number in range(1500)]
    for name in names:
        (folder / name).write_bytes(name.encode())
    found = look_at(Root(facility.storage, facility.house.settings.data), folder.name, names)
    assert [(each.name, each.size_bytes) for each in found] == [(name, 8) for name in names]
