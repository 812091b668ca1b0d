"""
Tomography against astra-toolbox on the same phantom, one thread each, in one run.

Run as ``python -m benchmarks.bench_tomography``; prints Markdown tables.
"""

# ruff: noqa: E402 - thread counts are read when numpy is loaded
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import astra
import numpy as np
from numpy.typing import NDArray
from rsciio.digitalmicrograph import file_reader

from lithoscope.numerics.tomography import fbp, pick_tilts, project, sirt, subtract_background, turn_series
from lithoscope.numerics.tomography.phantoms import porous_particle

Volume = NDArray[np.float32]

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
REAL_SERIES = Path(__file__).parents[1] / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"
ASTRA_PROJECTORS = ("linear", "line", "strip")
PEAK_COUNTS = 1e4
RECONSTRUCT = """
from lithoscope.numerics.tomography import sirt
from lithoscope.numerics.tomography.phantoms import small_clean_series
sirt(**small_clean_series(), iterations=5)
"""
SEGMENT = """
from lithoscope.numerics.volumes import segment_threshold
from lithoscope.numerics.volumes.phantoms import small_image
segment_threshold(**small_image(), classes=2)
"""


def astra_volume(
    series: Volume, angles_deg: NDArray[np.float64], projector: str, algorithm: str, rounds: int
) -> Volume:
    """Reconstruct slice by slice on the CPU; astra's y axis points up, which turns the volume over."""
    _, slices, n_x = series.shape
    space = astra.create_vol_geom(n_x, n_x)
    rays = astra.create_proj_geom("parallel", 1.0, n_x, np.deg2rad(angles_deg))
    projector_id = astra.create_projector(projector, rays, space)
    volume = np.empty((n_x, slices, n_x), np.float32)
    for y in range(slices):
        volume_id = astra.data2d.create("-vol", space)
        sinogram_id = astra.data2d.create("-sino", rays, series[:, y])
        settings = astra.astra_dict(algorithm)
        settings |= {"ReconstructionDataId": volume_id, "ProjectionDataId": sinogram_id, "ProjectorId": projector_id}
        settings["option"] = {"MinConstraint": 0.0} if algorithm in {"SIRT", "SART"} else {}
        run = astra.algorithm.create(settings)
        astra.algorithm.run(run, rounds)
        volume[:, y] = astra.data2d.get(volume_id)[::-1]
        astra.algorithm.delete(run)
        astra.data2d.delete([volume_id, sinogram_id])
    astra.projector.delete(projector_id)
    return volume


def noisy_series(n: int) -> tuple[Volume, Volume]:
    """Project a phantom drawn twice as fine, so that nobody reconstructs with the projector that made it; count."""
    fine = project(porous_particle(2 * n, supersampling=1), ANGLES_DEG)
    series = fine.reshape(len(ANGLES_DEG), n, 2, n, 2).mean(axis=(2, 4)) / 2
    scale = PEAK_COUNTS / series.max()
    counts = np.random.default_rng(0).poisson(series * scale) / scale
    return counts.astype(np.float32), porous_particle(n)


def psnr_db(volume: Volume, truth: Volume) -> float:
    return float(10 * np.log10(truth.max() ** 2 / np.mean((volume - truth) ** 2)))


def timed(work: Callable[[], Volume], repeats: int) -> tuple[float, Volume]:
    """Return the best time of several [s], and the result."""
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return best, result


def compare_sirt(n: int, iterations: int, repeats: int) -> None:
    series, truth = noisy_series(n)
    ours_s, ours = timed(lambda: sirt(series, ANGLES_DEG, iterations=iterations), repeats)
    print(f"| {n}³ | Lithoscope | {iterations} | {ours_s:.2f} | 1 | {psnr_db(ours, truth):.2f} |", flush=True)
    for projector in ASTRA_PROJECTORS:
        theirs_s, theirs = timed(lambda p=projector: astra_volume(series, ANGLES_DEG, p, "SIRT", iterations), repeats)
        figures = f"{theirs_s:.2f} | {theirs_s / ours_s:.1f} | {psnr_db(theirs, truth):.2f}"
        print(f"| {n}³ | astra, {projector} | {iterations} | {figures} |", flush=True)


def compare_fbp(n: int) -> None:
    series, truth = noisy_series(n)
    ours_s, ours = timed(lambda: fbp(series, ANGLES_DEG, filter="ramp"), 3)
    print(f"| {n}³ | Lithoscope | {ours_s:.3f} | 1 | {psnr_db(ours, truth):.2f} |")
    theirs_s, theirs = timed(lambda: astra_volume(series, ANGLES_DEG, "linear", "FBP", 1), 3)
    print(f"| {n}³ | astra, linear | {theirs_s:.3f} | {theirs_s / ours_s:.1f} | {psnr_db(theirs, truth):.2f} |")


def compare_real_series() -> None:
    angles = np.arange(-90.0, 91.0, 2.0)
    clean = subtract_background(file_reader(str(REAL_SERIES))[0]["data"], angles, level="outside_object").tilt_series
    series, axis = turn_series(clean, angles, tilt_axis_deg=-79.2)
    few = pick_tilts(series, angles, first_deg=-70.0, last_deg=70.0, step_deg=10.0, tolerance_deg=0.5)
    axis_px = axis.value
    reference = sirt(series, angles, iterations=100, rotation_axis_px=axis_px)
    for name, volume in (
        ("SIRT, 100 iterations", sirt(few.values, few.coordinates["t"], iterations=100, rotation_axis_px=axis_px)),
        ("FBP, ramp", fbp(few.values, few.coordinates["t"], rotation_axis_px=axis_px)),
        ("FBP, hann", fbp(few.values, few.coordinates["t"], rotation_axis_px=axis_px, filter="hann")),
    ):
        correlation = np.corrcoef(volume.ravel(), reference.ravel())[0, 1]
        print(f"| {name} | {correlation:.3f} | {psnr_db(volume, reference):.1f} |")


def fresh_process_s(code: str) -> float:
    """Return the best of five times of a new interpreter [s]."""
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        best = min(best, time.perf_counter() - started)
    return best


def report_start_up() -> None:
    bare = fresh_process_s("pass")
    for name, code in (
        ("import numpy", "import numpy"),
        ("import lithoscope.numerics.tomography", "import lithoscope.numerics.tomography"),
        (
            "import, and SIRT of the example series",
            RECONSTRUCT,
        ),
        (
            "import, and segmentation of the example image",
            SEGMENT,
        ),
    ):
        print(f"| {name} | {fresh_process_s(code) - bare:.2f} |")


if __name__ == "__main__":
    print("| volume | SIRT | iterations | s | time over ours | PSNR dB |\n|---|---|---|---|---|---|")
    compare_sirt(64, 100, 3)
    compare_sirt(128, 100, 1)
    print("\n| volume | FBP | s | time over ours | PSNR dB |\n|---|---|---|---|---|")
    compare_fbp(64)
    compare_fbp(128)
    print("\n| 15 of 91 real tilts against SIRT of all | correlation | PSNR dB |\n|---|---|---|")
    compare_real_series()
    print("\n| in a fresh process | s over a bare interpreter |\n|---|---|")
    report_start_up()
