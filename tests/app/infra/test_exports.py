"""Copies in other formats are made once, kept for a day, and never from damaged bytes."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.infra.exports import DamagedTree, Exports, ExportsBusy, admitted, formats_of
from app.infra.storage import LocalStore, tree_key
from tests.app.results.publishing import outputs
from workers import folders, trees


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def tree(store: LocalStore, tmp_path: Path) -> str:
    summaries = trees.write(tmp_path / "made", outputs(), {})
    digest, _size = folders.seal(tmp_path / "made", summaries)
    store.put_tree(tree_key(digest), tmp_path / "made")
    return tree_key(digest)


@pytest.fixture
def exports(store: LocalStore, tmp_path: Path) -> Exports:
    return Exports(store, tmp_path / "exports")


TABLE: dict[str, Any] = {"name": "classes", "kind": "table", "path": "classes.csv"}
VOLUME: dict[str, Any] = {"name": "volume", "kind": "volume", "path": "volume.ome.zarr", "axes": "zyx"}


@pytest.mark.parametrize(
    ("kind", "axes", "formats"),
    [
        ("volume", "zyx", ("ome-zarr", "hdf5", "mrc", "tiff")),
        ("tilt_series", "tyx", ("ome-zarr", "hdf5", "mrc", "tiff")),
        ("image", "cyx", ("ome-zarr", "hdf5", "tiff")),
        ("stack", "tzyx", ("ome-zarr", "hdf5")),
        ("spectra", "yxe", ("hdf5",)),
        ("table", None, ("csv",)),
        ("scalar", None, ("csv",)),
    ],
)
def test_each_kind_names_the_formats_it_fits(kind: str, axes: str | None, formats: tuple[str, ...]) -> None:
    assert formats_of({"kind": kind, "axes": axes}) == formats


def test_a_copy_is_named_by_its_digest_and_made_once_however_many_ask(exports: Exports, tree: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        copies = list(pool.map(lambda _: exports.file(tree, VOLUME, "ome-zarr", {}), range(6)))
    assert len(set(copies)) == 1
    assert copies[0].path.name == f"{copies[0].sha256}.ome.zarr.zip"
    assert len(list(copies[0].path.parent.parent.iterdir())) == 1


def test_a_long_queue_for_copies_is_refused_and_a_made_one_is_not(exports: Exports, tree: str) -> None:
    made = exports.file(tree, TABLE, "csv", {})
    with ExitStack() as places:
        with pytest.raises(ExportsBusy):  # noqa: PT012 - whichever place is the first too many
            while True:
                places.enter_context(admitted())
        with pytest.raises(ExportsBusy):
            exports.file(tree, VOLUME, "ome-zarr", {})
        assert exports.file(tree, TABLE, "csv", {}) == made
    assert exports.file(tree, VOLUME, "ome-zarr", {}).path.exists()


def test_copies_nobody_asked_for_in_a_day_are_dropped(exports: Exports, tree: str) -> None:
    old = exports.file(tree, VOLUME, "ome-zarr", {})
    os.utime(old.path.parent, (time.time() - 90_000,) * 2)
    exports.file(tree, TABLE, "csv", {})
    assert not old.path.exists()


@pytest.mark.parametrize("damage", ["manifest.json", "volume.ome.zarr/zarr.json"])
def test_a_damaged_tree_gives_no_copy(exports: Exports, store: LocalStore, tree: str, damage: str) -> None:
    path = store.root / tree / damage
    path.write_bytes(path.read_bytes().replace(b"volume.ome.zarr/zarr", b"volumf.ome.zarr/zarr") + b" ")
    with pytest.raises(DamagedTree):
        exports.file(tree, VOLUME, "hdf5", {})


def test_a_missing_file_is_damage(exports: Exports, store: LocalStore, tree: str) -> None:
    (store.root / tree / "classes.csv").unlink()
    with pytest.raises(DamagedTree):
        exports.file(tree, TABLE, "csv", {})
