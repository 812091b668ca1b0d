"""
GENFIRE, SIRT, SART and RESIRE on the phantom of the notes, beside astra-toolbox and scikit-image in the same run:
processor seconds of one thread, and how near the truth.

Run as ``python -m benchmarks.bench_genfire``; prints Markdown tables. Processor seconds are those of this process: a
busy machine lengthens them far less than the clock's.
"""

# ruff: noqa: E402 - thread counts are read when numpy is loaded
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.transform import iradon, iradon_sart

from benchmarks.bench_tomography import astra_volume
from lithoscope.numerics.tomography import fbp, genfire, genfire_maps, project, resire, sart, sirt
from lithoscope.numerics.tomography.gridding import gridded_rows, measured_columns
from lithoscope.numerics.tomography.phantoms import porous_particle

Volume = NDArray[np.float32]

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
PEAK_COUNTS = 1e4


def noisy_series(n: int) -> tuple[Volume, Volume]:
    """Project a phantom drawn twice as fine, so that nobody reconstructs with the projector that made it; count."""
    fine = project(porous_particle(2 * n, supersampling=1), ANGLES_DEG)
    series = fine.reshape(len(ANGLES_DEG), n, 2, n, 2).mean(axis=(2, 4)) / 2
    scale = PEAK_COUNTS / series.max()
    counts = np.random.default_rng(0).poisson(series * scale) / scale
    return counts.astype(np.float32), porous_particle(n)


def judged(volume: Volume, truth: Volume) -> str:
    """Give R after one global scale, PSNR [dB], correlation and Dice as cells of a table."""
    scaled = volume * (np.vdot(volume, truth) / np.vdot(volume, volume))
    r = abs(scaled - truth).sum() / truth.sum()
    psnr_db = 10 * np.log10(truth.max() ** 2 / np.mean((volume - truth) ** 2))
    found, true = volume > 0.5, truth > 0.5
    dice = 2 * (found & true).sum() / (found.sum() + true.sum())
    correlation = np.corrcoef(volume.ravel(), truth.ravel())[0, 1]
    return f"{r:.3f} | {psnr_db:.2f} | {correlation:.4f} | {dice:.3f}"


def timed(work: Callable[[], Any], repeats: int = 1) -> tuple[float, Any]:
    """Return the best processor time of several [s], and the result."""
    best = float("inf")
    for _ in range(repeats):
        started = time.process_time()
        result = work()
        best = min(best, time.process_time() - started)
    return best, result


def compare_engines(n: int, settings: list[tuple[str, dict[str, Any]]]) -> None:
    series, truth = noisy_series(n)
    for name, extra in settings:
        seconds, result = timed(lambda extra=extra: genfire(series, ANGLES_DEG, **extra))
        free = "-" if result.r_free is None else f"{result.r_free[-1]:.4f}"
        figures = f"{judged(result.volume, truth)} | {result.error_k[-1]:.4f} | {free}"
        print(f"| {name} | {n}³ | {seconds:.2f} | {1e3 * seconds / extra['iterations']:.1f} | {figures} |", flush=True)


def compare_algebraic(n: int) -> None:
    series, truth = noisy_series(n)
    for name, engine, settings in (
        ("SIRT 100", sirt, {"iterations": 100}),
        ("SART 10, relaxation 1", sart, {"iterations": 10, "relaxation": 1.0}),
        ("SART 20, relaxation 0.5", sart, {"iterations": 20}),
        ("RESIRE 100", resire, {"iterations": 100}),
        ("RESIRE 300, step 1.9", resire, {"iterations": 300, "step_size": 1.9}),
    ):
        seconds, volume = timed(lambda engine=engine, settings=settings: engine(series, ANGLES_DEG, **settings))
        figures = f"{judged(volume, truth)} | - | -"
        per_iteration = 1e3 * seconds / settings["iterations"]
        print(f"| {name} | {n}³ | {seconds:.2f} | {per_iteration:.1f} | {figures} |", flush=True)


def skimage_volume(series: Volume, reconstruct: Callable[[Any, Any], Any]) -> Volume:
    """Reconstruct slice by slice; scikit-image counts angles from the other axis of a slice and centres at n // 2."""
    n_x = series.shape[2]
    slices = [reconstruct(np.ascontiguousarray(series[:, y].T), ANGLES_DEG) for y in range(series.shape[1])]
    volume = np.stack(slices, axis=1).astype(np.float32)
    assert volume.shape == (n_x, series.shape[1], n_x)
    return volume[::-1]


def sart_rounds(sinogram: Any, angles: Any) -> Any:
    """Go through all tilts twice, no negative density."""
    once = iradon_sart(sinogram, theta=angles, clip=(0, np.inf))
    return iradon_sart(sinogram, theta=angles, image=once, clip=(0, np.inf))


