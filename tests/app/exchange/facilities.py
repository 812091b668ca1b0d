"""Two facilities for tests of exchange: one with a sample's whole story, one with nothing, and the way between them."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.infra.clock import now
from app.infra.db.models import BeamCalibration, Dataset, Job, Project, RecipeRun, RecipeStep, Result, Sample
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.storage import blob_key, tree_key
from app.lab.composition import Lab
from app.lab.datasets.schemas import CalibrationValue, DatasetChange
from app.main import create_app
from tests.app.reports import chain
from tests.app.results import publishing
from tests.app.titrations.test_titrations import calibration_of, series_of
from tests.conftest import People, Person, add_project, add_sample, settings_for
from tests.houses import furnished
from workers import folders, trees


@dataclass
class Facility:
    """A service with a project and a steward of it."""

    house: House
    people: People
    project: Project
    steward: Person

    def export(self, object_id: str, **query: str) -> bytes:
        """Export a thing as it is sent."""
        answer = self.steward.get(f"/api/v1/exports/{object_id}", params=query)
        assert answer.status_code == 200, answer.text
        return bytes(answer.content)

    def send(self, content: bytes, filename: str = "crate.zip", project: Project | None = None) -> str:
        """Send a file as a dataset of the project; return its identifier."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        answer = self.steward.client.put(
            "/api/v1/uploads",
            params={"project_id": (project or self.project).id, "filename": filename},
            content=content,
            headers={"Content-Digest": f"sha-256=:{digest}:", "Content-Type": "application/octet-stream"},
        )
        assert answer.status_code in {200, 201}, answer.text
        return str(answer.json()["id"])

    def take(self, content: bytes, **more: Any) -> Any:
        """Send a crate and take it in; return the answer."""
        return self.steward.post("/api/v1/imports", json={"dataset_id": self.send(content), **more})


@contextmanager
def facility(folder: Path, code: str = "PRJ-1", **settings: Any) -> Iterator[Facility]:
    """Run a service in a folder."""
    house = furnished(settings_for(folder, **settings))
    with ExitStack() as held:
        held.callback(house.database.dispose)
        client = held.enter_context(TestClient(create_app(house.settings), follow_redirects=False))
        people = People(house, client)
        project = add_project(house, code)
        yield Facility(house, people, project, people.make(role="steward", project=project))


@dataclass
class Story:
    """A cell, the electrode cut from it, a file measured on that, and a result computed from the file."""

    cell: Sample
    electrode: Sample
    dataset: Dataset
    job: Job
    result: Result


def tell(at: Facility, folder: Path) -> Story:
    """Record a story with every kind of thing an export knows."""
    prepared = chain.OPENED
    cell = add_sample(at.house, at.project, "LS-2026-0001", electrolyte="1 M LiPF6 in EC:DMC")
    electrode = add_sample(at.house, at.project, "LS-2026-0001-E1", parent_id=cell.id, split_at=prepared)
    chain.record_chain(at.steward, cell)
    first = chain.record(at.steward, electrode, 30, 31, {**chain.SHUTTLE, "operator": "A. Person"})
    correction = {**chain.SHUTTLE, "supersedes_id": first["id"], "note": "=HYPERLINK(1)"}
    chain.record(at.steward, electrode, 30, 30.5, correction)
    dataset = add_read_dataset(at, electrode, folder)
    region = at.steward.post(
        f"/api/v1/samples/{electrode.id}/regions",
        json={"name": "edge", "polygon_um": [[0, 0], [1, 0], [0, 1]], "phases": ["LiF"]},
    ).json()
    chain.expose(at.steward, electrode, 32, dataset_id=dataset.id, region_id=region["id"])
    job = publishing.add_job(at.house, at.project, electrode, image=f"{dataset.id}/volume")
    result = publishing.publish(at.house, job, folder)
    with at.house.database.writing() as session:
        session.get_one(Job, job.id).result_id = result.id
    story = Story(cell, electrode, dataset, job, result)
    remark(at, story)
    add_run(at, story)
    return story


