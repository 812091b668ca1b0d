"""A box of a stored array is what numpy would cut, and costs the chunks it touches."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.boxes import parts_of, values_of
from app.infra.exports import DamagedTree
from tests.app.infra.test_voxels import stored

NOISE = np.random.default_rng(2)


@pytest.mark.parametrize("shape", [(70, 300, 66), (5, 5, 5), (2, 140, 130)])
@pytest.mark.parametrize("kind", ["f4", "u2", "i8", "?"])
def test_any_box_is_what_numpy_would_cut(shape, kind, tmp_path: Path):
    values = (NOISE.random(shape) * 9).astype(kind)
    array = stored(tmp_path, values)
    for _ in range(6):
        starts = NOISE.integers(0, shape)
        stops = NOISE.integers(starts + 1, np.array(shape) + 1)
        box = tuple(slice(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True))
        assert np.array_equal(values_of(array, box), values[box])


def test_parts_cover_a_box_once_and_none_is_larger_than_a_chunk(tmp_path: Path):
    values = NOISE.random((70, 140, 130)).astype("f4")
    box = (slice(3, 70), slice(60, 129), slice(0, 130))
    seen = np.zeros(values.shape, int)
    for place, part in parts_of(stored(tmp_path, values), box):
        seen[place] += 1
        assert part.size <= 64**3
        assert np.array_equal(part, values[place])
    assert seen[box].min() == seen.max() == 1
    assert seen.sum() == seen[box].sum()


def test_only_the_chunks_a_box_touches_are_read(tmp_path: Path):
    array = stored(tmp_path, np.indices((128, 256, 256)).sum(0).astype("f4"))
    values_of(array, (slice(0, 2), slice(0, 2), slice(0, 2)))
    store: Any = array.store
    assert sum(size for key, size in store.taken.items() if "/c/" in key) < 64**3 * 4


def test_a_part_never_written_is_zero(tmp_path: Path):
    values = np.zeros((70, 300, 70), "u1")
    values[0, 0, 0] = 3
    array = stored(tmp_path, values, kind="labels")
    assert np.array_equal(values_of(array, tuple(slice(0, n) for n in values.shape)), values)


def test_a_chunk_of_the_wrong_length_is_damage(tmp_path: Path):
    array = stored(tmp_path, NOISE.random((5, 5, 5)).astype("f4"))
    path = tmp_path / "store" / "tree" / "v.ome.zarr" / "0" / "c" / "0" / "0" / "0"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(DamagedTree):
        values_of(array, (slice(0, 5),) * 3)
