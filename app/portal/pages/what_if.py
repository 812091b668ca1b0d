"""What if: a chain of steps put together and judged before the sample is touched; the page itself keeps the plan."""

import json
from dataclasses import dataclass, replace
from typing import Any, get_args

from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from pydantic import ValidationError

from app.errors import Invalid, LabError
from app.infra.clock import now
from app.lab.chain_plans.schemas import ChainPlanOut, NewChainPlan
from app.lab.dose.conditions import UNIT_OF
from app.lab.evaluations.schemas import Purpose
from app.lab.samples.schemas import Material
from app.portal import words
from app.portal.drawing import Mark, draw
from app.portal.forms import Field, Values, body_of, fields_of, refusal
from app.portal.names import namer
from app.portal.pages import events, exposures
from app.portal.pages.planner import phases
from app.portal.timeline import ICONS
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
PAGE = "plans/what_if.html"
LEFT_OUT = events.LEFT_OUT | exposures.LEFT_OUT | {"region_id", "field_um", "is_running", "operator", "note", "sent_at"}
SAMPLES = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One planned step in words, with its place in the plan."""

    place: str
    title: str
    at: str
    details: tuple[tuple[str, str], ...]


@router.get("/what-if")
def show_start(visit: CurrentVisit, sample_id: events.Supersedes = None) -> HTMLResponse:
    """Begin a plan: on top of a sample's history, or anew with a material."""
    if sample_id:
        visit.lab.samples.get(visit.actor, sample_id)
        return _shown(visit, {"sample_id": sample_id})
    return visit.page(PAGE, values={}, plan=None, form_fields=_start_fields(visit))


@router.post("/what-if")
def go_on(visit: CurrentVisit) -> Response:
    """Begin, add a step, take one away, or ask for the form of one."""
    act, _, what = visit.form.get("act", "").partition(":")
    try:
        plan = _begun(visit.form) if act == "begin" else _read(visit.form.get("plan", ""))
    except LabError as error:
        return visit.refused(error, PAGE, plan=None, form_fields=_start_fields(visit))
    if act == "form":
        return _shown(visit, plan, kind=visit.form.get("kind", ""))
    if act == "add":
        return _added(visit, plan, visit.form.get("kind", ""))
    if act == "remove":
        plan = _without(plan, what)
    return _shown(visit, plan)


def _start_fields(visit: Visit) -> tuple[Field, ...]:
    samples = visit.lab.samples.page(visit.actor, before=None, limit=SAMPLES)
    return (
        Field(
            "sample_id", "Go on from a sample", "choice", choices=tuple((s.id, f"{s.name} ({s.code})") for s in samples)
        ),
        Field("material", "Or begin with a material", "choice", choices=tuple((m, m) for m in get_args(Material))),
        Field("electrolyte", "Electrolyte", "text"),
        Field("purpose", "What for", "choice", choices=tuple((name, name) for name in get_args(Purpose))),
        Field("phases", "Budgets for", "ticks", choices=tuple((phase, phase) for phase in phases(visit))),
    )


def _begun(form: Values) -> dict[str, Any]:
    given = {
        name: form[name].strip()
        for name in ("sample_id", "material", "electrolyte", "purpose")
        if form.get(name, "").strip()
    }
    if ("sample_id" in given) == ("material" in given):
        raise Invalid.field("/body/sample_id", "Name a sample to go on from, or a material to begin with.")
    ticked = [name.removeprefix("phases.") for name in form if name.startswith("phases.")]
    return {**given, **({"phases": ticked} if ticked else {})}


def _read(text: str) -> dict[str, Any]:
    """Read the plan a page kept; it is checked as every plan is."""
    try:
        plan = json.loads(text)
        _checked(plan)
    except (ValueError, TypeError):
        raise Invalid("The plan this page kept is damaged: begin anew.") from None
    return dict(plan)


def _checked(plan: Any) -> NewChainPlan:
    try:
        return NewChainPlan.model_validate(plan)
    except ValidationError as error:
        raise refusal(error) from None


def _without(plan: dict[str, Any], place: str) -> dict[str, Any]:
    group, _, index = place.partition("/")
    steps = list(plan.get(group, ()))
    if index.isdecimal() and int(index) < len(steps):
        del steps[int(index)]
    return {**plan, group: steps} if group in {"events", "exposures"} else plan


