"""Rows of datasets and of the bytes they are made of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, aliased, defer

from app.infra.clock import now
from app.infra.db.elements import forget, note_dataset, showing
from app.infra.db.models import Blob, Dataset, Instrument, PlacedFile, Result, Sample, Tag, Tombstone, Upload, User
from app.infra.db.queries import contains_text, in_projects, insert_or_change, page_before, page_of_projects, with_kinds
from app.infra.db.quotas import raw_bytes
from app.infra.storage.groups import Member

MOST_IDS = 500


@dataclass(frozen=True)
class DatasetFilter:
    """What a list of datasets is narrowed to; None leaves a field open."""

    sample_id: str | None = None
    state: str | None = None
    kind: str | None = None
    text: str | None = None
    technique: str | None = None
    tag: str | None = None
    element: str | None = None
    since: datetime | None = None
    interim: bool = False


class DatasetRepository:
    """Queries of datasets and blobs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, dataset_id: str) -> Dataset | None:
        """Return a dataset."""
        return self._session.get(Dataset, dataset_id)

    def lock(self, dataset_id: str) -> Dataset | None:
        """Return a dataset and keep others from changing it until the transaction ends."""
        return self._session.get(Dataset, dataset_id, with_for_update=True, populate_existing=True)

    def add(self, dataset: Dataset) -> None:
        """Insert a dataset."""
        self._session.add(dataset)
        self._session.flush()

    def change(self, dataset: Dataset) -> None:
        """Write a changed dataset under a new version."""
        dataset.version += 1
        self._session.flush()

    def note_elements(self, dataset: Dataset) -> None:
        """Keep which elements its own arrays map."""
        note_dataset(self._session, dataset)

    def flush(self) -> None:
        """Write changed rows."""
        self._session.flush()

    def with_bytes(self, project_id: str, sample_id: str | None, sha256: str) -> Dataset | None:
        """Return a project's dataset of these bytes for a sample, or of no sample."""
        query = select(Dataset).where(Dataset.project_id == project_id, Dataset.sha256 == sha256)
        return self._session.scalar(query.where(Dataset.sample_id == sample_id, Dataset.state != "deleted"))

    def companions(self, dataset_id: str) -> list[Dataset]:
        """Return the live datasets sent as belonging to one."""
        query = select(Dataset).where(Dataset.attributes["companion_of"].as_string() == dataset_id)
        return list(self._session.scalars(query.where(Dataset.state != "deleted").order_by(Dataset.id)))

    def page(
        self, projects: frozenset[str] | None, wanted: DatasetFilter, before: str | None, limit: int
    ) -> list[Dataset]:
        """Return datasets of these projects (None for all), newest first; deleted ones only when asked for."""
        query = select(Dataset)
        query = query.where(Dataset.state == wanted.state) if wanted.state else query.where(Dataset.state != "deleted")
        if not wanted.interim:
            query = query.where(Dataset.is_interim.is_(False))
        if wanted.sample_id is not None:
            query = query.where(Dataset.sample_id == wanted.sample_id)
        if wanted.kind is not None:
            query = query.where(Dataset.kind == wanted.kind)
        if wanted.technique is not None:
            seen_by = select(Instrument.id).where(Instrument.technique == wanted.technique)
            query = query.where(Dataset.instrument_id.in_(seen_by))
        if wanted.tag is not None:
            query = query.where(Dataset.id.in_(select(Tag.target_id).where(Tag.tag == wanted.tag)))
        if wanted.element is not None:
            query = query.where(showing(Dataset, wanted.element))
        if wanted.since is not None:
            query = query.where(Dataset.created_at >= wanted.since)
        if wanted.text:
            query = query.where(contains_text(wanted.text, Dataset.filename, Dataset.sha256))
        page = page_of_projects(query, Dataset, projects, before=before, limit=limit)
        return list(self._session.scalars(page.options(defer(Dataset.original))))

    def with_arrays(
        self,
        projects: frozenset[str] | None,
        is_wanted: Callable[[str], bool],
        *,
        text: str,
        sample_id: str | None,
        before: str | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """Return what is offered of readable datasets with an array of a wanted kind, newest first."""
        columns = (Dataset.id, Dataset.project_id, Dataset.sample_id, Dataset.created_at, Dataset.arrays)
        query = select(*columns, Dataset.filename, Sample.name.label("sample"))
        query = query.outerjoin(Sample, Sample.id == Dataset.sample_id).where(Dataset.state == "readable")
        query = query.where(Dataset.is_interim.is_(False), with_kinds(self._session, Dataset, is_wanted))
        if sample_id is not None:
            query = query.where(Dataset.sample_id == sample_id)
        if text:
            query = query.where(contains_text(text, Dataset.filename, Dataset.id, Sample.name, Sample.code))
        found = self._session.execute(page_before(in_projects(query, Dataset, projects), Dataset, before, limit))
        return [dict(row) for row in found.mappings()]

    def held_bytes(self, project_id: str) -> int:
        """Return what a project's datasets hold in the store; files that lie elsewhere take no room of it."""
        return raw_bytes(self._session, project_id).get(project_id, 0)

    def older_than(self, project_id: str | None, instant: datetime, limit: int) -> list[Dataset]:
        """Return live datasets received before an instant, oldest first."""
        query = select(Dataset).where(Dataset.state != "deleted", Dataset.created_at < instant)
        if project_id is not None:
            query = query.where(Dataset.project_id == project_id)
        return list(self._session.scalars(query.order_by(Dataset.id).limit(limit)))

    def labels(self, dataset: Dataset) -> tuple[str, str]:
        """Return the labels of a dataset's sample and instrument, empty where there is none."""
        sample = self._session.scalar(select(Sample.code).where(Sample.id == dataset.sample_id))
        instrument = self._session.scalar(select(Instrument.code).where(Instrument.id == dataset.instrument_id))
        return sample or "", instrument or ""

    def people(self, ids: Iterable[str]) -> dict[str, str]:
        """Return people's names by their identifiers; devices have none."""
        found = self._session.execute(select(User.id, User.display_name).where(User.id.in_(list(ids))))
        return {str(identifier): str(name) for identifier, name in found}

    def live_with(self, *, sha256: str) -> list[str]:
        """Return the datasets that still need some bytes in the store; those whose file lies elsewhere do not."""
        query = select(Dataset.id).where(Dataset.state != "deleted", Dataset.sha256 == sha256)
        elsewhere = select(PlacedFile.dataset_id).where(PlacedFile.dataset_id == Dataset.id)
        return list(self._session.scalars(query.where(~elsewhere.exists())))

    def bury(self, tombstone: Tombstone) -> None:
        """Set a tombstone."""
        forget(self._session, tombstone.object_id)
        self._session.add(tombstone)
        self._session.flush()

    def place(self, dataset: Dataset, place: PlacedFile | None) -> None:
        """Say where a dataset's file lies; None when the store holds it, or nobody needs it."""
        self._session.execute(delete(PlacedFile).where(PlacedFile.dataset_id == dataset.id))
        if place is not None:
            self._session.add(place)
        self._session.flush()
        self._session.expire(dataset, ["place"])

    def places_of(self, dataset_ids: Sequence[str]) -> list[PlacedFile]:
        """Return where those of these datasets lie that the store does not hold; of any number of them."""
        found: list[PlacedFile] = []
        for start in range(0, len(dataset_ids), MOST_IDS):
            ids = list(dataset_ids[start : start + MOST_IDS])
            found += self._session.scalars(select(PlacedFile).where(PlacedFile.dataset_id.in_(ids)))
        return found

    def members(self, dataset_id: str) -> list[Member]:
        """Return the files of a registered group as they were hashed."""
        found = self._session.scalar(select(PlacedFile.members).where(PlacedFile.dataset_id == dataset_id))
        return [Member(**each) for each in found or ()]

    def places_due(self, before: datetime, limit: int) -> list[PlacedFile]:
        """Return the registered files not looked at since an instant, those that wait longest first."""
        query = select(PlacedFile).where(PlacedFile.checked_at < before).order_by(PlacedFile.checked_at).limit(limit)
        return list(self._session.scalars(query))

    def places(self, after: str, limit: int) -> list[tuple[PlacedFile, str]]:
        """Return registered files with the digests they are known by, in the order of their datasets."""
        query = select(PlacedFile, Dataset.sha256).join(Dataset, Dataset.id == PlacedFile.dataset_id)
        query = query.where(PlacedFile.dataset_id > after).order_by(PlacedFile.dataset_id).limit(limit)
        return [(place, sha256) for place, sha256 in self._session.execute(query)]

    def note_place(self, place: PlacedFile, **found: Any) -> None:
        """Say how a registered file was found (``problem``, ``mtime_ns``, ``members``), unless it moved meanwhile."""
        here = (PlacedFile.dataset_id == place.dataset_id, PlacedFile.root == place.root, PlacedFile.path == place.path)
        same = PlacedFile.mtime_ns == place.mtime_ns
        self._session.execute(update(PlacedFile).where(*here, same).values(checked_at=now(), **found))

    def out_of_place(self, projects: frozenset[str] | None) -> list[PlacedFile]:
        """Return the registered files that were not found as they were hashed."""
        query = in_projects(select(PlacedFile), PlacedFile, projects).where(PlacedFile.problem.is_not(None))
        return list(self._session.scalars(query.order_by(PlacedFile.dataset_id)))

    def lock_blob(self, sha256: str) -> Blob | None:
        """Return a blob and keep its bytes from being removed until the transaction ends."""
        return self._session.get(Blob, sha256, with_for_update=True, populate_existing=True)

    def hold_blob(self, sha256: str, size_bytes: int) -> None:
        """Say that verified bytes are in the store."""
        row = {"sha256": sha256, "size_bytes": size_bytes, "created_at": now(), "verified_at": now()}
        back = {"damaged_at": None, "deleted_at": None, "purged_at": None}
        insert_or_change(self._session, Blob, row | back, key="sha256", change=back)

    def know_blob(self, sha256: str, size_bytes: int) -> None:
        """Know bytes that need not be in the store; what the store holds of them stays as it is."""
        row = {"sha256": sha256, "size_bytes": size_bytes, "created_at": now(), "verified_at": now()}
        absent = {"damaged_at": None, "deleted_at": now(), "purged_at": now()}
        insert_or_change(self._session, Blob, row | absent, key="sha256", change={"size_bytes": size_bytes})

    def is_damaged(self, sha256: str) -> bool:
        """Say whether a verification found these bytes damaged."""
        query = select(Blob.sha256).where(Blob.sha256 == sha256, Blob.damaged_at.is_not(None))
        return self._session.scalar(query) is not None

    def give_up_blob(self, sha256: str) -> None:
        """Say that nobody needs these bytes any more."""
        blob = self.lock_blob(sha256)
        if blob is not None:
            blob.deleted_at = now()
            self._session.flush()

    def note_purged(self, sha256: str) -> None:
        """Say that these bytes are gone."""
        self._session.execute(update(Blob).where(Blob.sha256 == sha256).values(purged_at=now()))

    def note_checked(self, sha256: str, *, is_sound: bool) -> None:
        """Say what a verification found."""
        stamps = {"verified_at": now(), "damaged_at": None} if is_sound else {"damaged_at": now()}
        self._session.execute(update(Blob).where(Blob.sha256 == sha256).values(stamps))

    def deleted_trees(self) -> list[str]:
        """Return the trees of deleted datasets that no dataset needs, nor may soon need from the same bytes."""
        gone, live = aliased(Dataset), aliased(Dataset)
        shared = select(live.id).where(
            live.state != "deleted", or_(live.sha256 == gone.sha256, live.store_key == gone.store_key)
        )
        in_results = select(Result.id).where(Result.state != "deleted", Result.store_key == gone.store_key)
        query = select(gone.store_key).where(gone.state == "deleted", gone.store_key.is_not(None))
        query = query.where(~shared.exists(), ~in_results.exists())
        return [key for key in self._session.scalars(query.distinct()) if key is not None]

    def forget_tree(self, key: str) -> None:
        """Say that a tree of deleted datasets is gone."""
        dead = update(Dataset).where(Dataset.state == "deleted", Dataset.store_key == key)
        self._session.execute(dead.values(store_key=None))

    def unpurged(self) -> list[str]:
        """Return the digests whose bytes are to be removed."""
        return list(
            self._session.scalars(select(Blob.sha256).where(Blob.deleted_at.is_not(None), Blob.purged_at.is_(None)))
        )

    def is_arriving(self, sha256: str) -> bool:
        """Say whether an upload is about to be published with these bytes."""
        query = select(Upload.id).where(Upload.sha256 == sha256, Upload.state == "verifying")
        return self._session.scalar(query.limit(1)) is not None

    def blobs(self, after: str, limit: int) -> list[str]:
        """Return digests of bytes that must be in the store, in their order."""
        query = select(Blob.sha256).where(Blob.deleted_at.is_(None), Blob.sha256 > after)
        return list(self._session.scalars(query.order_by(Blob.sha256).limit(limit)))

    def live_trees(self) -> list[str]:
        """Return the keys of the array trees that must be in the store."""
        query = select(Dataset.store_key).where(Dataset.state != "deleted", Dataset.store_key.is_not(None))
        return [key for key in self._session.scalars(query.distinct()) if key is not None]
