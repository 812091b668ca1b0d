"""Readings of beam currents: what a screen or a Faraday cup measured at a setting; nobody commits here."""

from datetime import timedelta

from app.errors import Invalid
from app.infra.clock import now
from app.infra.db.models import BeamCalibration
from app.infra.ids import new_id
from app.lab.access import Action, Actor, require
from app.lab.audit.service import AuditLog
from app.lab.doubts import AlreadySuperseded, TimeOrder, question
from app.lab.instruments.repository import InstrumentRepository
from app.lab.instruments.schemas import NewBeamCalibration
from app.lab.instruments.service import InstrumentService
from lithoscope.rules.beam_calibration import BeamReading
from lithoscope.rules.custody import MAX_SKEW_S

NUMBERS = {
    "beam_energy_kV": "beam_energy_kV",
    "set_current_nA": "ion_current_nA",
    "measured_current_nA": "ion_current_nA",
}


class BeamCalibrationService:
    """Keeps the readings of instruments; the ledger applies them to later exposures whose current is a set value."""

    def __init__(self, rows: InstrumentRepository, instruments: InstrumentService, audit: AuditLog) -> None:
        self._rows = rows
        self._instruments = instruments
        self._audit = audit

    def record(self, actor: Actor, instrument_id: str, new: NewBeamCalibration) -> tuple[BeamCalibration, list[str]]:
        """Append a reading; returns it with the doubts about its numbers."""
        require(actor, Action.MANAGE)
        instrument = self._instruments.get(actor, instrument_id)
        received_at = now()
        if new.measured_at > received_at + timedelta(seconds=MAX_SKEW_S):
            detail = "measured_at lies in the future: correct it"
            raise TimeOrder(detail, errors=[{"pointer": "/body/measured_at", "detail": detail}])
        values = [(f"/body/{field}", name, getattr(new, field)) for field, name in NUMBERS.items()]
        warnings = question(values, is_confirmed=new.confirm)
        self._check_superseded(instrument.id, new.supersedes_id)
        row = BeamCalibration(
            **new.model_dump(exclude={"confirm"}),
            id=new_id("bmc"),
            instrument_id=instrument.id,
            recorded_by=actor.id,
            received_at=received_at,
        )
        self._rows.add(row)
        self._audit.record(actor, "beam-calibration.record", row.id, instrument_id=instrument.id, confirmed=new.confirm)
        return row, warnings

    def of_instrument(self, actor: Actor, instrument_id: str) -> list[tuple[BeamCalibration, str | None]]:
        """Return an instrument's readings, newest first, each with what superseded it."""
        rows = self._rows.beam_calibrations([self._instruments.get(actor, instrument_id).id])
        superseded = {row.supersedes_id: row.id for row in rows if row.supersedes_id is not None}
        return [(row, superseded.get(row.id)) for row in reversed(rows)]

    def readings(self, instrument_ids: list[str]) -> dict[str, list[BeamReading]]:
        """Return the readings of instruments that stand, for the ledger."""
        rows = self._rows.beam_calibrations(instrument_ids) if instrument_ids else []
        corrected = {row.supersedes_id for row in rows}
        found: dict[str, list[BeamReading]] = {}
        for row in rows:
            if row.id not in corrected:
                found.setdefault(row.instrument_id, []).append(_reading(row))
        return found

    def _check_superseded(self, instrument_id: str, old_id: str | None) -> None:
        if old_id is None:
            return
        rows = self._rows.beam_calibrations([instrument_id])
        if old_id not in {row.id for row in rows}:
            raise Invalid.field(
                "/body/supersedes_id", "No such calibration of this instrument: correct one of its own."
            )
        if old_id in {row.supersedes_id for row in rows}:
            raise AlreadySuperseded("This calibration has been corrected before: supersede the correction.")


def _reading(row: BeamCalibration) -> BeamReading:
    return BeamReading(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # the column holds what the schema let in
        beam_energy_kV=row.beam_energy_kV,
        set_current_nA=row.set_current_nA,
        measured_current_nA=row.measured_current_nA,
        uncertainty_nA=row.uncertainty_nA,
        measured_at=row.measured_at,
    )
