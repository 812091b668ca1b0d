"""
X-ray maps and composition: speed of the fits, planted factors and profiles at 20 counts, the gradient of absorption.

Run as ``python -m benchmarks.bench_eds [SEEDS]``; prints Markdown tables. The particle is drawn twice as fine as it is
reconstructed, lost 6 at% of oxygen at its surface, absorbs towards four detectors, and is shadowed at one end of the
tilts. The brightest pixel of a transition metal has 20 expected counts before absorption and sensitivity, oxygen 60.
"""

# ruff: noqa: E402 - thread counts are read when numpy is loaded
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import sys
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import nnls

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds import (
    Absorber,
    FitDesign,
    each_map,
    fit_families,
    reconstruct_composition,
    reference_compositions,
    window_maps,
)
from lithoscope.numerics.eds.phantoms import (
    FAMILIES,
    UNSEEN,
    EmittingParticle,
    emitting_particle,
    layered_fractions,
    spectra_of,
)
from lithoscope.numerics.eds.tomography import ElementVolumes, Engine
from lithoscope.numerics.tomography import genfire, sirt
from lithoscope.numerics.tomography.phantoms import porous_particle

Array = NDArray[np.float32]
AXIS = EnergyAxis(-200.0, 5.0, 4096)
SHORT = EnergyAxis(-200.0, 5.0, 300)
N = 64
NOMINAL = reference_compositions()["nominal"]
#: Shells of fewer voxels scatter more than a profile is read to.
SHELL_VOXELS = 500


def engine(name: str, body: NDArray[np.bool_]) -> Engine:
    """Reconstruct within the particle and two voxels around it."""
    support = ndimage.binary_dilation(body, iterations=2)
    if name.startswith("SIRT"):
        return each_map(sirt, iterations=int(name.split()[1]), mask=support)
    return lambda maps, angles: np.stack([genfire(one, angles, iterations=60, support=support).volume for one in maps])


