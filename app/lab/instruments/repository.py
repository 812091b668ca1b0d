"""Rows of instruments, their keys and enrolment codes."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.infra.db.models import AccessKey, BeamCalibration, Instrument, OneTimeCode, Project
from app.infra.db.queries import page_before

ENROLMENT = "device-enrolment"


class InstrumentRepository:
    """Queries of instruments."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, instrument_id: str) -> Instrument | None:
        """Return an instrument."""
        return self._session.get(Instrument, instrument_id)

    def by_code(self, code: str) -> Instrument | None:
        """Return the instrument with a code."""
        return self._session.scalar(select(Instrument).where(Instrument.code == code))

    def page(self, before: str | None, limit: int) -> list[Instrument]:
        """Return instruments, newest first."""
        return list(self._session.scalars(page_before(select(Instrument), Instrument, before, limit)))

    def add(self, row: Instrument | AccessKey | OneTimeCode | BeamCalibration) -> None:
        """Insert a row."""
        self._session.add(row)
        self._session.flush()

    def change(self, instrument: Instrument) -> None:
        """Write a changed instrument under a new version."""
        instrument.version += 1
        self._session.flush()

    def note_heartbeat(
        self, instrument_id: str, at: datetime, offset_s: float | None, report: dict[str, Any] | None
    ) -> None:
        """Stamp a heartbeat, with what the collector says; it is no change of the instrument, so its version stays."""
        stamp = update(Instrument).where(Instrument.id == instrument_id)
        said = {} if report is None else {"collector": report}
        self._session.execute(stamp.values(last_heartbeat_at=at, clock_offset_s=offset_s, **said))

    def known_projects(self, project_ids: list[str]) -> int:
        """Count how many of these projects exist."""
        return self._session.execute(select(func.count()).where(Project.id.in_(project_ids))).scalar_one()

    def key(self, key_id: str) -> AccessKey | None:
        """Return a key."""
        return self._session.get(AccessKey, key_id)

    def keys_of(self, instrument_id: str) -> list[AccessKey]:
        """Return an instrument's keys, newest first."""
        query = select(AccessKey).where(AccessKey.instrument_id == instrument_id).order_by(AccessKey.id.desc())
        return list(self._session.scalars(query))

    def live_keys(self, instrument_id: str, at: datetime) -> int:
        """Count an instrument's keys that work."""
        query = select(func.count()).where(
            AccessKey.instrument_id == instrument_id, AccessKey.revoked_at.is_(None), AccessKey.expires_at > at
        )
        return self._session.execute(query).scalar_one()

    def lock(self, instrument_id: str) -> None:
        """Hold the instrument's row until the transaction ends, so that keys are counted one after another."""
        self._session.execute(select(Instrument.id).where(Instrument.id == instrument_id).with_for_update())

    def code(self, code_digest: str) -> OneTimeCode | None:
        """Return an enrolment code."""
        query = select(OneTimeCode).where(OneTimeCode.purpose == ENROLMENT, OneTimeCode.code_digest == code_digest)
        return self._session.scalar(query)

    def use_code(self, code: OneTimeCode, at: datetime) -> bool:
        """Spend a code; False when another request spent it a moment before."""
        spent = update(OneTimeCode).where(OneTimeCode.id == code.id, OneTimeCode.used_at.is_(None))
        return self._session.scalar(spent.values(used_at=at).returning(OneTimeCode.id)) is not None

    def beam_calibrations(self, instrument_ids: list[str]) -> list[BeamCalibration]:
        """Return the readings of beam currents of instruments, oldest first, corrected ones included."""
        query = select(BeamCalibration).where(BeamCalibration.instrument_id.in_(instrument_ids))
        return list(self._session.scalars(query.order_by(BeamCalibration.measured_at, BeamCalibration.id)))
