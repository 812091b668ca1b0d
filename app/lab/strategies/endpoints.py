"""The strategy adviser over HTTP."""

from typing import Annotated, Any

from fastapi import Query

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.samples.schemas import Material
from app.lab.strategies.schemas import Question, StrategiesOut
from app.lab.strategies.service import SILENT

router = room_router("strategies")


@router.get("/strategies", operation_id="listStrategies", responses=refuses())
def list_strategies(
    _actor: CurrentActor,
    lab: CurrentLab,
    material: Annotated[Material | None, Query(description="Left out: every material")] = None,
    question: Annotated[Question | None, Query(description="Left out: every question")] = None,
) -> StrategiesOut:
    """
    Advise preparation, transfer, ion source, temperature and dose rate for a material and a question.

    Every line carries its citation; where sources disagree, both stand side by side.
    """
    found: tuple[Any, ...] = lab.strategies.advise(material, question)
    answer = {"items": found, "questions": lab.strategies.questions(), "note": None if found else SILENT}
    return StrategiesOut.model_validate(answer)
