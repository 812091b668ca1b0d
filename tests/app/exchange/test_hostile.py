"""What is refused of a crate, and that nothing of a refused one stays."""

import hashlib
import io
import json
import os
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from app.infra.db.models import Project
from app.infra.storage.digests import tree_digest
from app.lab.exchange.archive import MOST_MEMBERS
from app.lab.exchange.directory import check_directory
from app.lab.exchange.refusals import BadCrate
from tests.app.exchange.facilities import Facility, facility, members, repacked, tell, with_records
from tests.app.uploads.uploading import TUS, begun

RECORDS = "lithoscope-records.json"
METADATA = "ro-crate-metadata.json"
FOREIGN = {"@graph": [{"@id": "./", "@type": "Dataset", "name": "Theirs", "hasPart": [{"@id": "a.txt"}]}]}


@pytest.fixture(scope="module")
def crate(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give a sound crate of ours."""
    with facility(tmp_path_factory.mktemp("here")) as here:
        story = tell(here, tmp_path_factory.mktemp("story"))
        return here.export(story.cell.id)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """Give a facility that takes nothing in."""
    with facility(tmp_path_factory.mktemp("there"), "OTHER") as found:
        yield found


def zipped(name: str, content: bytes = b"x", mode: int = 0o100644) -> bytes:
    """Zip a foreign crate with one member of a name and mode."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(METADATA, json.dumps(FOREIGN))
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, content)
    return stream.getvalue()


def refused(there: Facility, content: bytes) -> dict[str, Any]:
    """Take a crate in that is refused; nothing of it stays."""
    answer = there.take(content)
    assert answer.status_code == 422, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == "/problems/bad-crate"
    assert there.steward.get("/api/v1/samples").json()["items"] == []
    return problem


def crowded(count: int, *, is_large: bool, says: bytes = b"\0\0\0\0") -> bytes:
    """Write the directory of a zip of empty members, and at its end how long it is and whatever else it says."""
    directory = (b"PK\1\2" + bytes(42)) * count
    if not is_large:
        return directory + b"PK\5\6" + bytes(8) + struct.pack("<I", len(directory)) + says + bytes(2)
    large = b"PK\6\6" + bytes(36) + struct.pack("<QQ", len(directory), 0)
    return directory + large + b"PK\6\7" + bytes(12) + struct.pack("<I", 1) + b"PK\5\6" + bytes(18)


@pytest.mark.parametrize(
    "content",
    [
        crowded(MOST_MEMBERS + 1, is_large=False),
        crowded(MOST_MEMBERS + 1, is_large=False, says=b"PK\5\6"),
        crowded(MOST_MEMBERS + 1, is_large=True),
    ],
    ids=["plain", "deceiving", "zip64"],
)
def test_a_zip_of_countless_empty_members_is_refused_before_its_list_is_made(content, tmp_path):
    (tmp_path / "crowded.zip").write_bytes(content)
    with pytest.raises(BadCrate) as refusal:
        check_directory(tmp_path / "crowded.zip", MOST_MEMBERS)
    assert f"more than {MOST_MEMBERS} members" in refusal.value.detail


def test_the_members_of_a_sound_crate_are_counted_as_zipfile_counts_them(crate, tmp_path):
    (tmp_path / "crate.zip").write_bytes(crate)
    with zipfile.ZipFile(tmp_path / "crate.zip") as archive:
        count = len(archive.infolist())
    check_directory(tmp_path / "crate.zip", count)
    with pytest.raises(BadCrate):
        check_directory(tmp_path / "crate.zip", count - 1)


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", "a/../../b", "C:/x", "a\\b"])
def test_a_name_that_leads_out_is_refused(there, name):
    assert "leads out" in refused(there, zipped(name))["detail"]


def test_a_link_is_refused(there):
    assert "link" in refused(there, zipped("link", b"/etc/passwd", 0o120777))["detail"]


def test_a_bomb_is_refused_before_it_is_unpacked(there):
    assert "grow" in refused(there, zipped("zeros", b"\0" * (80 << 20)))["detail"]


def test_what_is_no_zip_is_refused(there):
    assert "not a zip" in refused(there, b"PK no zip")["detail"]


def test_a_zip_without_metadata_is_refused(there):
    assert refused(there, repacked({"a.txt": b"x"}))["errors"][0]["pointer"] == f"/crate/{METADATA}"


