"""
Energy-loss spectra at the size of the published series: speed of the background search, and what is recovered.

Run as ``python -m benchmarks.bench_eels [tilts]``; prints Markdown tables. CPU seconds are of the whole process.
"""

import sys
import time

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from lithoscope.numerics.eels import (
    atoms_per_weight,
    find_zero_loss,
    fourier_ratio,
    hydrogenic_continuum,
    multiplicative_weights,
    neighbour_mean,
    nonnegative_weights,
    prepare_references,
    search_background,
    valence_fractions,
    white_lines,
)
from lithoscope.numerics.eels.background import fit_background
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.hydrogenic import LShell
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.lowpass import LowPass
from lithoscope.numerics.eels.phantoms import (
    CORE_AXIS,
    LOW_AXIS,
    MN_HOLES,
    MN_ONSETS_EV,
    REFERENCE_AXIS,
    mn_phantom,
    planted_fractions,
)
from lithoscope.numerics.eels.scattered_fit import POWERS, SMOOTHED_CHANNELS, ScatteredModel
from lithoscope.numerics.eels.window_search import BackgroundSearch, SlopeScore, WindowGrid
from lithoscope.rules.eels_edges import l_shell

LOW_PASS = LowPass(0.36, "gaussian")
RATIO = FourierRatio.of(CORE_AXIS, LOW_AXIS, low_pass=LOW_PASS)
GRID = WindowGrid(
    (600.0, 605.0, 610.0, 615.0), (628.0, 630.0, 632.0, 635.0), (705.0, 710.0, 715.0), (740.0, 755.0, 766.0)
)
THEORY = hydrogenic_continuum(LShell(*l_shell("Mn")), beam=Beam(300.0, 25.2, 100.0), last_eV=780.0)
SCORE = SlopeScore(THEORY, 1.0, 1.0, judged_on="widest")
REFERENCES = mn_phantom(planted_fractions(1)).references
ONTO, FIT_EV, FRONT_EV = (CORE_AXIS, LOW_AXIS), (632.0, 684.0), 602.0
UPDATES = 3000


def counted(counts: float, fractions: NDArray[np.float64]) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """Draw Poisson counts of core and low loss."""
    phantom, rng = mn_phantom(fractions, counts_at_edge=counts), np.random.default_rng(1)
    return rng.poisson(phantom.core).astype(np.uint16), rng.poisson(phantom.low_loss).astype(np.uint32)


def fractions_of(search: BackgroundSearch) -> list[NDArray[np.float64]]:
    """Return fractions by NNLS and by multiplicative updates."""
    seen = prepare_references(REFERENCES, axis=REFERENCE_AXIS, onto=CORE_AXIS, fit_window_eV=FIT_EV, low_pass=LOW_PASS)
    spectra = search.spectra[..., seen.channels]
    fits = (nonnegative_weights(spectra, seen.spectra), multiplicative_weights(spectra, seen.spectra))
    return [as_fractions(fit.weights) for fit in fits]


