"""Series that grow, for tests: parts that become readable, and what workers make of them."""

from pathlib import Path
from typing import Any

import numpy as np

from app.infra.db.models import Dataset, Job, Project, Sample, SeriesAssembly
from app.infra.house import House
from app.infra.queue import Claim, Leases
from app.infra.storage import sha256_of
from app.lab.composition import Lab
from app.lab.jobs.bench import Made
from app.lab.series.sweeping import sweep
from lithoscope.arrays import LabelledArray
from lithoscope.writers.hdf5 import write_hdf5
from tests.app.results.publishing import add_job, publish
from tests.conftest import Person
from tests.datasets import add_dataset
from workers import folders, trees

SERIES = "/api/v1/series"
ACTION = {"method": "tomogram_sirt", "parameters": {"iterations": 7}}
SIZE = 8


def image(**differs: Any) -> dict[str, Any]:
    """Return the summary of one tilt."""
    step = {"value": 2.0, "unit": "nm", "source": "header", "uncertainty": None, "interval": None, "note": ""}
    about = {"axes": "yx", "shape": [SIZE, SIZE], "dtype": "uint16", "spacing": {"y": step, "x": step}}
    return {"name": "HAADF", "title": "HAADF", "kind": "image", "unit": "counts", "coordinates": {}, **about, **differs}


def tilt(house: House, project: Project | str, sample: Sample, *, state: str = "readable", **fields: Any) -> Dataset:
    """Add the dataset of one tilt."""
    arrays = [image(**fields.pop("differs", {}))] if state == "readable" else []
    return add_dataset(house, project, sample, state=state, arrays=arrays, store_key="trees/x", kind="image", **fields)


def read(house: House, dataset: Dataset, **differs: Any) -> None:
    """Do what the end of an ingest does."""
    with house.database.writing() as session:
        Lab(house, session).datasets.mark_readable(
            dataset.id, arrays=[image(**differs)], store_key="trees/x", kind="image"
        )


def begun(person: Person, sample: Sample, **more: Any) -> dict[str, Any]:
    """Begin a series."""
    body = {"project_id": sample.project_id, "sample_id": sample.id, "name": "particle", "kind": "tilt_series", **more}
    answer = person.post(SERIES, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def add(person: Person, series: dict[str, Any], dataset: Dataset, number: int, **more: Any) -> Any:
    """Add a part; its tilt is ten times its number."""
    body = {"dataset_id": dataset.id, "number": number, "tilt_deg": 10.0 * number, **more}
    return person.post(f"{SERIES}/{series['id']}/parts", json=body)


def close(person: Person, series: dict[str, Any], parts: int) -> Any:
    """Close a series."""
    return person.post(f"{SERIES}/{series['id']}/closing", json={"parts": parts})


def seen(house: House, person: Person, series: dict[str, Any]) -> dict[str, Any]:
    """Let a sweeper look at it, and return the series as it stands."""
    sweep(house)
    return dict(person.get(f"{SERIES}/{series['id']}").json())


def stacked(house: House, tmp_path: Path) -> Claim:
    """Do what a worker does with the next assembly, and let a sweeper look."""
    with house.database.writing() as session:
        claim = Leases(session).claim(["io"], worker="w", lease_s=60)
    assert claim is not None
    assert claim.kind == "assembly"
    made = _made(claim, tmp_path / claim.token)
    with house.database.writing() as session:
        lab = Lab(house, session)
        assert lab.series_assembling.publish(claim, made)
        lab.ended(claim.job_id)
    sweep(house)
    return claim


def _made(claim: Claim, folder: Path) -> Made:
    count = len(claim.params["numbers"])
    values = np.full((count, SIZE, SIZE), count, np.uint16)
    places = np.asarray(claim.params["places"], np.float64)
    array = LabelledArray(values, "tyx", {}, "counts", {"t": places}, "tilt_series", "series")
    folder.mkdir()
    file = folder / "assembled.h5"
    write_hdf5(array, file, attributes={"assembly_id": claim.params["assembly_id"]})
    arrays = trees.write(folder / "output", {"series": array}, {})
    digest, size = folders.seal(folder / "output", arrays)
    with file.open("rb") as opened:
        return Made(folder / "output", digest, size, arrays, {}, {}, (file, sha256_of(opened)))


def refreshes(house: House) -> list[Job]:
    """Return the jobs that series started, first first."""
    with house.database.reading() as session:
        found = session.query(Job).filter(Job.method == "tomogram_sirt").order_by(Job.id)
        return [job for job in found if job.started_by is not None]


def computed(house: House, job: Job, project: Project, sample: Sample, tmp_path: Path) -> str:
    """Give a refresh a volume, as its worker does, and let a sweeper look; return the result."""
    volume = LabelledArray(
        np.ones((SIZE, SIZE, SIZE), np.float32), "zyx", {}, "counts/px", kind="volume", name="volume"
    )
    result = publish(house, add_job(house, project, sample), tmp_path, {"volume": volume})
    with house.database.writing() as session:
        claim = Leases(session).claim(["cpu-long"], worker="w", lease_s=60)
        assert claim is not None
        assert claim.job_id == job.id
        assert Leases(session).succeed(claim, result.id)
        Lab(house, session).ended(job.id)
    sweep(house)
    return result.id


def assemblies(house: House) -> list[SeriesAssembly]:
    """Return what was stacked, first first."""
    with house.database.reading() as session:
        return list(session.query(SeriesAssembly).order_by(SeriesAssembly.id))
