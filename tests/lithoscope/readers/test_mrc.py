"""MRC: angstrom become nm, missing stamps are forgiven, angles come from inside or beside the file."""

from pathlib import Path

import mrcfile
import numpy as np
import pytest

from lithoscope.errors import ReaderError
from lithoscope.readers import read
from tests.lithoscope.readers.vendors import serialem_stack

VESICLE = Path(__file__).parents[2] / "data/genfire_vesicle.mrc"
ANGLES = [-60.0, -30.5, 0.0, 30.25]


def test_the_real_volume_with_a_zero_stamp_is_read_as_mrcfile_reads_it():
    (volume,) = read(VESICLE).arrays
    with pytest.warns(RuntimeWarning), mrcfile.open(VESICLE, permissive=True) as theirs:
        assert np.array_equal(volume.values, theirs.data)
    assert (volume.axes, volume.kind) == ("zyx", "volume")


def test_a_cell_as_long_as_its_sampling_is_an_unknown_pixel_size():
    assert read(VESICLE).calibration["pixel_size_nm"].source == "unknown"


def test_voxel_sizes_in_angstrom_become_nm_axis_by_axis(tmp_path: Path):
    with mrcfile.new(tmp_path / "a.mrc", np.zeros((3, 4, 5), np.float32)) as mrc:
        mrc.set_volume()
        mrc.voxel_size = (10.0, 20.0, 30.0)
    (volume,) = read(tmp_path / "a.mrc").arrays
    assert {axis: step.value for axis, step in volume.spacing.items()} == pytest.approx({"z": 3.0, "y": 2.0, "x": 1.0})


def test_a_serialem_stack_has_its_tilt_angles_inside(tmp_path: Path):
    serialem_stack(tmp_path / "a.st", ANGLES)
    (series,) = read(tmp_path / "a.st").arrays
    assert (series.axes, series.kind) == ("tyx", "tilt_series")
    assert series.coordinates["t"].tolist() == ANGLES
    assert series.spacing["x"].value == pytest.approx(0.5)
    assert "z" not in series.spacing


def test_an_fei_extended_header_gives_tilt_voltage_and_dwell(tmp_path: Path):
    header = np.zeros(3, mrcfile.dtypes.get_ext_header_dtype(b"FEI1"))
    header["Alpha tilt"], header["HT"], header["Dwell time"] = (-10, 0, 10), 300_000, 2e-5
    header["Magnification"], header["Tilt axis angle"] = 10_000, 84.5
    header["Dose"], header["Camera length"] = 2.5e20, 0.2
    with mrcfile.new(tmp_path / "a.mrc", np.zeros((3, 4, 5), np.int16)) as mrc:
        mrc.set_extended_header(header)
        mrc.header.exttyp = b"FEI1"
        mrc.voxel_size = 20.0
    reading = read(tmp_path / "a.mrc")
    assert reading.arrays[0].coordinates["t"].tolist() == [-10, 0, 10]
    assert reading.metadata["beam_energy_kV"].value == 300
    assert reading.metadata["dwell_s"].value == pytest.approx(2e-5)
    assert reading.metadata["dose_per_frame_e_per_A2"].value == pytest.approx(2.5)
    assert reading.metadata["camera_length_mm"].value == pytest.approx(200)
    assert reading.metadata["exposure_s"].source == "unknown"
    assert reading.calibration["tilt_axis_deg"].value == 84.5


@pytest.mark.parametrize(("flags", "expected"), [(0, "uint8"), (1, "int8"), (None, "int8")])
def test_bytes_are_signed_as_imod_says_and_else_as_the_standard(flags: int | None, expected: str, tmp_path: Path):
    serialem_stack(tmp_path / "a.st", ANGLES, mode=0, imod_flags=flags)
    reading = read(tmp_path / "a.st")
    assert reading.arrays[0].values.dtype.name == expected
    assert bool(reading.warnings) == (flags is None)


def test_axes_stored_in_another_order_are_turned(tmp_path: Path):
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    with mrcfile.new(tmp_path / "a.mrc", values) as mrc:
        mrc.set_volume()
        mrc.header.mapc, mrc.header.mapr, mrc.header.maps = 3, 2, 1
    (volume,) = read(tmp_path / "a.mrc").arrays
    assert np.array_equal(volume.values, values.transpose(2, 1, 0))


def test_big_endian_files_are_read(tmp_path: Path):
    raw = bytearray(VESICLE.read_bytes())
    swapped = np.frombuffer(raw, "<i4").astype(">i4").tobytes()
    (tmp_path / "a.mrc").write_bytes(swapped[:1024] + np.frombuffer(raw[1024:], "<f4").astype(">f4").tobytes())
    assert np.array_equal(read(tmp_path / "a.mrc").arrays[0].values, read(VESICLE).arrays[0].values)


def test_pixels_of_a_kind_we_do_not_read_are_refused_by_name(tmp_path: Path):
    raw = bytearray(VESICLE.read_bytes())
    raw[12:16] = (101).to_bytes(4, "little")
    (tmp_path / "a.mrc").write_bytes(raw)
    with pytest.raises(ReaderError, match="4-bit"):
        read(tmp_path / "a.mrc")