def as_fractions(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn weights of the references into fractions of atoms."""
    lines = white_lines(
        REFERENCES, axis=REFERENCE_AXIS, line_window_eV=(630, 670), continuum_window_eV=(705, 755),
        fit_window_eV=(700, 758), onsets_eV=MN_ONSETS_EV,
    )  # fmt: skip
    return valence_fractions(weights, atoms_per_weight=atoms_per_weight(lines, holes=MN_HOLES)).fractions


def scattered_fractions(core: NDArray[np.floating], low: NDArray[np.floating]) -> list[NDArray[np.float64]]:
    """Return fractions by scattered references: exact, and by multiplicative updates of the same sums of squares."""
    fits, updated = [], []
    model = ScatteredModel.of(REFERENCES, axis=REFERENCE_AXIS, onto=ONTO, fit_eV=FIT_EV, front_eV=FRONT_EV)
    for start in range(0, len(core), 200):
        block = slice(start, start + 200)
        exact = model.fit(core[block], low[block]).bound.T
        fits.append(exact)
        gram, along = left_to_references(model, core[block], low[block], exact)
        weights = np.full_like(exact, exact.mean())
        for _ in range(UPDATES):
            weights = weights * np.maximum(along, 0) / np.maximum((gram @ weights[..., None])[..., 0], 1e-300)
        updated.append(weights)
    return [as_fractions(np.concatenate(found).T) for found in (fits, updated)]


def search_speed(tilts: int) -> None:
    core, low = counted(1e3, planted_fractions(64 * 64))
    started, used = time.perf_counter(), time.process_time()
    for _ in range(tilts):
        found = search_background(core, low, ratio=RATIO, grid=GRID, score=SCORE)
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    print(
        f"| search, both functions | {tilts} x 4096 | {len(found.combinations)} | {wall:.1f} | {cpu:.1f} |", flush=True
    )
    few, few_low, tried = core[:2].astype(float), low[:2].astype(float), found.combinations[::60]
    started, used = time.perf_counter(), time.process_time()
    for function, windows in tried:
        fitted = fit_background(few, axis=CORE_AXIS, windows=windows, function=function)
        left = few - fitted.values(CORE_AXIS)
        fourier_ratio(left, few_low, axis=CORE_AXIS, low_axis=LOW_AXIS, low_pass=LOW_PASS)
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    print(f"| one fit after another | 2 | {len(tried)} | {wall:.1f} | {cpu:.1f} |")


def recovered(counts: float, pixels: int) -> None:
    truth = planted_fractions(pixels)
    core, low = counted(counts, truth)
    search = search_background(core, low, ratio=RATIO, grid=GRID, score=SCORE)
    exact, updated = fractions_of(search)
    print_row(f"{counts:g}", exact - truth, exact - updated, search.rejected_count)


def recovered_after_mean(counts: float, side: int) -> None:
    """One composition over the field, so that neighbours may be averaged."""
    truth = np.tile(np.array([[0.45], [0.35], [0.20]]), (1, side * side))
    core, low = (part.reshape(side, side, -1) for part in counted(counts, truth))
    search = search_background(
        neighbour_mean(core).spectra, neighbour_mean(low).spectra, ratio=RATIO, grid=GRID, score=SCORE
    )
    exact, updated = (each.reshape(3, -1) for each in fractions_of(search))
    print_row(f"{counts:g}, 3 x 3 mean", exact - truth, exact - updated, search.rejected_count)


def left_to_references(
    model: ScatteredModel, core: NDArray[np.floating], low: NDArray[np.floating], exact: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the normal equations of the references once the background of the exact fit is taken off."""
    counts, energies = core[:, model.channels], CORE_AXIS.energies_eV[model.channels]
    smooth = ndimage.gaussian_filter1d(counts, SMOOTHED_CHANNELS, axis=1)
    weight = 1 / np.maximum(smooth, 1e-3 * smooth.max(axis=1, keepdims=True))
    powers = (energies / energies.mean()) ** -np.array(POWERS)[:, None]
    seen = model.scattered(low)
    left = counts - (exact[:, None] @ seen)[:, 0]
    laws = powers * weight[:, None]
    background = np.linalg.solve(laws @ powers.T, laws @ left[..., None])[..., 0] @ powers
    weighted = seen * weight[:, None]
    return weighted @ seen.transpose(0, 2, 1), (weighted @ (counts - background)[..., None])[..., 0]


def recovered_by_scattering(counts: float, pixels: int) -> None:
    """Fit the counts themselves, which is the default of the valence maps."""
    truth = planted_fractions(pixels)
    exact, updated = scattered_fractions(*(part.astype(float) for part in counted(counts, truth)))
    print_row(f"{counts:g}, scattered", exact - truth, exact - updated, 0)


def scattered_after_mean(counts: float, side: int) -> None:
    """One composition over the field, as above."""
    truth = np.tile(np.array([[0.45], [0.35], [0.20]]), (1, side * side))
    means = [neighbour_mean(part.reshape(side, side, -1)).spectra for part in counted(counts, truth)]
    exact, updated = scattered_fractions(*(mean.reshape(side * side, -1) for mean in means))
    print_row(f"{counts:g}, 3 x 3 mean, scattered", exact - truth, exact - updated, 0)


def print_row(name: str, error: NDArray[np.float64], between: NDArray[np.float64], rejected: int) -> None:
    rms, bias = np.sqrt(np.nanmean(error**2)), np.abs(np.nanmean(error, axis=1)).max()
    print(f"| {name} | {rms:.4f} | {bias:.4f} | {np.sqrt(np.nanmean(between**2)):.4f} | {rejected} |", flush=True)


def drift() -> None:
    energies = LOW_AXIS.energies_eV
    peak = np.exp(-((energies - 0.37 * LOW_AXIS.step_eV) ** 2) / (2 * 0.38**2))
    counts = np.random.default_rng(0).poisson(1e5 * peak / peak.sum(), (2000, LOW_AXIS.size))
    error = find_zero_loss(counts, axis=LOW_AXIS).position_eV / LOW_AXIS.step_eV - 0.37
    print(f"\nDrift of 0.37 channel at 1e5 counts: rms error {np.sqrt(np.mean(error**2)):.4f} channel")


if __name__ == "__main__":
    print("| background | spectra | combinations | s | CPU s |\n|---|---|---|---|---|")
    search_speed(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    print("\n| counts/channel | rms | worst mean bias | NNLS - updates, rms | rejected |\n|---|---|---|---|---|")
    for level in (1e4, 1e3, 1e2):
        recovered(level, 2000)
    recovered_after_mean(1e2, 40)
    for level in (1e4, 1e3, 1e2):
        recovered_by_scattering(level, 2000)
    scattered_after_mean(1e2, 40)
    drift()
