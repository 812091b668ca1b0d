"""
Simultaneous tomography of the digital twin: what the whole recipe costs, and what it finds of what was planted.

Run as ``python -m benchmarks.bench_simultaneous [--size 64] [--states pristine 200] [--uniform]``; prints Markdown
tables. The particle is drawn twice as fine as the scan. Each particle is written to a file and read from it tilt by
tilt, as the service does; the pristine one gives the k-factors of the others.
"""

import argparse
import resource
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.methods import catalogue as methods
from lithoscope.numerics.twins import (
    PAPER,
    STATES,
    CyclingState,
    Experiment,
    ncm_particle,
    planted_figures,
    small_settings,
    uniform_state,
)
from lithoscope.numerics.twins.particle import STEP_NM
from lithoscope.numerics.twins.recovery import CORE_FROM, Recovery, recoveries
from lithoscope.numerics.twins.small import FULL_SIZE
from lithoscope.readers import read
from lithoscope.recipes import catalogue as recipes
from lithoscope.recipes.running import run_local
from lithoscope.writers.twin_files import TwinFiles, write_twin

RECIPE = recipes()["simultaneous_tomography"]
LEAST_GRADIENT = {"O": 0.5, "Mn": 0.5, "Co": 0.5, "Ni": 0.5}
LEAST_VALENCE_GRADIENT = 0.02


@dataclass
class Measured:
    """A particle with everything that was found of it."""

    name: str
    files: TwinFiles
    steps: dict[str, Any]
    planted: Any
    writing_s: float
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)
    io_s: float = 0.0

    def output(self, step: str, name: str) -> Any:
        """Return one output of a step."""
        return self.steps[step].outputs[name]


def experiment_of(state: CyclingState, size: int, *, diameter_nm: float = 200.0, seed: int = 0) -> Experiment:
    """Return the published experiment on a particle of a state, or one with wider steps."""
    fine = 2 * size
    particle = ncm_particle(fine, state=state, voxel_nm=STEP_NM * FULL_SIZE / fine, diameter_nm=diameter_nm, seed=seed)
    settings = PAPER if size == FULL_SIZE else small_settings(size)
    return Experiment(particle, settings=replace(settings, seed=seed))


def measured(name: str, experiment: Experiment, folder: Path, k_factors: Any = None, **params: Any) -> Measured:
    """Write a twin, read it as the service does and run the recipe on it."""
    started = time.perf_counter()
    files = TwinFiles.at(folder / name)
    if not files.are_whole:
        write_twin(folder / name, experiment)
    writing_s = time.perf_counter() - started
    inputs: dict[str, Any] = {array.name: array for array in read(files.series).arrays}
    inputs |= {state: read(path).arrays[0] for state, path in files.references.items()}
    found = Measured(name, files, {}, planted_figures(experiment.particle), writing_s)
    last = [time.perf_counter(), time.process_time()]

    def watch(step: Any, _performed: Any) -> None:
        present = [time.perf_counter(), time.process_time()]
        found.seconds[step.name], found.cpu_s[step.name] = present[0] - last[0], present[1] - last[1]
        last[:] = present

    known = {name: inputs.get(name) for name in (port.name for port in RECIPE.inputs)} | {"k_factors": k_factors}
    found.steps = run_local(RECIPE, known, RECIPE.params(particle_name=name, **params), methods=methods(), watch=watch)
    found.io_s = reading_s(inputs)
    return found


def reading_s(inputs: dict[str, Any]) -> float:
    """Return how long all spectra take to be read once, tilt by tilt [s]."""
    started = time.perf_counter()
    for array in inputs.values():
        if array.axes == "tyxe":
            for tilt in range(array.values.shape[0]):
                np.asarray(array.values[tilt])
    return time.perf_counter() - started


def truth_of(files: TwinFiles, name: str) -> LabelledArray:
    """Read a planted volume."""
    return read(files.truth[name]).arrays[0]


def maps_of(one: Measured) -> list[Recovery]:
    """Compare every map with what was planted."""
    particle = one.output("particle", "labels").values > 0
    occupancy = truth_of(one.files, "occupancy").values
    composition, valence = truth_of(one.files, "composition"), truth_of(one.files, "valence")
    common = {"particle": particle, "occupancy": occupancy}
    found = recoveries(
        one.output("composition", "composition").values,
        composition.values,
        names=("O", "Mn", "Co", "Ni"),
        **common,
    )
    if "manganese_valence" not in one.steps:
        return found
    states = np.concatenate([one.output(step, "fractions").values for step in ("manganese_valence", "cobalt_valence")])
    names = ("Mn4+", "Mn3+", "Mn2+", "Co3+", "Co2+")
    return [*found, *recoveries(states, valence.values, names=names, **common)]


