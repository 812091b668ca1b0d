"""Evaluations over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.paging import Paging
from app.lab.evaluations.schemas import EvaluationOut, EvaluationSummaryOut, NewEvaluation, Purpose, VerdictOut
from app.lab.schemas import Instant, Page

router = room_router("evaluations")
PurposeQuery = Annotated[Purpose | None, Query(description="The question asked; each protocol's own when left out")]


@router.post("/evaluations", status_code=201, operation_id="evaluateProtocol", responses=refuses(409))
def create_evaluation(new: NewEvaluation, actor: CurrentActor, lab: CurrentLab, response: Response) -> EvaluationOut:
    """Judge a sample as it is, or a dataset or result at the moment of its exposure, and keep the verdict."""
    row = lab.evaluations.create(actor, new)
    response.headers["Location"] = f"/api/v1/evaluations/{row.id}"
    return EvaluationOut.kept(row)


@router.get("/evaluations", operation_id="listEvaluations", responses=refuses())
def list_evaluations(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    target_id: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[EvaluationSummaryOut]:
    """List kept evaluations, newest first."""
    rows = lab.evaluations.page(actor, target_id=target_id, before=page.cursor.before, limit=page.cursor.limit)
    items = [EvaluationSummaryOut.model_validate(row) for row in rows]
    return Page(items=items, next=page.next([row.id for row in rows]))


@router.get("/evaluations/{evaluation_id}", operation_id="getEvaluation", responses=refuses())
def get_evaluation(evaluation_id: str, actor: CurrentActor, lab: CurrentLab) -> EvaluationOut:
    """Return a kept evaluation as it was given, with the protocol that gave it."""
    return EvaluationOut.kept(lab.evaluations.get(actor, evaluation_id))


@router.get("/samples/{sample_id}/compliance", operation_id="getSampleCompliance", responses=refuses())
def get_sample_compliance(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    purpose: PurposeQuery = None,
    at: Annotated[Instant | None, Query(description="Moment to judge; now when left out")] = None,
) -> Page[VerdictOut]:
    """Judge a sample by every protocol that speaks of its material; nothing is kept."""
    return Page(items=[VerdictOut.of(one) for one in lab.evaluations.preview(actor, sample_id, purpose=purpose, at=at)])


@router.get("/datasets/{dataset_id}/compliance", operation_id="getDatasetCompliance", responses=refuses())
def get_dataset_compliance(
    dataset_id: str, actor: CurrentActor, lab: CurrentLab, purpose: PurposeQuery = None
) -> Page[VerdictOut]:
    """Judge a dataset at the moment of its exposure, with the history before it; nothing is kept."""
    return Page(items=[VerdictOut.of(one) for one in lab.evaluations.preview(actor, dataset_id, purpose=purpose)])


@router.get("/results/{result_id}/compliance", operation_id="getResultCompliance", responses=refuses())
def get_result_compliance(
    result_id: str, actor: CurrentActor, lab: CurrentLab, purpose: PurposeQuery = None
) -> Page[VerdictOut]:
    """Judge a result by the exposures it came from, with the history before them; nothing is kept."""
    return Page(items=[VerdictOut.of(one) for one in lab.evaluations.preview(actor, result_id, purpose=purpose)])
