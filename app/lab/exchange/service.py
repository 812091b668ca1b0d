"""What leaves the facility as a crate, and what comes in with one; nobody commits here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Conflict, NotFound
from app.infra.clock import now
from app.infra.db.models import CrateImport, Dataset, PlacedFile
from app.infra.db.quotas import lacking
from app.infra.ids import new_id, prefix_of
from app.infra.storage import Store, blob_key, tree_key
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.custody.service import CustodyService
from app.lab.datasets.service import DatasetService
from app.lab.dose.service import DoseService
from app.lab.exchange.contents import Contents
from app.lab.exchange.critical_doses import critical_doses
from app.lab.exchange.gathering import Gathering
from app.lab.exchange.payload import folders_of
from app.lab.exchange.records import Records
from app.lab.exchange.refusals import AlreadyHere, BadCrate, CodesTaken, NoRoomForCrate
from app.lab.exchange.repository import ExchangeRepository, Origin
from app.lab.exchange.schemas import Clash, ImportPlan
from app.lab.exchange.taking import Taking, names_for, rows_of
from app.lab.jobs.service import JobService
from app.lab.limits.service import LimitService
from app.lab.lineage.service import LineageService
from app.lab.projects.service import ProjectService
from app.lab.recipes.service import RecipeService
from app.lab.results.service import ResultService
from app.lab.samples.service import SampleService
from lithoscope.errors import LithoscopeError

#: What of a crate's records has no rows here and is told again by an export.
_KEPT = ("people", "instruments", "readings", "titrations", "project")


class PurgedMeanwhile(Conflict):
    """Bytes that the crate shares with something deleted were removed while it was taken in."""

    code, title = "changed-meanwhile", "Changed meanwhile"


def refuse_clashes(plan: ImportPlan) -> None:
    """Refuse a crate whose labels are taken, by name."""
    if plan.clashes:
        clashes = [clash.code for clash in plan.clashes]
        raise CodesTaken(
            "Samples of the facility carry labels of the crate: name another label for each in codes.",
            errors=[{"pointer": f"/body/codes/{code}", "detail": "taken here: give another label"} for code in clashes],
            clashes=clashes,
        )


@dataclass(frozen=True)
class Rooms:
    """The rooms that exports and imports ask."""

    samples: SampleService
    datasets: DatasetService
    results: ResultService
    projects: ProjectService
    custody: CustodyService
    dose: DoseService
    jobs: JobService
    recipes: RecipeService
    limits: LimitService
    lineage: LineageService
    audit: AuditLog


class ExchangeService:
    """Gathers what an export tells of, and recreates what a crate holds."""

    def __init__(self, exchange: ExchangeRepository, rooms: Rooms, store: Store) -> None:
        self._exchange = exchange
        self._rooms = rooms
        self._store = store
        self._gathering = Gathering(exchange, rooms.dose)

    def records(self, actor: Actor, object_id: str) -> Records:
        """Return what an export of a sample, dataset, result or project tells, to those who may read it."""
        return self._gathering.of(object_id, self._project_of(actor, object_id))

    def critical_doses(self, records: Records) -> dict[str, list[dict[str, Any]]]:
        """Return by exposure of an export the critical doses of the phases its region is watched for."""
        return critical_doses(records, self._rooms.limits.standing())

    def counts(self, actor: Actor, object_id: str) -> dict[str, int]:
        """Return how many things of each kind an export holds, to those who may read it."""
        return self._gathering.counts(object_id, self._project_of(actor, object_id))

    def away(self, actor: Actor, object_id: str) -> list[PlacedFile]:
        """Return the registered files of an export that were not as registered when they were last looked at."""
        project_id = self._project_of(actor, object_id)
        found = self._rooms.datasets.out_of_place(frozenset({project_id}))
        held = self._gathering.data_of(object_id, project_id) if found else set()
        return [place for place in found if place.dataset_id in held]

    def _project_of(self, actor: Actor, object_id: str) -> str:
        kind = prefix_of(object_id)
        if kind == "prj":
            return self._rooms.projects.get(actor, object_id).id
        find: Mapping[str | None, Any] = {
            "smp": self._rooms.samples.get,
            "ds": self._rooms.datasets.get,
            "res": self._rooms.results.get,
        }
        if kind not in find:
            raise NotFound
        return str(find[kind](actor, object_id).project_id)

    def crate(self, actor: Actor, dataset_id: str) -> Dataset:
        """Return a dataset that is to be taken in as a crate, to stewards of its project."""
        dataset = self._rooms.datasets.get(actor, dataset_id, need=Action.STEWARD)
        if dataset.place is not None and dataset.place.files is not None:
            raise BadCrate.at("dataset", "It is several files on the facility's storage: upload the crate as one zip.")
        return dataset

    def crates(self, actor: Actor, project_id: str) -> list[Dataset]:
        """Return the datasets of a project that are crates by their names, to its stewards."""
        require(actor, Action.STEWARD, project_id)
        return self._exchange.crates(project_id)

    def plan(self, actor: Actor, crate: Dataset, found: Contents, codes: Mapping[str, str]) -> ImportPlan:
        """Say what a crate would bring, and refuse one that does not fit into its project."""
        self._check_room(actor, crate.project_id, found)
        clashes: list[Clash] = []
        if found.records is not None:
            self._check_new(crate.project_id, found.records)
            wanted = {sample.id: codes.get(sample.code, sample.code) for sample in found.records.samples}
            taken = self._exchange.codes_taken(wanted.values())
            twice = {code for code, times in Counter(wanted.values()).items() if times > 1}
            clashes = [
                Clash(code=sample.code, name=sample.name)
                for sample in found.records.samples
                if wanted[sample.id] in taken | twice
            ]
        return ImportPlan(
            dataset_id=crate.id,
            title=found.title,
            origin=found.origin,
            is_ours=found.records is not None,
            counts=found.counts,
            clashes=clashes,
            warnings=list(found.warnings),
        )

    def _check_room(self, actor: Actor, project_id: str, found: Contents) -> None:
        project = self._rooms.projects.get(actor, project_id)
        left = project.quota_bytes - self._exchange.counted_bytes(project_id)
        if found.bytes_counted > left:
            raise NoRoomForCrate(lacking("What the crate holds takes", found.bytes_counted, left))

    def _check_new(self, project_id: str, records: Records) -> None:
        kinds = (records.samples, records.datasets, records.results)
        if here := self._exchange.already_here(project_id, [each.id for kind in kinds for each in kind]):
            errors = [{"pointer": f"/crate/{each}", "detail": "stands in this project already"} for each in here[:100]]
            raise AlreadyHere("Things of the crate stand in this project: take it into another one.", errors=errors)
        alone = {each.sha256: each.id for each in records.datasets if each.sample_id is None}
        if held := self._exchange.bytes_held(project_id, alone):
            errors = [
                {"pointer": f"/crate/{alone[sha256]}", "detail": f"its bytes are those of {held[sha256]}"}
                for sha256 in sorted(held)
            ]
            raise AlreadyHere("The project holds bytes of the crate: take it into another one.", errors=errors)

    def take(
        self, actor: Actor, crate: Dataset, found: Contents, codes: Mapping[str, str], *, queues: Mapping[str, str]
    ) -> CrateImport:
        """Recreate what a crate holds; its bytes are in the store. ``queues`` says where each method runs here."""
        require(actor, Action.STEWARD, crate.project_id)
        self._exchange.lock(crate.project_id)
        refuse_clashes(self.plan(actor, crate, found, codes))  # another process may have been quicker
        row = self._import_row(actor, crate, found)
        self._exchange.add([row])
        if found.records is not None:
            taking = Taking(actor, crate.project_id, row.id, codes, queues)
            self._take_records(taking, row, found.records)
        else:
            self._take_files(actor, row, found)
        details = {"sha256": crate.sha256, "dataset_id": crate.id, **found.counts}
        self._rooms.audit.record(actor, "crate.import", row.id, project_id=row.project_id, **details)
        return row

    def _import_row(self, actor: Actor, crate: Dataset, found: Contents) -> CrateImport:
        told = found.records.model_dump(mode="json") if found.records else {}
        return CrateImport(
            id=new_id("imp"),
            project_id=crate.project_id,
            dataset_id=crate.id,
            sha256=crate.sha256,
            title=found.title,
            origin=found.origin,
            counts=found.counts,
            record={name: told.get(name, {}) for name in _KEPT},
            warnings=list(found.warnings),
            created_by=actor.id,
            created_at=now(),
        )

    def _take_records(self, taking: Taking, row: CrateImport, records: Records) -> None:
        names = names_for(records)
        row.target_id = names.get(records.target)
        for _, tree, _ in folders_of(records):
            self._rooms.results.hold_tree(tree_key(tree))
            self._check_stored(tree_key(tree))
        for dataset in records.datasets:
            self._rooms.datasets.hold_blob(dataset.sha256, dataset.size_bytes)
            self._check_stored(blob_key(dataset.sha256))
        self._exchange.add(rows_of(records, names, taking))
        for edge in records.edges:
            self._rooms.lineage.link(names[edge.source_id], names[edge.target_id], edge.relation)
        self._rooms.datasets.note_elements(names[dataset.id] for dataset in records.datasets)
        self._rooms.results.note_elements(names[result.id] for result in records.results)
        self._check_ledgers(taking.actor, [names[sample.id] for sample in records.samples])
        self._check_runs(taking.actor, [names[run.id] for run in records.runs])
        for dataset in records.datasets:
            if dataset.state in {"received", "verified"}:
                here = self._rooms.datasets.get(taking.actor, names[dataset.id])
                self._rooms.jobs.submit_ingest(taking.actor, here)

    def _check_stored(self, key: str) -> None:
        if not self._store.exists(key):
            raise PurgedMeanwhile("Bytes of the crate were removed with something deleted: take it in again.")

    def _check_ledgers(self, actor: Actor, sample_ids: list[str]) -> None:
        """Go through custody, clocks and dose once: a history nobody can account for is refused before it is kept."""
        for sample_id in sample_ids:
            try:
                self._rooms.custody.changed(self._rooms.samples.get(actor, sample_id))
                self._rooms.dose.ledger(actor, sample_id)
            except (LithoscopeError, ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise BadCrate.at("samples", "A history of it cannot be accounted for: export it again.") from error

    def _check_runs(self, actor: Actor, run_ids: list[str]) -> None:
        for run_id in run_ids:
            try:
                self._rooms.recipes.paragraph(actor, run_id)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise BadCrate.at("runs", "A run of a recipe cannot be told of: export it again.") from error

    def _take_files(self, actor: Actor, row: CrateImport, found: Contents) -> None:
        for file in found.files:
            if self._rooms.datasets.twin(row.project_id, None, file.sha256) is not None:
                row.warnings = [*row.warnings, f"{file.path}: the project holds these bytes already"]
                continue
            self._rooms.datasets.hold_blob(file.sha256, file.size_bytes)
            self._check_stored(blob_key(file.sha256))
            dataset = file.dataset(actor, row.project_id)
            self._exchange.add([dataset])
            self._rooms.jobs.submit_ingest(actor, dataset)

    def get(self, actor: Actor, import_id: str) -> CrateImport:
        """Return an import; a foreign one is not found."""
        row = self._exchange.get(import_id)
        if row is None:
            raise NotFound
        require(actor, Action.READ, row.project_id)
        return row

    def page(self, actor: Actor, *, project_id: str | None, before: str | None, limit: int) -> list[CrateImport]:
        """Return the imports the actor may see, newest first."""
        return self._exchange.page(readable_projects(actor, project_id), before, limit)

    def origin(self, actor: Actor, object_id: str) -> Origin:
        """Return where a thing came from; not found when it was made here."""
        origin = self._exchange.origins([object_id]).get(object_id)
        if origin is None:
            raise NotFound
        require(actor, Action.READ, origin.crate.project_id)
        return origin
