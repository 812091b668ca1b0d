"""Copies of published outputs in other formats, made outside this process and kept for a day."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.infra.storage import Store, sha256_of
from app.infra.storage.digests import tree_digest
from lithoscope.tables import Table
from lithoscope.writers.csv import write_csv
from lithoscope.writers.zipped import zip_omezarr

EXTENSIONS = {
    "ome-zarr": "ome.zarr.zip", "hdf5": "h5", "mrc": "mrc", "tiff": "ome.tif", "csv": "csv", "png": "png", "svg": "svg",
    "gif": "gif", "ome-zarr-0.4": "ome.zarr.zip", "zarr": "zarr.zip",
}  # fmt: skip
PICTURES = {"figure": ("png", "svg"), "film": ("gif", "png")}
_CONVERTED = frozenset({"hdf5", "mrc", "tiff", "ome-zarr-0.4"})
_KEPT_S = 24 * 3600
_LIMIT_S = 540
_REFUSED = 3
_AT_ONCE = threading.BoundedSemaphore(2)
_ADMITTED = threading.BoundedSemaphore(8)


class ExportRefused(RuntimeError):
    """The output does not fit the format; the words are the writer's."""


class ExportsBusy(RuntimeError):
    """So many copies are being made that one more would take the threads of other requests."""


class ExportFailed(RuntimeError):
    """The conversion ended without a file."""


class DamagedTree(RuntimeError):
    """Stored bytes are not those of the manifest."""


@dataclass(frozen=True)
class Export:
    """A finished copy: where it is, its SHA-256, and the extension of its name."""

    path: Path
    sha256: str
    extension: str


