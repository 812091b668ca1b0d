"""Rows of publications, and the exposures that datasets came from."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.infra.db.models import Dataset, Exposure, Publication
from app.infra.db.queries import in_projects, page_before
from app.infra.ids import prefix_of

COUNTED = ("verified", "readable")


class ReportRepository:
    """Queries of publications and of what is counted for statistics."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, publication_id: str) -> Publication | None:
        """Return a publication."""
        return self._session.get(Publication, publication_id) if prefix_of(publication_id) == "pub" else None

    def add(self, publication: Publication) -> None:
        """Insert a publication."""
        self._session.add(publication)
        self._session.flush()

    def page(
        self, projects: frozenset[str] | None, target_id: str | None, before: str | None, limit: int
    ) -> list[Publication]:
        """Return publications of these projects (None for all), newest first."""
        query = page_before(in_projects(select(Publication), Publication, projects), Publication, before, limit)
        if target_id is not None:
            query = query.where(Publication.target_id == target_id)
        return list(self._session.scalars(query))

    def dataset_ids(self, projects: frozenset[str] | None) -> list[str]:
        """Return the datasets that are counted: whole, and neither refused nor deleted."""
        query = in_projects(select(Dataset.id), Dataset, projects).where(Dataset.state.in_(COUNTED))
        return list(self._session.scalars(query.order_by(Dataset.id)))

    def exposures(self, projects: frozenset[str] | None, *, at_once: int = 500) -> Iterator[Sequence[Exposure]]:
        """Go once through the standing exposures that gave the counted datasets; some are in memory at a time."""
        newer = aliased(Exposure)
        query = (
            in_projects(select(Exposure).join(Dataset, Exposure.dataset_id == Dataset.id), Dataset, projects)
            .outerjoin(newer, newer.supersedes_id == Exposure.id)
            .where(Dataset.state.in_(COUNTED), newer.id.is_(None))
        )
        yield from self._session.scalars(query, execution_options={"yield_per": at_once}).partitions()
