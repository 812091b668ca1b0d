"""Rows of recipes' runs and steps."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import Job, RecipeRun, RecipeStep, Result
from app.infra.db.queries import in_projects, page_before
from app.infra.ids import prefix_of
from app.infra.queue import TERMINAL


class RecipeRepository:
    """Queries of runs and steps."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, run_id: str) -> RecipeRun | None:
        """Return a run."""
        return self._session.get(RecipeRun, run_id) if prefix_of(run_id) == "run" else None

    def lock(self, run_id: str) -> RecipeRun | None:
        """Return a run as it stands now and keep others from carrying it on until the transaction ends."""
        return self._session.get(RecipeRun, run_id, with_for_update=True, populate_existing=True)

    def add(self, run: RecipeRun, steps: Iterable[RecipeStep]) -> None:
        """Insert a run with its steps."""
        self._session.add(run)
        self._session.flush()
        self._session.add_all(steps)
        self._session.flush()

    def save(self) -> None:
        """Write what was changed."""
        self._session.flush()

    def page(
        self, projects: frozenset[str] | None, filters: dict[str, str], before: str | None, limit: int
    ) -> list[RecipeRun]:
        """Return runs of these projects (None for all), newest first, whose columns have the given values."""
        query = page_before(in_projects(select(RecipeRun), RecipeRun, projects), RecipeRun, before, limit)
        for column, value in filters.items():
            query = query.where(getattr(RecipeRun, column) == value)
        return list(self._session.scalars(query))

    def steps(self, run_ids: Sequence[str]) -> dict[str, list[RecipeStep]]:
        """Return the steps of runs in the order of their recipes."""
        query = select(RecipeStep).where(RecipeStep.run_id.in_(run_ids)).order_by(RecipeStep.position)
        found: dict[str, list[RecipeStep]] = {run_id: [] for run_id in run_ids}
        for step in self._session.scalars(query, execution_options={"populate_existing": True}):
            found[step.run_id].append(step)
        return found

    def jobs(self, steps: Iterable[RecipeStep]) -> dict[str, Job]:
        """Return the jobs of steps as they stand now."""
        ids = sorted({step.job_id for step in steps if step.job_id})
        query = select(Job).where(Job.id.in_(ids))
        return {job.id: job for job in self._session.scalars(query, execution_options={"populate_existing": True})}

    def standing(self, jobs: Iterable[Job]) -> set[str]:
        """Return which of these jobs have a result that was not deleted."""
        query = select(Result.job_id).where(Result.job_id.in_([job.id for job in jobs]), Result.state == "available")
        return set(self._session.scalars(query))

    def records(self, jobs: Iterable[Job]) -> dict[str, dict[str, Any]]:
        """Return the run record of each of these jobs that has a result, by job."""
        query = select(Result.job_id, Result.run_record).where(Result.job_id.in_([job.id for job in jobs]))
        return {row.job_id: row.run_record for row in self._session.execute(query)}

    def run_of(self, job_id: str) -> str | None:
        """Return the unfinished run that a job is a step of."""
        query = select(RecipeRun.id).join(RecipeStep, RecipeStep.run_id == RecipeRun.id)
        query = query.where(RecipeStep.job_id == job_id, RecipeRun.finished_at.is_(None)).order_by(RecipeRun.id)
        return self._session.scalars(query.limit(1)).one_or_none()

    def of_job(self, job_id: str) -> list[RecipeRun]:
        """Return the runs that a job is a step of, newest first."""
        query = select(RecipeRun).join(RecipeStep, RecipeStep.run_id == RecipeRun.id)
        return list(self._session.scalars(query.where(RecipeStep.job_id == job_id).order_by(RecipeRun.id.desc())))

    def stuck(self, limit: int) -> list[str]:
        """Return unfinished runs that are to be cancelled, or of which no job is under way: nothing else moves them."""
        under_way = select(RecipeStep.name).join(Job, Job.id == RecipeStep.job_id)
        under_way = under_way.where(RecipeStep.run_id == RecipeRun.id, Job.state.not_in(sorted(TERMINAL)))
        query = select(RecipeRun.id).where(
            RecipeRun.finished_at.is_(None), (RecipeRun.state == "cancelling") | ~under_way.exists()
        )
        return list(self._session.scalars(query.order_by(RecipeRun.id).limit(limit)))
