"""Rows of what goes out and comes in with crates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.infra.db.base import Base
from app.infra.db.models import (
    AccessKey,
    CrateImport,
    CustodyEvent,
    Dataset,
    Exposure,
    ImportedObject,
    Instrument,
    Job,
    LineageEdge,
    Project,
    Region,
    Result,
    Sample,
    User,
)
from app.infra.db.queries import in_projects, page_before

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
        """Let imports and reservations of a project wait for each other: they count the same quota."""
        self._session.execute(select(Project.id).where(Project.id == project_id).with_for_update())

    def samples(self, project_id: str) -> list[Sample]:
        """Return all samples of a project."""
        return list(self._session.scalars(select(Sample).where(Sample.project_id == project_id)))

    def datasets(self, project_id: str) -> list[Dataset]:
        """Return the live datasets of a project, but for the crates that were taken in."""
        crates = select(CrateImport.dataset_id)
        query = select(Dataset).where(Dataset.project_id == project_id, Dataset.state != "deleted")
        return list(self._session.scalars(query.where(Dataset.id.not_in(crates))))

    def results(self, project_id: str) -> list[Result]:
        """Return the live results of a project."""
        return list(
            self._session.scalars(select(Result).where(Result.project_id == project_id, Result.state != "deleted"))
        )

    def jobs(self, job_ids: Iterable[str]) -> list[Job]:
        """Return jobs by identifier."""
        return self._by(Job, Job.id, job_ids)

    def events(self, sample_ids: Iterable[str]) -> list[CustodyEvent]:
        """Return the own events of samples."""
        return self._by(CustodyEvent, CustodyEvent.sample_id, sample_ids)

    def exposures(self, sample_ids: Iterable[str]) -> list[Exposure]:
        """Return the own exposures of samples."""
        return self._by(Exposure, Exposure.sample_id, sample_ids)

    def regions(self, sample_ids: Iterable[str]) -> list[Region]:
        """Return the regions of samples."""
        return self._by(Region, Region.sample_id, sample_ids)

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
