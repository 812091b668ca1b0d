"""A cell that was opened, a lamella split from it, what beams did to it, and results of that."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from app.infra.db.models import Job, Project, Sample
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.storage import tree_key
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.custody.schemas import NewEvent
from app.lab.dose.schemas import NewExposure
from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from tests.conftest import add_project, add_sample
from tests.datasets import add_dataset
from workers import trees
from workers.folders import seal

DAY = datetime(2026, 10, 1, 8, tzinfo=UTC)
VOLUME = np.arange(4 * 5 * 6, dtype="f4").reshape(4, 5, 6)
LABELS = np.zeros((4, 5, 6), "u2")
LABELS[1:3] = 2
STEP = Quantity(2.0, "nm", "header", uncertainty=0.01)


@dataclass
class Scene:
    """Records straight through the services, at hours after `DAY`."""

    house: House
    folder: Path
    project: Project = field(init=False)
    cell: Sample = field(init=False)
    lamella: Sample = field(init=False)

    def __post_init__(self) -> None:
        self.project = add_project(self.house, "PRJ-L")
        self.cell = add_sample(self.house, self.project, "CELL-0001")
        self.lamella = add_sample(self.house, self.project, "CELL-0001-L1")
        with self.house.database.writing() as session:
            session.get_one(Sample, self.lamella.id).parent_id = self.cell.id

    def event(self, sample: Sample, kind: str, hour: float, **fields: Any) -> str:
        """Record an event."""
        body = {"type": kind, "occurred_at": (DAY + timedelta(hours=hour)).isoformat(), **fields}
        with self.house.database.writing() as session:
            new: Any = TypeAdapter(NewEvent).validate_python(body)
            return Lab(self.house, session).custody.record(SYSTEM, sample.id, new)[0].event.id

    def exposure(self, sample: Sample, hour: float, **fields: Any) -> str:
        """Record a TEM exposure of 30 e/A^2."""
        numbers = {
            "beam_energy_kV": {"value": 200.0, "source": "user"},
            "dose_rate_e_per_A2_s": {"value": 10.0, "unit": "e/(A^2 s)", "source": "measured"},
            "exposure_s": {"value": 3.0, "source": "user"},
        }
        when = (DAY + timedelta(hours=hour)).isoformat()
        body = {"mode": "tem_field", "occurred_at": when, **numbers, **fields}
        with self.house.database.writing() as session:
            new: Any = TypeAdapter(NewExposure).validate_python(body)
            return Lab(self.house, session).dose.record(SYSTEM, sample.id, new)[0].exposure.id

    def dataset(self, sample: Sample, **fields: Any) -> str:
        """Add a readable dataset."""
        row = add_dataset(self.house, self.project, sample, **fields)
        with self.house.database.writing() as session:
            Lab(self.house, session).lineage.link(row.id, sample.id, "wasDerivedFrom")
        return row.id

    def result(self, *references: str, outputs: dict[str, Any] | None = None, **job: Any) -> str:
        """Run nothing, but publish outputs as made from these; ``job`` says by which method, with what."""
        with self.house.database.writing() as session:
            return self._publish(session, references, outputs or default_outputs(), job)

    def _publish(
        self, session: Session, references: tuple[str, ...], outputs: dict[str, Any], stated: dict[str, Any]
    ) -> str:
        lab = Lab(self.house, session)
        folder = self.folder / new_id("job")
        arrays = trees.write(folder, outputs, {})
        digest, size = seal(folder, arrays)
        self.house.store.put_tree(tree_key(digest), folder)
        about = {
            "method": "tomogram_sirt",
            "inputs": {f"in{n}": ref for n, ref in enumerate(references)},
            "params": {"iterations": 9},
        }
        job = Job(
            id=new_id("job"), project_id=self.project.id, sample_id=self.lamella.id, created_at=datetime.now(UTC),
            created_by="system", kind="analysis", method_version="3", queue="cpu-short", seed=7,
            state="succeeded", **(about | stated),
        )  # fmt: skip
        session.add(job)
        session.flush()
        for reference in references:
            lab.lineage.link(job.id, reference.partition("/")[0], "used")
        record = {"method": job.method, "method_version": "3", "software": {"lithoscope": "1"}}
        return lab.results.publish(
            job, digest=digest, store_key=tree_key(digest), size_bytes=size, outputs=arrays, run_record=record
        ).id


def default_outputs() -> dict[str, Any]:
    """Return a volume, its segmentation and a number."""
    spacing = {"z": STEP, "y": STEP, "x": STEP}
    return {
        "volume": LabelledArray(VOLUME, "zyx", spacing, "counts", kind="volume", name="volume"),
        "labels": LabelledArray(LABELS, "zyx", spacing, kind="labels", name="labels"),
        "share": Quantity(0.5, "1", "measured", uncertainty=0.1),
    }
