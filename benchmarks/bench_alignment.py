"""
Alignment of tilt series on the phantom of the notes: what is left of planted shifts, with and without a rim of mask.

Run as ``python -m benchmarks.bench_alignment``; prints Markdown tables. Processor seconds are those of one thread.
"""

# ruff: noqa: E402 - thread counts are read when numpy is loaded
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rsciio.digitalmicrograph import file_reader
from skimage.registration import phase_cross_correlation

from lithoscope.numerics.tomography import genfire, project, sart, sirt, subtract_background, turn_series
from lithoscope.numerics.tomography.alignment import align, centres_of_mass, isolated
from lithoscope.numerics.tomography.axis_search import find_axis_position, find_tilt_axis
from lithoscope.numerics.tomography.depth_response import depth_response
from lithoscope.numerics.tomography.masks import otsu_masks
from lithoscope.numerics.tomography.matching import match_projections
from lithoscope.numerics.tomography.phantoms import porous_particle
from lithoscope.numerics.tomography.resolution import half_volumes, shell_correlation
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.numerics.tomography.turn_and_shift import turn_and_shift
from lithoscope.numerics.tomography.wedge import tilt_geometry
from lithoscope.units import Quantity

Images = NDArray[np.float32]
Shifts = NDArray[np.float64]

ANGLES_DEG = np.arange(-70.0, 71.0, 10.0)
N, VOXEL_NM, SEEDS = 64, 4.63, 5
REAL = Path(__file__).parents[1] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


def shifted_series(
    *, peak_counts: float, background: float, seed: int, largest_px: float = 4.0
) -> tuple[Images, Shifts]:
    """Count the phantom drawn and moved on a grid twice as fine."""
    rng = np.random.default_rng(seed)
    shifts_px = rng.uniform(-largest_px, largest_px, (len(ANGLES_DEG), 2))
    fine = apply_shifts(project(porous_particle(2 * N, supersampling=1), ANGLES_DEG), 2 * shifts_px)
    series = fine.reshape(len(ANGLES_DEG), N, 2, N, 2).mean(axis=(2, 4)).clip(0)
    series *= peak_counts / series.max()
    return rng.poisson(series + background * peak_counts).astype(np.float32), shifts_px


def left_px(planted_px: Shifts, found_px: Shifts) -> tuple[float, float]:
    """Return what is left along y and across it [px rms]; moving the whole object is no error."""
    left, turn = planted_px + found_px, np.deg2rad(ANGLES_DEG)
    moves = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    along = left[:, 0] - left[:, 0].mean()
    across = left[:, 1] - moves @ np.linalg.lstsq(moves, left[:, 1])[0]
    return float(np.sqrt(np.mean(along**2))), float(np.sqrt(np.mean(across**2)))


def by_neighbours(images: Images) -> Shifts:
    """Align each image to its neighbour by scikit-image's cross-correlation, from the upright one outwards."""
    shifts = np.zeros((len(images), 2))
    upright = int(np.argmin(abs(ANGLES_DEG)))
    for step in (1, -1):
        for tilt in range(upright + step, len(images) if step > 0 else -1, step):
            pair = images[tilt - step], images[tilt]
            found = phase_cross_correlation(*pair, upsample_factor=100, normalization=None)[0]
            shifts[tilt] = shifts[tilt - step] + found
    return shifts


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return processor seconds of a call, and its result."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def planted() -> None:
    print("| peak counts | background % | rim px | masked off, mean % | left in y px | left in x px |")
    print("|---|---|---|---|---|---|")
    for peak_counts in (1e3, 1e4, 1e5):
        for background in (0.0, 0.02, 0.05):
            drawn = [shifted_series(peak_counts=peak_counts, background=background, seed=seed) for seed in range(SEEDS)]
            for rim_px in (None, 0.0, 3.0, 4.0):
                left, cut = [], []
                for series, shifts in drawn:
                    found = otsu_masks(series, dilate_px=rim_px or 0)
                    masks = None if rim_px is None else found.masks
                    cut.append(found.masked_off_fraction.mean())
                    left.append(left_px(shifts, align(series, ANGLES_DEG, masks=masks).shifts_px))
                y, x = np.mean(left, axis=0)
                rim = "no mask | -" if rim_px is None else f"{rim_px:.0f} | {100 * np.mean(cut):.2f}"
                print(f"| {peak_counts:.0e} | {100 * background:.0f} | {rim} | {y:.4f} | {x:.4f} |", flush=True)


