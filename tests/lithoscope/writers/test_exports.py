"""Exports: another program's reader sees the right scale, unit and axis order."""

import csv
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import mrcfile
import numpy as np
import pytest
import tifffile
import zarr
from ome_zarr_models.v05 import Image

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.readers import read
from lithoscope.tables import Table
from lithoscope.writers.csv import write_csv
from lithoscope.writers.hdf5 import write_hdf5
from lithoscope.writers.mrc import write_mrc
from lithoscope.writers.omezarr import write_omezarr
from lithoscope.writers.tiff import write_tiff
from lithoscope.writers.zipped import zip_omezarr
from tests.lithoscope.writers import factories


def assert_same(back: LabelledArray, array: LabelledArray) -> None:
    assert np.array_equal(back.values, array.values)
    assert back.axes == array.axes
    assert back.spacing == array.spacing
    assert (back.kind, back.unit, back.name) == (array.kind, array.unit, array.name)
    assert back.coordinates.keys() == array.coordinates.keys()
    assert all(np.array_equal(back.coordinates[axis], array.coordinates[axis]) for axis in array.coordinates)


def test_mrc_holds_angstrom_and_x_fastest(tmp_path: Path):
    array = factories.volume()
    write_mrc(array, tmp_path / "a.mrc")
    with mrcfile.open(tmp_path / "a.mrc") as mrc:
        assert mrc.validate()
        assert mrc.is_volume()
        assert mrc.voxel_size.tolist() == (15.0, 20.0, 40.0)
        assert mrc.data.shape == (5, 6, 7)
        assert np.array_equal(mrc.data, array.values)
    back = read(tmp_path / "a.mrc").arrays[0]
    assert [back.spacing[axis].value for axis in "zyx"] == pytest.approx([4.0, 2.0, 1.5])


def test_mrc_of_a_tilt_series_is_a_stack_with_its_angles_beside_it(tmp_path: Path):
    array = factories.tilt_series()
    write_mrc(array, tmp_path / "a.mrc")
    with mrcfile.open(tmp_path / "a.mrc") as mrc:
        assert mrc.is_image_stack()
    back = read(tmp_path / "a.mrc", companions=[tmp_path / "a.rawtlt"]).arrays[0]
    assert np.array_equal(back.values, array.values)
    assert back.coordinates["t"].tolist() == array.coordinates["t"].tolist()
    assert back.kind == "tilt_series"


def test_mrc_of_unknown_pixel_size_says_so(tmp_path: Path):
    write_mrc(factories.unscaled(), tmp_path / "a.mrc")
    assert read(tmp_path / "a.mrc").calibration["pixel_size_nm"].source == "unknown"


@pytest.mark.parametrize(
    ("dtype", "stored"), [("uint8", "int16"), ("int32", "int16"), ("float64", "float32"), ("bool", "int16")]
)
def test_mrc_stores_numbers_it_has_no_mode_for_without_changing_them(dtype: str, stored: str, tmp_path: Path):
    array = factories.volume(dtype=dtype)
    write_mrc(array, tmp_path / "a.mrc")
    with mrcfile.open(tmp_path / "a.mrc") as mrc:
        assert mrc.data.dtype.name == stored
        assert np.array_equal(mrc.data, array.values)


def test_mrc_refuses_integers_it_would_change(tmp_path: Path):
    array = replace(factories.volume(), values=np.full((2, 2, 2), (1 << 24) + 1))
    with pytest.raises(ScienceError):
        write_mrc(array, tmp_path / "a.mrc")