def remark(at: Facility, story: Story) -> None:
    """Write beside, tag and judge the things of a story, as people do."""
    labels = f"/api/v1/results/{story.result.id}/labels"
    said: list[tuple[str, dict[str, Any]]] = [
        (f"/api/v1/annotations/{story.electrode.id}/notes", {"text": f"The edge\nbroke off: see {story.dataset.id}"}),
        (f"/api/v1/annotations/{story.result.id}/notes", {"text": "=1+1"}),
        (f"/api/v1/annotations/{story.cell.id}/tags", {"tag": "Lithium foil"}),
        (f"/api/v1/annotations/{story.dataset.id}/tags", {"tag": "day 1"}),
        (labels, {"output": "labels", "label": 1, "phase": "LiF", "note": "by its density"}),
        (labels, {"output": "labels", "label": 1, "phase": "Li2O"}),
        ("/api/v1/evaluations", {"target_id": story.electrode.id, "protocol_id": "cathode_fib_sem"}),
    ]
    for path, body in said:
        answer = at.steward.post(path, json=body)
        assert answer.status_code == 201, answer.text


def add_run(at: Facility, story: Story) -> None:
    """Add the recipe's run that the job of a story belonged to straight to the database."""
    outcome = {"name": "phases", "title": "Phases", "source": "segment.labels", "group": ""}
    run = RecipeRun(
        id=new_id("run"),
        project_id=at.project.id,
        sample_id=story.electrode.id,
        recipe="segmented_volume",
        recipe_version="1",
        preset=None,
        inputs={"image": f"{story.dataset.id}/volume"},
        params={"threshold": 0.5},
        outputs=[outcome],
        seed=7,
        state="succeeded",
        created_by=at.steward.id,
        created_at=now(),
        finished_at=now(),
    )
    step = RecipeStep(
        run_id=run.id,
        name="segment",
        position=0,
        title="Segmentation",
        method="segment_threshold",
        inputs={"image": "image"},
        params={"threshold": 0.5},
        job_id=story.job.id,
        is_reused=False,
    )
    with at.house.database.writing() as session:
        session.add(run)
        session.flush()
        session.add(step)


SCANNED: dict[str, Any] = {
    "mode": "stem_raster",
    "beam_energy_kV": {"value": 200.0, "source": "header"},
    "beam_current_nA": {"value": 0.3, "source": "header"},
    "dwell_s": {"value": 1e-6, "source": "header"},
    "step_nm": {"value": 2.0, "source": "header"},
    "frame_pixels": [8, 10],
}


def go_wrong(at: Facility, story: Story) -> tuple[Job, Job]:
    """Correct the scale of a story's file, read the beam current a scan was dosed with, and let two jobs fail."""
    instrument = chain.add_instrument(at.house)
    reading = BeamCalibration(
        id=new_id("bmc"),
        instrument_id=instrument.id,
        kind="faraday",
        beam_energy_kV=200.0,
        set_current_nA=0.3,
        measured_current_nA=0.24,
        uncertainty_nA=0.01,
        measured_at=chain.OPENED,
        note="cup of the holder",
        recorded_by=at.steward.id,
        received_at=now(),
    )
    with at.house.database.writing() as session:
        session.add(reading)
        dataset = session.get_one(Dataset, story.dataset.id)
        for size_nm in (4.1, 4.63):
            value = CalibrationValue(value=size_nm, unit="nm", uncertainty=0.05)
            change = DatasetChange(calibration={"pixel_size_nm": value}, reason=f"cross grating, {size_nm} nm")
            Lab(at.house, session).datasets.change(
                at.steward.actor({at.project.id: "steward"}), dataset.id, dataset.version, change
            )
            dataset.state = "readable"
    timing = {"purpose": None, "occurred_at": chain.at(33), "instrument_id": instrument.id}
    answer = at.steward.post(
        f"/api/v1/samples/{story.electrode.id}/exposures",
        json={name: value for name, value in {**SCANNED, **timing}.items() if value is not None},
    )
    assert answer.status_code == 201, answer.text
    first = add_failed_job(at, story)
    return first, add_failed_job(at, story, retry_of=first.id)


