"""Rows of growing series, their parts, and what was stacked of them."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, defer

from app.infra.clock import now
from app.infra.db.models import (
    Dataset,
    Exposure,
    GrowingSeries,
    Job,
    RecipeRun,
    RecipeStep,
    Region,
    SeriesAssembly,
    SeriesCandidate,
    SeriesPart,
)
from app.infra.db.queries import in_projects, page_before, stands
from app.infra.db.quotas import lock_quota, room_in

NOT_STARTED = ("superseded", "none", "refused")


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """What a list of series is narrowed to; None leaves a field open."""

    sample_id: str | None = None
    state: str | None = None
    instrument_id: str | None = None


class SeriesRepository:
    """Queries of growing series."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, series_id: str) -> GrowingSeries | None:
        """Return a series."""
        return self._session.get(GrowingSeries, series_id)

    def lock(self, series_id: str) -> GrowingSeries | None:
        """Return a series as it stands now and keep others from changing it meanwhile."""
        return self._session.get(GrowingSeries, series_id, with_for_update=True, populate_existing=True)

    def add(self, row: GrowingSeries | SeriesPart | SeriesAssembly) -> None:
        """Insert a series, a part or an assembly."""
        self._session.add(row)
        self._session.flush()

    def flush(self) -> None:
        """Write changed rows."""
        self._session.flush()

    def savepoint(self) -> AbstractContextManager[Any]:
        """Undo what the block did when it raises, and nothing else."""
        return self._session.begin_nested()

    def page(
        self, projects: frozenset[str] | None, wanted: SeriesFilter, before: str | None, limit: int
    ) -> list[GrowingSeries]:
        """Return series of these projects (None for all), newest first."""
        query = page_before(in_projects(select(GrowingSeries), GrowingSeries, projects), GrowingSeries, before, limit)
        for name in ("sample_id", "state", "instrument_id"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(GrowingSeries, name) == value)
        return list(self._session.scalars(query))

    def has_region(self, region_id: str, sample_id: str) -> bool:
        """Say whether a sample has a region that stands."""
        query = select(Region.id).where(Region.id == region_id, Region.sample_id == sample_id)
        return self._session.scalar(query.where(Region.retired_at.is_(None))) is not None

    def is_growing_on(self, region_id: str) -> bool:
        """Say whether a series grows on a region."""
        query = select(GrowingSeries.id).where(GrowingSeries.region_id == region_id)
        return self._session.scalar(query.where(GrowingSeries.state.in_(["open", "closing"])).limit(1)) is not None

    def part(self, series_id: str, *, number: int) -> SeriesPart | None:
        """Return the part of a number."""
        query = select(SeriesPart).where(SeriesPart.series_id == series_id, SeriesPart.number == number)
        return self._session.scalar(query)

    def number_of(self, series_id: str, dataset_id: str) -> int | None:
        """Return the number a dataset has in a series."""
        query = select(SeriesPart.number).where(SeriesPart.series_id == series_id)
        return self._session.scalar(query.where(SeriesPart.dataset_id == dataset_id))

    def highest(self, series_id: str) -> int:
        """Return the highest number of a series' parts, 0 when it has none."""
        query = select(func.max(SeriesPart.number)).where(SeriesPart.series_id == series_id)
        return self._session.scalar(query) or 0

    def parts(self, series_id: str) -> list[tuple[SeriesPart, Dataset]]:
        """Return the parts of a series with their datasets, in order of their numbers."""
        query = select(SeriesPart, Dataset).join(Dataset, Dataset.id == SeriesPart.dataset_id)
        query = query.where(SeriesPart.series_id == series_id).options(defer(Dataset.original))
        rows = self._session.execute(query.order_by(SeriesPart.number))
        return [(part, dataset) for part, dataset in rows]

    def part_page(self, series_id: str, before: str | None, limit: int) -> list[tuple[SeriesPart, Dataset]]:
        """Return parts of a series with their datasets, the one sent last first."""
        query: Any = select(SeriesPart, Dataset).join(Dataset, Dataset.id == SeriesPart.dataset_id)
        query = query.where(SeriesPart.series_id == series_id).options(defer(Dataset.original))
        rows = self._session.execute(page_before(query, SeriesPart, before, limit))
        return [(part, dataset) for part, dataset in rows]

    def states(self, series_ids: Collection[str]) -> list[tuple[str, str, bool, int]]:
        """Return how many parts series have, by series, state of the dataset, and whether it was refused."""
        is_refused = SeriesPart.refusal.is_not(None)
        query = select(SeriesPart.series_id, Dataset.state, is_refused, func.count())
        query = query.join(Dataset, Dataset.id == SeriesPart.dataset_id)
        query = query.where(SeriesPart.series_id.in_(sorted(series_ids)))
        rows = self._session.execute(query.group_by(SeriesPart.series_id, Dataset.state, is_refused))
        return [(series_id, state, bool(refused), count) for series_id, state, refused, count in rows]

    def exposures_of(self, dataset_ids: Collection[str]) -> list[Exposure]:
        """Return the exposures that stand of datasets, oldest first."""
        query = select(Exposure).where(Exposure.dataset_id.in_(sorted(dataset_ids)), stands(Exposure))
        return list(self._session.scalars(query.order_by(Exposure.happened_at, Exposure.id)))

    def assemblies(self, series_id: str) -> list[SeriesAssembly]:
        """Return what was stacked of a series, newest first; what was left out of each when asked for."""
        query = select(SeriesAssembly).where(SeriesAssembly.series_id == series_id)
        query = query.options(defer(SeriesAssembly.left_out))
        return list(self._session.scalars(query.order_by(SeriesAssembly.id.desc())))

    def overtaken(self, series_id: str) -> list[tuple[str, str]]:
        """
        Return the datasets stacked of a series that nothing came of, with their jobs, but for the newest.

        Nothing was started on them, or what was started was cancelled before its turn came.
        """
        own = SeriesAssembly.series_id == series_id
        newest = select(func.max(SeriesAssembly.id)).where(own, SeriesAssembly.dataset_id.is_not(None))
        query = select(Dataset.id, SeriesAssembly.job_id).join(Dataset, SeriesAssembly.dataset_id == Dataset.id)
        query = query.outerjoin(Job, Job.id == SeriesAssembly.refresh_job_id)
        query = query.where(own, SeriesAssembly.id < newest.scalar_subquery())
        query = query.where(SeriesAssembly.outcome.in_(NOT_STARTED) | (Job.state == "cancelled"))
        rows = self._session.execute(query.where(Dataset.is_interim, Dataset.state == "readable"))
        return [(dataset_id, job_id) for dataset_id, job_id in rows if job_id is not None]

    def forget_failed(self, series_id: str) -> None:
        """Let what could not be stacked be tried once more."""
        for row in self.assemblies(series_id):
            if row.dataset_id is None:
                row.job_id = None
        self._session.flush()

    def assembly(self, assembly_id: str) -> SeriesAssembly | None:
        """Return what was stacked once, locked."""
        return self._session.get(SeriesAssembly, assembly_id, with_for_update=True, populate_existing=True)

    def dataset(self, dataset_id: str) -> Dataset | None:
        """Return a dataset as it stands now."""
        return self._session.get(Dataset, dataset_id, populate_existing=True)

    def job(self, job_id: str | None) -> Job | None:
        """Return a job as it stands now."""
        return None if job_id is None else self._session.get(Job, job_id, populate_existing=True)

    def run(self, run_id: str | None) -> RecipeRun | None:
        """Return a run as it stands now."""
        return None if run_id is None else self._session.get(RecipeRun, run_id, populate_existing=True)

    def step_jobs(self, run_id: str) -> dict[str, Job]:
        """Return the jobs of a run by the names of its steps."""
        query = select(RecipeStep.name, Job).join(Job, Job.id == RecipeStep.job_id).where(RecipeStep.run_id == run_id)
        rows = self._session.execute(query.execution_options(populate_existing=True))
        return {row[0]: row[1] for row in rows}

    def lock_quota(self, project_id: str) -> None:
        """Let who else asks for some of a project's quota wait."""
        lock_quota(self._session, project_id)

    def room_in(self, project_id: str) -> int:
        """Return the bytes left of a project's quota."""
        return room_in(self._session, project_id)

    def with_problem(self) -> list[GrowingSeries]:
        """Return the series that grow and say that something is wrong, the first first."""
        query = select(GrowingSeries).where(GrowingSeries.state.in_(["open", "closing"]))
        return [series for series in self._session.scalars(query.order_by(GrowingSeries.id)) if series.problem]

    def note(self, series_ids: Sequence[str]) -> None:
        """Keep in mind that series have changed and are to be looked at."""
        self._session.add_all(SeriesCandidate(series_id=each, since=now()) for each in sorted(set(series_ids)))
        self._session.flush()

    def note_dataset(self, dataset: Dataset) -> None:
        """Keep in mind that a dataset changed, where it is a part of series that are not sealed."""
        query = select(SeriesPart.series_id).join(GrowingSeries, GrowingSeries.id == SeriesPart.series_id)
        query = query.where(SeriesPart.dataset_id == dataset.id, GrowingSeries.state.in_(["open", "closing"]))
        self.note(list(self._session.scalars(query)))

    def note_job(self, job_id: str) -> None:
        """Keep in mind that a job ended, where a series waits for it."""
        runs = select(RecipeStep.run_id).where(RecipeStep.job_id == job_id)
        query = select(SeriesAssembly.series_id).where(
            (SeriesAssembly.job_id == job_id)
            | (SeriesAssembly.refresh_job_id == job_id)
            | SeriesAssembly.refresh_run_id.in_(runs)
        )
        self.note(list(self._session.scalars(query)))

    def candidates(self, limit: int) -> list[str]:
        """Return the series that wait to be looked at, the first first."""
        first = func.min(SeriesCandidate.id)
        query = select(SeriesCandidate.series_id).group_by(SeriesCandidate.series_id).order_by(first)
        return list(self._session.scalars(query.limit(limit)))

    def take(self, series_id: str) -> tuple[GrowingSeries, list[int]] | None:
        """Return a waiting series, locked, and what waits for it; None when another has it or is done with it."""
        query = select(GrowingSeries).where(GrowingSeries.id == series_id)
        locked = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        series = self._session.scalar(locked)
        waiting = select(SeriesCandidate.id).where(SeriesCandidate.series_id == series_id)
        found = [] if series is None else list(self._session.scalars(waiting))
        return (series, found) if series is not None and found else None

    def drop(self, candidates: Sequence[int]) -> None:
        """Forget what was looked at; what was written meanwhile stays."""
        dead = delete(SeriesCandidate).where(SeriesCandidate.id.in_(candidates))
        self._session.execute(dead.execution_options(synchronize_session=False))
