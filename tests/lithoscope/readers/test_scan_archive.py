"""Scans of a tilt series in one archive become one dataset, tilt by tilt, or are refused with the file named."""

import gc
import weakref
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.numerics.common.series import is_stored
from lithoscope.readers import Limits, inspect, read
from lithoscope.readers.scan_archive import read_scans
from tests.lithoscope.readers.scans import counts, dm_scans, packed, velox_scan

DATA = Path(__file__).parents[2] / "data"
ANGLES = (-20.0, 0.0, 20.0)
SIGNALS = ["dark_field", "x_rays", "low_loss", "core_loss"]


def velox_files(folder: Path, angles=ANGLES) -> list[Path]:
    return [velox_scan(folder / f"tilt {index}.emd", angle, index) for index, angle in enumerate(angles)]


def assert_holds(reading, seeds) -> None:
    for array in reading.arrays[:4]:
        for place, seed in enumerate(seeds):
            assert np.array_equal(array.values[place], counts(seed)[array.name]), (array.name, place)


def refused(path: Path, **options) -> ReaderError:
    with pytest.raises(ReaderError) as refusal:
        read(path, **options)
    return refusal.value


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_one_velox_file_a_tilt_becomes_one_dataset(tmp_path, compression):
    archive = packed(tmp_path / "a.zip", velox_files(tmp_path), compression=compression)
    reading = read(archive)
    assert [array.name for array in reading.arrays] == SIGNALS
    assert_holds(reading, (0, 1, 2))
    assert [is_stored(array.values) for array in reading.arrays] == [False, True, True, True]
    assert reading.arrays[0].coordinates["t"] == pytest.approx(ANGLES)
    assert reading.arrays[2].coordinates["e"][:2].tolist() == [-30, -28]
    assert reading.metadata["beam_energy_kV"].value == 300
    assert reading.format == inspect(archive).format == "simultaneous_tilt_series"


def test_steps_in_metres_and_micrometres_are_one_step_in_nm(tmp_path):
    reading = read(packed(tmp_path / "a.zip", velox_files(tmp_path)))
    assert [array.spacing["x"].value for array in reading.arrays] == pytest.approx([2.0] * 4)
    assert {array.spacing["y"].unit for array in reading.arrays} == {"nm"}


def test_the_unpacked_files_go_with_the_last_array_that_is_read_from_them(tmp_path):
    class Unpacked:
        pass

    kept = Unpacked()
    ended = weakref.ref(kept)
    reading = read_scans(velox_files(tmp_path), Limits(), keep=kept)
    spectra = reading.arrays[1].values
    del reading, kept
    gc.collect()
    assert ended() is not None
    assert np.array_equal(spectra[2], counts(2)["x_rays"])
    del spectra
    gc.collect()
    assert ended() is None


def test_dm_files_named_by_signal_and_tilt_become_one_dataset(tmp_path):
    files = [file for seed, angle in enumerate(ANGLES) for file in dm_scans(tmp_path, f"{angle:+.1f}deg", seed)]
    reading = read(packed(tmp_path / "a.zip", files))
    assert reading.arrays[0].coordinates["t"].tolist() == list(ANGLES)
    assert_holds(reading, (0, 1, 2))
    assert reading.arrays[3].coordinates["e"][0] == pytest.approx(600)


def test_a_tilt_that_the_name_does_not_tell_is_that_of_the_header(tmp_path):
    files = [file for i, a in enumerate(ANGLES) for file in dm_scans(tmp_path, f"{i:02d}", i, angle_deg=a)]
    assert read(packed(tmp_path / "a.zip", files)).arrays[0].coordinates["t"].tolist() == list(ANGLES)