def compare_peers(n: int) -> None:
    """Print our engines and their peers on one series, times over ours of the same kind."""
    series, truth = noisy_series(n)
    ours: dict[str, Callable[[], Any]] = {
        "FBP": lambda: fbp(series, ANGLES_DEG, filter="ramp"),
        "SIRT": lambda: sirt(series, ANGLES_DEG, iterations=100),
        "SART": lambda: sart(series, ANGLES_DEG, iterations=10, relaxation=1.0),
        "GENFIRE": lambda: genfire(series, ANGLES_DEG, iterations=200, interpolation_radius_px=0.25).volume,
    }
    peers: dict[str, tuple[str, Callable[[], Any]]] = {
        "astra FBP": ("FBP", lambda: astra_volume(series, ANGLES_DEG, "linear", "FBP", 1)),
        "scikit-image iradon": ("FBP", lambda: skimage_volume(series, lambda s, a: iradon(s, theta=a))),
        "astra SIRT, 100": ("SIRT", lambda: astra_volume(series, ANGLES_DEG, "linear", "SIRT", 100)),
        "astra CGLS, 15": ("SIRT", lambda: astra_volume(series, ANGLES_DEG, "linear", "CGLS", 15)),
        "astra SART, 150 tilts": ("SART", lambda: astra_volume(series, ANGLES_DEG, "linear", "SART", 150)),
        "scikit-image iradon_sart, twice": ("SART", lambda: skimage_volume(series, sart_rounds)),
    }
    seconds = {}
    for name, work in ours.items():
        seconds[name], volume = timed(work, 3 if n <= 64 else 1)
        print(f"| Lithoscope {name} | {n}³ | {seconds[name]:.3f} | 1 | {judged(volume, truth)} |", flush=True)
    for name, (kind, work) in peers.items():
        taken, volume = timed(work)
        figures = judged(np.nan_to_num(volume), truth)
        print(f"| {name} | {n}³ | {taken:.3f} | {taken / seconds[kind]:.1f} | {figures} |", flush=True)


def report_gridding(n: int) -> None:
    series, _ = noisy_series(n)

    def grid() -> Any:
        columns = measured_columns(
            ANGLES_DEG, padded_px=3 * n, interpolation_radius_px=0.1, method="dft", resolution_circle=True
        )
        return gridded_rows(columns, series[None], rotation_axis_px=(n - 1) / 2)

    seconds, rows = timed(grid, 5)
    print(f"| gridding {n}³, OSR 3: {rows.shape[1]} columns | {seconds:.3f} s |", flush=True)


def report_batch(n: int) -> None:
    series, _ = noisy_series(n)
    maps = [np.roll(series, shift, axis=1) for shift in range(5)]
    one, _ = timed(lambda: genfire(series, ANGLES_DEG, iterations=200), 3)
    five, _ = timed(lambda: genfire_maps(maps, ANGLES_DEG, iterations=200), 3)
    print(f"| five maps over one, {n}³, 200 iterations, processor seconds of one thread | {five:.2f} / {one:.2f} |")
    clock = []
    for work in (
        lambda: genfire(series, ANGLES_DEG, iterations=200),
        lambda: genfire_maps(maps, ANGLES_DEG, iterations=200, workers=2),
    ):
        started = time.perf_counter()
        work()
        clock.append(time.perf_counter() - started)
    print(f"| the same by the clock, two workers | {clock[1]:.2f} / {clock[0]:.2f} |", flush=True)


def report_signs(n: int) -> None:
    series, truth = noisy_series(n)
    for name, angles, axis_px in (
        ("as it is", ANGLES_DEG, None),
        ("tilt axis taken at pixel n // 2", ANGLES_DEG, n / 2),
        ("opposite tilt sign", -ANGLES_DEG, None),
    ):
        volume = genfire(series, angles, iterations=200, rotation_axis_px=axis_px).volume
        print(f"| 200 iterations, {name} | {judged(volume, truth).split(' | ')[1]} dB |", flush=True)


def report_large() -> None:
    series, truth = noisy_series(256)
    seconds, result = timed(lambda: genfire(series, ANGLES_DEG, iterations=10, oversampling_ratio=2))
    psnr_db = judged(result.volume, truth).split(" | ")[1]
    memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"| 256³, OSR 2, 10 iterations | {seconds:.2f} s, {psnr_db} dB, {memory_gb:.2f} GB with its phantom |")


if __name__ == "__main__":
    print("| engine | volume | s | time over ours | R | PSNR dB | cc | Dice |\n|---|---|---|---|---|---|---|---|")
    compare_peers(64)
    compare_peers(128)
    print()
    print("| engine | volume | s | ms/iteration | R | PSNR dB | cc | Dice | error_k | R_free |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    compare_engines(
        64,
        [
            ("GENFIRE 40", {"iterations": 40}),
            ("GENFIRE 200", {"iterations": 200}),
            ("GENFIRE 200, nothing withheld", {"iterations": 200, "withheld_fraction": 0.0}),
            ("GENFIRE 200, extension and suppression (python)", {"iterations": 200, "resolution": "python"}),
            ("GENFIRE 200, FFT gridding 0.5", {"iterations": 200, "gridding": "fft", "interpolation_radius_px": 0.5}),
            ("GENFIRE 200, OSR 2", {"iterations": 200, "oversampling_ratio": 2}),
            ("GENFIRE 1000", {"iterations": 1000}),
        ],
    )
    compare_algebraic(64)
    compare_engines(128, [("GENFIRE 100", {"iterations": 100})])
    print("\n| GENFIRE | |\n|---|---|")
    report_gridding(64)
    report_gridding(128)
    report_batch(64)
    report_signs(64)
    report_large()
