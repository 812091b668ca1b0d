"""Files that were sent are read in a confined process and become arrays, or are refused by name."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.db.models import Dataset, Job, Project
from app.infra.house import House
from app.infra.storage import blob_key
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.datasets.calibrating import DatasetInUse
from app.lab.datasets.schemas import CalibrationValue, DatasetChange
from lithoscope.arrays import LabelledArray
from lithoscope.readers.omezarr import read_omezarr
from lithoscope.units import Quantity
from lithoscope.writers.mrc import write_mrc
from tests.datasets import add_dataset
from tests.lithoscope.readers.test_eiger_set import FRAMES, scan
from tests.lithoscope.readers.test_several_files import fib_slice, packed
from tests.workers.running import ended, local_workers

SERIES = Path(__file__).parents[2] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


def sent(house: House, project: Project, file: Path, **attributes: Any) -> tuple[str, Job]:
    """Take in a file as an upload does, and wait until it was read."""
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    copy = house.staging / sha256
    shutil.copy(file, copy)
    house.store.put_file(blob_key(sha256), copy)
    stated = {"filename": file.name, "sha256": sha256, "size_bytes": file.stat().st_size, "attributes": attributes}
    dataset = add_dataset(house, project, state="verified", **stated)
    with house.database.writing() as session:
        job_id = Lab(house, session).jobs.submit_ingest(SYSTEM, dataset).id
    return dataset.id, ended(house, job_id)


def dataset_of(house: House, dataset_id: str) -> Dataset:
    with house.database.reading() as session:
        return session.get_one(Dataset, dataset_id)


def test_a_tilt_series_becomes_readable_with_its_voxel_size(house: House, project: Project):
    dataset_id, job = sent(house, project, SERIES)
    dataset = dataset_of(house, dataset_id)
    assert (job.state, dataset.state, dataset.kind) == ("succeeded", "readable", "tilt_series")
    summary = dataset.arrays[0]
    assert summary["shape"] == [91, 64, 64]
    assert summary["spacing"]["x"]["value"] == pytest.approx(17.99, abs=0.01)
    assert dataset.quantities["beam_current_nA"]["source"] == "unknown"
    assert house.store.exists(f"{dataset.store_key}/{summary['path']}/zarr.json")


def test_a_broken_file_is_rejected_with_the_reader_s_reason(house: House, project: Project, tmp_path: Path):
    broken = tmp_path / "cut.dm3"
    broken.write_bytes(SERIES.read_bytes()[:5000])
    dataset_id, job = sent(house, project, broken)
    dataset = dataset_of(house, dataset_id)
    assert (job.state, dataset.state) == ("failed", "rejected")
    assert dataset.problem is not None
    assert dataset.problem["type"] == "/problems/truncated-file"


def test_a_companion_brings_the_angles_of_its_series(house: House, project: Project, tmp_path: Path):
    step = Quantity(2.0, "nm", "header")
    values = np.random.default_rng(0).normal(100, 5, (3, 16, 16)).astype(np.float32)
    series, angles = tmp_path / "series.mrc", tmp_path / "series.rawtlt"
    write_mrc(LabelledArray(values, "tyx", {"x": step, "y": step}, "counts", {}, "tilt_series", "series"), series)
    angles.write_text("-10.0\n0.0\n10.0\n")
    dataset_id, _ = sent(house, project, series)
    assert not dataset_of(house, dataset_id).arrays[0]["coordinates"]
    companion_id, job = sent(house, project, angles, companion_of=dataset_id)
    assert job.state == "succeeded", job.problem
    dataset = dataset_of(house, dataset_id)
    assert (dataset.state, dataset.arrays[0]["coordinates"]) == ("readable", {"t": [-10.0, 0.0, 10.0]})
    assert dataset_of(house, companion_id).state == "readable"


def test_a_companion_that_does_not_fit_harms_only_itself(house: House, project: Project, tmp_path: Path):
    angles = tmp_path / "series.rawtlt"
    angles.write_text("-10.0\n0.0\n")
    dataset_id, _ = sent(house, project, SERIES)
    companion_id, job = sent(house, project, angles, companion_of=dataset_id)
    assert (job.state, dataset_of(house, companion_id).state) == ("failed", "rejected")
    assert dataset_of(house, dataset_id).state == "readable"


def test_a_corrected_pixel_size_reaches_the_arrays_and_what_is_made_of_them(house: House, project: Project):
    dataset_id, _ = sent(house, project, SERIES)
    step = CalibrationValue(value=18.4, unit="nm", uncertainty=0.2)
    change = DatasetChange(calibration={"pixel_size_nm": step}, reason="grating replica")
    with house.database.writing() as session:
        lab = Lab(house, session)
        corrected = lab.calibration.correct(SYSTEM, dataset_id, dataset_of(house, dataset_id).version, change)
        assert corrected.state == "verified"
        again = lab.jobs.page(SYSTEM, project_id=project.id, before=None, limit=1)[0].id
    assert ended(house, again).state == "succeeded"
    dataset = dataset_of(house, dataset_id)
    spacing = dataset.arrays[0]["spacing"]["x"]
    assert (spacing["value"], spacing["source"], spacing["uncertainty"]) == (18.4, "user", 0.2)
    assert dataset.quantities["pixel_size_nm"]["source"] == "header"
    with house.store.local(f"{dataset.store_key}/{dataset.arrays[0]['path']}") as folder:
        assert read_omezarr(folder).spacing["x"].value == 18.4


def test_a_dataset_that_a_job_reads_keeps_its_calibration_meanwhile(house: House, project: Project):
    dataset_id, _ = sent(house, project, SERIES)
    change = DatasetChange(
        calibration={"pixel_size_nm": CalibrationValue(value=18.4, unit="nm")}, reason="grating replica"
    )
    with house.database.reading() as session:
        lab = Lab(house, session)
        lab.jobs.submit_ingest(SYSTEM, dataset_of(house, dataset_id))
        with pytest.raises(DatasetInUse):
            lab.calibration.correct(SYSTEM, dataset_id, dataset_of(house, dataset_id).version, change)


def test_slices_of_an_archive_are_one_stack_whose_step_the_side_car_states(
    house: House, project: Project, tmp_path: Path
):
    folder = tmp_path / "slices"
    folder.mkdir()
    for number in (9, 10, 11):
        fib_slice(folder / f"slice_{number}.tif", number)
    dataset_id, job = sent(house, project, packed(folder), side_car={"slice_thickness_nm": 12.5})
    dataset = dataset_of(house, dataset_id)
    assert (job.state, dataset.format, dataset.arrays[0]["shape"]) == ("succeeded", "slices", [3, 8, 8]), job.problem
    step = dataset.calibration["slice_spacing_nm"]
    assert (step["value"], step["source"], dataset.arrays[0]["spacing"]["z"]["value"]) == (12.5, "user", 12.5)
    other, job = sent(house, project, packed(folder, ("more.json", b"{}")), side_car={"slice_thickness_nm": -1})
    assert (job.state, dataset_of(house, other).state) == ("failed", "rejected")


def test_frames_packed_as_an_eiger_does_are_read_in_the_confined_process(
    house: House, project: Project, tmp_path: Path
):
    dataset_id, job = sent(house, project, scan(tmp_path))
    dataset = dataset_of(house, dataset_id)
    assert (job.state, dataset.state, dataset.kind) == ("succeeded", "readable", "stack")
    assert dataset.arrays[0]["shape"] == list(FRAMES.shape)
    assert dataset.quantities["photon_energy_keV"]["value"] == 8
