"""Tomograms of all maps as jobs: names travel, curves are drawn, what memory does not hold is refused."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.infra.db.models import Project
from app.infra.house import House
from app.settings import Settings
from lithoscope.arrays import LabelledArray
from lithoscope.numerics.tomography.phantoms import small_maps, small_shifts
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from tests.conftest import Person, settings_for
from tests.workers.running import ended, local_workers, of, output, run
from tests.workers.test_ingest import sent

JOB_MEMORY_MIB = 512


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", job_memory_mib=JOB_MEMORY_MIB)


@pytest.fixture(autouse=True)
def _workers(house: House) -> Iterator[None]:
    with local_workers(house, 1):
        yield


@pytest.fixture
def maps(house: House, project: Project, tmp_path: Path) -> str:
    """Send two named maps of nine tilts."""
    example = small_maps()
    step = Quantity(4.63, "nm", "header")
    array = LabelledArray(
        example["projections"],
        "ctyx",
        {"y": step, "x": step},
        "counts",
        {"t": example["angles_deg"]},
        "tilt_series",
        "maps",
        {"c": example["projections_names"]},
    )
    write_hdf5(array, tmp_path / "maps.h5")
    return sent(house, project, tmp_path / "maps.h5")[0]


def test_named_maps_become_named_volumes_with_their_curves(house: House, analyst: Person, maps: str):
    made = run(house, analyst, "tomogram_maps", {"projections": maps}, iterations=4, normalise=True)
    volume = output(made, "volume")
    assert (volume["axes"], volume["shape"]) == ("czyx", [2, 16, 16, 16])
    assert volume["labels"] == {"c": ["O K", "Mn L"]}
    assert output(made, "curves")["plot"]["lines"][0]["y"] == "error_k_O_K"
    assert output(made, "tilt_levels")["rows"] == 9
    assert made["run_record"]["params"]["oversampling_ratio"] == 3


def test_maps_keep_their_names_when_they_are_moved(
    house: House, analyst: Person, project: Project, maps: str, tmp_path: Path
):
    example = small_shifts()
    dark = LabelledArray(
        example["series"], "tyx", {}, "counts", {"t": example["angles_deg"]}, "tilt_series", "dark_field"
    )
    write_hdf5(dark, tmp_path / "dark.h5")
    aligned = run(house, analyst, "tilt_series_align", {"projections": sent(house, project, tmp_path / "dark.h5")[0]})
    moved = run(house, analyst, "tilt_series_shift", {"series": maps, "shifts": of(aligned, "shifts")})
    shifted = output(moved, "shifted")
    assert (shifted["kind"], shifted["axes"]) == ("tilt_series", "ctyx")
    assert shifted["labels"] == {"c": ["O K", "Mn L"]}


def test_a_tomogram_that_memory_does_not_hold_is_refused_with_a_remedy(
    house: House, analyst: Person, project: Project, tmp_path: Path
):
    angles_deg = np.arange(-70.0, 71.0, 10.0)
    wide = np.ones((15, 256, 256), np.float32)
    write_hdf5(LabelledArray(wide, "tyx", {}, "counts", {"t": angles_deg}, "tilt_series", "wide"), tmp_path / "wide.h5")
    body = {
        "method": "tomogram_maps",
        "inputs": {"projections": sent(house, project, tmp_path / "wide.h5")[0]},
        "params": {"oversampling_ratio": 4.0, "interpolation_radius_px": 0.5, "iterations": 1},
    }
    job = ended(house, analyst.post("/api/v1/jobs", json=body).json()["id"])
    assert job.state == "failed"
    assert job.problem["type"].endswith("needs-too-much-memory")
    assert "lower oversampling_ratio" in job.problem["detail"]
