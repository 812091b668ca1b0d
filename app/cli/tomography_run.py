"""What the tomography demonstration does with the service: four simulated particles from microscope to comparison."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.cli.demo_service import Cast
from lithoscope.client.recipes import RecipeRun
from lithoscope.client.sample import Sample
from lithoscope.client.things import Dataset, Job
from lithoscope.numerics.twins import (
    PAPER,
    STATES,
    Experiment,
    ExperimentSettings,
    ncm_particle,
    small_particle,
    small_settings,
)
from lithoscope.numerics.twins.small import FULL_SIZE
from lithoscope.writers.twin_files import TwinFiles, write_twin

RECIPE = "simultaneous_tomography"
TITLES = {"pristine": "pristine", "50": "50 cycles", "100": "100 cycles", "200": "200 cycles"}
STARTED = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
#: Arrays of a series that the recipe takes, by the same names.
SIGNALS = (
    "dark_field", "x_rays", "live_fraction", "low_loss", "core_loss", "repeat_dark_field", "repeat_low_loss",
    "repeat_core_loss",
)  # fmt: skip

Say = Callable[[str], None]


@dataclass(frozen=True)
class Particle:
    """
    One particle of the demonstration.

    Parameters
    ----------
    state : str
        Of `STATES`.
    files : TwinFiles
        Series and truth on disk.
    sample : Sample
    dataset : Dataset
        The series in the service.
    run : RecipeRun
        Of the recipe on it.
    settings : ExperimentSettings
        Of the simulated instrument.
    """

    state: str
    files: TwinFiles
    sample: Sample
    dataset: Dataset
    run: RecipeRun
    settings: ExperimentSettings


def experiment_of(state: str, size: int) -> Experiment:
    """Return a particle under the published instrument; fewer pixels mean wider steps over the same field."""
    if size == FULL_SIZE:  # drawn twice as fine as the scan: nobody reconstructs with the projector that made it
        return Experiment(ncm_particle(2 * size, state=STATES[state], voxel_nm=PAPER.probe.step_nm / 2))
    return Experiment(small_particle(size, state=state), settings=settings_of(size))


def settings_of(size: int) -> ExperimentSettings:
    """Return the published instrument, or one with as many wider steps."""
    return PAPER if size == FULL_SIZE else small_settings(size)


def find_or_write(folder: Path, state: str, size: int, say: Say) -> TwinFiles:
    """Return the files of a particle, simulated at the first run."""
    place = folder / f"{state}-{size}"
    if (known := TwinFiles.at(place)).are_whole:
        return known
    for path in place.glob("*"):  # of a run that was cut off
        path.unlink()
    say(f"{TITLES[state]}: simulating {size} x {size} pixels")
    return write_twin(
        place, experiment_of(state, size), acquired_at=STARTED.isoformat(), title=f"NCM111, {TITLES[state]}"
    )


def find_or_register(cast: Cast, state: str, size: int) -> Sample:
    """Return the sample of an earlier run, or register it with its way to the microscope and its cycling."""
    code, client = f"DEMO-NCM-{state.upper()}-{size}", cast.scientist
    known = [row["id"] for row in client.connection.pages("/samples", q=code) if row["code"] == code]
    if known:
        return client.samples.get(known[0])
    made = client.samples.create(
        f"NCM111, {TITLES[state]} (simulated)", project=cast.project_id, material="nmc", code=code
    )
    gas = {"atmosphere": "argon", "o2_ppm": 0.1, "h2o_ppm": 0.1, "place": "glovebox 1", "source": "assumed"}
    opened, moved = STARTED - timedelta(hours=26), STARTED - timedelta(hours=2)
    made.record_event("disassembly", opened.isoformat(), **gas)
    made.record_event("storage", opened.isoformat(), ended_at=moved.isoformat(), **gas)
    transfer = {"method": "inert_gas_shuttle", "atmosphere": "argon", "air_exposure_s": 0.0, "source": "assumed"}
    made.record_event("transfer", moved.isoformat(), destination="demonstration STEM", **transfer)
    return made


def sent_references(cast: Cast, files: TwinFiles) -> dict[str, str]:
    """Upload the spectra of the powders once, and return them by the recipe's inputs."""
    sent = {
        name: cast.scientist.upload(path, project=cast.project_id).wait() for name, path in files.references.items()
    }
    return {name: next(iter(dataset.arrays.values())).reference for name, dataset in sent.items()}


def run_particles(cast: Cast, folder: Path, size: int, *, states: tuple[str, ...], say: Say) -> list[Particle]:
    """Bring every particle into the service and run the recipe, the pristine first: its k-factors are the others'."""
    found: list[Particle] = []
    references: dict[str, str] = {}
    k_factors: dict[str, str] = {}
    for state in sorted(states, key=lambda state: STATES[state].cycles):
        files = find_or_write(folder, state, size, say)
        references = references or sent_references(cast, files)
        sample = find_or_register(cast, state, size)
        dataset = cast.device.upload(files.series, sample=sample.id, project=cast.project_id)
        dataset = cast.scientist.dataset(dataset.id).wait()
        exposure = dataset.record_exposure()
        given: dict[str, Any] = {name: array for name, array in dataset.arrays.items() if name in SIGNALS}
        given |= references | k_factors | {"exposure": exposure["id"]}
        given |= {"particle_name": TITLES[state], "cycles": STATES[state].cycles}
        run = cast.scientist.run_recipe(RECIPE, **given)
        say(f"{TITLES[state]}: {dataset.id}, {run.id}")
        found.append(Particle(state, files, sample, dataset, run, settings_of(size)))
        if not STATES[state].cycles:
            k_factors = {"k_factors": k_factors_of(cast, [run.wait(progress=False)])}
    return [_done(each, say) for each in found]


def k_factors_of(cast: Cast, pristine: list[RecipeRun]) -> str:
    """Find the k-factors of cycled particles from runs over pristine ones; return the reference of their table."""
    taken = {
        "intensities": "composition.intensities",
        "particles": "particle.labels",
        "dark_fields": "structure.volume",
    }
    given: dict[str, Any] = {port: [_output(run, source) for run in pristine] for port, source in taken.items()}
    return cast.scientist.run("eds_k_factors", **given).wait(progress=False).outputs["k_factors"].reference


def _output(run: RecipeRun, source: str) -> str:
    step, _, port = source.partition(".")
    return run.result(step).outputs[port].reference


def _done(particle: Particle, say: Say) -> Particle:
    run = particle.run.wait(progress=False)
    say(f"{TITLES[particle.state]}: recipe took {seconds_of(run.record):.0f} s")
    return replace(particle, run=run)


def compared(cast: Cast, particles: list[Particle]) -> Job:
    """Compare the depth profiles of all particles by cycling state."""
    tables: dict[str, Any] = {
        name: [particle.run.outputs[name].reference for particle in particles if name in particle.run.outputs]
        for name in ("profiles", "inhomogeneity")
    }
    job = cast.scientist.run("particle_comparison", **{name: found for name, found in tables.items() if found})
    return job.wait(progress=False)


def seconds_of(record: dict[str, Any]) -> float:
    """Return how long a run or job took from its start to its end [s]."""
    begin = record.get("started_at") or record["created_at"]
    return (datetime.fromisoformat(record["finished_at"]) - datetime.fromisoformat(begin)).total_seconds()
