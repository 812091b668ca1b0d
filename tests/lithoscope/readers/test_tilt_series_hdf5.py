"""A simultaneous tilt series in our layout comes back as written, tilt by tilt, or is refused by name."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.numerics.common.series import SeriesOfTilts, is_stored
from lithoscope.readers import Limits, inspect, read
from lithoscope.simultaneous import REPEATED, SIGNALS
from lithoscope.units import Quantity
from lithoscope.writers.tilt_series_hdf5 import Scan, UnequalScans, write_simultaneous
from tests.lithoscope.writers.series import ENERGIES_EV, FRAME, scans, signals, write_series


@pytest.fixture
def file(tmp_path):
    return write_series(tmp_path / "series.h5")


def test_every_signal_comes_back_with_angles_energies_and_steps(file):
    reading = read(file)
    assert [array.name for array in reading.arrays] == [*list(SIGNALS)[:4], *REPEATED]
    for array in reading.arrays[:4]:
        assert array.coordinates["t"].tolist() == [-40.0, 0.0, 40.0]
        assert (array.spacing["x"].value, array.spacing["y"].unit, array.unit) == (4.63, "nm", "counts")
        for tilt in range(3):
            assert np.array_equal(array.values[tilt], signals(tilt)[array.name])
        if array.name != "dark_field":
            assert np.allclose(array.coordinates["e"], ENERGIES_EV[array.name])
    assert reading.warnings == ()


def test_spectra_stay_in_the_file_and_the_dark_field_does_not(file):
    stored = {array.name: is_stored(array.values) for array in read(file).arrays}
    assert [name for name, one in stored.items() if not one] == ["dark_field", "repeat_dark_field"]
    spectra = next(array for array in read(file).arrays if array.name == "x_rays").values
    assert isinstance(spectra, SeriesOfTilts)
    assert np.array_equal(np.asarray(spectra)[1], signals(1)["x_rays"])


def test_repeated_scans_stay_in_the_order_of_time(file):
    repeated = next(array for array in read(file).arrays if array.name == "repeat_low_loss")
    assert repeated.coordinates["t"].tolist() == [0.0, 0.0, 0.0]
    for place, seed in enumerate((100, 1, 101)):
        assert np.array_equal(repeated.values[place], signals(seed)["low_loss"])


def test_acquisition_keeps_units_sources_and_what_is_not_known(file):
    metadata = read(file).metadata
    current = metadata["beam_current_nA"]
    assert (current.value, current.unit, current.source, current.uncertainty) == (0.3, "nA", "measured", 0.01)
    assert (metadata["convergence_mrad"].source, metadata["convergence_mrad"].note) == (
        "unknown",
        "nobody wrote it down",
    )
    assert metadata["collection_mrad"].source == "unknown"
    assert metadata["pixel_size_nm"].value == 4.63


def test_a_tilt_axis_that_is_stated_is_calibration_and_zero_is_an_angle(tmp_path):
    frame = replace(FRAME, acquisition={"tilt_axis_deg": Quantity(0.0, "deg", "measured", 0.2)})
    write_simultaneous(tmp_path / "a.h5", scans(), frame)
    axis = read(tmp_path / "a.h5").calibration["tilt_axis_deg"]
    assert (axis.value, axis.source, axis.uncertainty) == (0, "measured", 0.2)
    assert read(write_series(tmp_path / "b.h5")).calibration["tilt_axis_deg"].source == "unknown"


def test_every_recorded_scan_is_told_in_order_of_time(file):
    recorded = read(file).original["recorded"]
    assert [scan["angle_deg"] for scan in recorded] == [0, -40, 0, 40, 0]
    assert [scan["is_in_series"] for scan in recorded] == [False, True, True, True, False]


def test_tilts_in_the_order_of_recording_are_sorted_with_a_warning(tmp_path):
    reading = read(write_series(tmp_path / "a.h5", (0.0, 20.0, -20.0)))
    assert reading.arrays[0].coordinates["t"].tolist() == [-20.0, 0.0, 20.0]
    for array in reading.arrays[:4]:
        assert np.array_equal(array.values[0], signals(2)[array.name])
    assert reading.warnings == ("The tilts were not in the order of their angles: they were sorted by angle.",)


def test_a_series_larger_than_memory_allows_is_read_when_one_tilt_fits(file):
    tilt_bytes = 5 * 6 * 60 * 2
    limits = Limits(array_bytes=tilt_bytes)
    assert np.array_equal(read(file, limits=limits).arrays[1].values[2], signals(2)["x_rays"])
    with pytest.raises(ReaderError, match="are allowed") as caught:
        inspect(file, limits=Limits(array_bytes=tilt_bytes - 1))
    assert caught.value.code == "too-large"
    with pytest.raises(ReaderError) as caught:
        inspect(file, limits=Limits(series_bytes=3 * tilt_bytes))
    assert caught.value.code == "too-large"


def test_two_tilts_of_one_angle_are_refused_by_name(tmp_path):
    with pytest.raises(ReaderError, match="tilt 0 and tilt 2 have the same tilt of 10 deg") as caught:
        read(write_series(tmp_path / "a.h5", (10.0, 20.0, 10.0)))
    assert caught.value.code == "duplicate-tilt"


@pytest.mark.parametrize("angle", [np.nan, np.inf, 91.0, -400.0])
def test_an_angle_that_is_none_is_refused_by_name(tmp_path, angle):
    with pytest.raises(ReaderError, match="tilt 1") as caught:
        read(write_series(tmp_path / "a.h5", (10.0, angle, 20.0)))
    assert caught.value.code == "unknown-tilt"


def _changed(file, name, values):
    with h5py.File(file, "r+") as root:
        attributes = dict(root[name].attrs)
        del root[name]
        root[name] = values
        root[name].attrs.update(attributes)


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("entry/core_loss/energy", 700 - 0.6 * np.arange(40), "reversed-energy-axis"),
        ("entry/core_loss/energy", np.full(40, np.nan), "reversed-energy-axis"),
        ("entry/x_rays/energy", np.arange(60.0) ** 2, "reversed-energy-axis"),
        ("entry/x_rays/energy", np.arange(59.0), "unreadable-file"),
        ("entry/dark_field/tilt_angle", np.arange(2.0), "missing-tilt"),
        ("entry/core_loss/tilt_angle", np.arange(3.0), "unreadable-file"),
        ("entry/dark_field/data", np.ones((3, 5, 7)), "mixed-sizes"),
        ("entry/dark_field/data", np.ones((3, 5)), "unreadable-file"),
        ("entry/dark_field/data", np.ones((3, 0, 6)), "unreadable-file"),
        ("entry/low_loss/data", np.ones((3, 5, 6, 50), "S1"), "unreadable-file"),
    ],
)
def test_a_layout_that_contradicts_itself_is_refused_by_name(file, name, values, code):
    _changed(file, name, values)
    with pytest.raises(ReaderError) as caught:
        read(file)
    assert caught.value.code == code
    assert name.split("/")[1].replace("dark_field", "") in str(caught.value)


def test_a_layout_of_a_later_version_or_without_signals_is_refused(file):
    with h5py.File(file, "r+") as root:
        root.attrs["version"] = 2
    with pytest.raises(ReaderError, match="version 1"):
        read(file)
    with h5py.File(file, "r+") as root:
        root.attrs["version"] = 1
        for name in (*list(SIGNALS)[:4], *REPEATED):
            del root[f"entry/{name}"]
    with pytest.raises(ReaderError, match="none of its signals"):
        read(file)


def test_a_series_that_nobody_could_store_tilt_by_tilt_is_held_against_memory(tmp_path):
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as root:
        root.attrs["default"] = "entry"
        data = root.create_group("entry/data")
        data.attrs.update({"NX_class": "NXdata", "signal": "data", "axes": ["energy", "tilt_angle", "y", "x"]})
        data.create_dataset("data", data=np.ones((4, 3, 5, 6), np.uint8), chunks=(1, 3, 5, 6))
        data["tilt_angle"], data["energy"] = np.arange(3.0), np.arange(4.0)
        data["tilt_angle"].attrs["units"], data["energy"].attrs["units"] = "deg", "eV"
    assert read(file).arrays[0].axes == "tyxe"
    with pytest.raises(ReaderError) as caught:
        read(file, limits=Limits(array_bytes=100))
    assert caught.value.code == "too-large"


def test_a_foreign_series_with_energies_before_pixels_is_turned_tilt_by_tilt(tmp_path):
    file, values = tmp_path / "a.h5", np.arange(3 * 4 * 5 * 6, dtype=np.uint16).reshape(3, 4, 5, 6)
    with h5py.File(file, "w") as root:
        data = root.create_group("data")
        data.attrs.update({"NX_class": "NXdata", "signal": "data", "axes": ["tilt_angle", "energy", "y", "x"]})
        data["data"], data["tilt_angle"], data["energy"] = values, np.arange(3.0), np.arange(4.0)
    array = read(file).arrays[0]
    assert (array.axes, array.values.shape, is_stored(array.values)) == ("tyxe", (3, 5, 6, 4), True)
    assert np.array_equal(array.values[2], np.moveaxis(values[2], 0, -1))


def test_a_scan_that_does_not_fit_is_named_and_leaves_no_file(tmp_path):
    file = tmp_path / "a.h5"
    odd = {
        "another size of x_rays": signals(1) | {"x_rays": np.zeros((5, 7, 60), np.uint16)},
        "low_loss is in one": {name: values for name, values in signals(1).items() if name != "low_loss"},
        "core_loss as float64": signals(1) | {"core_loss": np.zeros((5, 6, 40))},
    }
    for words, given in odd.items():
        with pytest.raises(UnequalScans, match=rf"scan 1 \(5 deg\).*{words}"):
            write_simultaneous(file, [Scan(0.0, signals(0)), Scan(5.0, given)], FRAME)
        assert not file.exists()
    with pytest.raises(UnequalScans, match="no scan"):
        write_simultaneous(file, [], FRAME)
    with pytest.raises(ValueError, match="no signal 'bright_field'"):
        write_simultaneous(file, [Scan(0.0, {"bright_field": np.ones((2, 2))})], FRAME)


def test_counts_that_are_not_numbers_are_kept_for_the_methods_to_refuse(tmp_path):
    file, given = tmp_path / "a.h5", {name: values.astype(np.float32) for name, values in signals(0).items()}
    given["x_rays"][0, 0, 0] = np.nan
    write_simultaneous(file, [Scan(0.0, given), Scan(5.0, given)], FRAME)
    assert np.isnan(read(file).arrays[1].values[1][0, 0, 0])
