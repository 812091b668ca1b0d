"""Rows of gas calibrations and titration series."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db.models import GasCalibration, TitrationSeries
from app.infra.db.queries import in_projects, page_before


class TitrationRepository:
    """Queries of titrations."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def calibration(self, calibration_id: str) -> GasCalibration | None:
        """Return a calibration."""
        return self._session.get(GasCalibration, calibration_id)

    def calibrations(self, instrument_id: str | None, before: str | None, limit: int) -> list[GasCalibration]:
        """Return calibrations of an instrument (None for all), newest first."""
        query = page_before(select(GasCalibration), GasCalibration, before, limit)
        if instrument_id is not None:
            query = query.where(GasCalibration.instrument_id == instrument_id)
        return list(self._session.scalars(query))

    def corrections_of_calibrations(self, ids: list[str]) -> dict[str, str]:
        """Return which of these calibrations were superseded, and by which."""
        query = select(GasCalibration.supersedes_id, GasCalibration.id).where(GasCalibration.supersedes_id.in_(ids))
        return {old: new for old, new in self._session.execute(query) if old is not None}

    def series(self, series_id: str) -> TitrationSeries | None:
        """Return a series."""
        return self._session.get(TitrationSeries, series_id)

    def series_page(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[TitrationSeries]:
        """Return series of these projects (None for all), newest first."""
        query = in_projects(select(TitrationSeries), TitrationSeries, projects)
        return list(self._session.scalars(page_before(query, TitrationSeries, before, limit)))

    def standing_series(self, project_id: str, material: str) -> list[TitrationSeries]:
        """Return a project's series of a material that nothing supersedes, newest first."""
        corrected = select(TitrationSeries.supersedes_id).where(TitrationSeries.supersedes_id.is_not(None))
        query = select(TitrationSeries).where(
            TitrationSeries.project_id == project_id,
            TitrationSeries.material == material,
            TitrationSeries.id.not_in(corrected),
        )
        return list(self._session.scalars(query.order_by(TitrationSeries.id.desc())))

    def corrections_of_series(self, ids: list[str]) -> dict[str, str]:
        """Return which of these series were superseded, and by which."""
        query = select(TitrationSeries.supersedes_id, TitrationSeries.id).where(TitrationSeries.supersedes_id.in_(ids))
        return {old: new for old, new in self._session.execute(query) if old is not None}

    def add(self, row: GasCalibration | TitrationSeries) -> None:
        """Insert a row."""
        self._session.add(row)
        self._session.flush()
