"""What space looks like from outside."""

from datetime import datetime
from typing import Literal, Self

from app.lab.schemas import Out
from app.lab.space.service import ProjectSpace

Level = Literal["within", "near", "exceeded"]


class KindSpaceOut(Out):
    """Bytes and files of a kind, as last counted; `display`: copies for viewers, `readings`: arrays of datasets."""

    kind: Literal["raw", "readings", "results", "display", "temporary"]
    size_bytes: int
    files: int
    measured_at: datetime


class SpaceOut(Out):
    """The disk under the service's folder; uploads never fill the reserve. `kinds` is empty until a worker counted."""

    total_bytes: int
    free_bytes: int
    reserve_bytes: int
    level: Level
    store: Literal["folder", "remote"]
    kinds: list[KindSpaceOut]


class ProjectSpaceOut(Out):
    """
    What a project takes; the quota counts datasets as received (`raw_bytes`) and what is on its way, not results.

    `arriving_bytes` are open uploads, and what stacks of growing series that are under way may take.
    """

    project_id: str
    code: str
    title: str
    quota_bytes: int
    counted_bytes: int
    raw_bytes: int
    arriving_bytes: int
    result_bytes: int
    share: float
    level: Level

    @classmethod
    def of(cls, space: ProjectSpace) -> Self:
        """Write what a project takes."""
        project = space.project
        return cls(
            project_id=project.id,
            code=project.code,
            title=project.title,
            quota_bytes=project.quota_bytes,
            counted_bytes=space.counted_bytes,
            raw_bytes=space.raw_bytes,
            arriving_bytes=space.arriving_bytes,
            result_bytes=space.result_bytes,
            share=space.share,
            level=space.level,
        )
