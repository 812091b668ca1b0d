"""Rows of what goes out and comes in with crates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.infra.db.base import Base
from app.infra.db.counters import take_number
from app.infra.db.models import (
    AccessKey,
    BeamCalibration,
    CrateImport,
    CustodyEvent,
    Dataset,
    Evaluation,
    Exposure,
    ImportedObject,
    Instrument,
    Job,
    LabelPhase,
    LineageEdge,
    Note,
    Project,
    RecipeRun,
    RecipeStep,
    Region,
    Result,
    Sample,
    Tag,
    TitrationSeries,
    User,
)
from app.infra.db.queries import in_projects, page_before
from app.infra.db.quotas import counted_bytes

Row = TypeVar("Row", bound=Base)
BATCH = 500  # identifiers of one query: SQLite takes so many variables


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a thing came from: what it is called there, who recorded it there, and with which import it came."""

    object_id: str
    origin_id: str
    record: dict[str, Any]
    crate: CrateImport


class ExchangeRepository:
    """Queries of exports and imports."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def project(self, project_id: str) -> Project:
        """Return a project that is known to be there."""
        return self._session.get_one(Project, project_id)

    def lock(self, project_id: str) -> None:
        """
        Let imports wait for each other, and for reservations of the project.

        Labels are unique in the facility and a quota in a project: both are counted again by who comes second.
        """
        take_number(self._session, "crate_import")
        self._session.execute(select(Project.id).where(Project.id == project_id).with_for_update())

    def counted_bytes(self, project_id: str) -> int:
        """Return what a project's quota counts."""
        return counted_bytes(self._session, project_id)

    def samples_of(self, project_id: str) -> set[str]:
        """Return all samples of a project."""
        return set(self._session.scalars(select(Sample.id).where(Sample.project_id == project_id)))

    def data_of(self, project_id: str) -> dict[str, str | None]:
        """Return the live datasets (but for the crates that were taken in) and results of a project, with sample."""
        datasets = select(Dataset.id, Dataset.sample_id).where(Dataset.id.not_in(select(CrateImport.dataset_id)))
        found: dict[str, str | None] = {}
        for table, query in ((Dataset, datasets), (Result, select(Result.id, Result.sample_id))):
            live = query.where(table.project_id == project_id, table.state != "deleted")
            found |= {row[0]: row[1] for row in self._session.execute(live)}
        return found

    def upstream(self, ids: Iterable[str]) -> set[str]:
        """Return these things and all that the arrows lead to from them."""
        return self._walked(LineageEdge.source_id, LineageEdge.target_id, ids)

    def ancestors(self, sample_ids: Iterable[str]) -> set[str]:
        """Return these samples and those they were split from, up to the cell."""
        return self._walked(Sample.id, Sample.parent_id, sample_ids)

    def descendants(self, sample_id: str) -> set[str]:
        """Return a sample and all that was split from it."""
        return self._walked(Sample.parent_id, Sample.id, [sample_id])

    def _walked(self, here: Any, there: Any, ids: Iterable[str]) -> set[str]:
        found = set(ids)
        new = sorted(found)
        while new:
            reached: set[str | None] = set()
            for start in range(0, len(new), BATCH):
                reached.update(self._session.scalars(select(there).where(here.in_(new[start : start + BATCH]))))
            new = sorted(each for each in reached if each is not None and each not in found)
            found.update(new)
        return found

    def count_of(self, table: type[CustodyEvent | Exposure], sample_ids: Iterable[str]) -> int:
        """Count the own events or exposures of samples."""
        ids, total = sorted(sample_ids), 0
        for start in range(0, len(ids), BATCH):
            query = select(func.count()).select_from(table).where(table.sample_id.in_(ids[start : start + BATCH]))
            total += self._session.scalar(query) or 0
        return total

    def samples(self, ids: Iterable[str]) -> list[Sample]:
        """Return samples by identifier."""
        return self._by(Sample, Sample.id, ids)

    def datasets(self, ids: Iterable[str]) -> list[Dataset]:
        """Return datasets by identifier."""
        return self._by(Dataset, Dataset.id, ids)

    def results(self, ids: Iterable[str]) -> list[Result]:
        """Return results by identifier."""
        return self._by(Result, Result.id, ids)

    def jobs(self, job_ids: Iterable[str]) -> list[Job]:
        """Return jobs by identifier."""
        return self._by(Job, Job.id, job_ids)

    def failed_jobs(self, data_ids: Iterable[str]) -> list[Job]:
        """Return the analyses that read any of these data and failed."""
        used = self._by(LineageEdge, LineageEdge.target_id, data_ids)
        readers = {edge.source_id for edge in used if edge.relation == "used"}
        return [job for job in self.jobs(readers) if job.state == "failed" and job.kind == "analysis"]

    def readings(self, ids: Iterable[str]) -> list[BeamCalibration]:
        """Return readings of beam current by identifier."""
        return self._by(BeamCalibration, BeamCalibration.id, ids)

    def titrations(self, project_id: str) -> list[TitrationSeries]:
        """Return the titrated storage series of a project."""
        return self._by(TitrationSeries, TitrationSeries.project_id, [project_id])

    def events(self, sample_ids: Iterable[str]) -> list[CustodyEvent]:
        """Return the own events of samples."""
        return self._by(CustodyEvent, CustodyEvent.sample_id, sample_ids)

    def exposures(self, sample_ids: Iterable[str]) -> list[Exposure]:
        """Return the own exposures of samples."""
        return self._by(Exposure, Exposure.sample_id, sample_ids)

    def regions(self, sample_ids: Iterable[str]) -> list[Region]:
        """Return the regions of samples."""
        return self._by(Region, Region.sample_id, sample_ids)

    def notes(self, ids: Iterable[str]) -> list[Note]:
        """Return the notes beside things."""
        return self._by(Note, Note.target_id, ids)

    def tags(self, ids: Iterable[str]) -> list[Tag]:
        """Return the tags of things."""
        return self._by(Tag, Tag.target_id, ids)

    def labels(self, result_ids: Iterable[str]) -> list[LabelPhase]:
        """Return all that was said about the labels of results."""
        return self._by(LabelPhase, LabelPhase.result_id, result_ids)

    def evaluations(self, ids: Iterable[str]) -> list[Evaluation]:
        """Return the verdicts over things."""
        return self._by(Evaluation, Evaluation.target_id, ids)

    def runs(self, project_id: str, job_ids: set[str]) -> list[tuple[RecipeRun, list[RecipeStep]]]:
        """Return the runs of a project that succeeded and have every step's job among these, with their steps."""
        steps: dict[str, list[RecipeStep]] = {}
        touched = {step.run_id for step in self._by(RecipeStep, RecipeStep.job_id, job_ids)}
        for step in self._by(RecipeStep, RecipeStep.run_id, touched):
            steps.setdefault(step.run_id, []).append(step)
        whole = [run_id for run_id, own in steps.items() if all(step.job_id in job_ids for step in own)]
        found = self._by(RecipeRun, RecipeRun.id, whole)
        return [
            (run, sorted(steps[run.id], key=lambda step: step.position))
            for run in found
            if run.project_id == project_id and run.state == "succeeded"
        ]

    def instruments(self, ids: Iterable[str]) -> list[Instrument]:
        """Return instruments by identifier."""
        return self._by(Instrument, Instrument.id, ids)

    def people(self, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return names of people and programs, and which of both they are, by identifier."""
        wanted = sorted(set(ids))
        people = {user.id: (user.display_name, "person") for user in self._by(User, User.id, wanted)}
        keys = {key.id: (key.name, "program") for key in self._by(AccessKey, AccessKey.id, wanted)}
        return people | keys

    def edges(self, ids: set[str]) -> list[LineageEdge]:
        """Return the arrows between these things."""
        return [edge for edge in self._by(LineageEdge, LineageEdge.source_id, ids) if edge.target_id in ids]

    def origins(self, ids: Iterable[str]) -> dict[str, Origin]:
        """Return where those of these things came from that came with a crate."""
        rows = self._by(ImportedObject, ImportedObject.object_id, ids)
        crates = {row.id: row for row in self._by(CrateImport, CrateImport.id, {row.import_id for row in rows})}
        return {row.object_id: Origin(row.object_id, row.origin_id, row.record, crates[row.import_id]) for row in rows}

    def _by(self, table: type[Row], column: Any, wanted: Iterable[str]) -> list[Row]:
        ids = sorted(set(wanted))
        found: list[Row] = []
        for start in range(0, len(ids), BATCH):
            found += self._session.scalars(select(table).where(column.in_(ids[start : start + BATCH])))
        return found

    def codes_taken(self, codes: Iterable[str]) -> set[str]:
        """Return those of these labels that samples of the facility carry."""
        return {sample.code for sample in self._by(Sample, Sample.code, codes)}

    def bytes_held(self, project_id: str, digests: Iterable[str]) -> dict[str, str]:
        """Return by SHA-256 the live datasets of a project with these bytes."""
        rows = self._by(Dataset, Dataset.sha256, digests)
        return {row.sha256: row.id for row in rows if row.project_id == project_id and row.state != "deleted"}

    def already_here(self, project_id: str, ids: Sequence[str]) -> list[str]:
        """Return those of these origins that stand in a project, by themselves or taken in before."""
        tables: tuple[Any, ...] = (Sample, Dataset, Result)
        own = [row.id for table in tables for row in self._by(table, table.id, ids) if row.project_id == project_id]
        came = self._by(ImportedObject, ImportedObject.origin_id, ids)
        here = {
            row.id
            for row in self._by(CrateImport, CrateImport.id, {row.import_id for row in came})
            if row.project_id == project_id
        }
        return sorted({*own, *(row.origin_id for row in came if row.import_id in here)})

    def add(self, rows: Iterable[Base]) -> None:
        """Insert rows, in their order."""
        for row in rows:
            self._session.add(row)
            self._session.flush()

    def get(self, import_id: str) -> CrateImport | None:
        """Return an import."""
        return self._session.get(CrateImport, import_id)

    def page(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[CrateImport]:
        """Return imports of these projects (None for all), newest first."""
        query = in_projects(select(CrateImport), CrateImport, projects)
        return list(self._session.scalars(page_before(query, CrateImport, before, limit)))

    def crates(self, project_id: str) -> list[Dataset]:
        """Return the datasets of a project that are crates by their names, newest first."""
        query = select(Dataset).where(Dataset.project_id == project_id, Dataset.state != "deleted")
        named = or_(Dataset.filename.icontains(".zip"), Dataset.filename.icontains(".eln"))
        return list(self._session.scalars(query.where(named).order_by(Dataset.id.desc()).limit(50)))
