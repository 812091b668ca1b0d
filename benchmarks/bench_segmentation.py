"""
Thresholds, surfaces and intervals of segmentation, against scikit-image and against the truth, in one run.

Run as ``python -m benchmarks.bench_segmentation``; prints Markdown tables.
"""

# ruff: noqa: E402 - thread counts are read when numpy is loaded
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import threshold_multiotsu
from skimage.measure import marching_cubes, mesh_surface_area

from lithoscope.numerics.common.otsu import GreyHistogram, otsu_thresholds
from lithoscope.numerics.volumes import segment_threshold, surface_measure
from lithoscope.numerics.volumes.phantoms import micrograph, random_phases

PHANTOMS = 100
BINS = 256


def timed(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Return the best time of several [s], and the result."""
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return best, result


def compare_thresholds() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(level, 1.0, 200_000) for level in range(0, 20, 4)]).astype(np.float32)
    counts, edges = np.histogram(values, BINS)
    centres = (edges[1:] + edges[:-1]) / 2
    for classes in (2, 3, 4, 5):
        ours_s, ours = timed(
            lambda c=classes: otsu_thresholds(GreyHistogram(counts.astype(float), counts * centres), c)
        )
        theirs_s, theirs = timed(
            lambda c=classes: threshold_multiotsu(hist=(counts, centres), classes=c), 1 if classes == 5 else 3
        )
        apart = np.abs(ours - theirs).max() / (edges[1] - edges[0])
        print(f"| {classes} | {1e3 * ours_s:.2f} | {1e3 * theirs_s:.2f} | {theirs_s / ours_s:.1f} | {apart:.2f} |")


def ball(radius_px: float) -> NDArray[np.bool_]:
    n = int(2 * radius_px) + 7
    place = np.arange(n) - (n - 1) / 2 + 0.2
    return place[:, None, None] ** 2 + place[:, None] ** 2 + place**2 < radius_px**2


def compare_surfaces() -> None:
    for radius in (5.0, 10.0, 30.0):
        region, truth = ball(radius), 4 * np.pi * radius**2
        ours_s, ours = timed(lambda r=region: surface_measure(r, spacing_nm=(1.0, 1.0, 1.0)))
        theirs_s, theirs = timed(lambda r=region: mesh_surface_area(*marching_cubes(r.astype(np.float32), 0.5)[:2]))
        faces = sum(np.count_nonzero(np.diff(region, axis=axis)) for axis in range(3))
        errors = " | ".join(f"{100 * (value / truth - 1):+.1f}" for value in (ours, theirs, faces))
        print(f"| {radius:.0f} | {errors} | {1e3 * ours_s:.1f} | {1e3 * theirs_s:.1f} |")


def held_of_100(
    shape: tuple[int, ...], *, fraction: float, size_px: float, blur_px: float, noise: float
) -> tuple[list[int], float]:
    """Count in how many phantoms the intervals hold material fraction, piece fraction and mid grey; mean width."""
    held, width = np.zeros(3, int), 0.0
    for seed in range(PHANTOMS):
        rng = np.random.default_rng(seed)
        bright = random_phases(shape, fraction=fraction, size_px=size_px, rng=rng)
        image = micrograph(bright, blur_px=blur_px, noise=noise, rng=rng)
        found = segment_threshold(image, spacing_nm=(1.0,) * len(shape), classes=2, seed=seed)
        phases, thresholds = found.phases.columns, found.thresholds.columns
        low, high = phases["fraction_low"][1], phases["fraction_high"][1]
        middle = thresholds["threshold_low"][0] <= 0.5 <= thresholds["threshold_high"][0]
        held += [low <= fraction <= high, low <= bright.mean() <= high, middle]
        width += (high - low) / PHANTOMS
    return held.tolist(), width


def count_coverage() -> None:
    for shape in ((64, 64), (128, 128), (32, 32, 32)):
        for fraction, size_px, blur_px, noise in (
            (0.3, 2.0, 0.0, 0.2),
            (0.3, 4.0, 1.0, 0.5),
            (0.3, 8.0, 1.0, 0.3),
            (0.1, 3.0, 1.0, 0.3),
            (0.3, 2.0, 1.5, 0.2),
            (0.03, 3.0, 1.0, 0.3),
        ):
            held, width = held_of_100(shape, fraction=fraction, size_px=size_px, blur_px=blur_px, noise=noise)
            size = " x ".join(map(str, shape))
            print(
                f"| {size} | {fraction} | {size_px:.0f} | {blur_px} | {noise} | {held[0]} | {held[1]} | {held[2]} "
                f"| {width:.2f} |",
                flush=True,
            )


def time_volumes() -> None:
    for n in (64, 128, 256):
        rng = np.random.default_rng(n)
        volume = ndimage.gaussian_filter(rng.standard_normal((n, n, n)).astype(np.float32), 3)
        for classes in (2, 3):
            seconds, _ = timed(lambda v=volume, c=classes: segment_threshold(v, spacing_nm=(1.0,) * 3, classes=c), 1)
            print(f"| {n}³ | {classes} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    print("| classes | ours ms | scikit-image ms | time over ours | thresholds apart [bins] |\n|---|---|---|---|---|")
    compare_thresholds()
    print(
        "\n| radius [voxels] | Crofton, ours % | marching cubes % | voxel faces % | ours ms | marching cubes ms |"
        "\n|---|---|---|---|---|---|"
    )
    compare_surfaces()
    print(
        "\n| field | fraction | structure [px] | blur [px] | noise | held: material | held: piece | held: mid grey "
        "| width |\n|---|---|---|---|---|---|---|---|---|"
    )
    count_coverage()
    print("\n| volume | classes | s, intervals and surfaces included |\n|---|---|---|")
    time_volumes()
