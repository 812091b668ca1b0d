"""Instruments and their PCs over HTTP."""

from fastapi import Response

from app.infra.db.models import BeamCalibration
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, Paging, etag, refuses, room_router
from app.lab.doors.route import REPEATABLE
from app.lab.instruments.schemas import (
    BeamCalibrationOut,
    DeviceKeyMade,
    DeviceKeyOut,
    EnrolmentOut,
    Heartbeat,
    HeartbeatOut,
    InstrumentChange,
    InstrumentOut,
    NewBeamCalibration,
    NewEnrolment,
    NewInstrument,
    Redemption,
)
from app.lab.schemas import Page

router = room_router("instruments")


@router.post("/instruments", status_code=201, operation_id="createInstrument", responses=refuses(409))
def create_instrument(new: NewInstrument, actor: CurrentActor, lab: CurrentLab, response: Response) -> InstrumentOut:
    """Register an instrument; for managers and administrators."""
    instrument = lab.instruments.create(actor, new)
    response.headers["Location"] = f"/api/v1/instruments/{instrument.id}"
    etag(response, instrument.version)
    return InstrumentOut.model_validate(instrument)


@router.get("/instruments", operation_id="listInstruments", responses=refuses())
def list_instruments(actor: CurrentActor, lab: CurrentLab, page: Paging) -> Page[InstrumentOut]:
    """List the facility's instruments, newest first."""
    rows = lab.instruments.page(actor, page.cursor.before, page.cursor.limit)
    return Page(items=[InstrumentOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/instruments/{instrument_id}", operation_id="getInstrument", responses=refuses())
def get_instrument(instrument_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> InstrumentOut:
    """Return an instrument."""
    instrument = lab.instruments.get(actor, instrument_id)
    etag(response, instrument.version)
    response.headers["Cache-Control"] = "no-store"  # heartbeats come without a new version: a 304 would hide them
    return InstrumentOut.model_validate(instrument)


@router.patch("/instruments/{instrument_id}", operation_id="changeInstrument", responses=refuses(409, 412, 428))
def change_instrument(
    instrument_id: str,
    change: InstrumentChange,
    version: IfMatch,
    actor: CurrentActor,
    lab: CurrentLab,
    response: Response,
) -> InstrumentOut:
    """Change an instrument's description."""
    instrument = lab.instruments.change(actor, instrument_id, version, change)
    etag(response, instrument.version)
    return InstrumentOut.model_validate(instrument)


@router.post(
    "/instruments/{instrument_id}/enrolments", status_code=201, operation_id="createEnrolment", responses=refuses()
)
def create_enrolment(
    instrument_id: str, new: NewEnrolment, actor: CurrentActor, lab: CurrentLab, response: Response
) -> EnrolmentOut:
    """Make a one-time code with which one PC of the instrument enrols itself within ten minutes."""
    row, code = lab.instruments.enrol(actor, instrument_id, new)
    response.headers["Cache-Control"] = "no-store"
    return EnrolmentOut(code=code, instrument_id=instrument_id, expires_at=row.expires_at)


@router.post("/enrolment-redemptions", status_code=201, operation_id="redeemEnrolment", responses=refuses(409))
def redeem_enrolment(given: Redemption, lab: CurrentLab, response: Response) -> DeviceKeyMade:
    """Turn a one-time code into the device key of a PC; the key is shown this once."""
    key, text = lab.instruments.redeem(given.code.get_secret_value(), given.name)
    response.headers["Cache-Control"] = "no-store"
    return DeviceKeyMade(**DeviceKeyOut.model_validate(key).model_dump(), key=text)


@router.get("/instruments/{instrument_id}/device-keys", operation_id="listDeviceKeys", responses=refuses())
def list_device_keys(instrument_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[DeviceKeyOut]:
    """List an instrument's device keys."""
    return Page(items=[DeviceKeyOut.model_validate(row) for row in lab.instruments.keys(actor, instrument_id)])


@router.delete("/device-keys/{key_id}", status_code=204, operation_id="revokeDeviceKey", responses=refuses())
def revoke_device_key(key_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Revoke a device key; it stops working at once."""
    lab.instruments.revoke(actor, key_id)


@router.post(
    "/heartbeats", status_code=201, operation_id="sendHeartbeat", responses=refuses(), openapi_extra=REPEATABLE
)
def send_heartbeat(beat: Heartbeat, actor: CurrentActor, lab: CurrentLab) -> HeartbeatOut:
    """Report that an instrument's PC lives; measures how far its clock is ahead."""
    return lab.instruments.heartbeat(actor, beat)


@router.post(
    "/instruments/{instrument_id}/beam-calibrations",
    status_code=201,
    operation_id="recordBeamCalibration",
    responses=refuses(409),
)
def record_beam_calibration(
    instrument_id: str, new: NewBeamCalibration, actor: CurrentActor, lab: CurrentLab
) -> BeamCalibrationOut:
    """Append a current that a screen or Faraday cup measured at a setting; for managers and administrators."""
    row, warnings = lab.beam_calibrations.record(actor, instrument_id, new)
    return _calibration(row, None, warnings)


@router.get("/instruments/{instrument_id}/beam-calibrations", operation_id="listBeamCalibrations", responses=refuses())
def list_beam_calibrations(instrument_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[BeamCalibrationOut]:
    """List an instrument's readings of beam currents, newest first; corrected ones say by what."""
    rows = lab.beam_calibrations.of_instrument(actor, instrument_id)
    return Page(items=[_calibration(row, superseded_by, []) for row, superseded_by in rows])


def _calibration(row: BeamCalibration, superseded_by: str | None, warnings: list[str]) -> BeamCalibrationOut:
    own = {name: getattr(row, name) for name in BeamCalibrationOut.model_fields if hasattr(row, name)}
    return BeamCalibrationOut.model_validate({**own, "superseded_by": superseded_by, "warnings": warnings})
