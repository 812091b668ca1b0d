"""A single value comes out of a stored array exactly as zarr reads it, through one chunk, or not at all."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.exports import DamagedTree
from app.infra.storage import LocalStore
from app.infra.voxels import NotASingleNumber, StoredArray
from lithoscope.arrays import LabelledArray
from lithoscope.readers.omezarr import read_omezarr
from lithoscope.writers.omezarr import write_omezarr
from workers.folders import seal

NOISE = np.random.default_rng(7)


class CountingStore(LocalStore):
    """A store that remembers how many bytes were read from each file."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.taken: dict[str, int] = {}

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        content = super().read(key, start, length)
        self.taken[key] = self.taken.get(key, 0) + len(content)
        return content


def stored(folder: Path, values: Any, axes: str = "zyx", kind: str = "volume") -> StoredArray:
    """Publish an array as a job's tree of its own and return what reads it."""
    tree = folder / "store" / "tree"
    tree.mkdir(parents=True)
    write_omezarr(LabelledArray(values, axes, kind=kind, name="v"), tree / "v.ome.zarr")
    seal(tree, [])
    store = CountingStore(folder / "store")
    files = json.loads((tree / "manifest.json").read_text())["files"]
    return StoredArray(store, "tree", "v.ome.zarr/0", files)


@pytest.mark.parametrize("dtype", ["bool", "u1", "i2", "u4", "i8", "f2", "f4", "f8"])
def test_every_kind_of_number_comes_back(tmp_path, dtype):
    values = (NOISE.random((3, 70, 5)) * 100).astype(dtype)
    array = stored(tmp_path, values)
    for place in ((0, 0, 0), (2, 69, 4), (1, 64, 3)):
        assert array.value(place) == values[place]


@pytest.mark.parametrize("shape", [(70, 300, 5), (140, 130, 70), (5, 5, 5), (1, 1, 600)])
@pytest.mark.parametrize("is_smooth", [True, False])
def test_shards_and_single_chunks_packed_or_not_agree_with_zarr(tmp_path, shape, is_smooth):
    values = np.indices(shape).sum(0).astype("f4") if is_smooth else NOISE.random(shape).astype("f4")
    array = stored(tmp_path, values)
    whole = read_omezarr(tmp_path / "store" / "tree" / "v.ome.zarr").values
    for place in NOISE.integers(0, shape, (25, 3)).tolist():
        assert array.value(place) == whole[tuple(place)]


def test_a_part_that_was_never_written_is_zero(tmp_path):
    values = np.zeros((70, 300, 70), "u1")
    values[0, 0, 0] = 3
    array = stored(tmp_path, values, kind="labels")
    assert (array.value((0, 0, 0)), array.value((69, 299, 69)), array.value((0, 0, 1))) == (3, 0, 0)


def test_a_tilt_series_is_read_by_its_own_axes(tmp_path):
    values = NOISE.integers(0, 900, (7, 80, 66)).astype("u2")
    assert stored(tmp_path, values, "tyx", "tilt_series").value((6, 79, 65)) == values[6, 79, 65]


def test_one_value_costs_one_chunk_and_not_the_volume(tmp_path):
    values = np.indices((128, 256, 256)).sum(0).astype("f4")
    array = stored(tmp_path, values)
    array.value((100, 200, 201))
    store: Any = array.store
    (shard,) = [size for key, size in store.taken.items() if "/c/" in key]
    assert shard < 64**3 * 4 < values.nbytes / 30


def test_damage_is_an_error_and_never_a_number(tmp_path):
    values = NOISE.random((5, 5, 5)).astype("f4")
    array = stored(tmp_path, values)
    path = tmp_path / "store" / "tree" / "v.ome.zarr" / "0" / "c" / "0" / "0" / "0"
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedTree):
        array.value((0, 0, 0))
    path.unlink()
    with pytest.raises(DamagedTree):
        array.value((0, 0, 0))


def test_a_damaged_packed_chunk_is_an_error(tmp_path):
    array = stored(tmp_path, np.indices((30, 30, 30)).sum(0).astype("i4"))
    path = tmp_path / "store" / "tree" / "v.ome.zarr" / "0" / "c" / "0" / "0" / "0"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedTree):
        array.value((0, 0, 0))


def test_a_damaged_index_of_a_shard_is_an_error(tmp_path):
    array = stored(tmp_path, np.indices((130, 130, 130)).sum(0).astype("i4"))
    path = tmp_path / "store" / "tree" / "v.ome.zarr" / "0" / "c" / "0" / "0" / "0"
    content = bytearray(path.read_bytes())
    content[-10] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedTree):
        array.value((0, 0, 0))


def test_complex_numbers_are_refused_by_name(tmp_path):
    with pytest.raises(NotASingleNumber, match="complex64"):
        stored(tmp_path, np.ones((4, 4), "c8"), "yx", "image").value((0, 0))
