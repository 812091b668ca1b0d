"""What the demonstration does, step by step, with the client only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.cli import demo_lamella, demo_waiting
from app.cli.demo_service import SCIENTIST, Cast, DemoFailed, assembled, running_service
from app.cli.demo_words import words_of
from lithoscope.client.sample import Sample
from lithoscope.client.things import Dataset, Job
from lithoscope.units import Quantity

EXAMPLE = Path("examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3")
LABEL = "DEMO-ETSPY-01"
STORAGE_H = 36.0
CLIENT_EVENT = "demo-series-1"
#: The needle was turned about its own length, which lies across the images. The scan's rotation offset in the header is
#: the same angle, but the header does not call it the tilt axis.
TILT_AXIS_DEG = -79.2

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """
    What the demonstration ended with.

    Parameters
    ----------
    data : Path
        The service's folder.
    rows : list of (str, str)
        Lines of the table a person reads.
    document : dict
        The figures under their fixed names.
    """

    data: Path
    rows: list[tuple[str, str]]
    document: dict[str, Any]


def run_demo(data: Path, say: Say) -> Outcome:
    """Run the demonstration over a data folder."""
    example = find_example()
    with running_service(data) as (url, setup_code), assembled(data, url, setup_code) as cast:
        say(f"service at {url}")
        sample = find_or_register(cast)
        say(f"sample {sample.code}: {sample.name}")
        dataset_id = cast.device.upload(example, sample=sample.id, project=cast.project_id).id
        dataset = cast.scientist.dataset(dataset_id).wait()
        say(f"dataset {dataset.id} is readable")
        exposure_id = record_exposure(sample, dataset)
        jobs = run_jobs(cast, dataset, exposure_id, say)
        lamella = demo_lamella.find_or_tell(cast, example.parents[1])
        say(f"sample {lamella.code}: {lamella.name}")
        demo_waiting.leave_waiting(cast, dataset)
        rows = [*_rows(sample, dataset, jobs), *demo_lamella.rows(cast, lamella)]
        return Outcome(data, [*rows, ("sign in as", f"{SCIENTIST}, password {cast.password}")], _document(cast, jobs))


def find_example() -> Path:
    """Return the real tilt series: from the working folder or the checkout this code lies in."""
    places = (Path.cwd(), Path(__file__).parents[2])
    found = next((place / EXAMPLE for place in places if (place / EXAMPLE).exists()), None)
    if found is None:
        raise DemoFailed(f"{EXAMPLE} is not here: run the demonstration from a checkout of the sources")
    return found


def find_or_register(cast: Cast) -> Sample:
    """Return the sample of an earlier run, or register it with its way to the microscope."""
    known = [row["id"] for row in cast.scientist.connection.pages("/samples", q=LABEL) if row["code"] == LABEL]
    if known:
        return cast.scientist.samples.get(known[0])
    sample = cast.scientist.samples.create(
        "Needle of the etspy HAADF series", project=cast.project_id, material="other", code=LABEL
    )
    opened = datetime.now(UTC) - timedelta(hours=STORAGE_H + 1)
    stored_until = opened + timedelta(hours=STORAGE_H)
    gas = {"atmosphere": "argon", "o2_ppm": 0.05, "h2o_ppm": 0.05, "place": "glovebox 1", "source": "assumed"}
    transfer = {"method": "inert_gas_shuttle", "atmosphere": "argon", "air_exposure_s": 0.0, "source": "assumed"}
    sample.record_event("disassembly", opened.isoformat(), **gas)
    sample.record_event("storage", opened.isoformat(), ended_at=stored_until.isoformat(), **gas)
    sample.record_event("transfer", stored_until.isoformat(), destination="demonstration STEM", **transfer)
    return sample


def record_exposure(sample: Sample, dataset: Dataset) -> str:
    """Record the demonstration's exposure once: the geometry of Oh et al., which nobody measured here."""
    known = [exposure for exposure in sample.exposures() if exposure["client_event_id"] == CLIENT_EVENT]
    if known:
        return str(known[0]["id"])
    numbers = {"beam_current_nA": 0.300, "dwell_s": 0.05, "step_nm": 4.63}
    conditions = {name: {"value": value, "source": "assumed"} for name, value in numbers.items()}
    made = sample.record_exposure(
        mode="stem_raster",
        occurred_at=datetime.now(UTC).isoformat(),
        dataset_id=dataset.id,
        frames=15,
        recorded_scans=17,
        note="Demonstration: current, dwell time and step of Oh et al. for their 15 tilts. They are not this "
        "file's: its header states another dwell time, another pixel size and no current.",
        client_event_id=CLIENT_EVENT,
        beam_energy_kV={"value": dataset.metadata["beam_energy_kV"].value, "source": "header"},
        **conditions,
    )
    return str(made["id"])


