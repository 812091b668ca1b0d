"""Frames of pixel detectors: a real CXI file and an Eiger master as its interface describes it."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import Limits, read

REAL = Path(__file__).parents[2] / "data/petra_p25_20_frames.cxi"


def eiger(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        for number in (1, 2):
            file[f"entry/data/data_{number:06}"] = np.full((3, 4, 5), number, np.uint32)
        detector = file.create_group("entry/instrument/detector")
        for name, value, unit in [
            ("count_time", 0.02, "s"),
            ("detector_distance", 2.5, "m"),
            ("x_pixel_size", 7.5e-5, "m"),
            ("y_pixel_size", 7.5e-5, "m"),
            ("detectorSpecific/photon_energy", 8000.0, "eV"),
        ]:
            detector[name] = value
            detector[name].attrs["units"] = unit
        detector["detectorSpecific/data_collection_date"] = "2026-03-14T15:09:26"
    return path


def test_a_real_cxi_file_gives_frames_energy_distance_and_places():
    reading = read(REAL)
    frames, mask = reading.arrays
    with h5py.File(REAL) as file:
        assert np.array_equal(frames.values, file["entry_1/instrument_1/detector_1/data"])
    assert (frames.axes, frames.kind, mask.kind, int((mask.values != 0).sum())) == ("zyx", "stack", "labels", 5)
    assert reading.metadata["photon_energy_keV"].value == pytest.approx(12.658, abs=1e-3)
    assert reading.metadata["camera_length_mm"].value == pytest.approx(1120)
    assert reading.calibration["detector_pixel_um"].value == pytest.approx(55)
    places = reading.tables["translations"]
    assert set(places.units.values()) == {"nm"}
    assert len(places.columns["x_nm"]) == 20


def test_a_pixel_of_the_detector_is_never_told_as_one_of_the_specimen():
    reading = read(REAL)
    assert reading.metadata["pixel_size_nm"].source == "unknown"
    assert reading.arrays[0].spacing["x"].source == "unknown"


def test_an_energy_that_is_missing_comes_from_the_wavelength(tmp_path: Path):
    (tmp_path / "a.cxi").write_bytes(REAL.read_bytes())
    with h5py.File(tmp_path / "a.cxi", "a") as file:
        del file["entry_1/instrument_1/source_1/energy"]
    energy = read(tmp_path / "a.cxi").metadata["photon_energy_keV"]
    assert (energy.value, energy.note) == (pytest.approx(12.658, abs=1e-3), "source_1/wavelength")


def test_an_eiger_master_with_its_frames_inside_is_one_stack(tmp_path: Path):
    reading = read(eiger(tmp_path / "a_master.h5"))
    assert reading.arrays[0].values[:, 0, 0].tolist() == [1, 1, 1, 2, 2, 2]
    assert reading.metadata["exposure_s"].value == pytest.approx(0.02)
    assert reading.metadata["photon_energy_keV"].value == 8
    assert reading.metadata["camera_length_mm"].value == 2500
    assert reading.calibration["detector_pixel_um"].value == pytest.approx(75)
    assert reading.acquired_at == "2026-03-14T15:09:26"


def test_a_master_whose_frames_lie_in_other_files_is_refused_by_name(tmp_path: Path):
    with h5py.File(eiger(tmp_path / "a_master.h5"), "a") as file:
        file["entry/data/data_000003"] = h5py.ExternalLink("a_data_000003.h5", "/entry/data/data")
    with pytest.raises(ReaderError) as refusal:
        read(tmp_path / "a_master.h5")
    assert refusal.value.code == "external-reference"


def test_a_file_without_frames_and_one_too_large_together_are_refused(tmp_path: Path):
    eiger(tmp_path / "a.h5")
    with pytest.raises(ReaderError) as refusal:
        read(tmp_path / "a.h5", limits=Limits(array_bytes=300))
    assert refusal.value.code == "too-large"
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["entry/data"]
    with pytest.raises(ReaderError):
        read(tmp_path / "a.h5")
