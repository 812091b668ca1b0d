"""Datasets: list, one dataset's page, better calibration values, deletion, upload."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response
from pydantic import TypeAdapter, ValidationError

from app.errors import Invalid, LabError
from app.infra.db.models import Dataset, Job
from app.lab.access import Action, allow
from app.lab.datasets.remedies import remedy_of
from app.lab.datasets.repository import DatasetFilter
from app.lab.datasets.schemas import CalibrationValue, DatasetChange, Reason
from app.lab.doors.paging import Paging
from app.lab.dose.of_series import is_scanned
from app.portal import annotations, pickers, words
from app.portal.dataset_metadata import CORRECTABLE, groups_of
from app.portal.event_lists import look_of
from app.portal.forms import body_of, version_of
from app.portal.origins import origin_of
from app.portal.pages.projects import ALL, choices_of_projects
from app.portal.rendering import seen
from app.portal.viewing import Shown, charts_of, curves_of, frames_of, spectra_of, titled
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
REASON: TypeAdapter[str] = TypeAdapter(Reason)
MEMBERS_SHOWN = 200
Id = Annotated[str | None, Query(max_length=40)]


@router.get("/datasets")
def list_datasets(
    visit: CurrentVisit,
    page: Paging,
    project_id: Id = None,
    state: Annotated[str | None, Query(max_length=20)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> HTMLResponse:
    """Show the visitor's datasets, newest first."""
    wanted = DatasetFilter(text=q or None, state=state or None)
    before, limit = page.cursor.before, page.cursor.limit
    rows = visit.lab.datasets.page(
        visit.actor, project_id=project_id or None, wanted=wanted, before=before, limit=limit
    )
    return visit.page("datasets/list.html", datasets=rows, q=q, state=state, next=page.next([row.id for row in rows]))


@router.get("/datasets/{dataset_id}")
def show_dataset(
    dataset_id: str, visit: CurrentVisit, correct: Annotated[str | None, Query(max_length=40)] = None
) -> HTMLResponse:
    """Show a dataset: a quick look, metadata with sources, what is wrong with it; `correct` opens the form for one."""
    values = {"name": correct} if correct in CORRECTABLE else {}
    return visit.page("datasets/page.html", values=values, **_page(visit, dataset_id))


def _page(visit: Visit, dataset_id: str) -> dict[str, Any]:
    lab, actor = visit.lab, visit.actor
    dataset = lab.datasets.get(actor, dataset_id)
    arrays = [titled(array) for array in dataset.arrays]
    ion_list = look_of(dataset.id, arrays)
    shown = [Shown(f"/api/v1/datasets/{dataset.id}/arrays/{array['name']}", array, beside=arrays) for array in arrays]
    shown = [] if ion_list else shown
    return {
        "ion_list": ion_list,
        "dataset": dataset,
        "arrays": arrays,
        "project": lab.projects.get(actor, dataset.project_id),
        "sample": lab.samples.get(actor, dataset.sample_id) if dataset.sample_id else None,
        "exposures": lab.dose.of_dataset(dataset),
        "is_scanned": is_scanned(dataset),
        "ingest": _ingest_of(visit, dataset),
        "calibrations": [(name, *words.label_and_unit(name)) for name in CORRECTABLE],
        "groups": groups_of(dataset),
        "people": lab.datasets.people(dataset),
        "instrument": lab.instruments.get(actor, dataset.instrument_id) if dataset.instrument_id else None,
        "remedy": remedy_of(dataset.problem or {}),
        "curves": curves_of(shown),
        "fitting": [] if ion_list else pickers.methods_for(dataset.arrays),
        "recipes": pickers.recipes_for(lab, dataset.arrays),
        "frames": frames_of(shown),
        "spectra": spectra_of(shown),
        "charts": charts_of(lab.house, [(dataset.store_key, array) for array in dataset.arrays]),
        "may_record": allow(actor, Action.RECORD, dataset.project_id),
        "may_steward": allow(actor, Action.STEWARD, dataset.project_id),
        "may_run": allow(actor, Action.RUN, dataset.project_id),
        "may_upload": allow(actor, Action.UPLOAD, dataset.project_id),
        "members": lab.datasets.members(dataset)[:MEMBERS_SHOWN],
        "origin": origin_of(visit, dataset.id),
        **annotations.shown(visit, dataset),
    }


def _ingest_of(visit: Visit, dataset: Dataset) -> Job | None:
    """Return the job that reads the file, or tried to: an unfinished one, else one of the project's latest."""
    if dataset.state == "readable":
        return None
    if (waiting := visit.lab.jobs.using(dataset.id)) is not None:
        return waiting
    latest = visit.lab.jobs.page(visit.actor, project_id=dataset.project_id, kind="ingest", before=None, limit=ALL)
    return next((job for job in latest if job.inputs.get("dataset") == dataset.id), None)


@router.post("/datasets/{dataset_id}/calibration")
def change_calibration(dataset_id: str, visit: CurrentVisit) -> Response:
    """Set a calibration value a person vouches for."""
    form, context = visit.form, _page(visit, dataset_id)
    name = form.get("name", "")
    try:
        value = body_of(CalibrationValue, form | {"unit": words.label_and_unit(name)[1]})
        change = body_of(DatasetChange, {}, calibration={name: value.model_dump()}, reason=form.get("reason", ""))
        visit.lab.calibration.correct(visit.actor, dataset_id, version_of(form), change)
    except LabError as error:
        return visit.refused(error, "datasets/page.html", **context)
    return seen(f"/datasets/{dataset_id}", "calibration-saved")


def _reason(form: dict[str, str]) -> str:
    try:
        return REASON.validate_python(form.get("reason", "").strip())
    except ValidationError:
        raise Invalid.field("/body/reason", "Say why in 3 to 300 characters.") from None


@router.post("/datasets/{dataset_id}/deletion")
def delete_dataset(dataset_id: str, visit: CurrentVisit) -> Response:
    """Delete a dataset; its tombstone stays."""
    project_id = visit.lab.datasets.get(visit.actor, dataset_id).project_id
    context = _page(visit, dataset_id)
    try:
        reason = _reason(visit.form)
        visit.lab.datasets.delete(visit.actor, dataset_id, reason, version=version_of(visit.form))
    except LabError as error:
        return visit.refused(error, "datasets/page.html", **context)
    return seen(f"/projects/{project_id}", "dataset-deleted")


@router.get("/upload")
def show_upload(visit: CurrentVisit, project_id: Id = None, sample_id: Id = None) -> HTMLResponse:
    """Show the page that sends files, and registers those that lie on the facility's storage."""
    return visit.page("datasets/upload.html", values={}, errors={}, **upload_context(visit, project_id, sample_id))


def upload_context(visit: Visit, project_id: str | None, sample_id: str | None) -> dict[str, Any]:
    """Return what the page of uploads needs."""
    lab, actor = visit.lab, visit.actor
    sample = lab.samples.get(actor, sample_id) if sample_id else None
    projects = choices_of_projects(visit, Action.UPLOAD)
    chosen = sample.project_id if sample else project_id or (projects[0][0] if len(projects) == 1 else None)
    samples = lab.samples.page(actor, project_id=chosen, before=None, limit=ALL) if chosen else []
    roots = lab.registrations.roots(actor, chosen) if chosen in dict(projects) else []
    told = {"sample": sample, "projects": projects, "project_id": chosen, "samples": samples}
    return told | {"roots": roots, "has_roots": bool(visit.lab.house.settings.roots_in_place)}
