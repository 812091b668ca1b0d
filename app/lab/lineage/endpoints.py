"""Lineage over HTTP."""

from typing import Annotated

from fastapi import Query

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.lineage.schemas import Direction, LineageOut

router = room_router("lineage")


@router.get("/lineage/{object_id}", operation_id="getLineage", responses=refuses())
def get_lineage(
    object_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    direction: Annotated[Direction, Query(description="upstream: what it came from")] = "both",
) -> LineageOut:
    """Walk from a sample, event, exposure, dataset, job or result to what it came from and what was made of it."""
    return lab.lineage.walk(actor, object_id, direction)
