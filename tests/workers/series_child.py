"""A process with little memory that takes in a long series, keeps it and lends it: FOLDER BYTES."""

import json
import resource
import sys
from pathlib import Path

import numpy as np

from lithoscope import analysis
from lithoscope.methods import catalogue, resolve
from lithoscope.readers import read
from lithoscope.units import Quantity
from lithoscope.writers.tilt_series_hdf5 import Scan, SeriesFrame, write_simultaneous
from workers import trees

TILTS, SHAPE, OXYGEN = 12, (64, 64, 4096), 68
FIT = catalogue()["eds_fit"]
STEP = Quantity(4.63, "nm", "header")


def scan(tilt: int) -> Scan:
    """Put as many counts as tilts so far into one channel near oxygen of each pixel."""
    values = np.zeros(SHAPE, np.uint16)
    values[:, :, OXYGEN + tilt] = tilt + 1
    return Scan(float(tilt), {"x_rays": values})


def main(folder: Path, most_bytes: int) -> dict[str, object]:
    """Write, read, keep and lend the series, then ask for it whole."""
    resolve(FIT.compute)  # its libraries count as what the process begins with
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    bound = pages * resource.getpagesize() + most_bytes
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    frame = SeriesFrame(STEP, STEP, {"x_rays": -200 + 10.0 * np.arange(SHAPE[2])})
    write_simultaneous(folder / "series.h5", (scan(tilt) for tilt in range(TILTS)), frame)
    (array,) = read(folder / "series.h5").arrays
    (summary,) = trees.write(folder / "kept", {"x_rays": array}, {})
    lent = trees.load({"folder": str(folder / "kept"), "summary": summary})
    sums = [int(lent.values[tilt].sum()) for tilt in range(TILTS)]
    fitted = analysis.call(FIT, {"spectra": lent}, FIT.params())["maps"]
    try:
        np.asarray(lent.values)
        whole = "read"
    except MemoryError:
        whole = "MemoryError"
    told = {"sums": sums, "whole": whole, "statistics": summary["statistics"], "maps": list(fitted.values.shape)}
    return told | {"whole_bytes": int(np.prod(lent.values.shape)) * lent.values.dtype.itemsize}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
