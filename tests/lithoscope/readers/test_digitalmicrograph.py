"""DigitalMicrograph: the real tilt series says what it says and nothing more; RosettaSciIO agrees on its pixels."""

from pathlib import Path

import numpy as np
import pytest
from rsciio.digitalmicrograph import file_reader

from lithoscope.readers import inspect, read
from tests.lithoscope.readers.dm3 import write_dm3

ROOT = Path(__file__).parents[3]
SERIES = ROOT / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
SPECTRUM_IMAGE = ROOT / "tests/data/EELS_SI.dm4"


def test_the_real_tilt_series_is_inspected_without_reading_it():
    manifest = inspect(SERIES)
    assert manifest.format == "digitalmicrograph"
    (entry,) = manifest.arrays
    assert (entry.shape, entry.dtype, entry.stored_bytes) == ((91, 64, 64), "<u2", 91 * 64 * 64 * 2)


def test_the_real_tilt_series_has_its_angles_and_its_pixel_size_from_the_header():
    reading = read(SERIES)
    (series,) = reading.arrays
    assert (series.axes, series.kind, series.unit) == ("tyx", "tilt_series", "counts")
    assert series.coordinates["t"].tolist() == list(range(-90, 91, 2))
    for axis in "yx":
        assert series.spacing[axis].value == pytest.approx(17.99, abs=0.01)
        assert series.spacing[axis].source == "header"
    assert reading.calibration["pixel_size_nm"] == series.spacing["x"]
    assert reading.calibration["tilt_axis_deg"].source == "unknown"


def test_the_detector_offset_of_the_real_tilt_series_is_kept():
    (series,) = read(SERIES).arrays
    assert (series.values.min(), series.values.max()) == (513, 39459)


def test_a_probe_current_of_zero_is_unknown_and_says_which_key():
    current = read(SERIES).metadata["beam_current_nA"]
    assert (current.value, current.source) == (None, "unknown")
    assert "Probe Current (nA)" in current.note


def test_the_header_gives_voltage_stage_and_dwell_in_our_units():
    metadata = read(SERIES).metadata
    assert metadata["beam_energy_kV"].value == 300.0
    assert metadata["stage_alpha_deg"].value == pytest.approx(89.9968, abs=1e-4)
    assert metadata["dwell_s"].value == pytest.approx(32.5e-6)
    assert metadata["magnification"].value == 40_000
    assert {quantity.source for quantity in metadata.values()} == {"header", "unknown"}


def test_binning_after_acquisition_is_warned_of():
    assert "binned from 1024 to 64" in read(SERIES).warnings[0]


def test_the_time_of_acquisition_is_that_of_the_operating_system_in_utc():
    assert read(SERIES).acquired_at == "2016-12-05T21:27:27Z"


def test_an_energy_first_spectrum_image_gets_its_energy_last_and_its_offset():
    reading = read(SPECTRUM_IMAGE)
    (image,) = reading.arrays
    assert (image.values.shape, image.axes, image.kind) == ((2, 2, 2048), "yxe", "spectra")
    assert image.coordinates["e"][:2].tolist() == [300.0, 301.0]
    assert image.spacing["e"].value == 1.0
    assert reading.metadata["exposure_s"].value == pytest.approx(0.01995, abs=1e-5)


@pytest.mark.parametrize("path", [SERIES, SPECTRUM_IMAGE], ids=["dm3", "dm4"])
def test_rosettasciio_reads_the_same_pixels(path: Path):
    theirs = file_reader(str(path))[0]["data"]
    (ours,) = read(path).arrays
    assert np.array_equal(ours.values, np.moveaxis(theirs, 0, -1) if "e" in ours.axes else theirs)


def test_a_small_image_of_16_bit_pixels_is_not_mistaken_for_text(tmp_path: Path):
    values = np.arange(40 * 5 * 6, dtype=np.uint16).reshape(40, 5, 6)
    axes = [(4.63, 0.0, "nm"), (0.00463, 0.0, "µm"), (0.6, -1000.0, "eV")]
    array = read(write_dm3(tmp_path / "a.dm3", values, axes)).arrays[0]
    assert np.array_equal(array.values, np.moveaxis(values, 0, -1))
    assert (array.spacing["x"].value, array.spacing["y"].value) == pytest.approx((4.63, 4.63))
    assert array.coordinates["e"][:2] == pytest.approx([600.0, 600.6])


def test_semi_angles_come_with_the_spectra_that_have_them():
    metadata = read(SPECTRUM_IMAGE).metadata
    assert (metadata["convergence_mrad"].value, metadata["collection_mrad"].value) == (21, 62)