def test_tiff_holds_nanometres_for_ome_readers(tmp_path: Path):
    array = factories.volume()
    write_tiff(array, tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.is_ome
        assert file.series[0].axes == "ZYX"
        pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
        assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeXUnit"]) == (1.5, "nm")
        assert (pixels["PhysicalSizeZ"], pixels["PhysicalSizeZUnit"]) == (4.0, "nm")
        assert np.array_equal(file.asarray(), array.values)
    back = read(tmp_path / "a.tif").arrays[0]
    assert [back.spacing[axis].value for axis in "zyx"] == [4.0, 2.0, 1.5]
    assert np.array_equal(back.values, array.values)


def test_tiff_of_unknown_pixel_size_says_nothing(tmp_path: Path):
    write_tiff(factories.unscaled(), tmp_path / "a.tif")
    assert read(tmp_path / "a.tif").calibration["pixel_size_nm"].source == "unknown"


def test_tiff_refuses_spectra(tmp_path: Path):
    with pytest.raises(ScienceError):
        write_tiff(factories.spectra(), tmp_path / "a.tif")


@pytest.mark.parametrize("make", [factories.volume, factories.tilt_series, factories.unscaled, factories.spectra])
def test_hdf5_comes_back_with_everything_it_knew(make, tmp_path: Path):
    write_hdf5(make(), tmp_path / "a.h5", attributes={"dataset": "ds_1"})
    assert_same(read(tmp_path / "a.h5").arrays[0], make())


def test_hdf5_is_an_nxdata_any_nexus_program_plots(tmp_path: Path):
    write_hdf5(factories.spectra(), tmp_path / "a.nxs")
    with h5py.File(tmp_path / "a.nxs") as file:
        data = file[file.attrs["default"]][file["entry"].attrs["default"]]
        assert data.attrs["signal"] == "data"
        assert list(data.attrs["axes"]) == ["y", "x", "energy"]
        assert data["energy"].attrs["units"] == "eV"
        assert data["energy"][1] == pytest.approx(440.3)
        assert data["x"].attrs["units"] == "nm"
        assert data["x"][:].tolist() == [0.0, 2.0, 4.0, 6.0]


def test_hdf5_of_a_tilt_series_says_its_angles_in_degrees_along_the_first_axis(tmp_path: Path):
    write_hdf5(factories.tilt_series(), tmp_path / "a.nxs")
    with h5py.File(tmp_path / "a.nxs") as file:
        data = file["entry/data"]
        assert (data["tilt_angle"].attrs["units"], data["tilt_angle"][0]) == ("deg", -60.0)
        places = {name: int(data.attrs[f"{name}_indices"]) for name in data.attrs["axes"]}
        assert places == {"tilt_angle": 0, "y": 1, "x": 2}


def test_hdf5_of_unknown_pixel_size_has_no_axis_values(tmp_path: Path):
    write_hdf5(factories.unscaled(), tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file["entry/data"].attrs["axes"]) == [".", ".", "."]
        assert "x" not in file["entry/data"]


def test_zip_of_a_zarr_opens_in_place_and_is_the_same_each_time(tmp_path: Path):
    write_omezarr(factories.volume(), tmp_path / "a.zarr")
    zip_omezarr(tmp_path / "a.zarr", tmp_path / "first.zip")
    zip_omezarr(tmp_path / "a.zarr", tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "first.zip").namelist()[0] == "0/zarr.json"
    store = zarr.storage.ZipStore(tmp_path / "first.zip", mode="r")
    try:
        group = zarr.open_group(store, mode="r")
        assert Image.from_zarr(group).attributes.ome.multiscales[0].axes[0].unit == "nanometer"
        assert np.array_equal(group["0"][...], factories.volume().values)
    finally:
        store.close()


def test_csv_disarms_formulas_and_leaves_numbers_alone(tmp_path: Path):
    words = ["=HYPERLINK(0)", "+1", "-2.5e3", "-x", "@a", "\tb", "\rc", "plain", 'say "so", twice']
    column = [*words, -0.1, None, float("nan"), np.int64(3), True]
    write_csv(Table({"value": column}, {"value": "1"}), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        cells = [row[0] for row in csv.reader(stream)]
    disarmed = ["'=HYPERLINK(0)", "+1", "-2.5e3", "'-x", "'@a", "'\tb", "'\rc", "plain", 'say "so", twice']
    assert cells == ["value", *disarmed, "-0.1", "", "", "3", "true"]


def test_csv_numbers_read_back_to_the_same_value(tmp_path: Path):
    numbers = np.random.default_rng(0).normal(size=50).tolist()
    write_csv(Table({"dose_e_per_A2": numbers}, {"dose_e_per_A2": "e/A^2"}), tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert [float(line) for line in lines[1:]] == numbers
