"""Results: list, one result's page, and the lineage of anything."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.infra.db.models import Result
from app.infra.exports import formats_of
from app.lab.access import SYSTEM, Action, allow
from app.lab.composition import Lab
from app.lab.doors.outputs import address_of
from app.lab.doors.paging import Paging
from app.lab.lineage.schemas import LineageOut, NodeOut
from app.portal import annotations, pickers, words
from app.portal.lineage_graph import ADDRESSES, causes_first, drawing_of
from app.portal.methods import title_of
from app.portal.origins import origin_of
from app.portal.outcomes import PICTURES
from app.portal.pages.projects import ALL
from app.portal.viewing import Shown, charts_of, frames_of, spectra_of
from app.portal.visit import CurrentVisit, portal_router
from lithoscope.methods import catalogue
from lithoscope.recipes.paragraph import result_paragraph
from lithoscope.writers.citation import WRITERS

router = portal_router()
Id = Annotated[str | None, Query(max_length=40)]
Name = Annotated[str | None, Query(max_length=60)]


@router.get("/results")
def list_results(
    visit: CurrentVisit, page: Paging, project_id: Id = None, tag: Id = None, method: Name = None
) -> HTMLResponse:
    """Show the results the visitor may see, newest first, all or those of a project, method or tag."""
    lab, actor = visit.lab, visit.actor
    wanted: dict[str, Any] = {"project_id": project_id or None, "tag": tag or None, "method": method or None}
    rows = lab.results.page(actor, **wanted, before=page.cursor.before, limit=page.cursor.limit)
    return visit.page(
        "results/list.html",
        results=rows,
        wanted=wanted,
        projects=lab.projects.page(actor, None, ALL),
        methods=lab.methods.all(),
        tags=lab.annotations.counts(actor, project_id=wanted["project_id"], kind="result"),
        tags_of=lab.annotations.tags_of([row.id for row in rows]),
        next=page.next([row.id for row in rows]),
    )


@router.get("/results/{result_id}")
def show_result(result_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a result: pictures, numbers with uncertainty, the whole account of the run, what is said of it."""
    lab, actor = visit.lab, visit.actor
    result = lab.results.get(actor, result_id)
    parts = results_parts(
        lab,
        result,
        f"/api/v1/results/{result.id}",
        found=lab.lineage.walk(actor, result.id, "both"),
        address=address_of(visit.request, result),
    )
    return visit.page(
        "results/page.html",
        **parts,
        **annotations.shown(visit, result),
        origin=origin_of(visit, result.id),
        project=lab.projects.get(actor, result.project_id),
        sample=lab.samples.get(actor, result.sample_id) if result.sample_id else None,
        fitting=pickers.methods_for(result.outputs),
        history=lab.provenance.history(actor, result.id),
        may_run=allow(actor, Action.RUN, result.project_id),
    )


def results_parts(
    lab: Lab, result: Result, api: str, *, found: LineageOut, address: str, addresses: Mapping[str, str] = ADDRESSES
) -> dict[str, Any]:
    """
    Return what pages of a result are made of, for members and for reviewers.

    Parameters
    ----------
    lab : Lab
    result : Result
        One that the reader may see.
    api : str
        Where its data are read.
    found : LineageOut
        Its history, as far as the reader may know it.
    address : str
        Where people open it.
    addresses : mapping of str to str
        By kind: where the pages of things begin; empty for a reader who has none.
    """
    record = result.run_record
    job = lab.jobs.get(SYSTEM, result.job_id)
    shown = [Shown(f"{api}/outputs/{output['name']}", output, beside=result.outputs) for output in result.outputs]
    cited = lab.citations.of(result, address)
    return {
        "result": result,
        "result_api": api,
        "job": job,
        "method": catalogue().get(job.method),
        "scalars": [output for output in result.outputs if output["kind"] == "scalar"],
        "tables": [output for output in result.outputs if output["kind"] == "table"],
        "drawn": [output for output in result.outputs if output["kind"] in PICTURES],
        "arrays": [output for output in result.outputs if output["kind"] not in {"scalar", "table", *PICTURES}],
        "frames": frames_of(shown),
        "spectra": spectra_of(shown),
        "charts": charts_of(lab.house, [(result.store_key, output) for output in result.outputs]),
        "formats": {output["name"]: formats_of(output) for output in result.outputs},
        "drawing": drawing_of(found, titles_of(found), addresses=addresses),
        "lineage": causes_first(found),
        "lineage_is_complete": found.is_complete,
        "homes": addresses,
        "paragraph": result_paragraph(record, lab.house.methods),
        "citations": {form: write(cited) for form, write in WRITERS.items()},
    }


@router.get("/lineage/{object_id}")
def show_lineage(object_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show what a thing came from and what was made of it."""
    found = visit.lab.lineage.walk(visit.actor, object_id, "both")
    titles = titles_of(found)
    return visit.page(
        "results/lineage.html",
        object_id=object_id,
        title=titles[object_id],
        drawing=drawing_of(found, titles),
        lineage=causes_first(found),
        lineage_is_complete=found.is_complete,
        homes=ADDRESSES,
    )


def titles_of(found: LineageOut) -> dict[str, str]:
    """Return what to call the things of a walk."""
    return {node.id: _title(node) for node in found.nodes}


def _title(node: NodeOut) -> str:
    if node.kind in {"job", "result"}:
        return title_of(node.label)
    return words.title(node.label) if node.kind in {"event", "exposure"} else node.label
