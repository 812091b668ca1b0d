"""EDAX spectra and maps: as RosettaSciIO reads them, with what the files beside tell; no count is believed."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from rsciio.edax import file_reader

from lithoscope.errors import ReaderError
from lithoscope.readers import inspect, read
from tests.lithoscope.readers.edax_files import ipr, spc, spd

COUNTS = np.arange(60, dtype="<u2").reshape(2, 3, 10)
SPECTRUM = np.arange(100, dtype="<u4")


def archive(folder: Path, **files: Path) -> Path:
    with zipfile.ZipFile(folder / "map.zip", "w") as packed:
        for path in files.values():
            packed.write(path, path.name)
    return folder / "map.zip"


@pytest.mark.parametrize("version", [0.61, 0.70])
def test_a_spectrum_is_as_rosettasciio_reads_it(tmp_path: Path, version: float):
    path = spc(tmp_path / "a.spc", SPECTRUM, version=version)
    reading, (theirs,) = read(path), file_reader(str(path))
    spectrum, axis = reading.arrays[0], theirs["axes"][0]
    assert (spectrum.axes, spectrum.kind, reading.format) == ("e", "spectra", "edax")
    assert np.array_equal(spectrum.values, theirs["data"])
    energies = 1e3 * (axis["offset"] + axis["scale"] * np.arange(100))
    assert spectrum.coordinates["e"] == pytest.approx(energies, abs=1e-3)
    scope = theirs["metadata"]["Acquisition_instrument"]["SEM"]
    told = [reading.metadata[name].value for name in ("beam_energy_kV", "stage_alpha_deg", "live_time_s")]
    detector = scope["Detector"]["EDS"]
    assert told == pytest.approx([scope["beam_energy"], scope["Stage"]["tilt_alpha"], detector["live_time"]])
    assert reading.original["elements"] == [8, 25, 28]


def test_a_spectrum_tells_its_time_and_its_working_distance(tmp_path: Path):
    reading = read(spc(tmp_path / "a.spc", SPECTRUM))
    assert reading.acquired_at == "2026-03-14T15:09:26"
    assert reading.metadata["working_distance_mm"].value == pytest.approx(9.5)


def test_how_long_the_beam_was_on_is_not_taken_from_the_time_the_detector_was_live(tmp_path: Path):
    metadata = read(spc(tmp_path / "a.spc", SPECTRUM)).metadata
    assert (metadata["exposure_s"].source, metadata["live_time_s"].value) == ("unknown", 28.5)
    assert metadata["beam_current_nA"].source == "unknown"


@pytest.mark.parametrize("dtype", ["<u1", "<u2", "<u4"])
def test_a_map_with_its_companions_is_as_rosettasciio_reads_it(tmp_path: Path, dtype: str):
    path, beside = spd(tmp_path / "a.spd", COUNTS.astype(dtype)), spc(tmp_path / "a.spc", SPECTRUM)
    reading = read(path, companions=[ipr(tmp_path / "a_Img.ipr"), beside])
    spectra, theirs = reading.arrays[0], file_reader(str(path), ipr_fname=str(tmp_path / "a_Img.ipr"))[0]
    y, x, energy = sorted(theirs["axes"], key=lambda axis: axis["index_in_array"] % 3)
    assert (spectra.axes, spectra.values.dtype) == ("yxe", np.dtype(dtype))
    assert np.array_equal(spectra.values, theirs["data"])
    steps = [spectra.spacing[axis].value for axis in "yx"]
    assert steps == pytest.approx([1e3 * y["scale"], 1e3 * x["scale"]])
    assert spectra.coordinates["e"][:2] == pytest.approx(
        [1e3 * (energy["offset"] + i * energy["scale"]) for i in (0, 1)]
    )
    assert reading.calibration["energy_step_eV"].value == 10


def test_of_two_files_that_tell_a_setting_the_finer_number_counts(tmp_path: Path):
    path = spd(tmp_path / "a.spd", COUNTS)
    packed = archive(tmp_path, a=path, b=spc(tmp_path / "a.spc", SPECTRUM), c=ipr(tmp_path / "a_Img.ipr"))
    reading = read(packed)
    found = {name: value.value for name, value in reading.metadata.items() if value.source == "header"}
    assert found == pytest.approx(
        {"beam_energy_kV": 22, "stage_alpha_deg": -12.5, "live_time_s": 28.5, "working_distance_mm": 9.5,
         "dwell_s": 0.05, "magnification": 5000, "pixel_size_nm": 100}
    )  # fmt: skip
    assert reading.metadata["stage_alpha_deg"].note == "spc tilt"
    assert inspect(packed).details["companions"] == ["a_Img.ipr", "a.spc"]


def test_a_dwell_that_counts_live_time_is_unknown(tmp_path: Path):
    beside = ipr(tmp_path / "a_Img.ipr", mode=1, version=333)
    dwell = read(spd(tmp_path / "a.spd", COUNTS), companions=[beside]).metadata["dwell_s"]
    assert (dwell.source, "live" in dwell.note) == ("unknown", True)


def test_a_map_alone_says_what_to_send_with_it(tmp_path: Path):
    reading = read(spd(tmp_path / "a.spd", COUNTS, spectra=5))
    assert {value.source for value in reading.metadata.values()} == {"unknown"}
    assert ".ipr" in reading.metadata["pixel_size_nm"].note
    assert ".spc" in reading.arrays[0].spacing["e"].note
    assert reading.original["image"] == "a_Img.bmp"
    assert reading.warnings == ("The header counts 5 spectra for 6 pixels.",)


def test_a_spectrum_of_another_name_is_no_companion(tmp_path: Path):
    packed = archive(tmp_path, a=spd(tmp_path / "a.spd", COUNTS), b=spc(tmp_path / "b.spc", SPECTRUM))
    with pytest.raises(ReaderError) as refusal:
        read(packed)
    assert refusal.value.code == "unsupported-type"


@pytest.mark.parametrize(
    ("offset", "value", "code"),
    [
        (24, 2**31 - 1, "truncated-file"),
        (24, 0, "unreadable-file"),
        (24, -1, "unreadable-file"),
        (28, 2**31 - 1, "truncated-file"),
        (32, 11, "truncated-file"),
        (36, 3, "unreadable-file"),
        (40, 2**31 - 1, "truncated-file"),
        (40, 20, "unreadable-file"),
    ],
)
def test_a_map_whose_counts_are_more_than_its_file_is_refused(tmp_path: Path, offset: int, value: int, code: str):
    raw = bytearray(spd(tmp_path / "a.spd", COUNTS).read_bytes())
    struct.pack_into("<i", raw, offset, value)
    (tmp_path / "a.spd").write_bytes(raw)
    with pytest.raises(ReaderError) as refusal:
        inspect(tmp_path / "a.spd")
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("keep", "name"), [(100, "a.spd"), (1100, "a.spd"), (20, "a.spc"), (700, "a.spc"), (4200, "a.spc")]
)
def test_a_file_that_was_cut_is_refused_as_cut(tmp_path: Path, keep: int, name: str):
    path = tmp_path / name
    (spd if name.endswith("d") else spc)(path, COUNTS if name.endswith("d") else SPECTRUM)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ReaderError) as refusal:
        inspect(path)
    assert refusal.value.code == "truncated-file"


def test_other_bytes_under_these_names_are_refused(tmp_path: Path):
    for name, raw in (("a.spd", b"MAPSPECTRUM" * 200), ("b.spc", b"\0K" * 800)):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(ReaderError) as refusal:
            inspect(tmp_path / name)
        assert refusal.value.code == "type-mismatch"


def test_a_companion_that_is_damaged_or_of_something_else_is_named(tmp_path: Path):
    path, alone = spd(tmp_path / "a.spd", COUNTS), spc(tmp_path / "b.spc", SPECTRUM)
    (tmp_path / "cut.ipr").write_bytes(ipr(tmp_path / "a.ipr").read_bytes()[:255])
    (tmp_path / "cut.spc").write_bytes(alone.read_bytes()[:700])
    for main, beside in ((path, "cut.ipr"), (path, "cut.spc"), (alone, "a.ipr")):
        with pytest.raises(ReaderError) as refusal:
            read(main, companions=[tmp_path / beside])
        assert (refusal.value.code, beside in str(refusal.value)) == ("bad-companion", True)
