"""The dose planner, and the limits it plans by."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow, require
from app.lab.budgets.schemas import NewDosePlan
from app.lab.doubts import ImplausibleValue
from app.lab.limits.schemas import NewDoseLimit
from app.portal.forms import Field, body_of, fields_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.rules.dose_limits import criteria, phase_note

router = portal_router()
UNIT = "e/A^2"
KELVIN = (("K", "K"), ("degC", "°C"))
Id = Annotated[str | None, Query(max_length=40)]
Phase = Annotated[str | None, Query(max_length=80)]


@router.get("/planner")
def show_planner(visit: CurrentVisit, region_id: Id = None, phase: Phase = None) -> HTMLResponse:
    """Show the planner, for a fresh place or for a region with the beam it has had."""
    values = {name: text for name, text in (("region_id", region_id), ("phase", phase)) if text}
    return visit.page("dose/planner.html", values=values, plan=None, **_page(visit, region_id))


@router.post("/planner")
def plan_exposure(visit: CurrentVisit) -> Response:
    """Say what the beam described would do; nothing is stored."""
    context = _page(visit, visit.form.get("region_id"))
    try:
        plan = visit.lab.budgets.plan(visit.actor, body_of(NewDosePlan, visit.form))
    except LabError as error:
        return visit.refused(error, "dose/planner.html", plan=None, **context)
    return visit.page("dose/planner.html", values=visit.form, plan=plan, **context)


def _page(visit: Visit, region_id: str | None) -> dict[str, Any]:
    region = visit.lab.regions.get(visit.actor, region_id) if region_id else None
    return {"region": region, "form_fields": _fields(visit)}


def _fields(visit: Visit) -> tuple[Field, ...]:
    every = fields_of(NewDosePlan.model_json_schema(), leave_out=frozenset({"region_id"}))
    return tuple(_with_choices(visit, field) for field in every)


def _with_choices(visit: Visit, field: Field) -> Field:
    if field.name == "phase":
        return replace(field, kind="choice", choices=tuple((phase, phase) for phase in phases(visit)))
    if field.name == "criterion":
        return replace(field, kind="choice", choices=tuple((name, name) for name in criteria()))
    return (
        replace(field, help="Places along x and y: two numbers with a comma.")
        if field.name == "frame_pixels"
        else field
    )


def phases(visit: Visit) -> list[str]:
    """Return the phases that some limit speaks of."""
    return sorted({each.limit.phase for each in visit.lab.limits.all()})


@router.get("/limits")
def list_limits(visit: CurrentVisit) -> HTMLResponse:
    """Show every critical dose, the literature's beside the facility's own."""
    rows = visit.lab.limits.all()
    return visit.page(
        "dose/limits.html",
        limits=sorted(rows, key=lambda each: (each.limit.phase, each.limit.temperature_K[0], each.row is None)),
        notes={phase: note for phase in phases(visit) if (note := phase_note(phase))},
        criteria=criteria(),
        may_manage=allow(visit.actor, Action.MANAGE),
    )


@router.get("/limits/new")
def new_limit(visit: CurrentVisit) -> HTMLResponse:
    """Show the form that records a critical dose the facility measured."""
    require(visit.actor, Action.MANAGE)
    return visit.page("form.html", values={}, **_limit_form(visit))


@router.post("/limits/new")
def record_limit(visit: CurrentVisit) -> Response:
    """Record a critical dose."""
    try:
        new = body_of(NewDoseLimit, visit.form | {"dose.unit": UNIT})
        visit.lab.limits.create(visit.actor, new)
    except LabError as error:
        confirm = isinstance(error, ImplausibleValue)
        return visit.refused(error, "form.html", **_limit_form(visit, confirm=confirm))
    return seen("/limits", "limit-recorded")


@router.post("/limits/{limit_id}/retirement")
def retire_limit(limit_id: str, visit: CurrentVisit) -> Response:
    """Let a limit of the facility count no more."""
    visit.lab.limits.retire(visit.actor, limit_id)
    return seen("/limits", "limit-retired")


def _limit_form(visit: Visit, *, confirm: bool = False) -> dict[str, Any]:
    left_out = frozenset({"supersedes_id"}) | (frozenset() if confirm else {"confirm"})
    fields = [_limit_field(visit, field) for field in fields_of(NewDoseLimit.model_json_schema(), leave_out=left_out)]
    return {
        "heading": "Record a critical dose",
        "lead": "One the facility measured itself. It comes before the literature's, which stays beside it. "
        "An end of the interval that was not found is left empty.",
        "crumbs": [("/limits", "Dose limits")],
        "action": "/limits/new",
        "hidden": {},
        "form_fields": fields,
        "button": "Record",
        "back": "/limits",
    }


def _limit_field(visit: Visit, field: Field) -> Field:
    if field.name == "dose":
        parts = tuple(replace(part, unit=UNIT) for part in field.fields if not part.name.endswith(".unit"))
        return replace(field, label="Critical dose", fields=parts)
    if field.name == "temperature_K":
        return replace(field, label="Holds for temperatures", units=KELVIN, help="From, to: two numbers with a comma.")
    if field.name == "rate_e_per_A2_s":
        return replace(field, label="Measured at dose rates", help="From, to: two numbers with a comma.")
    return _with_choices(visit, replace(field, kind="text")) if field.name == "criterion" else field