def test_json_without_end_is_refused(there):
    assert "nested deeper" in refused(there, repacked({METADATA: b"[" * 500 + b"]" * 500}))["detail"]


def test_json_of_countless_small_values_is_refused_before_it_is_parsed(there):
    countless = b"[" + b"[]," * 5_000_000 + b"[]]"
    assert "values" in refused(there, repacked({METADATA: countless, "noise": os.urandom(4 << 20)}))["detail"]


def test_a_changed_payload_is_refused_by_name(there, crate):
    content = members(crate)
    name = next(name for name in content if name.endswith(".emd"))
    problem = refused(there, repacked({**content, name: b"x" * len(content[name])}))
    assert problem["errors"][0]["pointer"].startswith("/crate/datasets/ds_")


def test_changed_records_are_refused(there, crate):
    content = members(crate)
    problem = refused(there, repacked({**content, RECORDS: content[RECORDS].replace(b"argon", b"air")}))
    assert problem["errors"][0]["pointer"] == f"/crate/{RECORDS}"


def _foreign_sample(records: dict[str, Any]) -> None:
    records["events"][0]["sample_id"] = "smp_" + "0" * 32


def _circle(records: dict[str, Any]) -> None:
    first, second = records["samples"]
    first["parent_id"], second["parent_id"] = second["id"], first["id"]


def _twice(records: dict[str, Any]) -> None:
    records["samples"].append(records["samples"][0])


def _unknown_field(records: dict[str, Any]) -> None:
    records["samples"][0]["project_id"] = "prj_" + "0" * 32


def _edge_elsewhere(records: dict[str, Any]) -> None:
    records["edges"].append(
        {"source_id": records["samples"][0]["id"], "target_id": "res_" + "0" * 32, "relation": "used"}
    )


def _history(records: dict[str, Any]) -> None:
    records["datasets"][0]["calibration_history"] = [{"x": 1}]


def _run_record(records: dict[str, Any]) -> None:
    records["results"][0]["run_record"] = {"method": 5, "params": [1], "inputs": 7}


def _wrong_payload(records: dict[str, Any]) -> None:
    event = next(each for each in records["events"] if each["type"] == "storage")
    event["payload"]["temperature_K"] = "cold"


@pytest.mark.parametrize(
    "change",
    [_foreign_sample, _circle, _twice, _unknown_field, _edge_elsewhere, _wrong_payload, _history, _run_record],
    ids=lambda c: c.__name__,
)
def test_records_that_do_not_hold_together_are_refused(there, crate, change):
    assert "again" in refused(there, with_records(crate, change))["detail"]


def test_a_label_that_is_taken_is_refused_by_name_and_can_be_mapped(there_of_its_own, crate):
    facility = there_of_its_own
    facility.steward.post(
        "/api/v1/samples",
        json={"project_id": facility.project.id, "name": "x", "material": "nmc", "code": "LS-2026-0001"},
    )
    answer = facility.take(crate)
    assert answer.status_code == 409
    assert answer.json()["clashes"] == ["LS-2026-0001"]
    rehearsal = facility.take(crate, is_rehearsal=True).json()
    assert rehearsal["taken"] is None
    assert [clash["code"] for clash in rehearsal["plan"]["clashes"]] == ["LS-2026-0001"]
    mapped = facility.take(crate, codes={"LS-2026-0001": "THEIRS-1"})
    assert mapped.status_code == 201, mapped.text
    again = facility.take(crate, codes={"LS-2026-0001": "THEIRS-2"})
    assert again.json()["type"] == "/problems/already-imported"


def test_a_crate_with_an_array_nobody_could_hold_is_refused_and_names_its_place(crate, there):
    content = members(crate)
    manifest = next(name for name in content if name.endswith("/arrays/manifest.json"))
    name = f"{manifest.rpartition('/')[0]}/volume.ome.zarr/0/zarr.json"
    about = json.loads(content[name])
    about["chunk_grid"]["configuration"]["chunk_shape"] = [2**20] * 3
    content[name] = json.dumps(about).encode()
    told = json.loads(content[manifest])
    told["files"]["volume.ome.zarr/0/zarr.json"] = hashlib.sha256(content[name]).hexdigest()
    content[manifest] = json.dumps(told).encode()

    def name_folder(records: dict[str, Any]) -> None:
        records["datasets"][0]["tree"] = tree_digest(told["files"])

    problem = refused(there, with_records(repacked(content), name_folder))
    assert "MiB of memory" in problem["detail"]
    assert problem["errors"][0]["pointer"].endswith("/arrays/volume.ome.zarr/0/zarr.json")