def costs(particles: list[Measured]) -> None:
    """Print what each step takes."""
    print("\n| step | " + " | ".join(f"{one.name} [s]" for one in particles) + " | processor [s] |")
    print("|---" * (len(particles) + 2) + "|")
    for step in particles[0].seconds:
        times = " | ".join(f"{one.seconds.get(step, 0):.1f}" for one in particles)
        print(f"| {step} | {times} | {particles[0].cpu_s[step]:.1f} |")
    print("| whole recipe | " + " | ".join(f"{sum(one.seconds.values()):.0f}" for one in particles), end=" | ")
    print(f"{sum(particles[0].cpu_s.values()):.0f} |")
    print("| reading all spectra once | " + " | ".join(f"{one.io_s:.1f}" for one in particles) + " | |")
    print("| simulating and writing | " + " | ".join(f"{one.writing_s:.0f}" for one in particles) + " | |")
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def recovered(particles: list[Measured]) -> None:
    """Print means, profiles and gradients, found and planted."""
    print(
        "\n| particle | map | mean found | planted | error | largest error inside | surface - core | planted | sign |"
    )
    print("|---" * 9 + "|")
    for one in particles:
        for each in maps_of(one):
            (found, planted), error = each.steps, each.found - each.planted
            sign = each.has_right_sign(LEAST_GRADIENT.get(each.name, LEAST_VALENCE_GRADIENT))
            word = {True: "right", False: "WRONG", None: "too small"}[sign]
            print(
                f"| {one.name} | {each.name} | {each.found:.3f} | {each.planted:.3f} | {error:+.3f} "
                f"| {each.largest_inside:.3f} | {found:+.3f} | {planted:+.3f} | {word} |"
            )


def rock_salt(particles: list[Measured]) -> None:
    """Print fractions of rock salt."""
    print("\n| particle | rock salt of | found [%] | planted [%] |")
    print("|---" * 4 + "|")
    for one in particles:
        for name, planted in (
            ("of_atoms", one.planted.rock_salt_atoms),
            ("of_formula_units", one.planted.rock_salt_units),
            ("of_volume", one.planted.rock_salt_volume),
        ):
            found = one.output("rock_salt", name)
            print(
                f"| {one.name} | {name[3:]} | {found.value:.1f} ± {found.uncertainty or 0:.1f} | {100 * planted:.1f} |"
            )


def curves(particles: list[Measured]) -> None:
    """Print the profiles of oxygen and Mn4+ shell by shell."""
    print(f"\nprofiles from the surface inward, a shell is one voxel; the core begins at shell {CORE_FROM}\n")
    for one in particles:
        for each in maps_of(one):
            if each.name in {"O", "Mn4+", "Co3+"}:
                for word, profile in (("found", each.found_profile), ("planted", each.planted_profile)):
                    print(f"{one.name} {each.name} {word}: " + " ".join(f"{value:.3f}" for value in profile))


UNIFORM = {
    "small, layered": ({}, 150.0),
    "large, layered": ({}, 225.0),
    "half rock salt": ({"rock_salt": 0.5, "mn": (0.5, 0.1, 0.4), "co": (0.4, 0.6)}, 200.0),
    "rich in nickel": ({"shares": (0.2, 0.2, 0.6), "mn": (0.8, 0.1, 0.1), "co": (0.9, 0.1)}, 175.0),
}


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=FULL_SIZE)
    parser.add_argument("--states", nargs="*", default=list(STATES))
    parser.add_argument("--uniform", action="store_true", help="also four particles without any gradient")
    parser.add_argument("--folder", type=Path, help="where simulated series are kept; else they are not")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, k_factors, particles = asked.folder or Path(place), None, []
        for name in asked.states:
            particles.append(measured(name, experiment_of(STATES[name], asked.size), folder, k_factors))
            k_factors = k_factors or particles[0].output("composition", "k_factors")
        costs(particles)
        recovered(particles)
        rock_salt(particles)
        curves(particles)
        if asked.uniform:
            even = [
                measured(
                    name,
                    experiment_of(uniform_state(**state), asked.size, diameter_nm=wide, seed=place),
                    folder,
                    k_factors,
                )
                for place, (name, (state, wide)) in enumerate(UNIFORM.items(), 1)
            ]
            recovered(even)


if __name__ == "__main__":
    main()
