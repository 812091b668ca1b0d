"""What is kept as OME-Zarr comes back whole, and other programs see the right scale."""

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zarr
from ome_zarr_models.v05 import Image, ImageLabel

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.nexus import read_hdf5
from lithoscope.readers.omezarr import open_omezarr, read_omezarr
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from lithoscope.writers.omezarr import write_omezarr
from tests.lithoscope.writers import factories


@pytest.mark.parametrize(
    "make", [factories.volume, factories.tilt_series, factories.unscaled, factories.labels, factories.spectra]
)
def test_an_array_comes_back_with_everything_it_knew(make, tmp_path: Path):
    array: LabelledArray = make()
    write_omezarr(array, tmp_path / "a.zarr", attributes={"dataset": "ds_1"})
    back = read_omezarr(tmp_path / "a.zarr")
    assert np.array_equal(back.values, array.values)
    assert back.values.dtype == array.values.dtype
    assert (back.axes, back.kind, back.unit, back.name) == (array.axes, array.kind, array.unit, array.name)
    assert back.spacing == array.spacing
    assert {axis: places.tolist() for axis, places in back.coordinates.items()} == {
        axis: places.tolist() for axis, places in array.coordinates.items()
    }
    assert open_omezarr(tmp_path / "a.zarr").attributes == {"dataset": "ds_1"}


@pytest.mark.parametrize("shape", [(5, 70, 130), (3, 300, 300)], ids=["chunks", "shards"])
def test_nothing_in_the_files_says_when_they_were_written(shape, tmp_path: Path):
    """Equal results are kept once and a repeated run has the same digest; gzip's header has room for a time."""
    write_omezarr(LabelledArray(np.ones(shape, np.float32), "zyx"), tmp_path / "a.zarr")
    files = [path.read_bytes() for path in (tmp_path / "a.zarr").rglob("*") if path.is_file()]
    times = [content[place + 4 : place + 8] for content in files for place in _places(content, b"\x1f\x8b\x08")]
    assert times
    assert set(times) == {bytes(4)}


def _places(content: bytes, sought: bytes) -> list[int]:
    return [place for place in range(len(content)) if content.startswith(sought, place)]


def test_the_validator_of_ome_zarr_accepts_volumes_and_sees_nanometres(tmp_path: Path):
    write_omezarr(factories.volume((5, 70, 130)), tmp_path / "a.zarr")
    image = Image.from_zarr(zarr.open_group(tmp_path / "a.zarr", mode="r"))
    multiscale = image.attributes.ome.multiscales[0]
    assert [(axis.name, axis.type, axis.unit) for axis in multiscale.axes] == [
        ("z", "space", "nanometer"),
        ("y", "space", "nanometer"),
        ("x", "space", "nanometer"),
    ]
    assert multiscale.datasets[0].coordinateTransformations[0].scale == [4.0, 2.0, 1.5]
    assert multiscale.datasets[1].coordinateTransformations[0].scale == [4.0, 4.0, 3.0]
    assert multiscale.datasets[1].coordinateTransformations[1].translation == [0.0, 1.0, 0.75]


def test_the_validator_of_ome_zarr_accepts_tilt_series_and_label_volumes(tmp_path: Path):
    write_omezarr(factories.tilt_series(), tmp_path / "series.zarr")
    write_omezarr(factories.labels(), tmp_path / "labels.zarr")
    series = Image.from_zarr(zarr.open_group(tmp_path / "series.zarr", mode="r"))
    labels = ImageLabel.from_zarr(zarr.open_group(tmp_path / "labels.zarr", mode="r"))
    assert series.attributes.ome.multiscales[0].axes[0].type == "tilt"
    assert [colour.label_value for colour in labels.attributes.ome.image_label.colors] == [1, 2]


def test_an_unknown_pixel_size_is_not_written_as_one_nanometre(tmp_path: Path):
    write_omezarr(factories.unscaled(), tmp_path / "a.zarr")
    attributes = zarr.open_group(tmp_path / "a.zarr", mode="r").attrs.asdict()
    axes = attributes["ome"]["multiscales"][0]["axes"]
    assert all("unit" not in axis for axis in axes)
    assert attributes["lithoscope"]["spacing"]["x"]["source"] == "unknown"
    assert read_omezarr(tmp_path / "a.zarr").spacing["x"].value is None


def test_smaller_levels_keep_the_mean_of_the_volume(tmp_path: Path):
    rng = np.random.default_rng(0)
    volume = replace(factories.volume(), values=rng.random((128, 64, 130), np.float32))
    write_omezarr(volume, tmp_path / "a.zarr")
    levels = open_omezarr(tmp_path / "a.zarr").levels
    assert [level.shape for level in levels] == [(128, 64, 130), (64, 64, 65), (64, 64, 33)]
    assert levels[1][...].mean() == pytest.approx(volume.values.mean(), rel=1e-4)


