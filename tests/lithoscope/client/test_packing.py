"""A folder of scans is sent as the archive the service reads, from any byte on, without a second copy."""

import zipfile

import numpy as np
import pytest

from lithoscope.client import Client, ClientError
from lithoscope.client.packing import PackedFolder
from tests.lithoscope.client.cutting import CuttingProxy
from tests.lithoscope.readers.scans import dm_scans, velox_scan


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "series of a day"
    made.mkdir()
    for index, angle in enumerate((-10.0, 0.0, 10.0)):
        velox_scan(made / f"tilt {index} ä.emd", angle, index)
    (made / "notes.txt").write_text("not a scan")
    return made


def test_the_archive_is_one_that_other_programs_read(folder, tmp_path):
    packed = PackedFolder(folder)
    copy = tmp_path / packed.name
    copy.write_bytes(packed.open().read())
    assert (packed.name, copy.stat().st_size) == ("series of a day.zip", packed.size)
    with zipfile.ZipFile(copy) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"tilt {index} ä.emd" for index in range(3)]
        assert all(archive.read(path.name) == path.read_bytes() for path in folder.glob("*.emd"))


def test_it_reads_the_same_from_any_place(folder):
    packed = PackedFolder(folder)
    whole = packed.open().read()
    assert packed.open().read() == whole
    for start in np.random.default_rng(0).integers(0, packed.size, 20).tolist():
        with packed.open() as stream:
            stream.seek(start)
            assert stream.read(5000) == whole[start : start + 5000]


def test_a_list_of_scans_goes_first_and_changes_what_is_resumed(folder):
    before = PackedFolder(folder).identity
    (folder / "series.csv").write_text("angle_deg,dark_field\n")
    packed = PackedFolder(folder)
    assert packed.files[0].name == "series.csv"
    assert packed.identity != before


def test_a_folder_without_scans_is_refused(tmp_path):
    with pytest.raises(ClientError, match="folder of one tilt series"):
        PackedFolder(tmp_path)


def test_a_file_that_shrinks_on_the_way_is_noticed(folder):
    packed = PackedFolder(folder)
    packed.files[1].write_bytes(b"")
    with pytest.raises(ClientError, match=r"tilt 1 ä\.emd became shorter"):
        packed.open().read()


def test_a_folder_becomes_one_dataset(client, service, folder):
    dataset = client.upload(folder, project=service.project_id).wait()
    assert dataset.record["filename"] == "series of a day.zip"
    assert [array["name"] for array in dataset.record["arrays"]] == ["dark_field", "x_rays", "low_loss", "core_loss"]


def test_a_folder_that_is_cut_on_its_way_goes_on_where_it_stopped(service, tmp_path):
    made = tmp_path / "long"
    made.mkdir()
    for index in range(3):
        dm_scans(made, f"{index * 10}deg", index, size=(180, 170))
    cuts = [3_000_000, 9_000_000]
    proxy = CuttingProxy(service.url, list(cuts))
    with Client(proxy.url, service.token, progress=False) as client:
        client.connection.sleep = lambda _: None
        dataset = client.upload(made, project=service.project_id, attributes="{}").wait()
    proxy.close()
    assert dataset.record["arrays"][0]["coordinates"]["t"] == [0, 10, 20]
