"""How full the disk and the projects are, judged by the facility's thresholds; nobody commits here."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.infra.db.models import Project, SpaceMeasure
from app.infra.house import House
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.space.repository import SpaceRepository

Level = Literal["within", "near", "exceeded"]
KINDS = ("raw", "readings", "results", "display", "temporary")


@dataclass(frozen=True)
class Disk:
    """The disk under the service's folder."""

    total_bytes: int
    free_bytes: int
    reserve_bytes: int
    level: Level
    store: Literal["folder", "remote"]


@dataclass(frozen=True)
class ProjectSpace:
    """
    What one project takes.

    Its quota counts datasets as received, open uploads and stacks under way (``counted_bytes``); results are shown
    beside it.
    """

    project: Project
    raw_bytes: int
    arriving_bytes: int
    result_bytes: int
    level: Level

    @property
    def counted_bytes(self) -> int:
        """Return what the quota counts."""
        return self.raw_bytes + self.arriving_bytes

    @property
    def share(self) -> float:
        """Return the share of the quota in use; a quota of nothing is full."""
        return self.counted_bytes / self.project.quota_bytes if self.project.quota_bytes else 1.0


class SpaceService:
    """Looks after bytes."""

    def __init__(self, house: House, rows: SpaceRepository) -> None:
        self._house = house
        self._rows = rows

    def disk(self, actor: Actor) -> Disk:
        """Return how full the disk is; for managers and administrators."""
        require(actor, Action.MANAGE)
        settings = self._house.settings
        found = shutil.disk_usage(self._house.staging)
        free = found.free / found.total
        level: Level = "within"
        if free <= settings.free_disk_fraction:
            level = "exceeded"
        elif free <= settings.free_disk_warning_fraction:
            level = "near"
        return Disk(
            total_bytes=found.total,
            free_bytes=found.free,
            reserve_bytes=int(found.total * settings.free_disk_fraction),
            level=level,
            store="remote" if settings.store_url else "folder",
        )

    def kinds(self, actor: Actor) -> list[SpaceMeasure]:
        """Return what the last count found of each kind, in the order they come to be; for managers."""
        require(actor, Action.MANAGE)
        found = {row.kind: row for row in self._rows.measures()}
        return [found[kind] for kind in KINDS if kind in found]

    def projects(self, actor: Actor) -> list[ProjectSpace]:
        """Return what each of the actor's projects takes, the fullest first."""
        readable = readable_projects(actor)
        raw, arriving, results = self._rows.raw_bytes(), self._rows.arriving_bytes(), self._rows.result_bytes(readable)
        rows = [self._of(project, raw, arriving, results) for project in self._rows.projects(readable)]
        return sorted(rows, key=lambda row: (-row.share, row.project.code))

    def of(self, project: Project) -> ProjectSpace:
        """Return what a project takes that the caller was already given."""
        own = project.id
        sums = (self._rows.raw_bytes(own), self._rows.arriving_bytes(own), self._rows.result_bytes(frozenset({own})))
        return self._of(project, *sums)

    def _of(self, project: Project, *sums: Mapping[str, int]) -> ProjectSpace:
        raw, arriving, results = (each.get(project.id, 0) for each in sums)
        counted, quota = raw + arriving, project.quota_bytes
        level: Level = "within"
        if counted >= quota:
            level = "exceeded"
        elif counted >= quota * self._house.settings.quota_warning_fraction:
            level = "near"
        return ProjectSpace(project, raw, arriving, results, level)

    def measured_at(self) -> datetime | None:
        """Return when the store was last counted."""
        return min((row.measured_at for row in self._rows.measures()), default=None)

    def kind_of(self) -> Callable[[str], str]:
        """Return what tells the kind of a file of the store by its key."""
        of_datasets = self._rows.trees_of_datasets()

        def kind(key: str) -> str:
            if not key.startswith("trees/"):
                return "raw"
            parts = key.split("/")
            if any(part.endswith(".display") for part in parts[4:]):
                return "display"
            return "readings" if "/".join(parts[:4]) in of_datasets else "results"

        return kind

    def keep(self, found: Mapping[str, tuple[int, int]], at: datetime) -> None:
        """Keep what was counted: bytes and files of each kind."""
        for kind in KINDS:
            size_bytes, files = found.get(kind, (0, 0))
            self._rows.keep(kind, size_bytes, files, at)
