"""
The digital twin at the published size and dose: what it costs, and what the library's own steps find of what it plants.

Run as ``python -m benchmarks.bench_twin``; prints Markdown tables. The particle is drawn twice as fine as the scan, so
that nobody reconstructs with the projector that made it. Seconds are this process' processor time on one thread.
"""

# ruff: noqa: E402 - thread counts are read when numpy is loaded
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import resource
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.fitting import FitDesign, fit_families
from lithoscope.numerics.eds.quantification import given_k_factors
from lithoscope.numerics.eds.response import Response
from lithoscope.numerics.eds.self_absorption import Absorber
from lithoscope.numerics.eds.tomography import each_map, reconstruct_composition
from lithoscope.numerics.eels import (
    atoms_per_weight,
    covered_axis,
    find_zero_loss,
    log_ratio_thickness,
    neighbour_mean,
    shift_spectra,
    white_lines,
)
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.scattered_fit import ScatteredModel
from lithoscope.numerics.tomography import sirt
from lithoscope.numerics.twins import PAPER, STATES, Experiment, NcmParticle, TiltScan, ncm_particle, references
from lithoscope.numerics.twins.crystal import densities_g_cm3
from lithoscope.numerics.twins.edges import MANGANESE

SETTINGS = replace(PAPER, stage=replace(PAPER.stage, shift_px=0.0))  # alignment has a benchmark of its own
FAMILIES = ("O K", "Mn L", "Co L", "Ni L")
SHELLS_NM = ((0, 5), (5, 14), (14, 30), (30, 60), (60, 120))
X_RAYS = slice(0, 330)
MN_CHANNELS = slice(0, 1111)
BEAM = Beam(300.0, 25.2, 100.0)
REFERENCE_AXIS = EnergyAxis(600.0, 0.1, 1800)
ITERATIONS = 60


@dataclass(frozen=True)
class Series:
    """What is kept of the scans of a series."""

    angles_deg: NDArray[np.float64]
    x_rays: NDArray[np.uint16]
    detector_share: NDArray[np.float64]
    mn_atoms: NDArray[np.float32]
    seconds_a_scan: float


def taken(particle: NcmParticle) -> Series:
    """Take all scans of the series, one at a time, and keep the low X-rays and the maps of Mn."""
    experiment, seconds, kept = Experiment(particle, settings=SETTINGS), [], []
    for index, (angle, is_in_series) in enumerate(SETTINGS.stage.scans):
        if not is_in_series:
            continue
        started = time.process_time()
        scan = experiment.scan(index)
        seconds.append(time.process_time() - started)
        kept.append((angle, scan.x_rays[..., X_RAYS].astype(np.uint16), scan.truth.detector_share, mn_atoms(scan)))
    angles, spectra, shares, maps = zip(*kept, strict=True)
    return Series(
        np.array(angles), np.array(spectra), np.array(shares), np.stack(maps, axis=1), float(np.median(seconds))
    )


def mn_atoms(scan: TiltScan) -> NDArray[np.float32]:
    """Find the atoms of Mn4+, Mn3+ and Mn2+ in every pixel (3, y, x), in any unit."""
    low_raw, core_raw = SETTINGS.losses.low_axis, SETTINGS.losses.core_axis.part(MN_CHANNELS)
    places = find_zero_loss(scan.low_loss, axis=low_raw).position_eV
    mask = scan.truth.x_rays.mass_nm > 15
    parts = []
    for values, raw in ((scan.low_loss, low_raw), (scan.core_loss[..., MN_CHANNELS], core_raw)):
        onto = covered_axis(raw, places)
        moved = shift_spectra(values, axis=raw, shift_eV=places, onto=onto)
        parts += [neighbour_mean(moved, mask=mask).spectra[mask], onto]
    low, low_axis, core, core_axis = parts
    shown = np.array(list(references(MANGANESE, axis=REFERENCE_AXIS, beam=BEAM).values()))
    model = ScatteredModel.of(
        shown, axis=REFERENCE_AXIS, onto=(core_axis, low_axis), fit_eV=(632.0, 684.0), front_eV=602.0
    )
    lines = white_lines(
        shown, axis=REFERENCE_AXIS, line_window_eV=(630, 670), continuum_window_eV=(705, 755), fit_window_eV=(700, 758),
        onsets_eV=MANGANESE.onsets_eV,
    )  # fmt: skip
    weights = model.fit(core, low).free
    # a weight is that of the electrons without loss: give the others back, or thick parts come out thin
    all_electrons = np.exp(log_ratio_thickness(low, axis=low_axis).t_over_lambda)
    maps = np.zeros((3, *mask.shape), np.float32)
    maps[:, mask] = np.nan_to_num(weights * atoms_per_weight(lines, holes=(7, 6, 5))[:, None] * all_electrons)
    return maps