def formats_of(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the formats an output fits."""
    if summary["kind"] in {"table", "scalar"}:
        return ("csv",)
    if summary["kind"] == "spectra":
        return ("hdf5",)
    if summary["kind"] == "points":
        return ("zarr",)
    if summary["kind"] in PICTURES:
        return PICTURES[summary["kind"]]
    mrc = ("mrc",) if summary["axes"] in {"zyx", "tyx", "yx"} else ()
    is_paged = summary["axes"].endswith("yx") and not {"t", "z"} <= set(summary["axes"])
    return ("ome-zarr", "hdf5", *mrc, *(("tiff",) if is_paged else ()))


class Exports:
    """
    Makes copies and keeps them as long as they are asked for.

    Parameters
    ----------
    store : Store
        Where the outputs are.
    folder : Path
        Where copies stay; it may be emptied at any time.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def file(self, tree: str, summary: Mapping[str, Any], format_name: str, attributes: Mapping[str, Any]) -> Export:
        """
        Return a copy of one output, made now unless it was made before.

        Parameters
        ----------
        tree : str
            Key of the published folder; every byte read from it is held against its manifest.
        summary : mapping
            The output's entry.
        format_name : str
            One of `formats_of` the output.
        attributes : mapping
            Plain JSON kept inside HDF5 files.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        asked = json.dumps([1, tree, summary["name"], format_name, attributes], sort_keys=True)
        place = self._folder / hashlib.sha256(asked.encode()).hexdigest()
        found = _in(place)
        if found is None:
            self._drop_old()
            with admitted(), _AT_ONCE:
                found = _in(place) or self._make(place, tree, summary, format_name=format_name, attributes=attributes)
        os.utime(place)
        return found

    def _make(
        self, place: Path, tree: str, summary: Mapping[str, Any], *, format_name: str, attributes: Mapping[str, Any]
    ) -> Export:
        extension = EXTENSIONS[format_name]
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="making-") as room, self._store.local(tree) as folder:
            summary = _in_format(summary, format_name)
            _check(folder, tree.rpartition("/")[2], summary["path"])
            made = Path(room) / f"{summary['name']}.{extension}"
            if format_name in _CONVERTED and summary["kind"] != "spectra":
                _convert(folder / summary["path"], made, format_name, attributes)
            else:
                _copy(folder, summary, made)
            made, extension = _with_companions(made, extension)
            with made.open("rb") as file:
                digest = sha256_of(file)
            finished = Path(room) / "finished"
            finished.mkdir()
            made.rename(finished / f"{digest}.{extension}")
            try:
                finished.rename(place)
            except OSError:
                if _in(place) is None:
                    raise
        return Export(place / f"{digest}.{extension}", digest, extension)

    def _drop_old(self) -> None:
        for place in self._folder.iterdir():
            try:
                if time.time() - place.stat().st_mtime > _KEPT_S:
                    shutil.rmtree(place)
            except FileNotFoundError:
                continue  # another request dropped it a moment before


@contextmanager
def admitted() -> Iterator[None]:
    """Hold a place in the queue for conversions; a long queue is refused."""
    if not _ADMITTED.acquire(blocking=False):
        raise ExportsBusy
    try:
        yield
    finally:
        _ADMITTED.release()


def _in(place: Path) -> Export | None:
    try:
        path = next(place.iterdir(), None)
    except FileNotFoundError:
        return None
    if path is None:
        return None
    digest, _, extension = path.name.partition(".")
    return Export(path, digest, extension)


def _in_format(summary: Mapping[str, Any], format_name: str) -> Mapping[str, Any]:
    """Return the summary with the path of this format, of which pictures have one file each."""
    if summary["kind"] not in PICTURES:
        return summary
    return {**summary, "path": f"{summary['name']}.{format_name}"}


def _check(folder: Path, digest: str, path: str) -> None:
    """Hold every file of an output against the manifest, and the manifest against the tree's name."""
    try:
        files: dict[str, str] = json.loads((folder / "manifest.json").read_bytes())["files"]
        is_whole = tree_digest(files) == digest and all(
            _hash(folder / name) == expected
            for name, expected in files.items()
            if name == path or name.startswith(f"{path}/")
        )
    except (OSError, ValueError, KeyError) as error:
        raise DamagedTree(path) from error
    if not is_whole:
        raise DamagedTree(path)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return sha256_of(file)


def _convert(source: Path, target: Path, format_name: str, attributes: Mapping[str, Any]) -> None:
    """Run the writer in a process of its own: its memory and its C libraries stay out of the service."""
    command = [sys.executable, "-m", "app.infra.conversion", str(source), str(target), format_name]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, paths made by us
            command, input=json.dumps(attributes).encode(), capture_output=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ExportRefused(f"It takes longer than {_LIMIT_S} s to convert: take ome-zarr.") from error
    if done.returncode == _REFUSED:
        raise ExportRefused(done.stdout.decode(errors="replace"))
    if done.returncode != 0:
        raise ExportFailed(done.stderr.decode(errors="replace")[-2000:])


def _copy(folder: Path, summary: Mapping[str, Any], target: Path) -> None:
    source = folder / summary["path"]
    if source.is_dir():
        zip_omezarr(source, target)
    elif summary["kind"] == "scalar":
        record = {"name": summary["name"], **summary["quantity"]}
        low, high = record.pop("interval") or (None, None)
        columns = {name: [value] for name, value in {**record, "interval_low": low, "interval_high": high}.items()}
        write_csv(Table(columns, dict.fromkeys(columns, "1")), target)
    else:
        shutil.copyfile(source, target)


def _with_companions(made: Path, extension: str) -> tuple[Path, str]:
    """Zip a file with what its writer put beside it (the angles of an MRC tilt series)."""
    files = sorted(path for path in made.parent.iterdir() if path.is_file())
    if files == [made]:
        return made, extension
    inside = made.parent / "inside"
    inside.mkdir()
    for path in files:
        path.rename(inside / path.name)
    bundle = made.parent / "bundle.zip"
    zip_omezarr(inside, bundle)
    return bundle, f"{extension}.zip"