def titrate(at: Facility, samples: Sequence[Sample]) -> dict[str, Any]:
    """Record a titrated storage series whose first bottles held these samples."""
    instrument = chain.add_instrument(at.house)
    calibration = at.people.admin.post("/api/v1/gas-calibrations", json=calibration_of(instrument.id)).json()
    body = series_of(at.project.id, calibration["id"], o2_ppm=0.1, note="=SUM(A1)")
    for bottle, sample in zip(body["bottles"], samples, strict=False):
        bottle["sample_id"] = sample.id
    answer = at.steward.post("/api/v1/titration-series", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def add_failed_job(at: Facility, story: Story, **more: Any) -> Job:
    """Add a job that failed on a story's file straight to the database."""
    job = publishing.add_job(at.house, at.project, story.electrode, image=f"{story.dataset.id}/volume")
    problem = {
        "type": "/problems/empty-mask",
        "title": "Nothing was found",
        "status": 422,
        "detail": f"no voxel of {story.dataset.id} is above 0.5: lower threshold",
    }
    with at.house.database.writing() as session:
        row = session.get_one(Job, job.id)
        row.state, row.problem, row.created_by = "failed", problem, at.steward.id
        row.started_at, row.finished_at = now(), now()
        for name, value in more.items():
            setattr(row, name, value)
    return job


def add_read_dataset(at: Facility, sample: Sample, folder: Path) -> Dataset:
    """Add a dataset with its bytes and the arrays read from them."""
    content = b"bytes of a microscope" * 100
    sha256 = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "raw").write_bytes(content)
    at.house.store.put_file(blob_key(sha256), folder / "raw")
    summaries = trees.write(folder / "arrays", {"volume": publishing.volume()}, {})
    digest, _ = folders.seal(folder / "arrays", summaries)
    at.house.store.put_tree(tree_key(digest), folder / "arrays")
    dataset = Dataset(
        id=new_id("ds"),
        project_id=at.project.id,
        sample_id=sample.id,
        filename="tilt 7°.emd",
        sha256=sha256,
        size_bytes=len(content),
        state="readable",
        format="velox",
        kind="volume",
        arrays=summaries,
        quantities={"beam_energy_kV": {"value": 200.0, "unit": "kV", "source": "header"}},
        calibration={},
        calibration_history=[],
        original={"Optics": {"AccelerationVoltage": "200000"}},
        attributes={"folder": "day 1"},
        warnings=[],
        store_key=tree_key(digest),
        created_by=at.steward.id,
        created_at=now(),
    )
    with at.house.database.writing() as session:
        lab = Lab(at.house, session)
        lab.datasets.hold_blob(sha256, len(content))
        session.add(dataset)
        session.flush()
        lab.lineage.link(dataset.id, sample.id, "wasDerivedFrom")
    return dataset


def members(crate: bytes) -> dict[str, bytes]:
    """Unzip a crate."""
    with zipfile.ZipFile(io.BytesIO(crate)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def repacked(content: dict[str, bytes]) -> bytes:
    """Zip files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, piece in content.items():
            zipped.writestr(name, piece)
    return stream.getvalue()


def with_records(crate: bytes, change: Any) -> bytes:
    """Change the records of a crate as somebody would who knows how digests are kept."""
    content = members(crate)
    records = json.loads(content["lithoscope-records.json"])
    change(records)
    content["lithoscope-records.json"] = json.dumps(records).encode()
    graph = json.loads(content["ro-crate-metadata.json"])
    for entity in graph["@graph"]:
        if entity["@id"] == "lithoscope-records.json":
            entity["sha256"] = hashlib.sha256(content["lithoscope-records.json"]).hexdigest()
    content["ro-crate-metadata.json"] = json.dumps(graph).encode()
    return repacked(content)
