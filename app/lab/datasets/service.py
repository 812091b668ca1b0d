"""What the facility does with datasets; nobody commits here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.errors import Conflict, NotFound, StaleVersion
from app.infra.clock import now
from app.infra.db.models import Dataset, PlacedFile, Tombstone, Upload
from app.infra.ids import new_id
from app.infra.storage.groups import Member
from app.infra.storage.places import Places, Stamp
from app.lab.access import SYSTEM, Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.datasets.places import SourceChanged, placed
from app.lab.datasets.remedies import remedy_of
from app.lab.datasets.repository import DatasetFilter, DatasetRepository
from app.lab.datasets.schemas import DatasetChange
from app.lab.lineage.service import LineageService
from app.lab.naming import extension_of, telling_name
from lithoscope.units import Quantity

_READ = frozenset({"format", "kind", "quantities", "calibration", "original", "warnings", "acquired_at"})


class DatasetNotReadable(Conflict):
    """The dataset is not in the state the act needs."""

    code, title = "dataset-not-readable", "The dataset is not readable"


class DatasetService:
    """Keeps bytes as received, with what was read from them and what people know better."""

    def __init__(
        self,
        datasets: DatasetRepository,
        audit: AuditLog,
        lineage: LineageService,
        *,
        places: Places,
        on_readable: Callable[[Dataset], None],
        on_lost: Callable[[Dataset], None],
    ) -> None:
        self._datasets = datasets
        self._audit = audit
        self._lineage = lineage
        self._places = places
        self._on_readable = on_readable
        self._on_lost = on_lost

    def get(self, actor: Actor, dataset_id: str, need: Action = Action.READ) -> Dataset:
        """Return a dataset the actor may act on; a foreign or deleted one is not found."""
        dataset = self._datasets.get(dataset_id)
        if dataset is None:
            raise NotFound
        require(actor, need, dataset.project_id)
        if dataset.state == "deleted":
            raise NotFound
        return dataset

    def page(
        self,
        actor: Actor,
        *,
        project_id: str | None = None,
        wanted: DatasetFilter | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Dataset]:
        """Return the datasets the actor may see, newest first."""
        projects = readable_projects(actor, project_id)
        return self._datasets.page(projects, wanted or DatasetFilter(), before, limit)

    def with_arrays(
        self, actor: Actor, is_wanted: Callable[[str], bool], *, project_id: str | None = None, **wanted: Any
    ) -> list[dict[str, Any]]:
        """Return what is offered of readable datasets with an array of a wanted kind (`text`, `sample_id`, a page)."""
        return self._datasets.with_arrays(readable_projects(actor, project_id), is_wanted, **wanted)

    def array(self, dataset: Dataset, name: str) -> dict[str, Any]:
        """Return the summary of one of its arrays."""
        for summary in dataset.arrays:
            if summary["name"] == name:
                return dict(summary)
        raise NotFound

    def download_name(self, dataset: Dataset) -> str:
        """Return the name under which a dataset's bytes are saved."""
        sample, instrument = self._datasets.labels(dataset)
        return telling_name(dataset, sample, instrument, dataset.kind or "data") + extension_of(dataset.filename)

    def receive(self, actor: Actor, upload: Upload) -> Dataset:
        """Make the dataset of a verified upload, whose bytes are in the store."""
        dataset = Dataset(
            id=new_id("ds"),
            project_id=upload.project_id,
            sample_id=upload.sample_id,
            instrument_id=upload.instrument_id,
            upload_id=upload.id,
            filename=upload.filename,
            sha256=upload.sha256,
            size_bytes=upload.size_bytes,
            state="verified",
            arrays=[],
            quantities={},
            calibration={},
            calibration_history=[],
            original={},
            attributes=upload.attributes,
            warnings=[],
            created_by=actor.id,
            created_at=now(),
        )
        self._datasets.add(dataset)
        if dataset.sample_id is not None:
            self._lineage.link(dataset.id, dataset.sample_id, "wasDerivedFrom")
        self._audit.record(
            actor, "dataset.receive", dataset.id, project_id=dataset.project_id, sha256=dataset.sha256, upload=upload.id
        )
        return dataset

    def add_made(self, actor: Actor, dataset: Dataset, *, made_from: Sequence[str], made_by: str) -> None:
        """Add a readable dataset that a job made from others, whose bytes are in the store."""
        self._datasets.add(dataset)
        self._datasets.note_elements(dataset)
        self._lineage.link(dataset.id, made_by, "wasGeneratedBy")
        for source in (dataset.sample_id, *made_from):
            if source is not None:
                self._lineage.link(dataset.id, source, "wasDerivedFrom")
        details = {"sha256": dataset.sha256, "job": made_by}
        self._audit.record(actor, "dataset.make", dataset.id, project_id=dataset.project_id, **details)

    def twin(self, project_id: str, sample_id: str | None, sha256: str) -> Dataset | None:
        """Return the dataset a project already has of these bytes for this sample."""
        return self._datasets.with_bytes(project_id, sample_id, sha256)

    def note_elements(self, dataset_ids: Iterable[str]) -> None:
        """Keep which elements datasets that came by another way map."""
        for each in dataset_ids:
            if (dataset := self._datasets.get(each)) is not None:
                self._datasets.note_elements(dataset)

    def people(self, dataset: Dataset) -> dict[str, str]:
        """Return by identifier the names of those who sent a dataset and corrected its calibration."""
        changed = {str(change["changed_by"]) for change in dataset.calibration_history}
        return self._datasets.people({dataset.created_by, *changed})

    def companions(self, dataset_id: str) -> list[Dataset]:
        """Return the files sent as belonging to a dataset: tilt angles, acquisition notes."""
        return self._datasets.companions(dataset_id)

    def is_in(self, project_id: str, dataset_id: object) -> bool:
        """Say whether a dataset stands in a project."""
        dataset = self._datasets.get(dataset_id) if isinstance(dataset_id, str) else None
        return dataset is not None and dataset.project_id == project_id and dataset.state != "deleted"

    def held_bytes(self, project_id: str) -> int:
        """Return the bytes a project's datasets hold, as its quota counts them."""
        return self._datasets.held_bytes(project_id)

    def check_place(self, dataset: Dataset) -> None:
        """
        Refuse a dataset whose file on the facility's storage is not the one that was registered.

        Raises
        ------
        SourceChanged
            Naming the file and what to do.
        """
        if dataset.place is not None:
            placed(self._places, dataset.place, self.members(dataset))

    def is_away(self, dataset: Dataset) -> bool:
        """Say whether a dataset's file is not where it was registered, or not the one that was."""
        try:
            self.check_place(dataset)
        except SourceChanged:
            return True
        return False

    def members(self, dataset: Dataset) -> list[Member]:
        """Return the files that are a dataset together where they lie; none of one that is a file of its own."""
        return self._datasets.members(dataset.id) if dataset.place and dataset.place.files else []

    def put_in_place(self, dataset: Dataset, upload: Upload, stamp: Stamp, members: Sequence[Member] = ()) -> None:
        """Say that a dataset's bytes lie where an upload was registered, hashed just now: a file, or a group's."""
        if upload.root is None or upload.path is None:
            raise ValueError("only a registered file lies in place")
        at = now()
        place = PlacedFile(
            dataset_id=dataset.id,
            project_id=dataset.project_id,
            root=upload.root,
            path=upload.path,
            size_bytes=stamp.size_bytes,
            mtime_ns=stamp.mtime_ns,
            files=len(members) or None,
            members=[member.to_json() for member in members] or None,
            hashed_at=at,
            checked_at=at,
        )
        self._datasets.place(dataset, place)
        self._audit.record(
            replace(SYSTEM, id=upload.created_by, label="the sender"),
            "dataset.place",
            dataset.id,
            project_id=dataset.project_id,
            root=place.root,
        )

    def leave_place(self, dataset: Dataset) -> None:
        """Say that the store holds a dataset's bytes from now on; the file on the facility's storage stays."""
        if dataset.place is not None:
            self._audit.record(
                SYSTEM, "dataset.store", dataset.id, project_id=dataset.project_id, root=dataset.place.root
            )
            self._datasets.place(dataset, None)

    def know_blob(self, sha256: str, size_bytes: int) -> None:
        """Know bytes that lie elsewhere than in the store, and keep what the store has of them meanwhile."""
        self._datasets.know_blob(sha256, size_bytes)
        self._datasets.lock_blob(sha256)

    def places_of(self, dataset_ids: Sequence[str]) -> dict[str, PlacedFile]:
        """Return where those of these datasets lie that the store does not hold."""
        return {place.dataset_id: place for place in self._datasets.places_of(dataset_ids)}

    def out_of_place(self, projects: frozenset[str] | None) -> list[PlacedFile]:
        """Return the registered files that were not found as they were hashed, of these projects (None for all)."""
        return self._datasets.out_of_place(projects)

    def lock_blob(self, sha256: str) -> None:
        """Keep bytes that are about to be used from being removed meanwhile."""
        self._datasets.lock_blob(sha256)

    def hold_blob(self, sha256: str, size_bytes: int) -> None:
        """Say that verified bytes are in the store."""
        self._datasets.hold_blob(sha256, size_bytes)

    def change(self, actor: Actor, dataset_id: str, version: int, change: DatasetChange) -> Dataset:
        """
        Set calibration values a person vouches for; the previous ones stay in history and audit log.

        The dataset is `verified` until its file was read again with them (`CalibrationService`).
        """
        dataset = self._changeable(actor, dataset_id, version)
        calibration, entries = dict(dataset.calibration), []
        for name, given in change.calibration.items():
            previous = calibration.get(name)
            value = Quantity(given.value, given.unit, "user", given.uncertainty, note=change.reason).to_json()
            calibration[name] = value
            entries.append({"name": name, "previous": previous, "value": value})
        stamp = {"reason": change.reason, "changed_by": actor.id, "changed_at": now().isoformat()}
        dataset.calibration, dataset.state = calibration, "verified"
        dataset.calibration_history = [*dataset.calibration_history, *({**entry, **stamp} for entry in entries)]
        self._datasets.change(dataset)
        self._audit.record(
            actor,
            "dataset.calibrate",
            dataset.id,
            project_id=dataset.project_id,
            reason=change.reason,
            changes=entries,
        )
        return dataset

    def _changeable(self, actor: Actor, dataset_id: str, version: int) -> Dataset:
        require(actor, Action.RECORD, self.get(actor, dataset_id).project_id)
        dataset = self._datasets.lock(dataset_id)
        if dataset is None:
            raise NotFound
        if dataset.version != version:
            raise StaleVersion
        if dataset.state != "readable":
            raise DatasetNotReadable("Calibration is changed once the file was read: wait for state 'readable'.")
        return dataset

    def mark_readable(
        self, dataset_id: str, *, arrays: list[Any], store_key: str | None, is_again: bool = False, **report: Any
    ) -> None:
        """
        Say what the confined reader found; for the ingest worker, in the transaction that ends its job.

        Repeating it changes nothing; a dataset deleted meanwhile stays deleted.

        Parameters
        ----------
        dataset_id : str
            Which.
        arrays : list of dict
            Summaries of the published arrays, the principal one first.
        store_key : str or None
            The published array tree; None for a companion file, which has no arrays of its own.
        is_again : bool
            A readable dataset was read once more with another companion; what a person vouched for stays.
        **report
            Of ``format``, ``kind``, ``quantities``, ``calibration``, ``original``, ``warnings`` and ``acquired_at``
            what the reader knows, as plain JSON.
        """
        dataset = self._datasets.lock(dataset_id)
        if dataset is None or dataset.state not in {
            "received",
            "verified",
            "rejected",
            *(("readable",) if is_again else ()),
        }:
            return
        by_people = {name: value for name, value in dataset.calibration.items() if value["source"] == "user"}
        if unknown := set(report) - _READ:
            raise ValueError(f"a reading has no {sorted(unknown)}: a dataset keeps {sorted(_READ)}")
        for name, value in {"arrays": arrays, "store_key": store_key, **report}.items():
            setattr(dataset, name, value)
        dataset.calibration = {**dataset.calibration, **by_people}
        dataset.state, dataset.problem = "readable", None
        self._datasets.change(dataset)
        self._datasets.note_elements(dataset)
        self._on_readable(dataset)

    def mark_rejected(self, dataset_id: str, problem: dict[str, Any]) -> None:
        """Say why a file cannot be read (`type`, `title`, `detail`) and what to do; the bytes stay. Repeatable."""
        dataset = self._datasets.lock(dataset_id)
        if dataset is None or dataset.state not in {"received", "verified"}:
            return
        dataset.state, dataset.problem = "rejected", {**problem, "remedy": remedy_of(problem)}
        self._datasets.change(dataset)
        self._on_lost(dataset)

    def delete(self, actor: Actor, dataset_id: str, reason: str, *, version: int | None = None) -> Tombstone:
        """
        Delete a dataset: its bytes go when no other dataset shares them, a tombstone stays.

        A file that lies on the facility's own storage stays there, and the tombstone says where.

        Raises
        ------
        HasDependents
            Results were made from it, a job is using it, or a custody event names it as evidence; they are named.
        """
        self.get(actor, dataset_id, need=Action.STEWARD)
        dataset = self._datasets.lock(dataset_id)
        if dataset is None or dataset.state == "deleted":
            raise NotFound
        if version is not None and dataset.version != version:
            raise StaleVersion
        self._lineage.check_unused(dataset_id)
        return self._bury(actor, dataset, reason)

    def _bury(self, actor: Actor, dataset: Dataset, reason: str) -> Tombstone:
        kept = ("filename", "sha256", "size_bytes", "sample_id", "instrument_id", "format", "kind", "created_by")
        record = {name: getattr(dataset, name) for name in kept} | {"created_at": dataset.created_at.isoformat()}
        if dataset.place is not None:
            record["stays_at"] = f"{dataset.place.root}:{dataset.place.path}"
            if dataset.place.files:
                record["stays_files"] = dataset.place.files
            self._datasets.place(dataset, None)
        tombstone = Tombstone(
            object_id=dataset.id,
            kind="dataset",
            project_id=dataset.project_id,
            reason=reason,
            record=record,
            deleted_by=actor.id,
            deleted_at=now(),
        )
        dataset.state = "deleted"
        self._datasets.change(dataset)
        self._datasets.bury(tombstone)
        self._on_lost(dataset)
        if not self._datasets.live_with(sha256=dataset.sha256):
            self._datasets.give_up_blob(dataset.sha256)
        self._audit.record(
            actor, "dataset.delete", dataset.id, project_id=dataset.project_id, reason=reason, sha256=dataset.sha256
        )
        return tombstone

    def is_damaged(self, sha256: str) -> bool:
        """Say whether a verification found the stored bytes changed or missing."""
        return self._datasets.is_damaged(sha256)

    def older_than(self, project_id: str | None, instant: datetime, limit: int) -> list[Dataset]:
        """Return the live datasets received before an instant, oldest first (retention)."""
        return self._datasets.older_than(project_id, instant, limit)