def test_a_list_of_scans_says_tilts_and_which_are_repeated(tmp_path):
    names, files = [], []
    for seed in range(4):
        files += dm_scans(tmp_path, f"scan{seed}", seed, angle_deg=0.0)
        names.append(",".join(f"{signal}_scan{seed}.dm3" for signal in SIGNALS))
    manifest = f"angle_deg,{','.join(SIGNALS)},scan\n0,{names[0]},both\n10,{names[1]},\n"
    manifest += f"-10.5,{names[2]},series\n,{names[3]},repeat\n"
    reading = read(packed(tmp_path / "a.zip", files, manifest))
    assert_holds(reading, (2, 0, 1))
    assert reading.arrays[0].coordinates["t"].tolist() == [-10.5, 0, 10]
    repeated = {array.name: array for array in reading.arrays[4:]}
    assert list(repeated) == ["repeat_dark_field", "repeat_low_loss", "repeat_core_loss"]
    assert np.array_equal(repeated["repeat_core_loss"].values[1], counts(3)["core_loss"])
    assert [scan["is_in_series"] for scan in reading.original["recorded"]] == [True, True, True, False]
    assert any("other tilts than the list" in words for words in reading.warnings)
    assert any("sorted by angle" in words for words in reading.warnings)


def test_a_further_range_of_core_losses_is_kept_beside_the_first(tmp_path):
    files = velox_files(tmp_path)
    for file in files:
        velox_scan(file, ANGLES[files.index(file)], 0, low_loss_from=300.0)
    reading = read(packed(tmp_path / "a.zip", files))
    assert [array.name for array in reading.arrays] == ["dark_field", "x_rays", "core_loss", "core_loss_2"]
    assert [array.coordinates["e"][0] for array in reading.arrays[2:]] == [300, 600]


def test_real_simultaneous_files_become_a_series_with_every_range_of_losses(tmp_path):
    with zipfile.ZipFile(DATA / "velox_EELS_EDS.zip") as archive:
        archive.extractall(tmp_path)
    real = tmp_path / "example_velox_EELS_EDS.emd"
    files = [real, real.with_name("b.emd")]
    files[1].write_bytes(real.read_bytes())
    rows = [f"{angle},{','.join([file.name] * 4)}" for angle, file in zip((-20, 0), files, strict=True)]
    reading = read(packed(tmp_path / "a.zip", files, "\n".join([f"angle_deg,{','.join(SIGNALS)}", *rows, ""])))
    arrays = {array.name: array for array in reading.arrays}
    assert list(arrays) == [*SIGNALS, "live_fraction", "core_loss_2"]
    assert (arrays["live_fraction"].values == 1).all()
    assert {array.values.shape[:3] for array in arrays.values()} == {(2, 16, 20)}
    assert [array.spacing["x"].value for array in arrays.values()] == pytest.approx([158.658] * 6, abs=1e-3)
    losses = ("low_loss", "core_loss", "core_loss_2")
    assert [round(arrays[name].coordinates["e"][0]) for name in losses] == [-22, 480, 800]
    assert arrays["x_rays"].values[0].sum() == 11093
    assert reading.metadata["collection_mrad"].value == pytest.approx(3.344, abs=1e-3)


def test_live_times_of_the_headers_become_a_live_fraction_tilt_by_tilt(tmp_path):
    files = [
        velox_scan(tmp_path / f"{place}.emd", angle, place, live_s=live)
        for place, (angle, live) in enumerate(zip(ANGLES, (1.8, 1.9, 2.0), strict=True))
    ]
    reading = read(packed(tmp_path / "a.zip", files))
    assert [array.name for array in reading.arrays] == [*SIGNALS, "live_fraction"]
    live = reading.arrays[-1]
    assert (live.axes, live.kind, live.unit) == ("tyx", "tilt_series", "1")
    assert live.values == pytest.approx(np.array([0.9, 0.95, 1.0])[:, None, None] * np.ones((3, 3, 4)))
    assert live.coordinates["t"] == pytest.approx(ANGLES)


