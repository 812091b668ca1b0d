"""A twin becomes files that hold what its instrument records, and beside them what it planted."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from lithoscope.numerics.twins import Experiment, planted_figures, small_particle, small_settings
from lithoscope.writers.twin_files import TwinFiles, write_twin

SIZE, ANGLES = 8, (-40.0, 0.0, 40.0)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment(small_particle(SIZE), settings=small_settings(SIZE, angles_deg=ANGLES))


@pytest.fixture(scope="module")
def files(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> TwinFiles:
    return write_twin(tmp_path_factory.mktemp("twin"), experiment, acquired_at="2026-05-04T10:00:00Z")


def values_in(path: Path, group: str = "entry/data") -> np.ndarray:
    with h5py.File(path) as file:
        return np.asarray(file[group]["data"])


def test_every_count_of_every_tilt_is_in_the_file(experiment, files):
    scans = [experiment.scan(index) for index in range(len(experiment))]
    for name in ("dark_field", "x_rays", "low_loss", "core_loss"):
        series = np.array([getattr(scan, name) for scan in scans if scan.is_in_series])
        assert np.array_equal(values_in(files.series, f"entry/{name}"), series)


def test_the_repeated_scans_hold_that_of_the_series_between_the_others(experiment, files):
    at_zero = [index for index, (angle, _) in enumerate(experiment.settings.stage.scans) if angle == 0]
    repeated = [experiment.scan(index).dark_field for index in at_zero]
    assert np.array_equal(values_in(files.series, "entry/repeat_dark_field"), np.array(repeated))


def test_the_truth_lies_beside_the_series_on_the_voxels_of_the_scan(experiment, files):
    composition = values_in(files.truth["composition"])
    assert composition.shape == (4, SIZE, SIZE, SIZE)
    inside = values_in(files.truth["occupancy"]) > 0
    assert composition[:, inside].sum(axis=0) == pytest.approx(100, abs=1e-3)
    planted = json.loads(files.figures.read_text())
    assert planted["rock_salt_atoms"] == pytest.approx(planted_figures(experiment.particle).rock_salt_atoms)


def test_references_are_spectra_on_scales_that_differ(files):
    assert sorted(files.references) == ["co_2", "co_3", "mn_2", "mn_3", "mn_4"]
    mn_4, mn_3 = (values_in(files.references[name]) for name in ("mn_4", "mn_3"))
    assert mn_4[-1] == pytest.approx(2 * mn_3[-1], rel=0.05)


def test_files_that_are_there_stay(experiment, files):
    with pytest.raises(FileExistsError):
        write_twin(files.series.parent, experiment)
    assert files.series.stat().st_size > 0