def run_jobs(cast: Cast, dataset: Dataset, exposure_id: str, say: Say) -> dict[str, Job]:
    """Run what a scientist asks for: dose, the tomogram of 15 tilts, one of all for comparison, a segmentation."""
    client = cast.scientist
    series = next(array for array in dataset.arrays.values() if array.summary["kind"] == "tilt_series")
    jobs = {
        "dose": client.run("raster_dose", exposure_id),
        "tilts": client.run("tilt_series_subset", series, first_deg=-70.0, last_deg=70.0, step_deg=10.0),
        "background of all": client.run("tilt_series_background", series),
    }
    tilts = _done(jobs["tilts"], "tilt series of 15", say).outputs["tilt_series"]
    jobs["background"] = client.run("tilt_series_background", tilts)
    for name in (" of all", ""):
        clean = _done(jobs["background" + name], "background" + name, say).outputs["tilt_series"]
        jobs["turn" + name] = client.run("tilt_series_turn", clean, tilt_axis_deg=TILT_AXIS_DEG)
    turned = {name: _done(jobs["turn" + name], "turn" + name, say).outputs for name in (" of all", "")}
    axis_px = turned[" of all"]["rotation_axis"].quantity.value
    for name in turned:
        jobs["tomogram" + name] = client.run("tomogram_sirt", turned[name]["tilt_series"], rotation_axis_px=axis_px)
    volume = _done(jobs["tomogram"], "tomogram of 15 tilts", say).outputs["volume"]
    jobs["segmentation"] = client.run("segment_threshold", volume, seed=1)
    for name in ("dose", "tomogram of all", "segmentation"):
        _done(jobs[name], name, say)
    return jobs


def _done(job: Job, name: str, say: Say) -> Job:
    job.wait(progress=False)
    say(f"{name}: {seconds_of(job):.2f} s")
    return job


def _document(cast: Cast, jobs: dict[str, Job]) -> dict[str, Any]:
    dose, volume = jobs["dose"].outputs, jobs["tomogram"].outputs["volume"]
    return {
        "dose_per_frame_e_per_A2": dose["dose_per_frame"].quantity.value,
        "dose_series_e_per_A2": dose["dose_series"].quantity.value,
        "dose_recorded_e_per_A2": dose["dose_recorded"].quantity.value,
        "volume_shape": list(volume.shape),
        "voxel_size_nm": volume.spacing["x"].value,
        "phase_fractions": jobs["segmentation"].outputs["phases"].table()["fraction"],
        "result_ids": [job.result.id for job in jobs.values()],
        "url": cast.url,
    }


def _rows(sample: Sample, dataset: Dataset, jobs: dict[str, Job]) -> list[tuple[str, str]]:
    custody, known = sample.custody_summary(), dataset.metadata
    dose, volume = jobs["dose"].outputs, jobs["tomogram"].outputs["volume"]
    recorded = words_of(dose["dose_recorded"].quantity)
    axis = jobs["turn of all"].outputs["rotation_axis"].quantity
    return [
        ("sample", f"{sample.code}  {sample.name}"),
        ("stored", words_of(Quantity.from_json(custody["storage"]))),
        ("transfer", ", ".join(custody["transfer_methods"]) or "not recorded"),
        ("tilt series", f"{dataset.filename}, pixel {words_of(known['pixel_size_nm'])}"),
        ("probe current", f"{words_of(known['beam_current_nA'])} in the file"),
        ("tilt axis", f"{TILT_AXIS_DEG:g} deg from y (assumed), column {words_of(axis)}"),
        (
            "dose of a frame",
            f"{words_of(dose['dose_per_frame'].quantity)}, with the current, dwell and step of Oh et al.",
        ),
        ("dose of 15 tilts", words_of(dose["dose_series"].quantity)),
        ("dose of 17 scans", f"{recorded}, a lower bound of what the beam gave"),
        ("volume", f"{' x '.join(map(str, volume.shape))} (z, y, x), voxel {words_of(volume.spacing['x'])}"),
        ("agreement", f"correlation {agreement(jobs):.3f} of the volumes of 15 and of all 91 tilts"),
        *((f"job: {name}", f"{seconds_of(job):6.2f} s  {job.result.id}") for name, job in jobs.items()),
    ]


def agreement(jobs: dict[str, Job]) -> float:
    """Return the correlation coefficient of the tomogram of 15 tilts with that of all."""
    import numpy as np

    volumes = [np.asarray(jobs[name].outputs["volume"].to_dask()).ravel() for name in ("tomogram", "tomogram of all")]
    return float(np.corrcoef(volumes)[0, 1])


def seconds_of(job: Job) -> float:
    """Return how long a job took from its start to its end [s]."""
    begin, end = (datetime.fromisoformat(job.record[name]) for name in ("started_at", "finished_at"))
    return (end - begin).total_seconds()
