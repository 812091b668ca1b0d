"""Instruments: list, one instrument's page with heartbeat and keys, enrolling its PC."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.infra.db.models import Instrument
from app.lab.access import Action, allow, require
from app.lab.doors.dependencies import public_address
from app.lab.doors.paging import Paging
from app.lab.doubts import ImplausibleValue
from app.lab.instruments.schemas import InstrumentChange, NewBeamCalibration, NewEnrolment, NewInstrument
from app.lab.instruments.service import collector_of, is_silent
from app.portal.codes import qr_svg
from app.portal.forms import body_of, fields_of, version_of
from app.portal.held_keys import shown
from app.portal.pages.projects import choices_of_projects
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()


@router.get("/instruments")
def list_instruments(visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show the facility's instruments with their last sign of life."""
    rows = visit.lab.instruments.page(visit.actor, page.cursor.before, page.cursor.limit)
    may_manage = allow(visit.actor, Action.MANAGE)
    return visit.page(
        "instruments/list.html", instruments=rows, may_manage=may_manage, next=page.next([row.id for row in rows])
    )


@router.get("/instruments/new")
def new_instrument(visit: CurrentVisit) -> HTMLResponse:
    """Show the form that registers an instrument."""
    return visit.page("form.html", values={}, **_form())


@router.post("/instruments/new")
def create_instrument(visit: CurrentVisit) -> Response:
    """Register an instrument."""
    try:
        instrument = visit.lab.instruments.create(visit.actor, body_of(NewInstrument, visit.form))
    except LabError as error:
        return visit.refused(error, "form.html", **_form())
    return seen(f"/instruments/{instrument.id}", "instrument-made")


def _form() -> dict[str, Any]:
    return {
        "heading": "Register an instrument",
        "lead": "",
        "crumbs": [("/instruments", "Instruments")],
        "action": "/instruments/new",
        "hidden": {},
        "form_fields": fields_of(NewInstrument.model_json_schema()),
        "button": "Register",
        "back": "/instruments",
    }


@router.get("/instruments/{instrument_id}")
def show_instrument(instrument_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show an instrument and, to managers, the keys of its PC."""
    return visit.page("instruments/page.html", values={}, enrolment=None, **_page(visit, instrument_id))


@router.get("/instruments/{instrument_id}/change")
def change_form(instrument_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that changes an instrument's description."""
    require(visit.actor, Action.MANAGE)
    instrument = visit.lab.instruments.get(visit.actor, instrument_id)
    names = InstrumentChange.model_fields
    values = {name: getattr(instrument, name) or "" for name in names}
    return visit.page("form.html", values=values, **_change_form(instrument))


@router.post("/instruments/{instrument_id}/change")
def change_instrument(instrument_id: str, visit: CurrentVisit) -> Response:
    """Change an instrument's description; an emptied field is not stated any more."""
    version = version_of(visit.form)
    emptied = {name: None for name in ("vendor", "model", "location") if not visit.form.get(name, "").strip()}
    try:
        change = body_of(InstrumentChange, visit.form, **emptied)
        visit.lab.instruments.change(visit.actor, instrument_id, version, change)
    except LabError as error:
        visit.lab.session.rollback()
        instrument = visit.lab.instruments.get(visit.actor, instrument_id)
        return visit.refused(error, "form.html", **_change_form(instrument))
    return seen(f"/instruments/{instrument_id}", "instrument-changed")


def _change_form(instrument: Instrument) -> dict[str, Any]:
    address = f"/instruments/{instrument.id}"
    return {
        "heading": f"Change {instrument.name}",
        "lead": "",
        "crumbs": [("/instruments", "Instruments"), (address, instrument.name)],
        "action": f"{address}/change",
        "hidden": {"version": instrument.version},
        "form_fields": fields_of(InstrumentChange.model_json_schema()),
        "button": "Save",
        "back": address,
    }


def _page(visit: Visit, instrument_id: str) -> dict[str, Any]:
    may_manage = allow(visit.actor, Action.MANAGE)
    left_out = frozenset({"supersedes_id", "confirm"})
    instrument = visit.lab.instruments.get(visit.actor, instrument_id)
    return {
        "calibrations": visit.lab.beam_calibrations.of_instrument(visit.actor, instrument_id),
        "calibration_fields": fields_of(NewBeamCalibration.model_json_schema(), leave_out=left_out),
        "instrument": instrument,
        "collector": collector_of(instrument),
        "is_silent": is_silent(instrument),
        "has_no_key": visit.lab.instruments.is_retired(instrument_id),
        "may_manage": may_manage,
        "asks_confirmation": False,
        "keys": list(shown(visit.lab.instruments.keys(visit.actor, instrument_id))) if may_manage else [],
        "projects": choices_of_projects(visit, Action.READ) if may_manage else (),
    }


@router.post("/instruments/{instrument_id}/enrolments")
def enrol_device(instrument_id: str, visit: CurrentVisit) -> Response:
    """Make a one-time code and show it on the answer itself, the only time it exists as text."""
    project_id = visit.form.get("project_id") or None
    new = NewEnrolment(project_ids=[project_id] if project_id else None)
    try:
        row, code = visit.lab.instruments.enrol(visit.actor, instrument_id, new)
    except LabError as error:
        context = _page(visit, instrument_id)
        return visit.refused(error, "instruments/page.html", enrolment=None, **context)
    shown = {
        "code": code,
        "expires_at": row.expires_at,
        "picture": qr_svg(code, label="The one-time code, for a scanner at the PC"),
        "address": public_address(visit.request),
    }
    return visit.page("instruments/page.html", values=visit.form, enrolment=shown, **_page(visit, instrument_id))


@router.post("/instruments/{instrument_id}/beam-calibrations")
def record_calibration(instrument_id: str, visit: CurrentVisit) -> Response:
    """Record what a screen or Faraday cup measured at a set current."""
    context = _page(visit, instrument_id)
    try:
        visit.lab.beam_calibrations.record(visit.actor, instrument_id, body_of(NewBeamCalibration, visit.form))
    except LabError as error:
        context["asks_confirmation"] = isinstance(error, ImplausibleValue)
        return visit.refused(error, "instruments/page.html", enrolment=None, **context)
    return seen(f"/instruments/{instrument_id}", "beam-calibrated")


@router.post("/instruments/{instrument_id}/device-keys/{key_id}/revocation")
def revoke_key(instrument_id: str, key_id: str, visit: CurrentVisit) -> Response:
    """Revoke a device key."""
    visit.lab.instruments.revoke(visit.actor, key_id)
    return seen(f"/instruments/{instrument_id}", "key-revoked")