def coarse(values: Array, axes: tuple[int, ...]) -> Array:
    for axis in axes:
        shape = (*values.shape[:axis], values.shape[axis] // 2, 2, *values.shape[axis + 1 :])
        values = values.reshape(shape).mean(axis + 1)
    return values


def drawn(body: Array, *, layered: bool, peak_counts: float = 20.0) -> EmittingParticle:
    """Draw a particle on 128 voxels and see it on 64."""
    planted = layered_fractions(body > 0.5, layers=4.0) if layered else None
    fine = emitting_particle(2 * N, density=body, fractions=planted, peak_counts=peak_counts)
    volume = coarse(fine.density, (0, 1, 2))
    fractions = coarse(fine.fractions * fine.density, (1, 2, 3)) / np.maximum(volume, 1e-6)
    expected = coarse(fine.expected, (2, 3))
    return replace(fine, density=volume, fractions=fractions, expected=expected, voxel_nm=2 * fine.voxel_nm)


def speed() -> None:
    planted = np.ones((4, 1, 64, 64)) * np.array([60, 20, 15, 25]).reshape(4, 1, 1, 1)
    rng = np.random.default_rng(0)
    one = rng.poisson(spectra_of(planted, AXIS)[0]).astype(np.uint16)
    spectra = np.stack([one] * 15)
    design = FitDesign.of(("C K", *FAMILIES, "F K", "Cu L"), axis=AXIS)
    print("| 15 x 64 x 64 x 4096 spectra | s | CPU s |\n|---|---|---|")
    for name, settings in (("fit, free sign", {"nonnegative": False}), ("fit, non-negative", {"nonnegative": True})):
        started, used = time.perf_counter(), time.process_time()
        fit_families(spectra, axis=AXIS, design=design, **settings)
        print(f"| {name} | {time.perf_counter() - started:.2f} | {time.process_time() - used:.2f} |")
    started, used = time.perf_counter(), time.process_time()
    window_maps(spectra, axis=AXIS, families=FAMILIES)
    print(f"| windows | {time.perf_counter() - started:.2f} | {time.process_time() - used:.2f} |")
    used, pixels = time.process_time(), one.reshape(-1, AXIS.size)[:200, design.channels].astype(float)
    for pixel in pixels:
        nnls(design.components.T, pixel)
    spent = (time.process_time() - used) * 15 * 4096 / len(pixels)
    print(f"| scipy nnls pixel by pixel, unweighted (of 200, scaled) | | {spent:.1f} |")


def through_spectra(maps: Array, seed: int) -> tuple[Array, NDArray[np.float64]]:
    """Count whole spectra with as much bremsstrahlung as lines, and fit them: maps, and sums of their tilts."""
    rng, design = np.random.default_rng(seed), FitDesign.of(FAMILIES, axis=SHORT)

    class Counted:
        shape = (*maps.shape[1:], SHORT.size)

        def __getitem__(self, tilt: int) -> NDArray[np.uint16]:
            return rng.poisson(spectra_of(maps[:, tilt : tilt + 1], SHORT)[0]).astype(np.uint16)

    found = fit_families(Counted(), axis=SHORT, design=design)
    return found.counts, found.sums


def composed(
    particle: EmittingParticle, chosen: Engine, seed: int, *, spectra: bool, factors=NOMINAL
) -> ElementVolumes:
    maps, sums = through_spectra(particle.expected, seed) if spectra else (particle.counted(seed), None)
    absorber = Absorber(particle.density_g_cm3, particle.voxel_nm, UNSEEN)
    return reconstruct_composition(
        maps, particle.angles_deg, families=FAMILIES, mask=particle.inside, engine=chosen, k_factors=factors, sums=sums,
        absorber=absorber,
    )  # fmt: skip


def chain(seeds: int) -> None:
    body = porous_particle(2 * N)
    pristine, aged = drawn(body, layered=False), drawn(body, layered=True)
    depth = ndimage.distance_transform_cdt(np.pad(aged.inside, 1), "taxicab")[1:-1, 1:-1, 1:-1]
    shells = [d for d in range(1, depth.max() + 1) if (depth == d).sum() >= SHELL_VOXELS]
    print(
        f"\nWorst errors of a profile of {len(shells)} shells with at least {SHELL_VOXELS} voxels; k of one particle.\n"
    )
    print(
        "| counted in | engine | seed | k, % | surface, at% | deeper than 3, at% | rms O, at% | rms metals, at% | s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for spectra, name in (
        (False, "SIRT 15"),
        (False, "SIRT 30"),
        (True, "SIRT 15"),
        (True, "SIRT 30"),
        (True, "GENFIRE 60"),
    ):
        for seed in range(seeds):
            started, chosen = time.perf_counter(), engine(name, pristine.inside)
            first = composed(pristine, chosen, 100 + seed, spectra=spectra)
            found = composed(aged, chosen, 200 + seed, spectra=spectra, factors=first.k_factors)
            seconds = (time.perf_counter() - started) / 2
            error = found.composition.percent - 100 * aged.fractions
            profile = abs(np.array([[np.nanmean(one[depth == d]) for d in shells] for one in error]))
            worst = 100 * abs(first.k_factors.values / pristine.k_factors - 1).max()
            rms = np.sqrt((error[:, found.composition.valid] ** 2).mean(axis=1))
            counted = "spectra" if spectra else "maps"
            row = (
                f"| {counted} | {name} | {seed} | {worst:.2f} | {profile[:, 0].max():.2f} | {profile[:, 3:].max():.2f} "
            )
            print(row + f"| {rms[0]:.1f} | {rms[1:].mean():.1f} | {seconds:.1f} |", flush=True)


def gradient() -> None:
    place = np.sqrt(((np.indices((2 * N,) * 3) - (2 * N - 1) / 2) ** 2).sum(axis=0))
    particle = drawn(np.clip(0.31 * 2 * N - place + 0.5, 0, 1).astype(np.float32), layered=False)
    depth = ndimage.distance_transform_cdt(particle.inside, "taxicab")
    absorber = Absorber(particle.density_g_cm3, particle.voxel_nm, UNSEEN)
    chosen = engine("SIRT 15", particle.inside)
    print("\n| uniform sphere of 200 nm, exact counts | core - surface O, at% | Mn k over planted |\n|---|---|---|")
    for name, settings in (("not corrected", {}), ("corrected", {"absorber": absorber})):
        found = reconstruct_composition(
            particle.expected, particle.angles_deg, families=FAMILIES, mask=particle.inside, engine=chosen,
            k_factors=NOMINAL, **settings,
        )  # fmt: skip
        oxygen = found.composition.percent[0]
        step = oxygen[depth >= depth.max() - 4].mean() - oxygen[depth == 1].mean()
        print(f"| {name} | {step:.2f} | {found.k_factors.values[1] / particle.k_factors[1]:.3f} |")


if __name__ == "__main__":
    speed()
    gradient()
    chain(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
