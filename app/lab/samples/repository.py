"""Rows of samples."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.counters import take_number
from app.infra.db.models import Sample
from app.infra.db.queries import contains_text, in_projects, page_before


class SampleRepository:
    """Queries of samples."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, sample_id: str) -> Sample | None:
        """Return a sample."""
        return self._session.get(Sample, sample_id)

    def has_code(self, code: str) -> bool:
        """Say whether a label is taken."""
        return self._session.scalar(select(Sample.id).where(Sample.code == code)) is not None

    def next_number(self, year: int) -> int:
        """Take the next label number of a year."""
        return take_number(self._session, f"sample-code-{year}")

    def add(self, sample: Sample) -> None:
        """Insert a sample."""
        self._session.add(sample)
        self._session.flush()

    def change(self, sample: Sample) -> None:
        """Write a changed sample under a new version."""
        sample.version += 1
        self._session.flush()

    def children(self, sample_id: str) -> list[Sample]:
        """Return the samples split from one."""
        return list(self._session.scalars(select(Sample).where(Sample.parent_id == sample_id).order_by(Sample.id)))

    def page(self, projects: frozenset[str] | None, text: str | None, before: str | None, limit: int) -> list[Sample]:
        """Return samples of these projects (None for all), newest first, whose name or code holds the text."""
        query = page_before(in_projects(select(Sample), Sample, projects), Sample, before, limit)
        if text:
            query = query.where(contains_text(text, Sample.name, Sample.code))
        return list(self._session.scalars(query))
