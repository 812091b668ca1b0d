"""Samples: list, one sample's page with its history in time order, registering and splitting."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import LabError
from app.infra.db.models import Sample
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.lab.dose.account import sample_dose
from app.lab.samples.schemas import NewSample
from app.portal.forms import Field, body_of, fields_of
from app.portal.pages.projects import choices_of_projects
from app.portal.rendering import seen
from app.portal.timeline import timeline
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()


@router.get("/samples")
def list_samples(
    visit: CurrentVisit, page: Paging, q: Annotated[str | None, Query(max_length=200)] = None
) -> HTMLResponse:
    """Show the visitor's samples, newest first."""
    rows = visit.lab.samples.page(visit.actor, text=q or None, before=page.cursor.before, limit=page.cursor.limit)
    return visit.page("samples/list.html", samples=rows, q=q, next=page.next([row.id for row in rows]))


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
    project = Field("project_id", "Project", "choice", required=True, choices=choices_of_projects(visit, Action.RECORD))
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
def show_sample(sample_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a sample with everything that happened to it."""
    lab, actor = visit.lab, visit.actor
    sample = lab.samples.get(actor, sample_id)
    account = sample_dose(lab.dose, sample_id, lab.dose.history(actor, sample_id))
    return visit.page(
        "samples/page.html",
        account=account,
        doses={entry.exposure_id: entry for entry in account.exposures},
        sample=sample,
        project=lab.projects.get(actor, sample.project_id),
        parent=lab.samples.get(actor, sample.parent_id) if sample.parent_id else None,
        children=lab.samples.children(actor, sample_id),
        moments=timeline(lab, actor, sample),
        summary=lab.custody.summary(actor, sample_id),
        may_record=allow(actor, Action.RECORD, sample.project_id),
        may_upload=allow(actor, Action.UPLOAD, sample.project_id),
    )


@router.get("/samples/by-code/{code}")
def find_by_code(code: str, visit: CurrentVisit) -> RedirectResponse:
    """Lead from a label to its sample."""
    found = [row for row in visit.lab.samples.page(visit.actor, text=code, before=None, limit=20) if row.code == code]
    return seen(f"/samples/{found[0].id}" if found else f"/samples?q={code}")
