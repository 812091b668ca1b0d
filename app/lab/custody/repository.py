"""Rows of custody events."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.ancestors import ANCESTORS
from app.infra.db.models import CustodyEvent, Dataset, Instrument, Sample, TitrationSeries
from app.infra.ids import prefix_of
from app.lab.custody.lines import Ancestor, Line


class CustodyRepository:
    """Queries of custody events."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, event_id: str) -> CustodyEvent | None:
        """Return an event."""
        return self._session.get(CustodyEvent, event_id) if prefix_of(event_id) == "evt" else None

    def by_client_id(self, recorder_id: str, client_event_id: str) -> CustodyEvent | None:
        """Return the event a recorder sent under its own id."""
        query = select(CustodyEvent).where(
            CustodyEvent.recorded_by == recorder_id, CustodyEvent.client_event_id == client_event_id
        )
        return self._session.scalar(query)

    def add(self, event: CustodyEvent) -> None:
        """Append an event."""
        self._session.add(event)
        self._session.flush()

    def lock(self, sample_id: str) -> None:
        """Let no other event of the sample be appended until this transaction ends; SQLite has one writer anyway."""
        self._session.execute(select(Sample.id).where(Sample.id == sample_id).with_for_update(key_share=True))

    def line(self, sample_id: str) -> Line:
        """Return a sample and its ancestors up to the cell."""
        rows = self._session.execute(ANCESTORS, {"sample_id": sample_id})
        return Line(tuple(Ancestor(*row) for row in rows))

    def of_samples(self, sample_ids: Sequence[str]) -> list[CustodyEvent]:
        """Return the own events of samples, oldest first."""
        query = select(CustodyEvent).where(CustodyEvent.sample_id.in_(sample_ids))
        return list(self._session.scalars(query.order_by(CustodyEvent.happened_at, CustodyEvent.id)))

    def superseding(self, event_ids: list[str]) -> dict[str, str]:
        """Return which of these events were superseded, and by which."""
        query = select(CustodyEvent.supersedes_id, CustodyEvent.id).where(CustodyEvent.supersedes_id.in_(event_ids))
        return {old: new for old, new in self._session.execute(query) if old is not None}

    def has_series(self, series_id: str, project_id: str) -> bool:
        """Say whether a project has such a titration series."""
        query = select(TitrationSeries.id).where(
            TitrationSeries.id == series_id, TitrationSeries.project_id == project_id
        )
        return self._session.scalar(query) is not None

    def has_dataset(self, dataset_id: str, project_id: str) -> bool:
        """Say whether a project has such a dataset."""
        query = select(Dataset.id).where(
            Dataset.id == dataset_id, Dataset.project_id == project_id, Dataset.state != "deleted"
        )
        return prefix_of(dataset_id) == "ds" and self._session.scalar(query) is not None

    def holds_table(self, dataset_id: str, project_id: str) -> bool:
        """Say whether a project has such a dataset, read, with a table in it."""
        query = select(Dataset.arrays).where(
            Dataset.id == dataset_id, Dataset.project_id == project_id, Dataset.state == "readable"
        )
        arrays = self._session.scalar(query) or []
        return any(summary["kind"] == "table" for summary in arrays)

    def clock_offset(self, instrument_id: str | None) -> float | None:
        """Return by how much an instrument's clock is slow [s]: its last heartbeat told by how much it is ahead."""
        if instrument_id is None:
            return None
        ahead_s = self._session.scalar(select(Instrument.clock_offset_s).where(Instrument.id == instrument_id))
        return None if ahead_s is None else -ahead_s
