"""A simultaneous tilt series goes in, is kept and is lent to methods without ever being whole in memory."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.infra.db.models import Project
from app.infra.house import House
from lithoscope.numerics.common.series import is_stored
from tests.lithoscope.readers.scans import packed, velox_scan
from tests.lithoscope.writers.series import ANGLES_DEG, ENERGIES_EV, signals, write_series
from tests.workers.running import local_workers
from tests.workers.test_ingest import dataset_of, sent
from workers import trees

ROOT = Path(__file__).parents[2]


@pytest.fixture
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


@pytest.mark.usefixtures("_workers")
def test_a_series_in_our_layout_becomes_one_dataset_of_named_arrays(house: House, project: Project, tmp_path: Path):
    dataset_id, job = sent(house, project, write_series(tmp_path / "series.h5"))
    dataset = dataset_of(house, dataset_id)
    assert (job.state, dataset.state, dataset.kind) == ("succeeded", "readable", "tilt_series"), job.problem
    arrays = {summary["name"]: summary for summary in dataset.arrays}
    assert list(arrays) == [
        "dark_field", "x_rays", "low_loss", "core_loss",
        "repeat_dark_field", "repeat_low_loss", "repeat_core_loss",
    ]  # fmt: skip
    assert arrays["x_rays"]["axes"] == "tyxe"
    assert arrays["x_rays"]["coordinates"]["t"] == list(ANGLES_DEG)
    assert arrays["x_rays"]["slices"] == ["x_rays.slices/t.png"]
    assert arrays["low_loss"]["statistics"]["mean"] == pytest.approx(
        np.mean([signals(tilt)["low_loss"].mean() for tilt in range(3)])
    )
    assert dataset.quantities["beam_current_nA"]["value"] == 0.3
    with house.store.local(dataset.store_key) as folder:
        lent = trees.load({"folder": str(folder), "summary": arrays["core_loss"]})
        assert is_stored(lent.values)
        assert np.array_equal(lent.values[2], signals(2)["core_loss"])
        assert lent.coordinates["e"] == pytest.approx(ENERGIES_EV["core_loss"])


@pytest.mark.usefixtures("_workers")
def test_scans_in_an_archive_become_one_dataset_in_the_confined_reader(house: House, project: Project, tmp_path: Path):
    files = [velox_scan(tmp_path / f"{index}.emd", angle, index) for index, angle in enumerate((-10.0, 0.0, 10.0))]
    dataset_id, job = sent(house, project, packed(tmp_path / "series.zip", files))
    dataset = dataset_of(house, dataset_id)
    assert (job.state, dataset.state) == ("succeeded", "readable"), job.problem
    assert [summary["name"] for summary in dataset.arrays] == ["dark_field", "x_rays", "low_loss", "core_loss"]


@pytest.mark.usefixtures("_workers")
def test_a_series_with_a_tilt_missing_is_rejected_by_name(house: House, project: Project, tmp_path: Path):
    files = [velox_scan(tmp_path / f"{index}.emd", angle, index) for index, angle in enumerate((-10.0, 0.0))]
    velox_scan(files[1], 0.0, 1, core_loss=None)
    dataset_id, job = sent(house, project, packed(tmp_path / "series.zip", files))
    problem = dataset_of(house, dataset_id).problem
    assert job.state == "failed"
    assert problem is not None
    assert (problem["type"], "1.emd" in problem["detail"]) == ("/problems/missing-tilt", True)


def test_a_series_larger_than_the_memory_there_is_goes_in_is_fitted_and_comes_out(tmp_path: Path):
    """Twelve tilts of 32 MiB pass through a process that may map 160 MiB more than it begins with."""
    command = [sys.executable, "-m", "tests.workers.series_child", str(tmp_path), str(160 << 20)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["whole_bytes"] == 12 * 64 * 64 * 4096 * 2
    assert told["whole"] == "MemoryError"
    assert told["sums"] == [64 * 64 * (tilt + 1) for tilt in range(12)]
    assert told["statistics"]["max"] == 12
    assert told["maps"] == [4, 12, 64, 64]
