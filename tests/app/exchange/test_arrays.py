"""Arrays of a crate that say more than was sent, or another thing than their record, are refused."""

import gzip
import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_crc32c
import h5py
import numpy as np
import pytest

from app.lab.exchange.arrays import check_arrays
from app.lab.exchange.layouts import MOST_CHUNK_BYTES
from app.lab.exchange.refusals import BadCrate
from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from workers import trees

STEP = dict.fromkeys("zyx", Quantity(5.0, "nm", "header"))
COUNTS = {"e": Quantity(10.0, "eV", "header")}
Change = Callable[[dict[str, Any]], object]


def written(folder: Path) -> list[dict[str, Any]]:
    """Write a small packed volume, one in shards, and a spectrum."""
    small = np.zeros((8, 16, 16), np.float32)
    large = np.zeros((2, 4, 400), np.uint8)
    made = {
        "small": LabelledArray(small, "zyx", STEP, "counts", kind="volume", name="small"),
        "large": LabelledArray(large, "zyx", STEP, "counts", kind="volume", name="large"),
        "spectrum": LabelledArray(np.ones(64, np.uint16), "e", COUNTS, "counts", kind="spectra", name="spectrum"),
    }
    made["small"].values[...] = 1
    made["large"].values[...] = 1
    return trees.write(folder, made, {})


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """Give a folder of arrays as our writers leave them, with its summaries."""
    folder = tmp_path_factory.mktemp("arrays") / "tree"
    return folder, written(folder)


@pytest.fixture
def tree(sound: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> tuple[Path, list[dict[str, Any]]]:
    """Give a copy to change; without the spectrum, which takes a process to look into."""
    folder, summaries = sound
    shutil.copytree(folder, tmp_path / "tree", ignore=shutil.ignore_patterns("*.h5"))
    return tmp_path / "tree", [dict(each) for each in summaries if each["kind"] != "spectra"]


def check(folder: Path, summaries: list[dict[str, Any]]) -> None:
    files = {path.relative_to(folder).as_posix(): "" for path in folder.rglob("*") if path.is_file()}
    check_arrays(folder, files, summaries, where="datasets/x/arrays", crate_bytes=1000)


def refusal(folder: Path, summaries: list[dict[str, Any]]) -> str:
    with pytest.raises(BadCrate) as found:
        check(folder, summaries)
    pointer = str(found.value.errors[0]["pointer"])
    assert pointer.startswith("/crate/datasets/x/arrays/")
    return str(found.value.detail)


def changed(folder: Path, change: Change, name: str = "small.ome.zarr/0") -> None:
    about = json.loads((folder / name / "zarr.json").read_text())
    change(about)
    (folder / name / "zarr.json").write_text(json.dumps(about))


def test_what_our_own_writers_leave_is_sound(sound):
    check(*sound)


def _chunk(*lengths: int) -> Change:
    return lambda about: about["chunk_grid"]["configuration"].update(chunk_shape=list(lengths))


def test_a_chunk_nobody_could_hold_is_refused_and_says_how_much(tree):
    changed(tree[0], _chunk(100_000, 100_000, 100_000))
    assert f"more than {MOST_CHUNK_BYTES // 2**20} MiB of memory" in refusal(*tree)


def test_a_shape_of_what_was_never_sent_is_refused(tree):
    changed(tree[0], lambda about: about.update(shape=[8, 2**20, 2**20]))
    assert "never sent" in refusal(*tree)


def test_another_shape_than_the_record_says_is_refused(tree):
    changed(tree[0], lambda about: about.update(shape=[8, 16, 15]))
    assert "another shape" in refusal(*tree)


def test_another_type_than_the_record_says_is_refused(tree):
    tree[1][0]["dtype"] = "float64"
    assert "another shape or type" in refusal(*tree)


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about["codecs"].append({"name": "zstd", "configuration": {}}),
        lambda about: about.update(data_type="string"),
        lambda about: about.update(storage_transformers=[{"name": "x"}]),
        lambda about: about["chunk_grid"]["configuration"].update(chunk_shape=[0, 16, 16]),
        lambda about: about["chunk_grid"]["configuration"].update(chunk_shape=[8, 16]),
        lambda about: about.update(shape=[8.5, 16, 16]),
        lambda about: about.pop("codecs"),
    ],
    ids=["codec", "type", "transformer", "empty chunk", "axes", "fraction", "no codecs"],
)
def test_a_layout_our_writers_never_make_is_refused(tree, change):
    changed(tree[0], change)
    assert "not laid out as Lithoscope writes it" in refusal(*tree)