def ways() -> None:
    print("\n| 1e3 counts, 2 % background | left in y px | left in x px | processor s |\n|---|---|---|---|")
    series, shifts = shifted_series(peak_counts=1e3, background=0.02, seed=1)
    masks = otsu_masks(series).masks
    seconds, found = timed(lambda: align(series, ANGLES_DEG, masks=otsu_masks(series).masks))

    def row(name: str, seconds: float, shifts_px: Shifts) -> None:
        y, x = left_px(shifts, shifts_px)
        print(f"| {name} | {y:.4f} | {x:.4f} | {seconds:.2f} |", flush=True)

    row("nothing", 0.0, np.zeros_like(shifts))
    row("neighbour by neighbour (scikit-image)", *timed(lambda: by_neighbours(isolated(series, masks)[1])))
    row("masks, centre of mass, common line", seconds, found.shifts_px)
    scattered = np.random.default_rng(0).uniform(-1, 1, shifts.shape)
    row("the same scattered by 1 px", 0.0, found.shifts_px + scattered)
    engines = (("SIRT 10", partial(sirt, iterations=10)), ("GENFIRE 10", partial(genfire, iterations=10)))
    for name, engine in (*engines, ("SART 3", partial(sart, iterations=3))):
        for what, start in (("aligned", found), ("scattered", replace(found, shifts_px=found.shifts_px + scattered))):
            work = partial(match_projections, series, ANGLES_DEG, start, engine=engine, masks=masks)
            seconds, matched = timed(work)
            steps = len(matched.residual)
            row(f"matched from {what}, {name}, {steps} iterations", seconds, matched.alignment.shifts_px)


def volumes() -> None:
    print("\n| SIRT 100 of 1e4 counts | PSNR dB |\n|---|---|")
    series, shifts = shifted_series(peak_counts=1e4, background=0.02, seed=2)
    masks = otsu_masks(series).masks
    found = align(series, ANGLES_DEG, masks=masks)
    clean = isolated(series, masks)[1]
    truth = porous_particle(N)
    for name, shifts_px in (("planted shifts taken back", -shifts), ("aligned", found.shifts_px), ("as taken", None)):
        moved = clean if shifts_px is None else apply_shifts(clean, shifts_px)
        volume = sirt(moved, ANGLES_DEG, iterations=100)
        volume *= np.vdot(volume, truth) / np.vdot(volume, volume)
        away = np.fft.irfftn(np.fft.rfftn(truth) * np.fft.rfftn(volume).conj(), truth.shape, axes=(0, 1, 2))
        lag = np.unravel_index(int(np.argmax(away)), truth.shape)
        print(f"| {name} | {psnr_db(np.roll(volume, lag, axis=(0, 1, 2)), truth):.2f} |", flush=True)


def psnr_db(volume: Images, truth: Images) -> float:
    """Return the peak signal to noise ratio after the best shift by parts of a voxel and the best factor [dB]."""
    spectrum, best = np.fft.rfftn(volume), -np.inf
    phases = [np.fft.fftfreq(N)[:, None, None], np.fft.fftfreq(N)[None, :, None], np.fft.rfftfreq(N)[None, None, :]]
    centre = np.zeros(3)
    for step in (0.5, 0.25, 0.125, 0.0625):
        tried = [centre + step * np.array(move) for move in np.ndindex(3, 3, 3)]
        for place in (at - step for at in tried):
            ramp = np.exp(-2j * np.pi * sum(part * at for part, at in zip(phases, place, strict=True)))
            moved = np.fft.irfftn(spectrum * ramp, truth.shape, axes=(0, 1, 2))
            moved *= np.vdot(moved, truth) / np.vdot(moved, moved)
            found = float(10 * np.log10(truth.max() ** 2 / np.mean((moved - truth) ** 2)))
            if found > best:
                best, centre = found, place
    return best


def said(quantity: Quantity) -> str:
    """Write a quantity with its uncertainty."""
    if quantity.value is None:
        return "unknown"
    spread = "" if quantity.uncertainty is None else f" ± {quantity.uncertainty:.2f}"
    return f"{quantity.value:.2f}{spread} {quantity.unit}"


def axis() -> None:
    print("\n| tilt axis | planted | found |\n|---|---|---|")
    series, _ = shifted_series(peak_counts=1e4, background=0.0, seed=3, largest_px=2.0)
    for axis_px in (31.5, 30.2, 33.7):
        found = align(series, ANGLES_DEG, masks=otsu_masks(series).masks, rotation_axis_px=axis_px)
        moved = apply_shifts(series, found.shifts_px)
        searched = find_axis_position(moved, ANGLES_DEG, engine=partial(sirt, iterations=20))
        print(f"| place | {axis_px} px | {said(searched.best)} |", flush=True)
    for direction_deg in (0.0, 2.3, -3.7):
        taken = turn_series(series, ANGLES_DEG, tilt_axis_deg=-direction_deg).tilt_series
        searched = find_tilt_axis(taken, ANGLES_DEG, masks=otsu_masks(taken).masks)
        print(f"| direction, symmetric phantom | {direction_deg} deg | {said(searched.best)} |", flush=True)
        lump = lopsided(direction_deg)
        searched = find_tilt_axis(lump, ANGLES_DEG, masks=otsu_masks(lump).masks)
        print(f"| direction, lopsided lump | {direction_deg} deg | {said(searched.best)} |", flush=True)


