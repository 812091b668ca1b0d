"""Samples: one sample's page with its history in time order, registering and splitting."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Sample
from app.lab.access import Action
from app.lab.dose.account import sample_dose
from app.lab.samples.schemas import NewSample, SampleChange
from app.portal import annotations
from app.portal.drawing import draw
from app.portal.forms import Field, body_of, fields_of, version_of
from app.portal.origins import origin_of
from app.portal.pages.finding import nested
from app.portal.pages.projects import choices_of_projects
from app.portal.records import values_of
from app.portal.rendering import seen
from app.portal.samples import head
from app.portal.timeline import marks, timeline
from app.portal.visit import CurrentVisit, Visit, portal_router
from app.portal.windows import Around, Number

router = portal_router()


@router.get("/samples/new")
def new_sample(
    visit: CurrentVisit,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    parent_id: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """Show the form that registers a sample, or the child of one."""
    given = {"project_id": project_id, "parent_id": parent_id}
    return visit.page("form.html", values={k: v for k, v in given.items() if v}, **_form(visit, parent_id))


@router.post("/samples/new")
def register_sample(visit: CurrentVisit) -> Response:
    """Register a sample."""
    parent_id = visit.form.get("parent_id") or None
    try:
        sample = visit.lab.samples.create(visit.actor, body_of(NewSample, visit.form))
    except LabError as error:
        return visit.refused(error, "form.html", **_form(visit, parent_id))
    return seen(f"/samples/{sample.id}", "sample-registered")


def _form(visit: Visit, parent_id: str | None) -> dict[str, object]:
    parent = visit.lab.samples.get(visit.actor, parent_id) if parent_id else None
    fields = fields_of(NewSample.model_json_schema(), leave_out=frozenset({"project_id", "parent_id"}))
    projects = choices_of_projects(visit, Action.RECORD)
    only = projects[0][0] if len(projects) == 1 else None
    project = Field("project_id", "Project", "choice", required=True, choices=projects, default=only)
    return {
        "heading": f"Register a part of {parent.name}" if parent else "Register a sample",
        "lead": _lead(parent),
        "crumbs": [("/samples", "Samples"), *([(f"/samples/{parent.id}", parent.name)] if parent else [])],
        "action": "/samples/new",
        "hidden": {"parent_id": parent.id, "project_id": parent.project_id} if parent else {},
        "form_fields": fields if parent else (project, *fields),
        "button": "Register",
        "back": f"/samples/{parent.id}" if parent else "/samples",
    }


def _lead(parent: Sample | None) -> str:
    if parent is None:
        return "A cell, electrode, powder, lamella or tip. Its history is kept from here on and never overwritten."
    return f"A split or lift-out of {parent.code}. It inherits the history of its parent up to now."


@router.get("/samples/{sample_id}")
def show_sample(
    sample_id: str,
    visit: CurrentVisit,
    number: Number = 0,
    around: Around = None,
) -> HTMLResponse:
    """Show a sample with everything that happened to it."""
    lab, actor = visit.lab, visit.actor
    sample = lab.samples.get(actor, sample_id)
    account = sample_dose(lab.dose, actor, sample_id)
    part, events = timeline(lab, actor, sample, number=number, around=around)
    present = now()
    stays = lab.custody.stays(actor, sample_id, present)
    clocks = lab.clocks.of_sample(actor, sample_id, present)
    ledger = lab.dose.ledger(actor, sample_id, at=present)
    return visit.page(
        "samples/page.html",
        account=account,
        doses={entry.exposure_id: entry for entry in account.exposures},
        family=nested(lab.samples.family(actor, sample_id)),
        part=part,
        state=lab.custody.state(actor, sample_id, present),
        stays=stays,
        clocks=clocks,
        budgets=lab.budgets.of_sample(actor, sample_id, at=present, ledger=ledger),
        coverage=ledger.coverage,
        summary=lab.custody.summary(actor, sample_id, present),
        drawing=draw(stays=stays, events=marks(events), legs=ledger.legs, clocks=clocks, now=present),
        origin=origin_of(visit, sample.id),
        **annotations.shown(visit, sample),
        **head(visit, sample),
    )


@router.get("/samples/{sample_id}/edit")
def edit_sample(sample_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that changes what is said about a sample."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    present = {name: getattr(sample, name) for name in SampleChange.model_fields}
    return visit.page("form.html", values=values_of(present), **_change_form(sample))


@router.post("/samples/{sample_id}/edit")
def change_sample(sample_id: str, visit: CurrentVisit) -> Response:
    """Change what is said about a sample; its history is changed by events only."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    context = _change_form(sample) | {"hidden": {"version": visit.form.get("version", "")}}
    try:
        change = body_of(SampleChange, visit.form)
        visit.lab.samples.change(visit.actor, sample_id, version_of(visit.form), change)
    except LabError as error:
        return visit.refused(error, "form.html", **context)
    return seen(f"/samples/{sample_id}", "sample-changed")


def _change_form(sample: Sample) -> dict[str, object]:
    return {
        "heading": f"Change {sample.name}",
        "lead": "What happened to it is recorded by events; this changes its description only.",
        "crumbs": [(f"/samples/{sample.id}", sample.name)],
        "action": f"/samples/{sample.id}/edit",
        "hidden": {"version": sample.version},
        "form_fields": fields_of(SampleChange.model_json_schema()),
        "button": "Save",
        "back": f"/samples/{sample.id}",
    }
