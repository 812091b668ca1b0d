"""What was found in a crate that came."""

from dataclasses import dataclass
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Dataset
from app.infra.ids import new_id
from app.lab.access import Actor
from app.lab.exchange.records import Records


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """A file of a foreign crate; `attributes` are what is understood of what the crate says about it."""

    path: str
    filename: str
    size_bytes: int
    sha256: str
    attributes: dict[str, Any]

    def dataset(self, actor: Actor, project_id: str) -> Dataset:
        """Return the dataset it becomes; its bytes are in the store and have yet to be read."""
        return Dataset(
            id=new_id("ds"),
            project_id=project_id,
            filename=self.filename,
            sha256=self.sha256,
            size_bytes=self.size_bytes,
            state="verified",
            arrays=[],
            quantities={},
            calibration={},
            calibration_history=[],
            original={},
            attributes=self.attributes,
            warnings=[],
            created_by=actor.id,
            created_at=now(),
        )


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found in a crate: our records, or else the files of another program's."""

    title: str
    origin: str | None
    records: Records | None
    files: tuple[ForeignFile, ...]
    warnings: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Count what would come, by kind."""
        if self.records is None:
            return {"datasets": len(self.files)}
        return {kind: len(rows) for kind, rows in self.records.kinds.items()}

    @property
    def bytes_counted(self) -> int:
        """Return what the project's quota will count."""
        if self.records is None:
            return sum(each.size_bytes for each in self.files)
        return sum(each.size_bytes for each in self.records.datasets)
