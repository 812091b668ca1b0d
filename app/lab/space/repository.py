"""Sums of bytes by project, and what the last count of the store found."""

from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from app.infra.db.models import Dataset, Project, Result, SpaceMeasure
from app.infra.db.queries import insert_or_change
from app.infra.db.quotas import arriving_bytes, raw_bytes, sums


class SpaceRepository:
    """Queries of space."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def projects(self, projects: frozenset[str] | None) -> list[Project]:
        """Return these projects (None for all) by code."""
        query = select(Project).order_by(Project.code)
        if projects is not None:
            query = query.where(Project.id.in_(sorted(projects)))
        return list(self._session.scalars(query))

    def raw_bytes(self, project_id: str | None = None) -> dict[str, int]:
        """Return what the datasets of each project (or of one) hold in the store; other storage is not ours."""
        return raw_bytes(self._session, project_id)

    def arriving_bytes(self, project_id: str | None = None) -> dict[str, int]:
        """Return what open uploads and stacks under way of each project (or of one) will take."""
        return arriving_bytes(self._session, project_id)

    def result_bytes(self, projects: frozenset[str] | None) -> dict[str, int]:
        """Return what the results of each of these projects (None for all) hold, with their copies for viewers."""
        mine = true() if projects is None else Result.project_id.in_(sorted(projects))
        return sums(self._session, Result.size_bytes, (Result.state != "deleted") & mine)

    def trees_of_datasets(self) -> set[str]:
        """Return the keys of the array forms of datasets."""
        keys = self._session.scalars(select(Dataset.store_key).where(Dataset.store_key.is_not(None)).distinct())
        return {key for key in keys if key is not None}

    def measures(self) -> list[SpaceMeasure]:
        """Return what the last count found."""
        return list(self._session.scalars(select(SpaceMeasure).order_by(SpaceMeasure.kind)))

    def keep(self, kind: str, size_bytes: int, files: int, at: datetime) -> None:
        """Keep what was counted of a kind."""
        row = {"size_bytes": size_bytes, "files": files, "measured_at": at}
        insert_or_change(self._session, SpaceMeasure, {"kind": kind, **row}, key="kind", change=row)
