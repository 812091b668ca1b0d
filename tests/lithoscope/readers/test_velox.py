"""Velox: images, spectra and the current and dwell that others drop; RosettaSciIO agrees on the counts."""

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from rsciio.emd import file_reader

from lithoscope.errors import ReaderError
from lithoscope.readers import inspect, read
from tests.lithoscope.readers.vendors import small_velox, velox_tilt_series

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("velox")
    for name in ("velox_EELS_EDS.zip", "velox_emd_version11.zip"):
        zipfile.ZipFile(DATA / name).extractall(folder)
    return folder


@pytest.fixture(scope="module")
def simultaneous(unzipped: Path):
    return read(unzipped / "example_velox_EELS_EDS.emd")


def test_a_zipped_file_is_read_as_the_file_inside():
    assert inspect(DATA / "velox_EELS_EDS.zip").format == "velox"
    assert read(DATA / "velox_EELS_EDS.zip").arrays[0].name == "EDS"


def test_simultaneous_eds_eels_and_dark_field_are_all_there(simultaneous):
    shapes = {array.name: (array.values.shape, array.axes) for array in simultaneous.arrays}
    assert shapes["EDS"] == ((16, 20, 4096), "yxe")
    assert (
        shapes["EELS from -22 eV"]
        == shapes["EELS from 480 eV"]
        == shapes["EELS from 800 eV"]
        == ((16, 20, 2048), "yxe")
    )
    assert shapes["DF-S"] == ((128, 128), "yx")
    assert {"Fe map", "Co map", "O map", "Fe-EELS map", "Co-EELS map", "O-EELS map"} <= shapes.keys()
    assert len(shapes) == len(simultaneous.arrays)


def test_energy_scales_start_where_the_header_says(simultaneous):
    arrays = {array.name: array for array in simultaneous.arrays}
    assert arrays["EDS"].coordinates["e"][:2].tolist() == [-200, -190]
    assert arrays["EELS from -22 eV"].coordinates["e"][0] == pytest.approx(-21.5026)
    assert arrays["EELS from 480 eV"].spacing["e"].value == pytest.approx(0.1692)


def test_current_and_dwell_come_from_the_original_header(simultaneous):
    metadata = simultaneous.metadata
    assert metadata["beam_current_nA"].value == pytest.approx(0.2009, abs=1e-4)
    assert metadata["beam_current_nA"].note == "Optics.LastMeasuredScreenCurrent"
    assert metadata["dwell_s"].value == pytest.approx(9.0837e-3, rel=1e-4)
    assert metadata["beam_energy_kV"].value == 300
    assert metadata["pixel_size_nm"].value == pytest.approx(158.658, abs=1e-3)
    assert metadata["stage_alpha_deg"].value == pytest.approx(np.degrees(-3.136e-6))
    assert simultaneous.acquired_at == "2026-06-11T10:01:03Z"


@pytest.mark.filterwarnings("ignore")
def test_rosettasciio_counts_the_same_x_rays(unzipped: Path):
    path = unzipped / "Test SI 16x16 215 kx.emd"
    ours = read(path).arrays[0]
    theirs = next(s["data"] for s in file_reader(str(path)) if s["data"].ndim == 3 and s["data"].shape[-1] == 4096)
    assert np.array_equal(ours.values, theirs)
    assert ours.values.sum() > 1000


@pytest.mark.filterwarnings("ignore")
def test_rosettasciio_sees_the_same_energy_loss_spectra(unzipped: Path, simultaneous):
    theirs = [s for s in file_reader(str(unzipped / "example_velox_EELS_EDS.emd")) if s["data"].shape[-1] == 2048]
    for ours in (array for array in simultaneous.arrays if array.name.startswith("EELS")):
        assert any(np.array_equal(ours.values, other["data"]) for other in theirs)


def test_frames_of_a_scan_are_summed_and_said(unzipped: Path):
    assert "sums 2 frames" in read(unzipped / "Test SI 16x16 215 kx.emd").warnings[0]


