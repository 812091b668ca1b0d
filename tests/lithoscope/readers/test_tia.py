"""Series of TIA: as RosettaSciIO reads them, with the settings of the .emi; no address is followed blindly."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from rsciio.tia import file_reader

from lithoscope.errors import ReaderError
from lithoscope.readers import inspect, read
from tests.lithoscope.readers.tia_files import EMI, emi, ser

IMAGES = np.arange(24, dtype="<u2").reshape(2, 3, 4)
SPECTRA = np.arange(60, dtype="<i4").reshape(6, 10)


@pytest.mark.parametrize("version", [0x0210, 0x0220])
def test_an_image_stands_upright_with_its_pixel_in_nm(tmp_path: Path, version: int):
    path = ser(tmp_path / "a_1.ser", IMAGES[:1], version=version)
    reading = read(path)
    image = reading.arrays[0]
    assert (image.axes, image.kind, reading.format) == ("yx", "image", "tia")
    assert np.array_equal(image.values, IMAGES[0, ::-1])
    assert np.array_equal(image.values, file_reader(str(path))[0]["data"])
    assert (image.spacing["x"].value, image.spacing["x"].unit) == (pytest.approx(2), "nm")


def test_a_series_of_images_is_a_stack(tmp_path: Path):
    stack = read(ser(tmp_path / "a_1.ser", IMAGES)).arrays[0]
    assert (stack.axes, stack.kind, stack.values.shape) == ("zyx", "stack", (2, 3, 4))


def test_a_diffraction_pattern_has_a_step_of_reciprocal_length(tmp_path: Path):
    step = read(ser(tmp_path / "a_1.ser", IMAGES[:1], delta=4e7)).arrays[0].spacing["x"]
    assert (step.value, step.unit) == (pytest.approx(0.04), "nm^-1")


@pytest.mark.parametrize("x_is_fast", [True, False])
def test_a_map_of_spectra_lies_as_rosettasciio_lays_it(tmp_path: Path, x_is_fast: bool):
    scan = (3, 2) if x_is_fast else (2, 3)
    path = ser(tmp_path / "a_1.ser", SPECTRA, scan=scan, x_is_fast=x_is_fast)
    spectra, theirs = read(path).arrays[0], file_reader(str(path))[0]
    ours = spectra.values if x_is_fast else spectra.values.swapaxes(0, 1)
    assert spectra.axes == "yxe"
    assert np.array_equal(ours, theirs["data"])
    assert spectra.coordinates["e"][:2].tolist() == [-5.0, -4.75]
    assert spectra.spacing["x"].value == pytest.approx(5 if x_is_fast else 10)


def test_a_line_and_a_single_spectrum_keep_their_axes(tmp_path: Path):
    line = read(ser(tmp_path / "a_1.ser", SPECTRA, scan=(6,))).arrays[0]
    single = read(ser(tmp_path / "b_1.ser", SPECTRA[:1])).arrays[0]
    in_time = read(ser(tmp_path / "c_1.ser", SPECTRA)).arrays[0]
    assert (line.axes, single.axes, in_time.axes) == ("xe", "e", "ze")
    assert line.spacing["x"].value == pytest.approx(5)
    assert "z" not in in_time.spacing


def test_of_a_stopped_map_whole_lines_are_kept_and_it_is_said(tmp_path: Path):
    reading = read(ser(tmp_path / "a_1.ser", SPECTRA[:5], scan=(3, 2)))
    assert reading.arrays[0].values.shape == (1, 3, 10)
    assert reading.warnings == ("The acquisition was stopped: 5 of 6 elements were recorded.",)


def test_without_its_emi_no_setting_is_known(tmp_path: Path):
    metadata = read(ser(tmp_path / "a_1.ser", IMAGES)).metadata
    assert {name for name, value in metadata.items() if value.source != "unknown"} == {"pixel_size_nm"}
    assert ".emi" in metadata["beam_energy_kV"].note


def test_the_emi_beside_it_tells_the_settings(tmp_path: Path):
    path = ser(tmp_path / "a_1.ser", IMAGES)
    scanned = read(path, companions=[emi(tmp_path / "a.emi")])
    exposed = read(path, companions=[emi(tmp_path / "b.emi", camera=True)])
    found = {name: value.value for name, value in scanned.metadata.items() if value.source == "header"}
    expected = {"beam_energy_kV": 300, "magnification": 115000, "stage_alpha_deg": -12.5, "camera_length_mm": 115}
    assert found == pytest.approx({**expected, "dwell_s": 0.5, "pixel_size_nm": 2})
    assert exposed.metadata["exposure_s"].value == 0.5
    assert exposed.metadata["dwell_s"].source == "unknown"
    assert scanned.acquired_at == "2026-03-14T15:09:26"
    assert scanned.metadata["beam_energy_kV"].note == "ExperimentalDescription High tension"


def test_what_the_acquisitions_of_an_emi_disagree_on_is_unknown(tmp_path: Path):
    both = EMI.format(camera="") + EMI.format(camera="").replace("<Value>300", "<Value>200")
    (tmp_path / "a.emi").write_bytes(both.encode("latin-1"))
    metadata = read(ser(tmp_path / "a_1.ser", IMAGES), companions=[tmp_path / "a.emi"]).metadata
    assert metadata["beam_energy_kV"].source == "unknown"
    assert metadata["magnification"].value == 115000


def test_an_archive_of_both_is_one_dataset(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(ser(tmp_path / "a_1.ser", IMAGES), "a_1.ser")
        archive.write(emi(tmp_path / "a.emi"), "a.emi")
    assert read(tmp_path / "a.zip").metadata["beam_energy_kV"].value == 300


@pytest.mark.parametrize(
    ("offset", "form", "value", "code"),
    [
        (14, "<I", 2**31, "truncated-file"),
        (18, "<I", 0, "unreadable-file"),
        (22, "<Q", 2**60, "truncated-file"),
        (30, "<I", 2**31, "unreadable-file"),
        (58, "<I", 2**31, "too-large"),
        (6, "<I", 7, "unreadable-file"),
    ],
)
def test_a_header_that_leads_outside_the_file_is_refused(tmp_path: Path, offset: int, form: str, value: int, code: str):
    path = ser(tmp_path / "a_1.ser", IMAGES, scan=(2,))
    raw = bytearray(path.read_bytes())
    struct.pack_into(form, raw, offset, value)
    path.write_bytes(raw)
    with pytest.raises(ReaderError) as refusal:
        inspect(path)
    assert refusal.value.code == code


def test_a_cut_series_and_an_emi_with_entities_are_refused(tmp_path: Path):
    path = ser(tmp_path / "a_1.ser", IMAGES)
    (tmp_path / "a.emi").write_bytes(b'<ObjectInfo><!DOCTYPE a [<!ENTITY b "c">]>&b;</ObjectInfo>')
    (tmp_path / "b.emi").write_bytes(b"nothing")
    for name in ("a.emi", "b.emi"):
        with pytest.raises(ReaderError):
            read(path, companions=[tmp_path / name])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ReaderError) as refusal:
        read(path)
    assert refusal.value.code == "truncated-file"