def lopsided(direction_deg: float) -> Images:
    """Count an object without symmetry about an axis in this direction."""
    z, y, x = np.mgrid[:N, :N, :N] - (N - 1) / 2
    volume = np.zeros((N, N, N), np.float32)
    for at, radius in (((0, 0, 0), 10), ((8, -12, 5), 7), ((-6, 9, -10), 9), ((3, 2, 11), 5), ((-9, -8, -3), 6)):
        away = np.sqrt((z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2)
        volume = np.maximum(volume, np.clip(radius + 0.5 - away, 0, 1))
    series = project(volume, ANGLES_DEG)
    counts = np.random.default_rng(0).poisson(series / series.max() * 1e4).astype(np.float32)
    return turn_series(counts, ANGLES_DEG, tilt_axis_deg=-direction_deg).tilt_series


def resolution() -> None:
    geometry = tilt_geometry(ANGLES_DEG, diameter_nm=200.0)
    print(f"\nCrowther {geometry.crowther_nm:.1f} nm at 200 nm, elongation {geometry.elongation:.3f}.\n")
    print("| engine | halves 0.143 nm | tilt range nm | wedge nm | step nm | tilt range nm | wedge nm |")
    print("|---|---|---|---|---|---|---|")
    series, _ = shifted_series(peak_counts=1e3, background=0.0, seed=0, largest_px=0.0)
    z, y, x = np.mgrid[:N, :N, :N] - (N - 1) / 2
    ball = z**2 + y**2 + x**2 < (100 / VOXEL_NM) ** 2
    for name, engine in (
        ("SIRT 30, any sign", partial(sirt, iterations=30, nonnegative=False)),
        ("SIRT 30", partial(sirt, iterations=30)),
        ("SIRT 100", partial(sirt, iterations=100)),
        ("GENFIRE 200", partial(genfire, iterations=200)),
    ):
        shells = shell_correlation(
            *half_volumes(series, ANGLES_DEG, engine=engine), angles_deg=ANGLES_DEG, voxel_nm=VOXEL_NM
        )
        depth = depth_response(ball, ANGLES_DEG, engine=engine, voxel_nm=VOXEL_NM)
        figures = (shells.resolution_nm, shells.covered_resolution_nm, shells.wedge_resolution_nm)
        widths = (depth.width_nm, depth.width_covered_nm, depth.width_wedge_nm)
        cells = " | ".join("-" if it.value is None else f"{it.value:.1f}" for it in (*figures, *widths))
        print(f"| {name} | {cells} |", flush=True)


def real() -> None:
    print("\n| measured needle, 91 tilts | |\n|---|---|")
    series, angles = np.asarray(file_reader(str(REAL))[0]["data"], np.float32), np.arange(-90.0, 91.0, 2.0)
    masks = otsu_masks(series, angles_deg=angles)
    print(f"| masked off | {100 * masks.masked_off_fraction.mean():.1f} % (its dim base leaves the field) |")
    for rim_px in (0.0, 3.0, 10.0):
        inside = otsu_masks(series, dilate_px=rim_px).masks
        best = find_tilt_axis(series, angles, masks=inside, around_deg=-80.0, half_range_deg=8.0, step_deg=0.5).best
        print(f"| direction of the axis, rim {rim_px:.0f} px | {said(best)} |", flush=True)
    clean = subtract_background(series, angles, level="outside_object").tilt_series
    for direction_deg in (-76.0, -79.2, -80.0, -82.5, -86.0):
        turned, axis_mass = turn_series(clean, angles, tilt_axis_deg=direction_deg)
        found = align(turned, angles, masks=otsu_masks(turned).masks)
        moved = apply_shifts(turned, found.shifts_px)
        before, after = unexplained(turned, angles, axis_mass.value), unexplained(moved, angles, found.rotation_axis_px)
        scatter = np.ptp(centres_of_mass(turned), axis=0)
        text = f"unexplained {before:.3f} as taken, {after:.3f} aligned; it crept {scatter[0]:.1f} px in y"
        print(f"| turned by {direction_deg} deg | {text} |", flush=True)


def unexplained(images: Images, angles_deg: Shifts, axis_px: float | None) -> float:
    """Return the part of a sixth of the tilts that 20 iterations of SIRT leave."""
    left: list[float] = []

    def told(_done: int, _total: int, /, **values: float) -> bool:
        left.append(values["residual"])
        return True

    sirt(images[::6], angles_deg[::6], iterations=20, rotation_axis_px=axis_px, progress=told)
    return left[-1]


def spectra() -> None:
    print("\n| every channel of a tilt, at once | shifted s | turned by 9.2 deg and shifted s |\n|---|---|---|")
    for n, channels in ((64, 2048), (256, 4096)):
        cube = np.random.default_rng(0).poisson(3.0, (n, n, channels)).astype(np.float32)[None]
        shifts = [(0.37, -1.21)]
        seconds, _ = timed(partial(apply_shifts, cube, shifts))
        turning, _ = timed(partial(next, turn_and_shift(cube, shifts, tilt_axis_deg=9.2)))
        print(f"| {n} x {n} x {channels} | {seconds:.2f} | {turning:.2f} |", flush=True)


if __name__ == "__main__":
    planted()
    ways()
    volumes()
    axis()
    resolution()
    real()
    spectra()
