"""The copy that is looked at says what the original says, to half a step, and says where there is nothing."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from ome_zarr_models.v05 import Image

from lithoscope.arrays import LabelledArray
from lithoscope.readers.omezarr import open_omezarr
from lithoscope.units import Quantity
from lithoscope.writers.display import coding_of, is_wanted, write_display
from lithoscope.writers.omezarr import write_omezarr

NOISE = np.random.default_rng(11)
STEPS = {"z": Quantity(3.0, "nm", "header"), "y": Quantity(2.0, "nm", "header"), "x": Quantity(2.0, "nm", "header")}


def volume(values: Any, axes: str = "zyx") -> LabelledArray:
    return LabelledArray(values, axes, {axis: STEPS[axis] for axis in axes if axis in STEPS}, "at%", kind="volume")


def copied(array: LabelledArray, folder: Path) -> zarr.Group:
    write_omezarr(array, folder / "original")
    write_display(array, folder / "original", folder / "display")
    return zarr.open_group(folder / "display", mode="r")


def meaning(group: zarr.Group) -> dict[str, Any]:
    own: Any = group.attrs["lithoscope"]
    found: dict[str, Any] = own["display"]
    return found


def decoded(group: zarr.Group, level: str = "0") -> np.ndarray[Any, Any]:
    about, codes = meaning(group), np.asarray(group[level][...])  # type: ignore[index]
    return np.where(codes == about["no_value"], np.nan, about["offset"] + about["scale"] * codes)


@pytest.mark.parametrize("shape", [(3, 70, 130), (70, 300, 66), (2, 70, 70, 66)])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_every_level_is_the_original_to_half_a_step(shape, dtype, tmp_path: Path):
    values = NOISE.normal(50, 4, shape).astype(dtype)
    group = copied(volume(values, "czyx"[-len(shape) :]), tmp_path)
    levels = open_omezarr(tmp_path / "original").levels
    for level, original in enumerate(levels):
        error = np.abs(decoded(group, str(level)) - np.asarray(original[...], float))
        assert error.max() <= meaning(group)["scale"] * 0.5001
    assert group["0"].dtype == np.uint16  # type: ignore[union-attr]
    assert len(levels) == len(list(group.array_keys()))


def test_axes_units_and_scales_are_those_of_the_original(tmp_path: Path):
    group = copied(volume(NOISE.random((65, 70, 130)).astype("f4")), tmp_path)
    original = zarr.open_group(tmp_path / "original", mode="r")
    assert group.attrs["ome"] == original.attrs["ome"]
    Image.from_zarr(group)
    assert meaning(group)["unit"] == "at%"


def test_no_value_stays_no_value_and_zero_stays_zero(tmp_path: Path):
    values = NOISE.random((5, 80, 80)).astype("f4")
    values[0], values[1, 3, 4], values[2, 0, 0], values[3] = np.nan, np.inf, -np.inf, 0
    found = decoded(copied(volume(values), tmp_path))
    assert (np.isnan(found) == ~np.isfinite(values)).all()
    assert np.abs(found[3]).max() < 1e-5


@pytest.mark.parametrize("value", [0.0, -3.5e-12, 7e30])
def test_an_array_of_one_value_gives_that_value(value, tmp_path: Path):
    values = np.full((4, 70, 70), value, "f8")
    assert decoded(copied(volume(values), tmp_path)) == pytest.approx(value, rel=1e-9, abs=1e-30)


def test_an_array_without_any_value_is_a_copy_of_nothing(tmp_path: Path):
    assert np.isnan(decoded(copied(volume(np.full((4, 70, 70), np.nan, "f4")), tmp_path))).all()


def test_one_hot_voxel_does_not_hide_the_others(tmp_path: Path):
    values = NOISE.random((64, 64, 65)).astype("f4")
    values[5, 5, 5] = 1e9
    group = copied(volume(values), tmp_path)
    found, about = decoded(group), meaning(group)
    assert about["saturates"]
    assert found[5, 5, 5] == pytest.approx(about["offset"] + about["scale"] * 65535)
    values[5, 5, 5] = found[5, 5, 5] = 0
    assert np.abs(found - values).max() < 0.01


def test_a_small_bright_particle_is_no_outlier():
    values = NOISE.normal(0, 0.01, (64, 64, 64))
    values[30:32, 30:32, 30:32] = 1
    assert not coding_of(values).saturates


def test_the_widest_range_of_numbers_does_not_overflow():
    values = np.array([[[-8e307, 0, 8e307]]])
    coding = coding_of(values)
    back = coding.offset + coding.scale * coding.codes(values).astype(float)
    assert back == pytest.approx(values, abs=1e304)


def test_labels_whole_numbers_and_arrays_of_one_chunk_need_no_copy():
    large = np.zeros((65, 64, 64), "f4")
    assert is_wanted(volume(large))
    assert not is_wanted(volume(large[:64]))
    assert not is_wanted(volume(large.astype("u2")))
    assert not is_wanted(LabelledArray(large.astype("i4"), "zyx", kind="labels"))
    assert not is_wanted(LabelledArray(large, "yxe", kind="spectra"))


def test_equal_arrays_give_equal_bytes(tmp_path: Path):
    values = NOISE.random((70, 70, 70)).astype("f4")
    for name in ("a", "b"):
        copied(volume(values), tmp_path / name)
    files = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert all((tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes() for path in files)


def test_memory_is_that_of_a_shard_and_not_of_the_array(tmp_path: Path):
    values = np.broadcast_to(np.linspace(0, 1, 64, dtype="f4"), (2048, 64, 64))
    array = volume(values)
    write_omezarr(array, tmp_path / "original")
    tracemalloc.start()
    write_display(array, tmp_path / "original", tmp_path / "display")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < values.nbytes / 2
