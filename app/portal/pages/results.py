"""Results: list, one result's page, and the lineage of anything."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.infra.exports import formats_of
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.portal import pickers
from app.portal.visit import CurrentVisit, portal_router
from lithoscope.methods import catalogue

router = portal_router()
Id = Annotated[str | None, Query(max_length=40)]


@router.get("/results")
def list_results(visit: CurrentVisit, page: Paging, project_id: Id = None) -> HTMLResponse:
    """Show the results the visitor may see, newest first."""
    before, limit = page.cursor.before, page.cursor.limit
    rows = visit.lab.results.page(visit.actor, project_id=project_id or None, before=before, limit=limit)
    return visit.page("results/list.html", results=rows, next=page.next([row.id for row in rows]))


@router.get("/results/{result_id}")
def show_result(result_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a result: pictures, numbers with uncertainty, the whole account of the run."""
    lab, actor = visit.lab, visit.actor
    result = lab.results.get(actor, result_id)
    job = lab.jobs.get(actor, result.job_id)
    return visit.page(
        "results/page.html",
        result=result,
        job=job,
        method=catalogue().get(job.method),
        project=lab.projects.get(actor, result.project_id),
        sample=lab.samples.get(actor, result.sample_id) if result.sample_id else None,
        scalars=[output for output in result.outputs if output["kind"] == "scalar"],
        tables=[output for output in result.outputs if output["kind"] == "table"],
        arrays=[output for output in result.outputs if output["kind"] not in {"scalar", "table"}],
        formats={output["name"]: formats_of(output) for output in result.outputs},
        lineage=_in_words(lab.lineage.walk(actor, result.id, "upstream")),
        fitting=pickers.methods_for(result.outputs),
        may_run=allow(actor, Action.RUN, result.project_id),
    )


@router.get("/lineage/{object_id}")
def show_lineage(object_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show what a thing came from and what was made of it."""
    found = visit.lab.lineage.walk(visit.actor, object_id, "both")
    return visit.page("results/lineage.html", found=found, lineage=_in_words(found), object_id=object_id)


def _in_words(found: Any) -> list[tuple[int, list[Any]]]:
    """Group the nodes of a walk by their distance, from the first cause to the last product."""
    depths = sorted({node.depth for node in found.nodes}, reverse=True)
    return [(depth, [node for node in found.nodes if node.depth == depth]) for depth in depths]