@pytest.mark.parametrize("kind", [np.int32, np.uint32, np.int64, np.uint64])
def test_smaller_levels_of_large_whole_numbers_are_their_means(kind, tmp_path: Path):
    """Single precision keeps 24 bits: larger counts lost units, and the largest number, a detector's flag, became 0."""
    most = np.iinfo(kind).max
    values = np.full((65, 67), 2**24 + 1, kind)
    values[:8, :] = most
    values[20, 20], values[64, 66] = 2**24 + 5, 2**24 + 3
    write_omezarr(LabelledArray(values, "yx"), tmp_path / "a.zarr")
    means = zarr.open_group(tmp_path / "a.zarr", mode="r")["1"][...]
    assert means[10, 10] == 2**24 + 2
    assert means[32, 33] == 2**24 + 3
    assert means[20, 20] == 2**24 + 1
    assert np.all(means[:4] > most - 2**11)


def test_smaller_levels_of_labels_hold_no_label_that_was_not_there(tmp_path: Path):
    array = replace(factories.labels(), values=np.where(factories.labels().values == 2, 7, 0).astype(np.uint8))
    write_omezarr(array, tmp_path / "a.zarr")
    levels = open_omezarr(tmp_path / "a.zarr").levels
    assert len(levels) == 2
    assert set(np.unique(levels[1][...])) == {0, 7}


def test_chunks_are_64_cubes_in_shards_that_gzip_alone_can_read(tmp_path: Path):
    write_omezarr(replace(factories.volume(), values=np.zeros((130, 130, 130), np.float32)), tmp_path / "a.zarr")
    level = open_omezarr(tmp_path / "a.zarr").levels[0]
    assert level.chunks == (64, 64, 64)
    assert level.shards == (192, 192, 192)
    assert [type(codec).__name__ for codec in level.compressors] == ["GzipCodec"]


def test_noise_is_stored_as_it_is_and_comes_back(tmp_path: Path):
    noise = np.random.default_rng(0).normal(size=(16, 70, 70)).astype(np.float32)
    write_omezarr(replace(factories.volume(), values=noise), tmp_path / "a.zarr")
    assert open_omezarr(tmp_path / "a.zarr").levels[0].compressors == ()
    assert np.array_equal(read_omezarr(tmp_path / "a.zarr").values, noise)


def test_images_of_other_programs_are_read_with_their_unit(tmp_path: Path):
    write_omezarr(factories.volume(), tmp_path / "a.zarr")
    group = zarr.open_group(tmp_path / "a.zarr", mode="r+")
    ome = group.attrs["ome"]
    del group.attrs["lithoscope"]
    ome["multiscales"][0]["axes"][2]["unit"] = "micrometer"
    del ome["multiscales"][0]["axes"][1]["unit"]
    group.attrs["ome"] = ome
    back = read_omezarr(tmp_path / "a.zarr")
    assert back.spacing["x"] == Quantity(1500.0, "nm", "header", note="OME-Zarr coordinateTransformations")
    assert back.spacing["y"].source == "unknown"


def test_a_folder_that_is_no_image_is_refused(tmp_path: Path):
    with pytest.raises(ReaderError) as refusal:
        read_omezarr(tmp_path)
    assert refusal.value.code == "unreadable-file"


def test_an_existing_folder_is_never_overwritten(tmp_path: Path):
    write_omezarr(factories.volume(), tmp_path / "a.zarr")
    with pytest.raises(FileExistsError):
        write_omezarr(factories.volume(), tmp_path / "a.zarr")


def test_tilts_that_rise_evenly_are_a_scale_from_the_first_angle_and_others_have_none(tmp_path: Path):
    def written(name: str, angles: list[float]) -> tuple[dict[str, str], list[dict[str, object]]]:
        series = LabelledArray(
            np.zeros((len(angles), 4, 4), np.float32), "tyx", coordinates={"t": np.array(angles)}, kind="tilt_series"
        )
        write_omezarr(series, tmp_path / name)
        image = json.loads((tmp_path / name / "zarr.json").read_text())["attributes"]["ome"]["multiscales"][0]
        return image["axes"][0], image["datasets"][0]["coordinateTransformations"]

    axis, transformations = written("even", [-70.0, -60.0, -50.0])
    assert axis["unit"] == "degree"
    assert [each[each["type"]][0] for each in transformations] == [10.0, -70.0]
    axis, transformations = written("uneven", [-70.0, -60.0, -45.0])
    assert "unit" not in axis
    assert transformations[0]["scale"][0] == 1.0


def test_names_of_maps_come_back(tmp_path: Path):
    maps = LabelledArray(np.ones((2, 3, 4, 5), np.float32), "czyx", kind="volume", labels={"c": ("O K", "Mn L")})
    write_omezarr(maps, tmp_path / "maps.ome.zarr")
    assert read_omezarr(tmp_path / "maps.ome.zarr").labels == {"c": ("O K", "Mn L")}
    write_hdf5(maps, tmp_path / "maps.h5")
    assert read_hdf5(tmp_path / "maps.h5").labels == {"c": ("O K", "Mn L")}


def test_besides_the_array_memory_holds_its_coarser_levels_and_one_file(tmp_path: Path):
    values = np.broadcast_to(np.arange(128, dtype=np.uint8), (8192, 128, 128))
    tracemalloc.start()
    write_omezarr(LabelledArray(values, "zyx", kind="volume"), tmp_path / "a.zarr")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < values.nbytes / 2
    levels = [level.shape for _, level in sorted(zarr.open_group(tmp_path / "a.zarr", mode="r").arrays())]
    assert levels == [(8192, 128, 128), *((8192 >> level, 64, 64) for level in range(1, 8))]
