"""NeXus: axes by name and unit, facts with their units, and no guess where there is no NXdata."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import read
from lithoscope.readers.nexus import read_hdf5
from lithoscope.writers.hdf5 import write_hdf5
from tests.lithoscope.writers import factories


def nexus(path: Path, values: np.ndarray, axes: dict[str, tuple[np.ndarray, str]]) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry["start_time"] = "2026-03-14T15:14:15+01:00"
        entry["instrument/source/energy"] = 300.0
        entry["instrument/source/energy"].attrs["units"] = "keV"
        entry["instrument/source/current"] = 3e-10
        entry["instrument/source/current"].attrs["units"] = "A"
        entry["sample/temperature"] = 90.0
        data = entry.create_group("data")
        data.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": list(axes)})
        data["counts"] = values
        for name, (places, unit) in axes.items():
            data[name] = places
            data[name].attrs["units"] = unit


def test_axes_are_known_by_name_and_unit(tmp_path: Path):
    steps_um = {"stage_y": (0.1 * np.arange(4), "um"), "stage_x": (0.2 * np.arange(5), "um")}
    nexus(tmp_path / "a.nxs", np.ones((3, 4, 5)), {"energy": (100 + 0.5 * np.arange(3), "keV"), **steps_um})
    (spectra,) = read(tmp_path / "a.nxs").arrays
    assert (spectra.axes, spectra.kind, spectra.values.shape) == ("yxe", "spectra", (4, 5, 3))
    assert spectra.coordinates["e"].tolist() == [100_000, 100_500, 101_000]
    assert spectra.spacing["x"].value == pytest.approx(200)
    assert spectra.spacing["y"].value == pytest.approx(100)


def test_a_rotation_axis_makes_a_tilt_series(tmp_path: Path):
    angles = np.radians([-10, 0, 25])
    nexus(tmp_path / "a.nxs", np.ones((3, 4, 5)), {
        "rotation_angle": (angles, "rad"), "y": (np.arange(4.0), "nm"), "x": (np.arange(5.0), "nm"),
    })  # fmt: skip
    (series,) = read(tmp_path / "a.nxs").arrays
    assert series.kind == "tilt_series"
    assert series.coordinates["t"] == pytest.approx([-10, 0, 25])


def test_facts_have_their_unit_and_those_without_one_are_unknown(tmp_path: Path):
    nexus(tmp_path / "a.nxs", np.ones(5), {"x": (np.arange(5.0), "nm")})
    reading = read(tmp_path / "a.nxs")
    assert reading.metadata["beam_energy_kV"].value == 300
    assert reading.metadata["beam_current_nA"].value == pytest.approx(0.3)
    assert reading.metadata["temperature_K"].source == "unknown"
    assert "unit" in reading.metadata["temperature_K"].note
    assert reading.acquired_at == "2026-03-14T15:14:15+01:00"


def test_an_uneven_axis_has_no_step(tmp_path: Path):
    nexus(tmp_path / "a.nxs", np.ones(4), {"x": (np.array([0, 1, 2, 5.0]), "nm")})
    assert read(tmp_path / "a.nxs").arrays[0].spacing["x"].source == "unknown"


def test_a_file_without_nxdata_gives_its_largest_array_and_a_warning(tmp_path: Path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["small"], file["large"] = np.ones(3), np.ones((4, 5, 6))
    reading = read(tmp_path / "a.h5")
    assert (reading.arrays[0].name, reading.arrays[0].axes, reading.arrays[0].kind) == ("large", "zyx", "stack")
    assert "not known" in reading.warnings[0]
    assert reading.calibration["pixel_size_nm"].source == "unknown"


def test_a_file_without_numbers_is_refused(tmp_path: Path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["words"] = "nothing but words"
    with pytest.raises(ReaderError, match="no array of numbers"):
        read(tmp_path / "a.h5")


def test_our_own_spectra_are_read_back_directly(tmp_path: Path):
    write_hdf5(factories.spectra(), tmp_path / "a.h5")
    assert np.array_equal(read_hdf5(tmp_path / "a.h5").values, factories.spectra().values)