def composition_errors(series: Series, truth: NcmParticle) -> list[str]:
    """Reconstruct at% with the planted k-factors, absorption ignored and corrected; give cells of rows."""
    axis = SETTINGS.x_rays.axis.part(X_RAYS)
    response = Response(SETTINGS.x_rays.fwhm_mn_ka_eV)
    design = FitDesign.of((*FAMILIES, "Cu L"), axis=axis, response=response)
    fit = fit_families(series.x_rays, axis=axis, design=design)
    yields = dict(SETTINGS.x_rays.yields)
    factors = given_k_factors(
        [yields["O K"] / yields[name] for name in FAMILIES], ("O", "Mn", "Co", "Ni"), source="planted"
    )
    density = np.asarray(sum(densities_g_cm3(truth.atoms_per_nm3).values()))
    absorber = Absorber(density, truth.voxel_nm, {"Li": 1 / 3}, detector_weights=series.detector_share)
    mask, planted, rows = truth.occupancy > 0.5, 100 * truth.composition, []
    for name, absorbs in (("ignored", None), ("corrected", absorber)):
        found = reconstruct_composition(
            fit.counts[:4], series.angles_deg, families=FAMILIES, mask=mask, k_factors=factors, sums=fit.sums[:4],
            engine=each_map(sirt, iterations=ITERATIONS), absorber=absorbs,
        ).composition  # fmt: skip
        valid = found.valid & mask
        mean = found.percent[0][valid].mean() - planted[0][valid].mean()
        shells = by_depth(found.percent[0] - planted[0], valid, truth)
        rows.append(f"absorption {name} | {mean:+.2f} | {shells}")
    return rows


def valence_errors(series: Series, truth: NcmParticle) -> list[str]:
    """Reconstruct the states of Mn and give the errors of their depth profiles as cells of rows."""
    free = {"iterations": ITERATIONS, "nonnegative": False}  # a bound would make something of the noise of rare states
    volumes = np.array([sirt(maps, series.angles_deg, **free) for maps in series.mn_atoms])
    total = volumes.sum(axis=0)
    inside = truth.occupancy > 0.5
    mask = inside & (total > 0.1 * np.median(total[inside]))
    fractions = np.divide(volumes, total, out=np.zeros_like(volumes), where=mask)
    errors = fractions - truth.mn_states
    return [
        f"{name} | {error[mask].mean():+.3f} | {by_depth(error, mask, truth, digits=3)}"
        for name, error in zip(("Mn4+", "Mn3+", "Mn2+"), errors, strict=True)
    ]


def by_depth(error: NDArray[np.float32], valid: NDArray[np.bool_], truth: NcmParticle, digits: int = 2) -> str:
    """Average an error over shells."""
    shells = [valid & (truth.depth_nm >= low) & (truth.depth_nm < high) for low, high in SHELLS_NM]
    return " | ".join(f"{error[shell].mean():+.{digits}f}" for shell in shells)


def main() -> None:
    """Measure two states."""
    print("| state | quantity | whole | " + " | ".join(f"{low}-{high} nm" for low, high in SHELLS_NM) + " |")
    print("|---" * (3 + len(SHELLS_NM)) + "|")
    seconds = []
    for name in ("pristine", "200"):
        fine = ncm_particle(128, state=STATES[name], voxel_nm=PAPER.probe.step_nm / 2)
        truth, series = fine.coarser(2), taken(fine)
        seconds.append(series.seconds_a_scan)
        for row in [f"O [at%], {row}" for row in composition_errors(series, truth)] + valence_errors(series, truth):
            print(f"| {name} | error of {row} |")
    peak_GB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\none scan of 64 x 64 x (4096 + 2048 + 2048): {np.median(seconds):.1f} s; peak {peak_GB:.2f} GB")


if __name__ == "__main__":
    main()
