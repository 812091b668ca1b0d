"""Slices of an array in shards: right, with one look at each index and no byte that is not asked for."""

import gzip
import threading
import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
import zarr

from lithoscope.client.chunked import Chunked, lazily
from lithoscope.client.problems import ClientError, NotFound
from lithoscope.writers.omezarr import create_level
from lithoscope.writers.timeless_gzip import TimelessGzip

SHAPE = (150, 330, 200)  # shards of 3, 4 and 4 chunks of 64
PACKED = TimelessGzip(level=1)
SELECTIONS = (
    np.s_[75], np.s_[:, 100], np.s_[:, :, 199], np.s_[3:5, 60:70, 120:130], np.s_[::40, 5, ::-7], np.s_[-1, 0:99:3],
    np.s_[149, 329, 199], np.s_[5:5], np.s_[100:, 300:], np.s_[:],
)  # fmt: skip


class Files:
    """A connection to a folder: it knows ranges, or not, and counts."""

    def __init__(self, folder, *, knows_ranges=True):
        self.folder, self.knows_ranges = folder, knows_ranges
        self.asked, self.bytes, self.lock = Counter(), 0, threading.Lock()

    def send(self, method, path, *, headers=None):
        assert method == "GET"
        wanted = (headers or {}).get("Range", "bytes=-").removeprefix("bytes=")
        file = self.folder / path.lstrip("/")
        with self.lock:
            self.asked["index" if wanted.startswith("-") and wanted != "-" else "chunks"] += 1
        if not file.exists():
            raise NotFound(404, {"code": "not-found"})
        content = file.read_bytes()
        if wanted == "-" or not self.knows_ranges:
            return httpx.Response(200, content=content)
        first, last = wanted.split("-")
        part = content[int(first) : int(last) + 1] if first else content[-int(last) :]
        with self.lock:
            self.bytes += len(part)
        return httpx.Response(206, content=part)


def made(folder, *, dtype="f4", shape=SHAPE, compressors=(PACKED,), values=None):
    group = zarr.open_group(folder, mode="a", zarr_format=3)
    axes = "zyx"[-len(shape) :]
    stored = create_level(group, "0", axes=axes, shape=shape, dtype=dtype, compressors=list(compressors))
    values = np.random.default_rng(0).integers(0, 255, shape).astype(dtype) if values is None else values
    stored[:] = values
    return zarr.open_group(folder, mode="r")["0"], values


@pytest.mark.parametrize("compressors", [(PACKED,), ()])
def test_every_selection_is_that_of_numpy(tmp_path, compressors):
    stored, values = made(tmp_path, dtype="i2", compressors=compressors)
    array = lazily(Files(tmp_path), "0", stored)
    assert isinstance(array, Chunked)
    for selection in SELECTIONS:
        wanted = values[selection]
        found = array[selection]
        assert (found.shape, found.dtype) == (wanted.shape, np.dtype("<i2"))
        assert np.array_equal(found, wanted)
    with pytest.raises(IndexError, match="150 is outside an axis of 150"):
        array[150]


def test_a_slice_asks_for_each_index_once_and_for_no_byte_beside_its_chunks(tmp_path):
    stored, values = made(tmp_path)
    files = Files(tmp_path)
    array = lazily(files, "0", stored)
    blocks = [np.s_[75, y : y + 64, x : x + 64] for y in range(0, 330, 64) for x in range(0, 200, 64)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(array.__getitem__, blocks))
    assert all(np.array_equal(part, values[block]) for part, block in zip(found, blocks, strict=True))
    assert files.asked == {"index": 2, "chunks": 24}
    lengths = [array._index((0, y // 4, 0))[1, y % 4, x, 1] for y in range(6) for x in range(4)]
    assert files.bytes == sum(map(int, lengths)) + sum(array._index((0, y, 0)).nbytes + 4 for y in range(2))


def test_chunks_that_lie_next_to_each_other_are_asked_for_together(tmp_path):
    stored, values = made(tmp_path)
    files = Files(tmp_path)
    array = lazily(files, "0", stored)
    assert np.array_equal(array[:, :, 3], values[:, :, 3])
    assert files.asked["index"] == 2
    assert files.asked["chunks"] < 18  # so many chunks


def test_places_that_were_never_written_hold_the_fill_value(tmp_path):
    values = np.zeros(SHAPE, "f4")
    values[70, 70, 70] = 1.0
    stored, _ = made(tmp_path, values=values)
    files = Files(tmp_path)
    array = lazily(files, "0", stored)
    assert np.array_equal(array[60:80], values[60:80])
    assert files.asked["chunks"] == 1
    assert array[0, 320, 0] == 0.0  # a shard that is no file


def test_a_small_array_is_read_file_by_file(tmp_path):
    stored, values = made(tmp_path, shape=(70, 30), dtype="f8")
    files = Files(tmp_path)
    assert np.array_equal(lazily(files, "0", stored)[60:, 4], values[60:, 4])
    assert files.asked == {"chunks": 2}


def test_who_gives_whole_files_for_parts_is_understood(tmp_path):
    stored, values = made(tmp_path)
    assert np.array_equal(lazily(Files(tmp_path, knows_ranges=False), "0", stored)[75], values[75])


def test_damage_on_the_way_is_told_and_no_value_made_up(tmp_path):
    stored, _ = made(tmp_path)
    array = lazily(Files(tmp_path), "0", stored)
    array._index((0, 0, 0))
    file = tmp_path / "0" / "c" / "0" / "0" / "0"
    content = bytearray(file.read_bytes())
    content[500:600] = bytes(100)
    file.write_bytes(content)
    with pytest.raises(ClientError, match="chunk 0, 0, 0 is damaged"):
        array[0, 0, 0]
    file.write_bytes(gzip.compress(b"x"))
    with pytest.raises(ClientError, match="is damaged or cut"):
        lazily(Files(tmp_path), "0", stored)[0, 0, 0]


def test_more_than_a_chunk_holds_is_not_unpacked(tmp_path):
    stored, _ = made(tmp_path, shape=(70, 30), dtype="f8")
    file = tmp_path / "0" / "c" / "0" / "0"
    file.write_bytes(gzip.compress(bytes(256 << 20)))
    array = lazily(Files(tmp_path), "0", stored)
    tracemalloc.start()
    with pytest.raises(ClientError, match="chunk 0, 0 is damaged or cut"):
        array[0, 0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


class Elsewhere(Files):
    """A server that says it gives a part and gives all of the file."""

    def send(self, method, path, *, headers=None):
        answer = super().send(method, path, headers=headers)
        if (headers or {}).get("Range", "bytes=-").startswith("bytes=-"):
            return answer
        return httpx.Response(206, content=(self.folder / path.lstrip("/")).read_bytes())


def test_a_part_of_another_length_than_asked_for_is_none(tmp_path):
    stored, _ = made(tmp_path, compressors=())
    array = lazily(Elsewhere(tmp_path), "0", stored)
    with pytest.raises(ClientError, match="is damaged or cut"):
        array[0, 70, 70]


def test_what_our_writer_does_not_make_is_left_to_zarr(tmp_path):
    group = zarr.open_group(tmp_path, mode="a", zarr_format=3)
    stored = group.create_array("0", shape=(4, 4), dtype="f4", chunks=(2, 2))  # zstd, zarr's own choice
    assert lazily(Files(tmp_path), "0", stored) is stored
