"""Comparisons over HTTP."""

from typing import Annotated

from fastapi import Query

from app.lab.comparisons.schemas import ComparisonOut
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.schemas import ObjectId

router = room_router("comparisons")
Both = Annotated[list[ObjectId], Query(min_length=2, max_length=2, description="Two results or jobs")]


@router.get("/comparisons", operation_id="compareRuns", responses=refuses())
def compare_runs(of: Both, actor: CurrentActor, lab: CurrentLab) -> ComparisonOut:
    """Put two runs side by side: parameters, numbers with their difference, and maps that can be subtracted."""
    return ComparisonOut.of(lab.comparisons.compare(actor, *of))
