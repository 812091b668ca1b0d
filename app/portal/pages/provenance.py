"""Where a voxel, a label or a number comes from; what came after an event; what labels are said to be."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError, NotFound
from app.infra.db.models import Result
from app.lab.access import Action, allow
from app.lab.doors.paging import Paging
from app.lab.labels.schemas import NewLabel
from app.portal.forms import Field, body_of, errors_of
from app.portal.pages.planner import phases
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
VoxelText = Annotated[str | None, Query(max_length=80)]
Label = Annotated[str | None, Query(max_length=20)]


@router.get("/results/{result_id}/outputs/{name}/provenance")
def show_provenance(
    result_id: str, name: str, visit: CurrentVisit, voxel: VoxelText = None, label: Label = None
) -> HTMLResponse:
    """Show where a voxel, a label or a number of an output comes from."""
    result = visit.lab.results.get(visit.actor, result_id)
    output = _output(result, name)
    found, errors = None, {}
    number = int(label) if label and label.isdecimal() else None
    if voxel or number is not None or output["kind"] in {"scalar", "table", "figure", "film"}:
        try:
            found = visit.lab.provenance.of_number(visit.actor, result_id, name, voxel=voxel or None, label=number)
        except LabError as error:
            errors = {key.rpartition(".")[2]: text for key, text in errors_of(error).items()}
    return visit.page(
        "results/provenance.html",
        status=422 if errors else 200,
        result=result,
        output=output,
        found=found,
        errors=errors,
        values={"voxel": voxel or "", "label": label or ""},
    )


def _output(result: Result, name: str) -> dict[str, Any]:
    output: dict[str, Any] | None = next((each for each in result.outputs if each["name"] == name), None)
    if output is None:
        raise NotFound
    return output


@router.get("/events/{event_id}/results")
def show_results_after(event_id: str, visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show the results of data that were taken after an event."""
    found = visit.lab.provenance.results_after(
        visit.actor, event_id, before=page.cursor.before, limit=page.cursor.limit
    )
    event = visit.lab.custody.get(visit.actor, event_id).event
    return visit.page(
        "results/after.html",
        found=found,
        event=event,
        sample=visit.lab.samples.get(visit.actor, event.sample_id),
        next=page.next([item.result_id for item in found.items]),
    )


@router.get("/results/{result_id}/labels")
def show_labels(result_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show what the labels of a result are said to be, and whether a beam may have made them."""
    return visit.page("results/labels.html", values={}, **_labels(visit, result_id))


@router.post("/results/{result_id}/labels")
def say_phase(result_id: str, visit: CurrentVisit) -> Response:
    """Say what a label is."""
    context = _labels(visit, result_id)
    try:
        visit.lab.labels.assign(
            visit.actor, result_id, body_of(NewLabel, visit.form, phase=visit.form.get("phase", "").strip() or None)
        )
    except LabError as error:
        return visit.refused(error, "results/labels.html", **context)
    return seen(f"/results/{result_id}/labels", "phase-said")


def _labels(visit: Visit, result_id: str) -> dict[str, Any]:
    result = visit.lab.results.get(visit.actor, result_id)
    outputs = tuple((each["name"], each["title"]) for each in result.outputs if each["kind"] == "labels")
    return {
        "result": result,
        "judged": visit.lab.labels.of_result(visit.actor, result_id),
        "outputs": dict(outputs),
        "form_fields": (
            Field(
                "output",
                "Segmentation",
                "choice",
                required=True,
                choices=outputs,
                default=outputs[0][0] if outputs else None,
            ),
            Field("label", "Label", "integer", required=True, minimum=0),
            Field(
                "phase",
                "Phase it is",
                "text",
                help=f"Such as {', '.join(phases(visit))} or Li2O; empty takes the word back.",
            ),
            Field("note", "Note", "text"),
        ),
        "may_record": allow(visit.actor, Action.RECORD, result.project_id),
    }
