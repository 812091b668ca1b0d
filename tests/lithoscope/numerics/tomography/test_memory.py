"""Estimates of memory hold what the engines take and are not far above; what does not fit is refused in time."""

import resource
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from lithoscope.numerics.tomography.gridding import measured_columns, padded_size
from lithoscope.numerics.tomography.map_engines import ENGINES, map_engine
from lithoscope.numerics.tomography.memory import algebraic_bytes, genfire_bytes

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
MIB = 1024**2
REFUSED = """
import numpy as np, resource, sys
from lithoscope.errors import ScienceError
from lithoscope.numerics.tomography.map_engines import map_engine
maps = np.ones((5, 15, 64, 64), np.float32)
map_engine("genfire", iterations=1)(maps[:1, :, :16, :16], np.arange(-70.0, 71.0, 10.0))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    map_engine(sys.argv[1], iterations=1)(maps, np.arange(-70.0, 71.0, 10.0))
except ScienceError as error:
    print(error.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)
"""


def estimate(name: str, shape: tuple[int, ...], oversampling_ratio: float) -> int:
    if name != "genfire":
        return algebraic_bytes(shape, tilts_at_once=1 if name == "fbp" else shape[1])
    padded_px = padded_size(shape[3], oversampling_ratio)
    columns = measured_columns(
        ANGLES_DEG, padded_px=padded_px, interpolation_radius_px=0.25, method="dft", resolution_circle=True
    )
    return genfire_bytes(shape, columns=len(columns.kx), padded_y_px=padded_size(shape[2], oversampling_ratio))


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("maps", "edge_px", "oversampling_ratio"), [(4, 40, 2), (1, 64, 3)])
def test_what_an_engine_takes_stays_below_its_estimate_and_near_it(name, maps, edge_px, oversampling_ratio):
    series = np.random.default_rng(0).random((maps, len(ANGLES_DEG), edge_px, edge_px), np.float32)
    engine = map_engine(name, iterations=2, oversampling_ratio=oversampling_ratio)
    engine(series[:1, :, :8, :8], ANGLES_DEG)  # what is imported on first use is not what a volume takes
    tracemalloc.start()
    engine(series, ANGLES_DEG)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < estimate(name, series.shape, oversampling_ratio) < 2.2 * taken


@pytest.mark.parametrize("name", ["genfire", "sirt"])
def test_maps_that_do_not_fit_are_refused_before_they_are_reconstructed(name):
    bound = 20 * MIB
    said = subprocess.run(
        [sys.executable, "-c", REFUSED, name],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_RSS, (bound, bound)),
    ).stdout
    code, grown_KiB, *words = said.split()
    assert code == "needs-too-much-memory"
    assert int(grown_KiB) < 20 * 1024
    assert "bin the images" in " ".join(words)
