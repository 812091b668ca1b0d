"""Published results for tests, made as a worker makes them."""

from pathlib import Path
from typing import Any

import numpy as np

from app.infra.clock import now
from app.infra.db.models import Job, Project, Result, Sample
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.storage import tree_key
from app.lab.composition import Lab
from lithoscope.arrays import LabelledArray, Table
from lithoscope.units import Quantity
from workers import folders, trees

NM = Quantity(17.99, "nm", "header", 0.01)
RUN_RECORD: dict[str, Any] = {
    "method": "segment_threshold",
    "method_version": "1",
    "params": {},
    "inputs": {},
    "seed": 7,
    "software": {"lithoscope": "0.1.0"},
}


def volume() -> LabelledArray:
    """Return a small volume of known values."""
    values = np.arange(6 * 8 * 10, dtype=np.float32).reshape(6, 8, 10)
    return LabelledArray(values, "zyx", dict.fromkeys("zyx", NM), "counts", kind="volume", name="volume")


def outputs() -> dict[str, Any]:
    """Return one output of each kind."""
    tilts = np.array([-10.0, 0.0, 10.0])
    steps = dict.fromkeys("yx", NM)
    series = np.zeros((3, 8, 10), np.float32)
    labels = (volume().values > 100).astype(np.uint8)
    return {
        "volume": volume(),
        "labels": LabelledArray(labels, "zyx", dict.fromkeys("zyx", NM), "1", kind="labels", name="labels"),
        "series": LabelledArray(series, "tyx", steps, "counts", {"t": tilts}, "tilt_series", "series"),
        "fraction": Quantity(0.42, "1", "measured", 0.02, (0.39, 0.45)),
        "classes": Table({"class": ["=1+1", "pore"], "volume_nm3": [1.5, 2.5]}, {"class": "1", "volume_nm3": "nm^3"}),
    }


def add_job(house: House, project: Project, sample: Sample | None, **inputs: str) -> Job:
    """Add a finished job straight to the database."""
    job = Job(
        id=new_id("job"),
        project_id=project.id,
        sample_id=None if sample is None else sample.id,
        kind="analysis",
        method="segment_threshold",
        method_version="1",
        queue="cpu-short",
        inputs=inputs,
        params={},
        seed=7,
        state="succeeded",
        created_by="usr_x",
        created_at=now(),
    )
    with house.database.writing() as session:
        session.add(job)
        session.flush()
        for reference in inputs.values():
            Lab(house, session).lineage.link(job.id, reference.partition("/")[0], "used")
    return job


def publish(house: House, job: Job, folder: Path, made: dict[str, Any] | None = None) -> Result:
    """Write outputs, put them into the store and register them."""
    tree = folder / job.id
    summaries = trees.write(tree, made or outputs(), {"volume": "Tomogram"})
    digest, size = folders.seal(tree, summaries)
    house.store.put_tree(tree_key(digest), tree)
    with house.database.writing() as session:
        return Lab(house, session).results.publish(
            job, digest=digest, store_key=tree_key(digest), size_bytes=size, outputs=summaries, run_record=RUN_RECORD
        )
