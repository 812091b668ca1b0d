"""Compliance: what the protocols say of a sample, a dataset or a result, and the verdicts that were kept."""

from typing import Annotated, Any, get_args

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.evaluations.schemas import NewEvaluation, Purpose
from app.portal.forms import body_of
from app.portal.rendering import seen
from app.portal.samples import head
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
PURPOSES: tuple[str, ...] = get_args(Purpose)
KEPT = 50
Asked = Annotated[str | None, Query(max_length=20)]


@router.get("/samples/{sample_id}/compliance")
def show_sample(sample_id: str, visit: CurrentVisit, purpose: Asked = None) -> HTMLResponse:
    """Show what every protocol that speaks of a sample's material says of it."""
    sample = visit.lab.samples.get(visit.actor, sample_id)
    shown = _verdicts(visit, sample_id, sample.project_id, purpose)
    return visit.page("compliance/sample.html", **shown, **head(visit, sample, "/compliance"))


@router.get("/datasets/{dataset_id}/compliance")
def show_dataset(dataset_id: str, visit: CurrentVisit, purpose: Asked = None) -> HTMLResponse:
    """Show what the protocols say of a dataset at the moment of its exposure."""
    dataset = visit.lab.datasets.get(visit.actor, dataset_id)
    home = (f"/datasets/{dataset_id}", dataset.filename)
    return visit.page("compliance/thing.html", home=home, **_verdicts(visit, dataset_id, dataset.project_id, purpose))


@router.get("/results/{result_id}/compliance")
def show_result(result_id: str, visit: CurrentVisit, purpose: Asked = None) -> HTMLResponse:
    """Show what the protocols say of a result by the exposures it came from."""
    result = visit.lab.results.get(visit.actor, result_id)
    home = (f"/results/{result_id}", "Result")
    return visit.page("compliance/thing.html", home=home, **_verdicts(visit, result_id, result.project_id, purpose))


def _verdicts(visit: Visit, target_id: str, project_id: str, purpose: str | None) -> dict[str, Any]:
    asked = purpose if purpose in PURPOSES else None
    refusal, verdicts = None, []
    try:
        verdicts = visit.lab.evaluations.preview(visit.actor, target_id, purpose=asked)
    except LabError as error:
        if error.status == 404:
            raise
        refusal = error
    return {
        "target_id": target_id,
        "purpose": asked,
        "purposes": PURPOSES,
        "verdicts": verdicts,
        "refusal": refusal,
        "kept": visit.lab.evaluations.page(visit.actor, target_id=target_id, limit=KEPT),
        "may_keep": allow(visit.actor, Action.RECORD, project_id),
    }


@router.post("/evaluations")
def keep_verdict(visit: CurrentVisit) -> Response:
    """Judge by one protocol and keep the verdict."""
    row = visit.lab.evaluations.create(visit.actor, body_of(NewEvaluation, visit.form))
    return seen(f"/evaluations/{row.id}", "verdict-kept")


@router.get("/evaluations/{evaluation_id}")
def show_evaluation(evaluation_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a kept verdict as it was given."""
    row = visit.lab.evaluations.get(visit.actor, evaluation_id)
    sample = visit.lab.samples.get(visit.actor, row.sample_id)
    return visit.page("compliance/kept.html", row=row, verdict=row.record, sample=sample)
