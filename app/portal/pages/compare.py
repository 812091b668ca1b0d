"""Two runs side by side."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.infra.db.models import Job, Result
from app.lab.access import Action, allow
from app.lab.comparisons.service import Side
from app.portal import pickers, words
from app.portal.methods import title_of
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import catalogue

router = portal_router()
OFFERED = 50
Both = Annotated[list[str], Query(max_length=4, description="Results or jobs")]


@router.get("/compare")
def compare(visit: CurrentVisit, of: Both = []) -> HTMLResponse:  # noqa: B006 - FastAPI copies it
    """Compare two runs; with fewer named, offer what they may be compared with."""
    named = [each for each in of if each]
    if len(named) < 2:
        return _choose(visit, named[0] if named else None)
    found = visit.lab.comparisons.compare(visit.actor, named[0], named[1])
    sides = [(found.first, "A"), (found.second, "B")]
    told = [{"letter": letter, **_told(visit, side)} for side, letter in sides]
    return visit.page(
        "compare/page.html",
        found=found,
        sides=told,
        labels={reference: label for each in told for _, reference, label in each["inputs"]},
        is_one_method=found.first.job.method == found.second.job.method,
        may_run=allow(visit.actor, Action.RUN, found.first.job.project_id),
    )


def _told(visit: Visit, side: Side) -> dict[str, Any]:
    job = side.job
    sample = visit.lab.samples.get(visit.actor, job.sample_id) if job.sample_id else None
    inputs = pickers.labels_of(visit.lab, visit.actor, job.inputs)
    address = f"/results/{side.result.id}" if side.result else f"/jobs/{job.id}"
    return {"job": job, "method": catalogue().get(job.method), "sample": sample, "inputs": inputs, "address": address}


def _choose(visit: Visit, given: str | None) -> HTMLResponse:
    """Offer results, those of the same method where one is named."""
    lab, actor = visit.lab, visit.actor
    job = _job_of(visit, given) if given else None
    rows = lab.results.page(actor, method=job.method if job else None, limit=OFFERED)
    others = [row for row in rows if job is None or row.job_id != job.id]
    return visit.page("compare/choose.html", given=given, job=job, choices=[(row.id, _name(row)) for row in others])


def _job_of(visit: Visit, given: str) -> Job:
    is_job = given.startswith("job_")
    return visit.lab.jobs.get(visit.actor, given if is_job else visit.lab.results.get(visit.actor, given).job_id)


def _name(row: Result) -> str:
    return f"{title_of(row.run_record.get('method'))}, {words.instant(row.created_at)} ({words.short(row.id)})"
