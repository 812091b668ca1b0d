"""Jobs over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from app.infra.house import House
from app.lab.doors import CurrentActor, CurrentLab, etag, refuses, room_router
from app.lab.doors.event_streams import EVENT_STREAM, wants_events
from app.lab.doors.paging import Paging
from app.lab.doors.route import REPEATABLE
from app.lab.jobs import streaming
from app.lab.jobs.offers import MOST, Wanted
from app.lab.jobs.schemas import (
    InputOfferOut,
    InputOffers,
    JobEstimateOut,
    JobEventOut,
    JobEvents,
    JobOut,
    request_type,
)
from app.lab.jobs.service import is_terminal
from app.lab.schemas import Page

router = room_router("jobs")


def make_router(house: House) -> APIRouter:
    """Make the routes whose request body is the union of the methods' own."""
    made = room_router("jobs")

    def submit_job(new: Any, actor: CurrentActor, lab: CurrentLab, response: Response) -> JobOut:
        """Queue a run of a method; its progress is at the Location."""
        job = lab.jobs.submit(actor, new)
        return _located(response, job)

    def estimate_job(new: Any, actor: CurrentActor, lab: CurrentLab) -> JobEstimateOut:
        """Tell how long a job would take and what memory it would hold, from past runs; nothing is queued."""
        return JobEstimateOut.of(new.method, lab.estimates.of_request(actor, new))

    for endpoint in (submit_job, estimate_job):
        endpoint.__annotations__["new"] = request_type(house.methods)
    made.add_api_route(
        "/jobs", submit_job, methods=["POST"], status_code=202, operation_id="submitJob", responses=refuses(409)
    )
    made.add_api_route(
        "/job-estimates",
        estimate_job,
        methods=["POST"],
        operation_id="estimateJob",
        responses=refuses(),
        openapi_extra=REPEATABLE,
    )
    return made


def _located(response: Response, job: Any) -> JobOut:
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    etag(response, job.version)
    return JobOut.model_validate(job)


@router.get("/jobs", operation_id="listJobs", responses=refuses())
def list_jobs(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    sample_id: Annotated[str | None, Query(max_length=40)] = None,
    state: Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"] | None = None,
    method: Annotated[str | None, Query(max_length=60)] = None,
    kind: Literal["analysis", "ingest", "assembly"] | None = None,
    created_by: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[JobOut]:
    """List jobs, newest first."""
    rows = lab.jobs.page(
        actor,
        project_id=project_id,
        before=page.cursor.before,
        limit=page.cursor.limit,
        sample_id=sample_id,
        state=state,
        method=method,
        kind=kind,
        created_by=created_by,
    )
    return Page(items=[JobOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/input-offers", operation_id="listInputOffers", responses=refuses())
def list_input_offers(
    actor: CurrentActor,
    lab: CurrentLab,
    of: Annotated[str, Query(max_length=60, description="A method or recipe")],
    port: Annotated[str, Query(alias="input", max_length=60, description="One of its inputs")],
    q: Annotated[str, Query(max_length=200, description="Within a file's, sample's or method's name, or an id")] = "",
    sample_id: Annotated[str | None, Query(max_length=40)] = None,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = MOST,
) -> InputOffers:
    """Return the arrays, tables and exposures that an input of a method or recipe may be."""
    thing = lab.house.recipes.get(of) or lab.methods.get(of)
    found = lab.offers.of(actor, thing, port, Wanted(q.strip(), sample_id, project_id, limit))
    return InputOffers(items=[InputOfferOut.of(offer) for offer in found.items], has_more=found.has_more)


@router.get("/jobs/{job_id}", operation_id="getJob", responses=refuses())
def get_job(job_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> JobOut:
    """Return a job."""
    job = lab.jobs.get(actor, job_id)
    etag(response, job.version)
    return JobOut.model_validate(job)


@router.get(
    "/jobs/{job_id}/events",
    operation_id="followJob",
    response_model=JobEvents,
    responses=refuses() | {200: {"description": "Events in order", "content": EVENT_STREAM}},
)
def follow_job(
    job_id: str,
    request: Request,
    actor: CurrentActor,
    lab: CurrentLab,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Number of the last event already seen")] = 0,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,9}$")] = None,
) -> Any:
    """Follow a job: server-sent events until it ends if asked for text/event-stream, else the events so far as JSON."""
    job = lab.jobs.get(actor, job_id)
    start = max(after, int(last_event_id or 0))
    if wants_events(request):
        return streaming.stream(request, actor, job.id, start)
    rows = lab.jobs.events(actor, job_id, after=start)
    items = [JobEventOut.model_validate(row) for row in rows]
    last = items[-1].seq if items else start
    return JobEvents(items=items, last=last, is_terminal=is_terminal(job) and last >= job.last_event_seq)


@router.post("/jobs/{job_id}/cancellation", status_code=202, operation_id="cancelJob", responses=refuses(409))
def cancel_job(job_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> JobOut:
    """Stop a job; its partial results are dropped. Repeating it changes nothing."""
    return _located(response, lab.jobs.cancel(actor, job_id))


@router.post("/jobs/{job_id}/early-finish", status_code=202, operation_id="finishJobEarly", responses=refuses(409))
def finish_job_early(job_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> JobOut:
    """Ask a running job to stop at its next step and keep its result so far."""
    return _located(response, lab.jobs.finish_early(actor, job_id))


@router.post("/jobs/{job_id}/retries", status_code=202, operation_id="retryJob", responses=refuses(409))
def retry_job(job_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> JobOut:
    """Queue a failed or cancelled job again, as a new job with the same inputs, parameters and seed."""
    return _located(response, lab.jobs.retry(actor, job_id))
