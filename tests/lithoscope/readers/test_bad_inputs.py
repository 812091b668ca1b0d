"""Bad inputs 1 to 22: each is refused by its own code before anything is read, and the harmless look-alikes pass."""

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import Limits, inspect, read
from tests.lithoscope.readers.hostile import CATALOGUE, DM3, MRC, Hostile, json_bomb_velox


@pytest.mark.parametrize("hostile", CATALOGUE, ids=lambda one: f"{one.row} {one.label}")
def test_a_hostile_file_is_refused_by_its_code(hostile: Hostile, tmp_path: Path):
    with pytest.raises(ReaderError) as refusal:
        inspect(hostile.make(tmp_path))
    assert refusal.value.code == hostile.code


@pytest.mark.parametrize("hostile", CATALOGUE, ids=lambda one: f"{one.row} {one.label}")
def test_reading_refuses_what_inspection_refuses(hostile: Hostile, tmp_path: Path):
    with pytest.raises(ReaderError) as refusal:
        read(hostile.make(tmp_path))
    assert refusal.value.code == hostile.code


def test_hdf5_behind_a_user_block_is_accepted(tmp_path: Path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", userblock_size=2048) as file:
        file["a"] = np.arange(12.0).reshape(3, 4)
    manifest = inspect(path)
    assert manifest.details["user_block_bytes"] == 2048
    assert read(path).arrays[0].values.shape == (3, 4)


def test_hard_links_that_lead_back_to_the_root_are_accepted(tmp_path: Path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["group/a"] = np.arange(12.0).reshape(3, 4)
        file["group/root"] = file["/"]
    assert [entry.name for entry in inspect(path).arrays] == ["/group/a"]
    assert read(path).arrays[0].values.sum() == 66


def test_dangling_and_upward_soft_links_are_harmless(tmp_path: Path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["group/a"] = np.arange(4.0)
        file["group/up"] = h5py.SoftLink("/group")
        file["group/nowhere"] = h5py.SoftLink("/missing")
    assert len(inspect(path).arrays) == 1


def test_a_blank_image_may_compress_as_well_as_it_likes(tmp_path: Path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("a", data=np.zeros((2048, 2048), np.uint8), compression="gzip", chunks=(1024, 1024))
    assert inspect(path).arrays[0].shape == (2048, 2048)


def test_metadata_nested_beyond_reason_is_left_out(tmp_path: Path):
    path = tmp_path / "a.emd"
    json_bomb_velox(path)
    assert read(path).metadata["beam_energy_kV"].source == "unknown"


def test_too_many_objects_are_refused(tmp_path: Path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for i in range(30):
            file[f"a{i}"] = i
    with pytest.raises(ReaderError) as refusal:
        inspect(path, limits=Limits(objects=20))
    assert refusal.value.code == "too-large"


def test_the_name_given_counts_and_not_where_the_file_is_stored(tmp_path: Path):
    stored = tmp_path / "0a1b2c.tif"
    stored.write_bytes(DM3.read_bytes())
    assert inspect(stored, name="series.dm3").format == "digitalmicrograph"
    with pytest.raises(ReaderError) as refusal:
        inspect(stored)
    assert refusal.value.code == "type-mismatch"


def test_a_zip_of_one_file_and_its_angles_is_unpacked(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(MRC, "series.st")
        archive.writestr("series.rawtlt", "\n".join(str(angle) for angle in range(-32, 32)))
    reading = read(path)
    assert reading.arrays[0].kind == "tilt_series"
    assert reading.arrays[0].coordinates["t"][0] == -32
    assert inspect(path).details["companions"] == ["series.rawtlt"]


def test_a_refusal_never_repeats_what_the_file_contains(tmp_path: Path):
    for hostile in CATALOGUE:
        folder = tmp_path / hostile.label.replace(" ", "-")
        folder.mkdir()
        with pytest.raises(ReaderError) as refusal:
            inspect(hostile.make(folder))
        assert "secret" not in str(refusal.value)
        assert str(folder) not in str(refusal.value)
