"""Reports of samples, datasets and results; what was published; how many datasets report their dose."""

from typing import Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.portal.pages.projects import ALL
from app.portal.rendering import seen
from app.portal.samples import head
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.rules.reporting import literature

router = portal_router()
PUBLISHED = 20
Id = Annotated[str | None, Query(max_length=40)]


@router.get("/samples/{sample_id}/report")
def show_sample_report(sample_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the report of a sample until now."""
    return visit.page("reports/sample.html", refusal=None, **_sample(visit, sample_id))


@router.get("/datasets/{dataset_id}/report")
def show_dataset_report(dataset_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the report of a dataset."""
    return visit.page("reports/thing.html", refusal=None, **_thing(visit, dataset_id))


@router.get("/results/{result_id}/report")
def show_result_report(result_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the report of a result."""
    return visit.page("reports/thing.html", refusal=None, **_thing(visit, result_id))


@router.post("/publications")
def publish_report(visit: CurrentVisit) -> Response:
    """Freeze a report; an incomplete one is shown again with what is missing."""
    target_id = visit.form.get("target_id", "")
    is_sample = target_id.startswith("smp_")
    context = _sample(visit, target_id) if is_sample else _thing(visit, target_id)
    try:
        publication = visit.lab.reports.publish(visit.actor, target_id)
    except LabError as error:
        return visit.refused(error, f"reports/{'sample' if is_sample else 'thing'}.html", refusal=error, **context)
    return seen(f"/publications/{publication.id}", "published")


def _sample(visit: Visit, sample_id: str) -> dict[str, Any]:
    sample = visit.lab.samples.get(visit.actor, sample_id)
    return {**_report(visit, sample_id, f"/api/v1/samples/{sample_id}/report"), **head(visit, sample, "/report")}


def _thing(visit: Visit, target_id: str) -> dict[str, Any]:
    rooms = "datasets" if target_id.startswith("ds_") else "results"
    home = f"/{rooms}/{target_id}"
    return {"home": home, **_report(visit, target_id, f"/api/v1{home}/report")}


def _report(visit: Visit, target_id: str, address: str) -> dict[str, Any]:
    report = visit.lab.reports.of(visit.actor, target_id)
    project_id = visit.lab.samples.get(visit.actor, report.sample.id).project_id
    return {
        "report": report,
        "documents": address,
        "publications": visit.lab.reports.page(visit.actor, target_id=target_id, before=None, limit=PUBLISHED),
        "may_publish": allow(visit.actor, Action.RUN, project_id),
    }


@router.get("/publications/{publication_id}")
def show_publication(publication_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a published report as it stood."""
    row = visit.lab.reports.get(visit.actor, publication_id)
    return visit.page("reports/publication.html", row=row, documents=f"/api/v1/publications/{publication_id}/report")


@router.get("/reporting")
def show_statistics(
    visit: CurrentVisit, page: Paging, project_id: Id = None, counts: Literal["", "yes"] = ""
) -> HTMLResponse:
    """Show what was published, and how many datasets report their dose; counting them all follows the page."""
    reports, actor = visit.lab.reports, visit.actor
    rows = reports.page(actor, project_id=project_id or None, before=page.cursor.before, limit=page.cursor.limit)
    return visit.page(
        "reports/statistics.html",
        counted=reports.statistics(actor, project_id or None) if counts else None,
        literature=literature(),
        publications=rows,
        projects=visit.lab.projects.page(actor, None, ALL),
        project_id=project_id or "",
        next=page.next([row.id for row in rows]),
    )
