"""A simultaneous tilt series as large as they come: written, taken in and read back tilt by tilt, time and memory."""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))
from lithoscope.readers import read
from lithoscope.units import Quantity
from lithoscope.writers.tilt_series_hdf5 import Scan, SeriesFrame, write_simultaneous
from workers import trees

STEP = Quantity(4.63, "nm", "header")
COUNTS_PER_PIXEL, CHANNELS = 20, 4096


def spectra(seed: int, side: int) -> NDArray[np.uint16]:
    """Draw about twenty X-rays a pixel, most of them at low energies."""
    rng = np.random.default_rng(seed)
    total = np.zeros((side * side, CHANNELS), np.uint16)
    count = COUNTS_PER_PIXEL * side * side
    channels = np.minimum(rng.exponential(300.0, count), CHANNELS - 1).astype(np.int64)
    np.add.at(total.reshape(-1), rng.integers(0, side * side, count) * CHANNELS + channels, np.uint16(1))
    return total.reshape(side, side, CHANNELS)


def scans(side: int, tilts: int) -> Iterator[Scan]:
    """Give the tilts one by one."""
    for tilt in range(tilts):
        yield Scan(3.0 * (tilt - tilts // 2), {"x_rays": spectra(tilt, side)})


def main() -> None:
    """Run one stage in this process, or all of them in processes of their own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--side", type=int, default=256)
    options.add_argument("--tilts", type=int, default=41)
    options.add_argument("--folder", type=Path)
    options.add_argument("--stage", choices=STAGES)
    given = options.parse_args()
    if given.stage:
        STAGES[given.stage](given.folder, given.side, given.tilts)
        return
    whole = given.side**2 * CHANNELS * given.tilts * 2 / 2**30
    print(f"{given.side} x {given.side} x {CHANNELS} x {given.tilts} uint16, {whole:.1f} GiB")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for stage in STAGES:
            command = [sys.executable, __file__, "--stage", stage, "--folder", folder]
            command += ["--side", str(given.side), "--tilts", str(given.tilts)]
            subprocess.run(command, check=True)


def report(stage: str, began: float, **more: object) -> None:
    """Print time and the largest resident size of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss / 2**10
    cpu = used.ru_utime + used.ru_stime
    print(f"{stage}: {time.perf_counter() - began:.1f} s, {cpu:.1f} s CPU, peak {peak:.0f} MiB {json.dumps(more)}")


def write(folder: Path, side: int, tilts: int) -> None:
    """Write our layout scan by scan."""
    began = time.perf_counter()
    frame = SeriesFrame(STEP, STEP, {"x_rays": -200 + 10.0 * np.arange(CHANNELS)})
    write_simultaneous(folder / "series.h5", scans(side, tilts), frame)
    report("write", began, stored_MiB=(folder / "series.h5").stat().st_size >> 20)


def take_in(folder: Path, _side: int, _tilts: int) -> None:
    """Do what the confined reader does: read, keep, sum up, draw."""
    began = time.perf_counter()
    arrays = {array.name: array for array in read(folder / "series.h5").arrays}
    kept = trees.write(folder / "kept", arrays, {})
    (folder / "kept.json").write_text(json.dumps(kept))
    report("take in", began, mean=kept[0]["statistics"]["mean"])


def go_through(folder: Path, _side: int, _tilts: int) -> None:
    """Do what a method does: sum each tilt's spectra over the field."""
    began = time.perf_counter()
    (summary,) = json.loads((folder / "kept.json").read_text())
    series = trees.load({"folder": str(folder / "kept"), "summary": summary}).values
    total = sum(int(series[tilt].sum(dtype=np.int64)) for tilt in range(series.shape[0]))
    report("go through", began, counts=total)


STAGES = {"write": write, "take-in": take_in, "go-through": go_through}

if __name__ == "__main__":
    main()