def test_a_live_time_that_one_tilt_does_not_tell_is_left_out_of_all_and_that_is_said(tmp_path):
    files = velox_files(tmp_path)
    velox_scan(files[1], 0.0, 1, live_s=1.9)
    reading = read(packed(tmp_path / "a.zip", files))
    assert [array.name for array in reading.arrays] == SIGNALS
    assert any("known of 1 of 3 tilts" in words for words in reading.warnings)


def test_a_pruned_file_among_the_scans_is_named():
    refusal = refused(DATA / "velox_emd_version11.zip")
    assert (refusal.code, "ReducedData" in str(refusal)) == ("pruned-file", True)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"core_loss": None}, "missing-tilt", "tilt 1.emd at 0 deg has no core_loss"),
        ({"x_rays": None}, "missing-tilt", "tilt 1.emd at 0 deg has no x_rays"),
        ({"core_loss": np.ones((3, 5, 16), np.uint16)}, "mixed-sizes", "core_loss of tilt 1.emd has 3 x 5 places"),
        ({"core_loss": np.ones((3, 4, 15), np.uint16)}, "mixed-energies", "core_loss of tilt 1.emd"),
        ({"core_loss_from": 600.2}, "mixed-energies", "core_loss of tilt 1.emd"),
        ({"dark_field": np.ones((7, 7), np.uint16)}, "missing-tilt", "tilt 1.emd at 0 deg has no dark_field"),
    ],
)
def test_a_tilt_unlike_the_others_is_refused_by_name(tmp_path, changes, code, words):
    files = velox_files(tmp_path)
    velox_scan(files[1], 0.0, 1, **changes)
    refusal = refused(packed(tmp_path / "a.zip", files))
    assert (refusal.code, words in str(refusal)) == (code, True), refusal


def test_a_series_without_a_dark_field_says_so(tmp_path):
    files = [velox_scan(tmp_path / f"{i}.emd", 10.0 * i, i, dark_field=np.ones((7, 7), np.uint16)) for i in range(2)]
    reading = read(packed(tmp_path / "a.zip", files))
    assert [array.name for array in reading.arrays] == SIGNALS[1:]
    assert any("No dark-field image" in words for words in reading.warnings)


def test_two_files_of_one_tilt_are_refused_by_name(tmp_path):
    refusal = refused(packed(tmp_path / "a.zip", velox_files(tmp_path, (5.0, 10.0, 5.0))))
    assert (refusal.code, "tilt 0.emd and tilt 2.emd" in str(refusal)) == ("duplicate-tilt", True)


def test_a_tilt_that_nothing_tells_is_refused_by_name(tmp_path):
    refusal = refused(packed(tmp_path / "a.zip", velox_files(tmp_path, (5.0, None, 10.0))))
    assert (refusal.code, "tilt 1.emd" in str(refusal)) == ("unknown-tilt", True)
    files = [file for i in range(2) for file in dm_scans(tmp_path, f"{i:02d}", i)]
    assert refused(packed(tmp_path / "b.zip", files)).code == "unknown-tilt"


