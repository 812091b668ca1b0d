"""Rows of regions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import Region


class RegionRepository:
    """Queries of regions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, region_id: str) -> Region | None:
        """Return a region."""
        return self._session.get(Region, region_id)

    def add(self, region: Region) -> None:
        """Insert a region."""
        self._session.add(region)
        self._session.flush()

    def change(self, region: Region) -> None:
        """Write a changed region under a new version."""
        region.version += 1
        self._session.flush()

    def of_sample(self, sample_id: str) -> list[Region]:
        """Return a sample's regions, oldest first, retired ones included."""
        return list(self._session.scalars(select(Region).where(Region.sample_id == sample_id).order_by(Region.id)))
