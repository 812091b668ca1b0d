"""Damaged files of every format: only refusals come out, and the process that reads them lives."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from lithoscope.writers.hdf5 import write_hdf5
from lithoscope.writers.mrc import write_mrc
from lithoscope.writers.tiff import write_tiff
from tests.lithoscope.readers.bcf import pixel, stream
from tests.lithoscope.readers.edax_files import spc, spd
from tests.lithoscope.readers.hostile import DM3
from tests.lithoscope.readers.ion_files import apt, epos, pos
from tests.lithoscope.readers.scans import packed, velox_scan
from tests.lithoscope.readers.test_bruker import small
from tests.lithoscope.readers.test_eiger_set import FRAMES, frames
from tests.lithoscope.readers.test_emsa import SMALL
from tests.lithoscope.readers.test_oxford import oina
from tests.lithoscope.readers.tia_files import ser
from tests.lithoscope.readers.vendors import fei_tiff, small_velox
from tests.lithoscope.writers import factories
from tests.lithoscope.writers.series import write_series

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).with_name("fuzz_child.py")
DM4 = ROOT / "tests/data/EELS_SI.dm4"
ROUNDS, ROUNDS_OF_SLOW_FILES = 300, 100
SLOW = {"a.dm3", "frames.h5", "a.h5oina", "series.h5", "a.cxi", "a.emd"}


def copied(source: Path) -> Callable[[Path], None]:
    def copy(path: Path) -> None:
        path.write_bytes(source.read_bytes())

    return copy


def plain_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        data = file.create_group("entry/data")
        data.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": ["y", "x"]})
        data.create_dataset("counts", data=np.arange(600).reshape(20, 30), compression="gzip", chunks=(10, 10))
        data["y"], data["x"] = np.arange(20) * 2.0, np.arange(30) * 2.0


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(DM4, "a.dm4")


SEEDS: dict[str, Callable[[Path], None]] = {
    "a.dm3": copied(DM3),
    "a.dm4": copied(DM4),
    "a.mrc": lambda path: write_mrc(factories.volume(), path),
    "fei.tif": fei_tiff,
    "ome.tif": lambda path: write_tiff(factories.volume(), path),
    "imagej.tif": lambda path: tifffile.imwrite(path, np.zeros((3, 8, 8), np.uint8), imagej=True),
    "a.npy": lambda path: np.save(path, np.zeros((8, 8))),
    "a.zip": zipped,
    "own.h5": lambda path: write_hdf5(factories.spectra(), path),
    "plain.h5": plain_hdf5,
    "a.emd": small_velox,
    "a.msa": lambda path: path.write_text(SMALL),
    "a.cxi": copied(ROOT / "tests/data/petra_p25_20_frames.cxi"),
    "a.h5oina": lambda path: oina(path) and None,
    "a.ser": lambda path: ser(path, np.arange(60, dtype="<i4").reshape(6, 10), scan=(3, 2)) and None,
    "a.spd": lambda path: spd(path, np.arange(60, dtype="<u2").reshape(2, 3, 10)) and None,
    "a.spc": lambda path: spc(path, np.arange(100)) and None,
    "frames.h5": lambda path: frames(path, FRAMES) and None,
    "a.bcf": lambda path: small(path, stream([[pixel(0, 2, b"\x01\x08\x05" + bytes(4), added=b"")]], 2)),
    "a.pos": lambda path: pos(path) and None,
    "a.epos": lambda path: epos(path) and None,
    "a.apt": lambda path: apt(path) and None,
    "series.h5": write_series,
    "series.zip": lambda path: packed(path, [velox_scan(path.parent / f"{i}.emd", 10.0 * i, i) for i in range(2)]),
}


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_file_is_read_or_refused(name: str, tmp_path: Path):
    SEEDS[name](tmp_path / name)
    (tmp_path / "flipped").mkdir()
    rounds = ROUNDS_OF_SLOW_FILES if name in SLOW else ROUNDS
    command = [sys.executable, str(CHILD), str(tmp_path / name), str(tmp_path / "flipped"), str(rounds)]
    child = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, timeout=120
    )
    assert child.returncode == 0, child.stderr[-2000:]
    outcome = json.loads(child.stdout.splitlines()[-1])
    assert outcome["escaped"] == []
    assert outcome["refused"] > 0
