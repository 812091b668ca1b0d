"""Rows of exposures."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import BeamRecord, Dataset, Exposure, Instrument, Region, Sample
from app.infra.db.queries import contains_text, in_projects, stands
from app.infra.ids import prefix_of


class ExposureRepository:
    """Queries of exposures."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, exposure_id: str) -> Exposure | None:
        """Return an exposure."""
        return self._session.get(Exposure, exposure_id) if prefix_of(exposure_id) == "exp" else None

    def dataset(self, dataset_id: str) -> Dataset | None:
        """Return the dataset an exposure is said to have given."""
        return self._session.get(Dataset, dataset_id) if prefix_of(dataset_id) == "ds" else None

    def by_client_id(self, recorder_id: str, client_event_id: str) -> Exposure | None:
        """Return the exposure a recorder sent under its own id."""
        query = select(Exposure).where(Exposure.recorded_by == recorder_id, Exposure.client_event_id == client_event_id)
        return self._session.scalar(query)

    def add(self, row: Exposure | BeamRecord) -> None:
        """Append an exposure or a record of the beam."""
        self._session.add(row)
        self._session.flush()

    def of_samples(self, sample_ids: Sequence[str]) -> list[Exposure]:
        """Return the exposures of samples, oldest first."""
        query = select(Exposure).where(Exposure.sample_id.in_(sample_ids))
        return list(self._session.scalars(query.order_by(Exposure.happened_at, Exposure.id)))

    def newest(
        self, projects: frozenset[str] | None, *, text: str, sample_id: str | None, limit: int
    ) -> list[tuple[Exposure, Sample]]:
        """Return exposures that stand, newest first, of samples by words of their name or label, or of one sample."""
        every: Any = select(Exposure, Sample).join(Sample, Sample.id == Exposure.sample_id)
        query = in_projects(every, Sample, projects)
        query = query.where(stands(Exposure))
        if text:
            query = query.where(contains_text(text, Sample.name, Sample.code))
        if sample_id is not None:
            query = query.where(Exposure.sample_id == sample_id)
        rows = self._session.execute(query.order_by(Exposure.id.desc()).limit(limit))
        return [(exposure, sample) for exposure, sample in rows]

    def of_dataset(self, dataset_id: str) -> list[Exposure]:
        """Return the exposures a dataset came from, oldest first."""
        query = select(Exposure).where(Exposure.dataset_id == dataset_id)
        return list(self._session.scalars(query.order_by(Exposure.happened_at, Exposure.id)))

    def superseding(self, exposure_ids: list[str]) -> dict[str, str]:
        """Return which of these exposures were superseded, and by which."""
        query = select(Exposure.supersedes_id, Exposure.id).where(Exposure.supersedes_id.in_(exposure_ids))
        return {old: new for old, new in self._session.execute(query) if old is not None}

    def datasets(self, dataset_ids: Iterable[str]) -> dict[str, Dataset]:
        """Return datasets by id."""
        wanted = sorted(set(dataset_ids))
        query = select(Dataset).where(Dataset.id.in_(wanted))
        return {dataset.id: dataset for dataset in self._session.scalars(query)} if wanted else {}

    def places(self, region_ids: Iterable[str]) -> dict[str, list[Any]]:
        """Return the polygons of regions by id."""
        wanted = sorted(set(region_ids))
        query = select(Region.id, Region.polygon_um).where(Region.id.in_(wanted))
        return {row.id: row.polygon_um for row in self._session.execute(query)} if wanted else {}

    def has_instrument(self, instrument_id: str) -> bool:
        """Say whether the facility has an instrument."""
        return self._session.scalar(select(Instrument.id).where(Instrument.id == instrument_id)) is not None

    def has_region(self, region_id: str, sample_id: str) -> bool:
        """Say whether a sample has a region."""
        query = select(Region.id).where(Region.id == region_id, Region.sample_id == sample_id)
        return self._session.scalar(query) is not None

    def beam_records(self, sample_ids: Sequence[str]) -> list[BeamRecord]:
        """Return the records of the beam on samples that still stand, oldest first."""
        query = select(BeamRecord).where(BeamRecord.sample_id.in_(sample_ids), stands(BeamRecord))
        return list(self._session.scalars(query.order_by(BeamRecord.from_at, BeamRecord.id)))

    def beam_record(self, record_id: str) -> BeamRecord | None:
        """Return a record of the beam."""
        return self._session.get(BeamRecord, record_id)

    def supersedes_beam_record(self, record_id: str) -> bool:
        """Say whether a record of the beam was corrected."""
        query = select(BeamRecord.id).where(BeamRecord.supersedes_id == record_id)
        return self._session.scalar(query) is not None
