"""No reading holds a number that no answer can, however plausible the file that claims it."""

import errno
import json

import h5py
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import read
from tests.lithoscope.readers.test_emsa import SMALL
from tests.lithoscope.writers.series import write_series

NAN, INFINITE = float("nan"), float("inf")


def put(file, name, values, **options):
    attributes = dict(file[name].attrs)
    del file[name]
    file.create_dataset(name, data=values, **options)
    file[name].attrs.update(attributes)


def noted(file, **facts):
    put(file, "entry/lithoscope/data", json.dumps(json.loads(file["entry/lithoscope/data"][()]) | facts))


def changed(folder, change):
    path = write_series(folder / "a.h5")
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def refused(path) -> ReaderError:
    with pytest.raises(ReaderError) as refusal:
        read(path)
    return refusal.value


@pytest.mark.parametrize(
    "step",
    [
        {"value": NAN, "unit": "nm", "source": "header"},
        {"value": -5.0, "unit": "nm", "source": "header"},
        {"value": "<b>", "unit": "nm", "source": "header"},
        {"value": [1], "unit": "nm", "source": "header"},
        {"value": True, "unit": "nm", "source": "header"},
        {"value": 10**400, "unit": "nm", "source": "header"},
        {"value": 4.0, "unit": "nm", "source": "invented"},
        {"value": 4.0, "unit": "nm", "source": "user", "uncertainty": INFINITE},
    ],
)
def test_a_step_that_is_no_length_is_refused(tmp_path, step):
    refusal = refused(changed(tmp_path, lambda file: noted(file, spacing={"x": step, "y": step})))
    assert (refusal.code, "along" in str(refusal), "<b>" in str(refusal)) == ("unreadable-file", True, False)


def test_a_step_of_another_unit_is_not_taken_for_a_length(tmp_path):
    step = {"value": 300.0, "unit": "kV", "source": "measured"}
    reading = read(changed(tmp_path, lambda file: noted(file, spacing={"x": step, "y": step})))
    assert (reading.arrays[0].spacing["x"].value, reading.arrays[0].spacing["x"].unit) == (pytest.approx(4.63), "nm")


def test_notes_are_kept_short(tmp_path):
    step = {"value": 4.63, "unit": "nm", "source": "header", "note": "x" * 100_000}
    reading = read(changed(tmp_path, lambda file: noted(file, spacing={"x": step, "y": step})))
    assert len(reading.arrays[0].spacing["x"].note) == len(reading.calibration["pixel_size_nm"].note) == 1000


def test_repeated_scans_at_no_angle_are_refused(tmp_path):
    path = changed(tmp_path, lambda file: put(file, "entry/repeat_dark_field/tilt_angle", np.full(3, NAN)))
    assert "places along t" in str(refused(path))


def test_a_series_of_a_million_recorded_scans_is_refused(tmp_path):
    def many(file):
        for name, kind in (("angle", "f8"), ("is_in_series", "u1")):
            put(file, f"entry/recorded/{name}", np.zeros(1_000_000, kind), compression="gzip")

    assert refused(changed(tmp_path, many)).code == "too-large"


def test_numbers_of_128_bits_are_refused(tmp_path):
    path = changed(tmp_path, lambda file: put(file, "entry/dark_field/data", np.zeros((3, 5, 6), np.longdouble)))
    assert "64 bits" in str(refused(path))


def test_words_in_place_of_a_time_are_left_out(tmp_path):
    reading = read(changed(tmp_path, lambda file: put(file, "entry/start_time", "<script>" * 1000)))
    assert reading.acquired_at == ""
    assert any("no time" in words for words in reading.warnings)


@pytest.mark.parametrize(("number", "other"), [("0.6", "1e308"), ("0.0005", "1e308")])
def test_energies_beyond_all_numbers_are_refused(tmp_path, number, other):
    (tmp_path / "a.msa").write_text(SMALL.replace(number, other))
    assert "places along e" in str(refused(tmp_path / "a.msa"))


def test_names_of_maps_are_words_that_fit_a_page(tmp_path):
    from lithoscope.arrays import LabelledArray
    from lithoscope.writers.hdf5 import write_hdf5

    maps = LabelledArray(np.zeros((1, 3, 4)), "cyx", labels={"c": ("m" * 10_000,)})
    write_hdf5(maps, tmp_path / "a.h5")
    assert "120 characters" in str(refused(tmp_path / "a.h5"))


def test_a_full_disk_is_not_the_fault_of_the_file():
    from lithoscope.readers import _only_reader_errors

    with pytest.raises(OSError, match="room") as caught, _only_reader_errors("zip"):
        raise OSError(errno.ENOSPC, "no room")
    assert not isinstance(caught.value, ReaderError)