@pytest.mark.parametrize(
    "content", [gzip.compress(bytes(2**24)), gzip.compress(b"short"), b"no gzip"], ids=["far more", "less", "no gzip"]
)
def test_a_packed_chunk_that_is_not_the_size_of_one_is_refused_without_unpacking_it(tree, content):
    (tree[0] / "small.ome.zarr/0/c/0/0/0").write_bytes(content)
    assert "does not hold 8192 bytes" in refusal(*tree)


@pytest.mark.parametrize(
    ("name", "words"), [("9/0/0", "beyond the shape"), ("0/0", "no chunk"), ("0/0/00", "no chunk")]
)
def test_files_that_are_no_chunks_of_the_array_are_refused(tree, name, words):
    path = tree[0] / "small.ome.zarr/0/c" / name
    if path.is_dir():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert words in refusal(*tree)


def test_chunks_of_a_file_that_lie_over_each_other_are_refused(tree):
    path = tree[0] / "large.ome.zarr/0/c/0/0/1"
    content = bytearray(path.read_bytes())
    index = len(content) - 4 - 16 * 4
    struct.pack_into("<QQQQ", content, index, 0, 20, 10, 20)
    struct.pack_into("<I", content, len(content) - 4, google_crc32c.value(bytes(content[index:-4])))
    path.write_bytes(content)
    assert "lie over each other" in refusal(*tree)


def _flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "place", [-4 - 16 * 4, -4 - 16 * 4 + 8, -5, -4, -1], ids=["start", "length", "end", "check", "last"]
)
def test_one_flipped_bit_in_the_list_of_a_file_s_chunks_names_file_and_remedy(tree, place):
    _flip(tree[0] / "large.ome.zarr/0/c/0/0/1", place)
    with pytest.raises(BadCrate) as found:
        check(*tree)
    assert found.value.errors[0]["pointer"] == "/crate/datasets/x/arrays/large.ome.zarr/0/c/0/0/1"
    assert "does not match its CRC32C" in str(found.value.detail)
    assert "export it again" in str(found.value.detail)


@pytest.mark.parametrize("place", [0, 4000, -8, -1], ids=["begin", "data", "check", "length"])
def test_one_flipped_bit_in_a_packed_chunk_names_file_and_remedy(tree, place):
    path = tree[0] / "small.ome.zarr/0/c/0/0/0"
    path.write_bytes(gzip.compress(np.random.default_rng(0).bytes(8192)))
    check(*tree)
    _flip(path, place)
    with pytest.raises(BadCrate) as found:
        check(*tree)
    assert found.value.errors[0]["pointer"] == "/crate/datasets/x/arrays/small.ome.zarr/0/c/0/0/0"
    assert "export it again" in str(found.value.detail)


def test_levels_elsewhere_and_words_for_arrays_below_are_refused(tree):
    group = "small.ome.zarr"
    changed(tree[0], lambda about: about.update(consolidated_metadata={"metadata": {}}), group)
    assert "speaks for the arrays below" in refusal(*tree)
    changed(tree[0], lambda about: about.pop("consolidated_metadata"), group)
    changed(tree[0], lambda about: about["attributes"]["ome"]["multiscales"][0]["datasets"][0].update(path=".."), group)
    assert "another shape" in refusal(*tree)


def test_spectra_that_lead_to_another_file_are_refused(tree, sound):
    secret = tree[0].parent / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["data"] = np.ones(64, np.uint16)
    with h5py.File(tree[0] / "spectrum.h5", "w") as file:
        file.create_group("entry/data")["data"] = h5py.ExternalLink(str(secret), "data")
    assert "a link to another file" in refusal(tree[0], sound[1])


def test_more_files_of_spectra_than_a_command_line_can_name_are_looked_at(tree, sound):
    folder = tree[0] / ("long" * 50) / ("name" * 50)
    folder.mkdir(parents=True)
    for number in range(5000):
        (folder / f"{number:0200}.h5").write_bytes(b"")
    assert "the file is empty" in refusal(tree[0], sound[1])