def _added(visit: Visit, plan: dict[str, Any], kind: str) -> Response:
    """Append the step that was described, unless the rules that judge recorded ones refuse it."""
    group = "events" if kind in events.TYPES else "exposures"
    try:
        if group == "events":
            step: Any = body_of(events.TYPES[kind], visit.form, type=kind)
        else:
            step = body_of(exposures.MODES[kind], exposures.stated(visit.form), mode=kind)
        record = step.model_dump(mode="json", exclude_none=True, exclude_defaults=True) | _kind_of(group, kind)
        longer = {**plan, group: [*plan.get(group, ()), record]}
        visit.lab.chain_plans.judge(visit.actor, _checked(longer))
    except LabError as error:
        return _shown(visit, plan, kind=kind, refused=_about_step(error))
    return _shown(visit, longer)


def _kind_of(group: str, kind: str) -> dict[str, str]:
    return {"type" if group == "events" else "mode": kind}


def _about_step(error: LabError) -> LabError:
    """Let a finding about the last step of the plan stand at the field of the form."""
    found = []
    for each in error.errors:
        parts = each["pointer"].split("/")
        deep = len(parts) > 4 and parts[2] in {"events", "exposures"}
        found.append({**each, "pointer": "/body/" + "/".join(parts[4:])} if deep else each)
    return Invalid(error.detail, errors=found) if found else error


def _shown(visit: Visit, plan: dict[str, Any], *, kind: str = "", refused: LabError | None = None) -> HTMLResponse:
    told, judged = None, None
    try:
        judged = visit.lab.chain_plans.judge(visit.actor, _checked(plan))
    except LabError as error:
        if error.status == 404:
            raise
        told = error
    sample_id = plan.get("sample_id")
    steps = _steps(plan)
    links_to = {
        step.place: Markup('<a href="#step-{}">step {}</a>').format(number, number)
        for number, step in enumerate(steps, 1)
    }
    named = namer(visit.lab, visit.actor)
    context = {
        "plan": plan,
        "kept": json.dumps(plan),
        "sample": visit.lab.samples.get(visit.actor, sample_id) if sample_id else None,
        "steps": steps,
        "namer": lambda place: links_to.get(place) or named(place),
        "kinds": [("Events", list(events.TYPES)), ("Beams", list(exposures.MODES))],
        "judged": judged,
        "told": told,
        "drawing": None if judged is None else _drawing(judged, plan),
        **_step_form(kind),
    }
    if refused is not None:
        return visit.refused(refused, PAGE, **context)
    return visit.page(PAGE, values={}, **context)


def _step_form(kind: str) -> dict[str, Any]:
    if kind not in events.TYPES and kind not in exposures.MODES:
        return {"kind": "", "step_fields": (), "quantities": ()}
    model: Any = events.TYPES.get(kind) or exposures.MODES[kind]
    every = [field for field in fields_of(model.model_json_schema(), leave_out=LEFT_OUT) if field.kind != "fixed"]
    is_event = kind in events.TYPES
    quantities = () if is_event else tuple(exposures.quantity_row(field) for field in every if field.name in UNIT_OF)
    plain = [field for field in every if is_event or field.name not in UNIT_OF]
    return {
        "kind": kind,
        "step_fields": [replace(field, help="") for field in plain],
        "quantities": quantities,
    }


def _steps(plan: dict[str, Any]) -> list[Step]:
    steps = [
        Step(
            f"{group}/{index}",
            words.title(step.get("type") or step["mode"]),
            str(step["occurred_at"]),
            tuple(
                (words.label_and_unit(name)[0], _told(name, value))
                for name, value in step.items()
                if name not in {"type", "mode", "occurred_at"}
            ),
        )
        for group in ("events", "exposures")
        for index, step in enumerate(plan.get(group, ()))
    ]
    return sorted(steps, key=lambda step: step.at)


def _told(name: str, value: Any) -> str:
    if isinstance(value, dict) and "value" in value:
        return words.quantity({"unit": UNIT_OF.get(name, "1"), **value})
    return words.instant(value) if name == "ended_at" else words.detail(name, value)


def _drawing(judged: ChainPlanOut, plan: dict[str, Any]) -> Any:
    """Draw the whole chain; planned steps as signs."""
    stated = _checked(plan)
    marks = [
        Mark(step.occurred_at, ICONS.get(step.type, "event"), "", words.title(step.type), "#steps")
        for step in stated.events
    ]
    marks += [Mark(step.occurred_at, "exposure", "beam", words.title(step.mode), "#steps") for step in stated.exposures]
    return draw(stays=judged.stays, events=marks, legs=(), clocks=judged.clocks, now=max(judged.at, now()))