def test_live_time_makes_the_sum_of_detectors_that_of_their_corrected_counts(unzipped: Path):
    """Two of the four detectors are hardly ever dead; the header of the last frame adds up the time of all."""
    arrays = {array.name: array for array in read(unzipped / "Test SI 16x16 215 kx.emd").arrays}
    live = arrays["live_fraction"]
    assert (live.axes, live.kind, live.unit, live.values.shape) == ("yx", "image", "1", (16, 16))
    photons = np.array([11538, 13945, 6437, 10177])
    real = np.array([0.51199562, 0.51199650, 0.51199645, 0.51199560])
    corrected = photons * real / [0.50281845, 0.49210381, 0.51199645, 0.49973626]
    assert photons.sum() / live.values[0, 0] == pytest.approx(corrected.sum(), rel=1e-6)
    assert (live.values == live.values[0, 0]).all()
    assert arrays["EDS"].values.sum() == photons.sum()


def test_detectors_that_were_never_dead_have_a_live_fraction_of_one(simultaneous):
    (live,) = [array for array in simultaneous.arrays if array.name == "live_fraction"]
    assert live.values.shape == (16, 20)
    assert (live.values == 1).all()


def test_a_header_without_live_times_gives_no_live_fraction_and_says_so(tmp_path: Path):
    small_velox(tmp_path / "a.emd")
    reading = read(tmp_path / "a.emd")
    assert "live_fraction" not in [array.name for array in reading.arrays]
    assert any("live time" in words for words in reading.warnings)


@pytest.mark.parametrize(("live", "real"), [("0", "1"), ("1.1", "1"), ("nan", "1"), ("1", "0")])
def test_a_live_time_that_cannot_be_is_unknown(tmp_path: Path, live: str, real: str):
    detector = {"DetectorName": "SuperX1", "Dispersion": "10", "LiveTime": live, "RealTime": real}
    small_velox(tmp_path / "a.emd", Detectors={"Detector-0": detector})
    assert "live_fraction" not in [array.name for array in read(tmp_path / "a.emd").arrays]


def test_a_pruned_file_is_refused_politely_and_by_name(unzipped: Path):
    with pytest.raises(ReaderError, match="without its spectrum stream") as refusal:
        read(unzipped / "Test SI 16x16 ReducedData 215 kx.emd")
    assert refusal.value.code == "pruned-file"


def test_a_stream_is_counted_pixel_by_pixel(tmp_path: Path):
    small_velox(tmp_path / "a.emd")
    spectra = read(tmp_path / "a.emd").arrays[0]
    assert spectra.values[..., 30].ravel().tolist() == list(range(12))
    assert spectra.values.sum() == 66
    assert spectra.coordinates["e"][30] == 100.0


def test_a_current_of_zero_is_unknown_and_says_which_key(tmp_path: Path):
    small_velox(tmp_path / "a.emd", Optics={"LastMeasuredScreenCurrent": "0"})
    current = read(tmp_path / "a.emd").metadata["beam_current_nA"]
    assert current.source == "unknown"
    assert "LastMeasuredScreenCurrent" in current.note


def test_a_stack_whose_stage_tilted_is_a_tilt_series(tmp_path: Path):
    velox_tilt_series(tmp_path / "a.emd", [-60.0, 0.0, 60.0])
    series = read(tmp_path / "a.emd").arrays[0]
    assert (series.axes, series.kind) == ("tyx", "tilt_series")
    assert series.coordinates["t"] == pytest.approx([-60, 0, 60])
    assert series.values[1, 0].tolist() == [12, 13, 14, 15]


def test_a_stack_whose_stage_stood_still_is_a_stack(tmp_path: Path):
    velox_tilt_series(tmp_path / "a.emd", [10.0, 10.0, 10.01])
    assert read(tmp_path / "a.emd").arrays[0].kind == "stack"


def test_a_stream_has_the_raster_of_the_scanned_part_and_not_of_the_whole_frame(unzipped: Path, simultaneous):
    """319 marks stand between 320 pixels in each of six streams: 16 x 20, where RosettaSciIO makes it 128 x 128."""
    with h5py.File(unzipped / "example_velox_EELS_EDS.emd") as file:
        streams = [group["Data"][:, 0] for group in file["Data/SpectrumStream"].values()]
        totals = [group["Data"][:, 0] for group in file["Data/Spectrum"].values()]
    assert [int((stream == 65535).sum()) + 1 for stream in streams] == [16 * 20] * 6
    assert np.array_equal(simultaneous.arrays[0].values.sum(axis=(0, 1)), np.sum(totals, axis=0))
