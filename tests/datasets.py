"""Datasets straight in the database, for tests of what is known of them."""

from typing import Any

from app.infra.clock import now
from app.infra.db.models import Blob, Dataset, Project, Sample
from app.infra.house import House
from app.infra.ids import new_id


def add_dataset(house: House, project: Project | str, sample: Sample | str | None = None, **fields: Any) -> Dataset:
    """Add a dataset that was read and said nothing of itself; ``fields`` say more."""
    digest = fields.get("sha256", new_id("ds")[3:] * 2)
    stated: dict[str, Any] = {
        "filename": "a.dm3",
        "size_bytes": 9,
        "state": "readable",
        "created_by": "system",
        **{name: [] for name in ("arrays", "calibration_history", "warnings")},
        **{name: {} for name in ("quantities", "calibration", "original", "attributes")},
        **fields,
    }
    dataset = Dataset(
        **{**stated, "sha256": digest},
        id=new_id("ds"),
        project_id=project if isinstance(project, str) else project.id,
        sample_id=sample.id if isinstance(sample, Sample) else sample,
        created_at=now(),
    )
    with house.database.writing() as session:
        if session.get(Blob, digest) is None:
            session.add(Blob(sha256=digest, size_bytes=dataset.size_bytes, created_at=now()))
            session.flush()
        session.add(dataset)
    return dataset
