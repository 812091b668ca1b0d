"""Rows of results."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import Dataset, Instrument, Job, Result, Sample
from app.infra.db.queries import in_projects, page_before
from app.infra.ids import prefix_of


@dataclass(frozen=True)
class ResultFilter:
    """What a list of results is narrowed to; None leaves a field open."""

    sample_id: str | None = None
    job_id: str | None = None
    method: str | None = None


class ResultRepository:
    """Queries of results."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, result_id: str) -> Result | None:
        """Return a result."""
        return self._session.get(Result, result_id) if prefix_of(result_id) == "res" else None

    def add(self, result: Result) -> None:
        """Insert a result."""
        self._session.add(result)
        self._session.flush()

    def page(
        self, projects: frozenset[str] | None, wanted: ResultFilter, before: str | None, limit: int
    ) -> list[Result]:
        """Return results of these projects (None for all), newest first, without deleted ones."""
        query = in_projects(select(Result), Result, projects).where(Result.state != "deleted")
        if wanted.sample_id is not None:
            query = query.where(Result.sample_id == wanted.sample_id)
        if wanted.job_id is not None:
            query = query.where(Result.job_id == wanted.job_id)
        if wanted.method is not None:
            query = query.join(Job, Job.id == Result.job_id).where(Job.method == wanted.method)
        return list(self._session.scalars(page_before(query, Result, before, limit)))

    def sample_code(self, result: Result) -> str | None:
        """Return the label of a result's sample."""
        return self._session.scalar(select(Sample.code).where(Sample.id == result.sample_id))

    def method_of(self, result: Result) -> str:
        """Return the method that gave a result."""
        return self._session.scalars(select(Job.method).where(Job.id == result.job_id)).one()

    def instrument_of(self, dataset_ids: list[str]) -> tuple[str, str] | None:
        """Return code and technique of the instrument the first of these datasets came from."""
        query = select(Instrument.code, Instrument.technique).join(Dataset, Dataset.instrument_id == Instrument.id)
        row = self._session.execute(query.where(Dataset.id.in_(dataset_ids)).order_by(Dataset.id)).first()
        return (row[0], row[1]) if row else None
