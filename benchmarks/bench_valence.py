"""
Valence maps of the digital twin by the default and by the published presets: errors, rejected pixels, time.

Run as ``python -m benchmarks.bench_valence [size]``; prints a Markdown table. Three tilts with the energy axes of the
paper, in a field of `size` (32) pixels, each with its current and dwell; the truth is what each pixel holds of every
state. The published window of Co's continuum holds the edges of Ni, which references of Co do not: they lack it.
"""

import sys
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lithoscope.methods import catalogue
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels import find_zero_loss
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.valence_maps import ValenceMaps, valence_maps
from lithoscope.numerics.twins import PAPER, Experiment, references
from lithoscope.numerics.twins.edges import COBALT, MANGANESE
from lithoscope.numerics.twins.small import FULL_SIZE, small_particle

TILTS_DEG = (0.0, 30.0, -50.0)
LEAST_NM = 15.0
BEAM = Beam(300.0, 25.2, 100.0)
#: Edge, planted states of a pixel, and where its references lie.
ELEMENTS = {
    "mn": (MANGANESE, slice(1, 4), EnergyAxis(600.0, 0.1, 1800)),
    "co": (COBALT, slice(4, 6), EnergyAxis(740.0, 0.1, 1800)),
}


class Series:
    """Scans of a twin, as valence maps take them."""

    def __init__(self, size: int) -> None:
        settings = replace(
            PAPER,
            probe=replace(PAPER.probe, step_nm=PAPER.probe.step_nm * FULL_SIZE / size),
            stage=replace(PAPER.stage, angles_deg=TILTS_DEG, shift_px=0.0),
        )
        experiment = Experiment(small_particle(size, state="200"), settings=settings)
        scans = [experiment.scan(index) for index, (_, is_in) in enumerate(settings.stage.scans) if is_in]
        self.axes = {"core_loss_energy": settings.losses.core_axis, "low_loss_energy": settings.losses.low_axis}
        self.core = np.array([scan.core_loss for scan in scans], np.float32)
        self.low = np.array([scan.low_loss for scan in scans], np.float32)
        self.position = np.array([find_zero_loss(low, axis=settings.losses.low_axis).position_eV for low in self.low])
        self.masks = np.array([scan.truth.x_rays.mass_nm > LEAST_NM for scan in scans])
        self.states = np.stack([scan.truth.states_per_nm2 for scan in scans], axis=1)

    def valence(self, preset: str) -> tuple[ValenceMaps, NDArray[np.float64]]:
        """Return the maps by a preset, and the planted fractions."""
        edge, which, axis = ELEMENTS[preset[:2]]
        shown = list(references(edge, axis=axis, beam=BEAM).values())
        given = {f"reference_{number}": row for number, row in enumerate(shown, start=1)}
        given |= {f"{name}_energy": axis for name in given}
        settings = catalogue()["eels_valence"].params(preset=preset).arguments()
        found = valence_maps(
            self.core, self.low, position=self.position, masks=self.masks, **self.axes, **given, **settings
        )
        planted = self.states[which]
        return found, planted / planted.sum(axis=0).clip(1e-12)


def row(series: Series, preset: str) -> str:
    """Give one row: rms error of a pixel, bias of each state over atoms and pixels, pixels left out, seconds."""
    started = time.process_time()
    found, planted = series.valence(preset)
    seconds = time.process_time() - started
    names = [f"fraction_{number}" for number in range(1, len(planted) + 1)]
    error = np.array([getattr(found, name) for name in names]) - planted
    known = series.masks & np.isfinite(error).all(axis=0)
    bias = ", ".join(f"{value:+.3f}" for value in error[:, known].mean(axis=1))
    atoms, truth = (
        found.atoms.values[:, known].sum(axis=1),
        series.states[ELEMENTS[preset[:2]][1]][:, known].sum(axis=1),
    )
    summed = ", ".join(f"{value:+.3f}" for value in atoms / atoms.sum() - truth / truth.sum())
    rejected = sum(int(note.split()[1]) for note in found.notes if note.startswith("rejected-pixels"))
    rms = np.sqrt((error[:, known] ** 2).mean())
    left_out = f"{rejected} of {int(series.masks.sum())}"
    return (
        f"| {preset} | {rms:.3f} | {bias} | {summed} | {left_out} | {int(found.undefined.value or 0)} | {seconds:.0f} |"
    )


def main() -> None:
    """Measure the four presets."""
    series = Series(int(sys.argv[1]) if len(sys.argv) > 1 else 32)
    print(
        "| preset | rms of a pixel | mean error of each state | error of the sum of atoms | rejected | empty | CPU s |"
    )
    print("|---|---|---|---|---|---|---|")
    for preset in ("mn", "mn_paper", "co", "co_paper"):
        print(row(series, preset), flush=True)


if __name__ == "__main__":
    main()