def test_a_cut_member_is_refused_by_its_name(tmp_path):
    files = velox_files(tmp_path)
    files[1].write_bytes(files[1].read_bytes()[:3000])
    for archive in (packed(tmp_path / "a.zip", files), packed(tmp_path / "b.zip", files, compression=8)):
        refusal = refused(archive)
        assert (refusal.code, "tilt 1.emd" in str(refusal)) == ("truncated-file", True)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("angle_deg\n1\n", "line 1, needs columns"),
        ("dark_field,dark_field\na,b\n", "line 1, needs columns"),
        ("angle_deg,dark_field,secret\n1,dark_field_00.dm3,x\n", "line 1, has 1 columns"),
        ("angle_deg,dark_field\n1,secret.dm3\n", "line 2, names a file for dark_field that is not there"),
        ("angle_deg,dark_field\nsecret,dark_field_00.dm3\n", "line 2, has an angle that is not a number"),
        ("angle_deg,dark_field\nnan,dark_field_00.dm3\n", "line 2, has an angle that is not a finite"),
        ("angle_deg,dark_field\n1,\n", "line 2, names no file"),
        ("angle_deg,dark_field\n1\n", "line 2, has another number of cells"),
        ("angle_deg,dark_field\n1,dark_field_00.dm3,3\n", "line 2, has another number of cells"),
        ("angle_deg,dark_field,scan\n1,dark_field_00.dm3,secret\n", "line 2, says of its scan"),
        ("angle_deg,dark_field\n", "lists 0 scans"),
        ("", "needs columns"),
        ("\udcff", "is no text in UTF-8"),
    ],
)
def test_a_list_of_scans_that_makes_no_sense_is_refused_by_line(tmp_path, manifest, words):
    files = dm_scans(tmp_path, "00", 0, angle_deg=0.0)
    archive = packed(tmp_path / "a.zip", files)
    with zipfile.ZipFile(archive, "a") as added:
        added.writestr("series.csv", manifest.encode("utf-8", "surrogateescape"))
    refusal = refused(archive)
    assert (refusal.code, words in str(refusal), "secret" in str(refusal).replace("secret.dm3", "")) == (
        "bad-manifest",
        True,
        False,
    ), refusal


def test_a_file_that_holds_no_such_signal_is_refused_by_name(tmp_path):
    files = dm_scans(tmp_path, "00", 0, angle_deg=0.0)
    manifest = "angle_deg,dark_field,x_rays\n1,dark_field_00.dm3,dark_field_00.dm3\n"
    assert "dark_field_00.dm3" in str(refused(packed(tmp_path / "a.zip", files, manifest)))
    manifest = "angle_deg,x_rays\n1,dark_field_00.dm3\n"
    assert "no spectrum image to be the x_rays" in str(refused(packed(tmp_path / "b.zip", files, manifest)))


def test_a_series_may_be_larger_than_one_array_in_memory(tmp_path):
    archive = packed(tmp_path / "a.zip", velox_files(tmp_path), compression=8)
    size = sum(file.stat().st_size for file in tmp_path.glob("*.emd"))
    assert read(archive, limits=Limits(total_bytes=size - 1)).arrays
    assert refused(archive, limits=Limits(series_bytes=size - 1)).code == "too-large"


def test_a_bomb_among_the_scans_is_refused(tmp_path):
    archive = tmp_path / "a.zip"
    packed(archive, velox_files(tmp_path))
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as added:
        added.writestr("tilt 3.emd", bytes(40 << 20))
    assert refused(archive).code == "compression-ratio"


def test_files_that_are_no_series_are_still_to_be_sent_one_by_one(tmp_path):
    files = [*velox_files(tmp_path)[:1], *dm_scans(tmp_path, "00", 0)[:1]]
    refusal = refused(packed(tmp_path / "a.zip", files))
    assert (refusal.code, "one by one" in str(refusal)) == ("unsupported-type", True)


def test_a_file_is_one_scan_and_not_a_thousand(tmp_path):
    """A small archive would unpack to a thousand tilts."""
    file = velox_scan(tmp_path / "a.emd", 0.0, 0)
    manifest = "angle_deg,x_rays\n" + "".join(f"{angle},a.emd\n" for angle in range(-60, 60))
    refusal = refused(packed(tmp_path / "a.zip", [file], manifest))
    assert refusal.code == "bad-manifest"
    assert "line 3 of series.csv names a file that line 2" in str(refusal)


@pytest.mark.parametrize("manifest", ["x_rays\n" + "a.emd\n" * 2_000_000, "x_rays," + "c" * 200_000 + "\n"])
def test_a_vast_list_of_scans_is_refused_as_such(tmp_path, manifest):
    file = velox_scan(tmp_path / "a.emd", 0.0, 0)
    assert refused(packed(tmp_path / "a.zip", [file], manifest)).code == "bad-manifest"
