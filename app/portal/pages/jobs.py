"""Jobs: list, one job's live page, and what can be asked of a job."""

from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError, NotFound
from app.infra.db.models import Job, JobEvent, Result
from app.infra.exports import formats_of
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.lab.jobs.estimates import JobEstimate
from app.lab.jobs.service import is_terminal
from app.portal import pickers
from app.portal.convergence import Convergence
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import catalogue

router = portal_router()
EVENTS = 500  # of one reading
READINGS = 20
LINES = 200
Id = Annotated[str | None, Query(max_length=40)]
State = Literal["", "queued", "running", "cancelling", "succeeded", "failed", "cancelled"]


@router.get("/jobs")
def list_jobs(
    visit: CurrentVisit, page: Paging, project_id: Id = None, state: State = "", whose: str = ""
) -> HTMLResponse:
    """Show the jobs the visitor may see, newest first."""
    rows = visit.lab.jobs.page(
        visit.actor,
        project_id=project_id or None,
        before=page.cursor.before,
        limit=page.cursor.limit,
        state=state or None,
        kind="analysis",
        created_by=visit.actor.id if whose == "mine" else None,
    )
    return visit.page("jobs/list.html", jobs=rows, state=state, whose=whose, next=page.next([row.id for row in rows]))


@router.get("/jobs/{job_id}")
def show_job(job_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a job as it stands; the page's script follows it from there."""
    lab, actor = visit.lab, visit.actor
    job = lab.jobs.get(actor, job_id)
    events = _events(visit, job_id)
    method = catalogue().get(job.method)
    return visit.page(
        "jobs/page.html",
        job=job,
        method=method,
        project=lab.projects.get(actor, job.project_id),
        sample=lab.samples.get(actor, job.sample_id) if job.sample_id else None,
        convergence=Convergence.of(event.payload for event in events if event.type == "progress"),
        estimate=None if is_terminal(job) else _estimate(visit, job),
        result=(result := _result(visit, job)),
        formats={output["name"]: formats_of(output) for output in result.outputs} if result else {},
        inputs=pickers.labels_of(lab, actor, job.inputs),
        lines=_lines(events)[-LINES:],
        last=events[-1].seq if events else 0,
        is_over=is_terminal(job),
        paused_for=lab.queues.pause_of(job),
        may_run=allow(actor, Action.RUN, job.project_id),
        recipe_runs=lab.recipes.with_job(actor, job_id),
    )


def _estimate(visit: Visit, job: Job) -> JobEstimate | None:
    """Tell how long a job was to take; None when its inputs are gone or its reader is no analysis."""
    try:
        return visit.lab.estimates.of_job(visit.actor, job)
    except LabError:
        return None  # the job's own end will say what is wrong


def _result(visit: Visit, job: Job) -> Result | None:
    with suppress(NotFound):
        return visit.lab.results.get(visit.actor, job.result_id) if job.result_id else None
    return None


def _events(visit: Visit, job_id: str) -> list[JobEvent]:
    found: list[JobEvent] = []
    for _ in range(READINGS):
        more = visit.lab.jobs.events(visit.actor, job_id, after=found[-1].seq if found else 0, limit=EVENTS)
        found += more
        if len(more) < EVENTS:
            break
    return found


def _lines(events: list[JobEvent]) -> list[dict[str, Any]]:
    kept = [event for event in events if event.type in {"log", "state"}]
    return [{"at": event.at, "text": event.payload.get("text") or event.payload.get("state", "")} for event in kept]


@router.post("/jobs/{job_id}/cancellation")
def cancel_job(job_id: str, visit: CurrentVisit) -> Response:
    """Stop a job."""
    visit.lab.jobs.cancel(visit.actor, job_id)
    return seen(f"/jobs/{job_id}", "job-cancelling")


@router.post("/jobs/{job_id}/early-finish")
def finish_job_early(job_id: str, visit: CurrentVisit) -> Response:
    """Ask a job to stop and keep what it has."""
    visit.lab.jobs.finish_early(visit.actor, job_id)
    return seen(f"/jobs/{job_id}", "job-finishing")


@router.post("/jobs/{job_id}/retries")
def retry_job(job_id: str, visit: CurrentVisit) -> Response:
    """Queue a failed or cancelled job again."""
    job = visit.lab.jobs.retry(visit.actor, job_id)
    return seen(f"/jobs/{job.id}", "job-submitted")