@pytest.fixture
def there_of_its_own(tmp_path: Any) -> Iterator[Facility]:
    """Give a facility of this test alone."""
    with facility(tmp_path / "own", "OWN") as found:
        yield found


def test_a_crate_for_which_uploads_under_way_leave_no_room_is_refused(there_of_its_own):
    facility = there_of_its_own
    content = repacked({METADATA: json.dumps(FOREIGN).encode(), "a.txt": bytes(600)})
    crate = {"dataset_id": facility.send(content)}
    with facility.house.database.writing() as session:
        session.get_one(Project, facility.project.id).quota_bytes = len(content) + 1000
    under_way = begun(facility.steward, 900, facility.project.id)
    refused = facility.steward.post("/api/v1/imports", json=crate)
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/no-room-for-crate")
    assert facility.steward.delete(under_way, headers=TUS).status_code == 204
    assert facility.steward.post("/api/v1/imports", json=crate).status_code == 201


def test_of_another_programs_crate_the_files_become_datasets(there_of_its_own):
    said = {"@id": "a.txt", "@type": "File", "description": "a note", "sha256": hashlib.sha256(b"hello").hexdigest()}
    graph = {"@graph": [*FOREIGN["@graph"], said, {"@id": "#b", "@type": "Instrument"}]}
    answer = there_of_its_own.take(repacked({METADATA: json.dumps(graph).encode(), "a.txt": b"hello"}))
    assert answer.status_code == 201, answer.text
    assert answer.json()["plan"]["warnings"] == [
        "1 of type Dataset: kept in the crate, nothing was made of them",
        "1 of type Instrument: kept in the crate, nothing was made of them",
    ]
    found = there_of_its_own.steward.get("/api/v1/datasets").json()["items"]
    assert {"a.txt", "crate.zip"} == {row["filename"] for row in found}


def test_an_eln_file_is_taken_in_like_a_crate(there_of_its_own, tmp_path):
    with facility(tmp_path / "a") as here:
        story = tell(here, tmp_path / "story")
        eln = here.export(story.electrode.id, format="eln")
    names = list(members(eln))
    assert len({name.split("/")[0] for name in names}) == 1
    assert there_of_its_own.take(eln).status_code == 201


def _listing(crate: bytes, *names: str) -> bytes:
    """Give the first dataset's folder files of these names, with every digest as it should be."""
    content = members(crate)
    manifest = next(name for name in content if name.endswith("/arrays/manifest.json"))
    folder = manifest.rpartition("/")[0]
    told = json.loads(content[manifest])
    for name in names:
        content[f"{folder}/{name}"] = b"x"
        told["files"][name] = hashlib.sha256(b"x").hexdigest()
    content[manifest] = json.dumps(told).encode()

    def name_folder(records: dict[str, Any]) -> None:
        [dataset] = records["datasets"]
        dataset["tree"] = tree_digest(told["files"])

    return with_records(repacked(content), name_folder)


@pytest.mark.parametrize("names", [("a", "a/b"), ("n" * 300,)], ids=["a file that is a folder", "too long"])
def test_names_no_folder_can_hold_are_refused(there, crate, names):
    assert "none a file can have" in refused(there, _listing(crate, *names))["detail"]


def _long_line(records: dict[str, Any]) -> None:
    last = records["samples"][-1]
    for number in range(120):
        above, name = records["samples"][-1]["id"], f"smp_{2**127 + number:032x}"
        records["samples"].append({**last, "id": name, "parent_id": above, "code": f"LINE-{number}"})


def test_a_line_of_samples_without_end_is_refused(there, crate):
    assert "ancestors" in refused(there, with_records(crate, _long_line))["detail"]


@pytest.mark.parametrize("stated", [["x"], {"a": 1}, 7])
def test_a_digest_that_is_no_text_is_refused(there, stated):
    graph = {"@graph": [*FOREIGN["@graph"], {"@id": "a.txt", "@type": "File", "sha256": stated}]}
    content = repacked({METADATA: json.dumps(graph).encode(), "a.txt": b"hello"})
    assert "SHA-256" in refused(there, content)["detail"]
