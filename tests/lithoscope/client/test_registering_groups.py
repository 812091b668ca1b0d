"""Several files on the facility's storage are one dataset, read where they lie, from notebook and terminal."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from lithoscope.client import ClientError
from lithoscope.client.packing import PackedFiles
from lithoscope.client.problems import Problem
from tests.lithoscope.readers.test_eiger_set import FRAMES, scan
from tests.lithoscope.readers.test_several_files import fib_slice
from tests.lithoscope.readers.tia_files import emi, ser

DATA = Path(__file__).parents[2] / "data"


def folder_of(service, name: str) -> Path:
    folder = service.storage / name
    folder.mkdir()
    return folder


def state_of(folder: Path) -> list[tuple[str, int, int]]:
    found = [(path.name, path.stat()) for path in sorted(folder.iterdir())]
    return [(name, each.st_mtime_ns, each.st_nlink) for name, each in found]


def test_the_slices_of_a_folder_are_one_stack_that_is_read_where_they_lie(client, service, tmp_path):
    folder = folder_of(service, "fib-17")
    for number in range(1, 13):
        fib_slice(folder / f"slice_{number}.tif", number)
    before = state_of(folder)
    dataset = client.register("em:fib-17", project=service.project_id).wait()
    assert (dataset.state, dataset.format, dataset.filename) == ("readable", "slices", "fib-17.zip")
    assert (dataset.place["path"], dataset.place["files"], dataset.place["problem"]) == ("fib-17", 12, None)
    assert dataset.to_xarray("slices").values[:, 0, 0].tolist() == list(range(1, 13))
    assert state_of(folder) == before
    packed = PackedFiles("fib-17.zip", sorted(folder.iterdir()))
    kept = dataset.download(tmp_path / "fib-17.zip")
    assert kept.read_bytes() == packed.open().read()  # as if it had been sent
    assert client.upload(kept, project=service.project_id).id == dataset.id


def test_a_real_stack_and_the_list_of_its_tilts_beside_it_are_one_tilt_series(client, service, lithoscope):
    folder = folder_of(service, "vesicle")
    shutil.copy(DATA / "genfire_vesicle.mrc", folder / "series.mrc")
    angles = np.linspace(-63, 63, 64)
    (folder / "series.rawtlt").write_text("\n".join(f"{angle:g}" for angle in angles), encoding="ascii")
    (folder / "notes.txt").write_text("not of it", encoding="ascii")
    words = ("upload", "--in-place", "em:vesicle/series.mrc", "--beside", "series.rawtlt", "--quiet", "--json")
    told = lithoscope(*words)
    assert told.returncode == 0, told.stderr
    dataset = client.dataset(json.loads(told.stdout)["id"])
    assert (dataset.kind, dataset.filename, dataset.place["files"]) == ("tilt_series", "series.mrc.zip", 2)
    alone = lithoscope("upload", str(folder / "series.mrc"), "--beside", "series.rawtlt")
    assert (alone.returncode != 0, "--in-place" in alone.stderr) == (True, True)


def test_the_real_scans_of_a_folder_are_one_tilt_series(client, service):
    folder = folder_of(service, "tilts")
    for angle in (-10, 0, 10):
        shutil.copy(DATA / "NMC_lowloss_SI_-60-554eV.dm3", folder / f"low_loss_{angle}deg.dm3")
        shutil.copy(DATA / "NMC_coreloss_SI_440-1054eV.dm3", folder / f"core_loss_{angle}deg.dm3")
    dataset = client.register("em:tilts", project=service.project_id).wait()
    assert (dataset.format, dataset.place["files"]) == ("simultaneous_tilt_series", 6)
    assert {name: array.shape[0] for name, array in dataset.arrays.items()} == {"low_loss": 3, "core_loss": 3}


def test_an_acquisition_of_tia_and_a_scan_of_an_eiger_are_read_with_all_that_belongs_to_them(client, service):
    folder = folder_of(service, "tia")
    emi(folder / "map.emi")
    for number in (1, 2):
        ser(folder / f"map_{number}.ser", np.full((6, 16), number, "<i4"), scan=(3, 2))
    dataset = client.register("em:tia/map.emi", members=["map_?.ser"], project=service.project_id).wait()
    assert (dataset.format, dataset.place["files"], len(dataset.arrays)) == ("tia", 3, 2)
    folder = folder_of(service, "eiger")
    scan(folder).unlink()
    dataset = client.register("em:eiger/scan_master.h5", members=["scan_data_*.h5"], project=service.project_id).wait()
    assert (dataset.state, dataset.place["files"]) == ("readable", 3), dataset.problem
    assert (dataset.to_xarray().values == FRAMES).all()


def test_a_changed_or_missing_file_is_named_and_the_group_stands_again_when_it_is_back(client, service):
    folder = folder_of(service, "fib-18")
    for number in range(1, 5):
        fib_slice(folder / f"s_{number}.tif", number + 50)
    dataset = client.register("em:fib-18", project=service.project_id).wait()
    one = folder / "s_3.tif"
    stamp = one.stat()
    one.rename(folder / "gone")
    looked = client.connection.post(f"/datasets/{dataset.id}/place/looks", {})
    assert (looked["problem"], looked["problem_files"]) == ("missing", "s_3.tif")
    with pytest.raises(Problem, match=r"em:fib-18, s_3\.tif, is not there"):
        dataset.download(folder.parent / "never")
    (folder / "gone").rename(one)
    os.utime(one, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert client.connection.post(f"/datasets/{dataset.id}/place/looks", {})["problem"] is None


def test_what_is_no_group_says_why(client, service):
    folder = folder_of(service, "odd")
    (folder / "a.txt").write_text("x", encoding="ascii")
    (folder / "b.txt").write_text("y", encoding="ascii")
    with pytest.raises(Problem, match=r"c\.txt: there is no such file"):
        client.register("em:odd", members=["a.txt", "c.txt"], project=service.project_id)
    with pytest.raises(ClientError, match="2 data files that are no series together"):
        client.register("em:odd", project=service.project_id).wait()
