"""Rows of exposures."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import Dataset, Exposure
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

    def add(self, exposure: Exposure) -> None:
        """Append an exposure."""
        self._session.add(exposure)
        self._session.flush()

    def of_sample(self, sample_id: str, until: datetime | None) -> list[Exposure]:
        """Return a sample's exposures up to a moment, oldest first."""
        query = select(Exposure).where(Exposure.sample_id == sample_id)
        if until is not None:
            query = query.where(Exposure.occurred_at <= until)
        return list(self._session.scalars(query.order_by(Exposure.occurred_at, Exposure.id)))

    def of_dataset(self, dataset_id: str) -> list[Exposure]:
        """Return the exposures a dataset came from, oldest first."""
        query = select(Exposure).where(Exposure.dataset_id == dataset_id)
        return list(self._session.scalars(query.order_by(Exposure.occurred_at, Exposure.id)))

    def superseding(self, exposure_ids: list[str]) -> dict[str, str]:
        """Return which of these exposures were superseded, and by which."""
        query = select(Exposure.supersedes_id, Exposure.id).where(Exposure.supersedes_id.in_(exposure_ids))
        return {old: new for old, new in self._session.execute(query) if old is not None}
