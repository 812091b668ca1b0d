"""Shelf-life clocks over HTTP."""

from typing import Annotated

from fastapi import Query

from app.infra.clock import now
from app.lab.clocks.schemas import ClockOut, ClocksOut, ClockState, DeadlineOut
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.paging import Paging
from app.lab.schemas import Instant, Page

router = room_router("clocks")


@router.get("/samples/{sample_id}/clocks", operation_id="getClocks", responses=refuses())
def get_clocks(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    at: Annotated[Instant | None, Query(description="Moment to judge them at; now when left out")] = None,
) -> ClocksOut:
    """Return how long a sample still keeps: each clock with its state, its reason and the lithium lost so far."""
    moment = at or now()
    found = lab.clocks.of_sample(actor, sample_id, moment)
    return ClocksOut(sample_id=sample_id, at=moment, clocks=[ClockOut.model_validate(clock) for clock in found])


@router.get("/deadlines", operation_id="listDeadlines", responses=refuses())
def list_deadlines(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    state: Annotated[list[ClockState] | None, Query(max_length=4, description="Only clocks in these states")] = None,
) -> Page[DeadlineOut]:
    """List the clocks that have a deadline, the earliest first; stopped clocks and those without a start have none."""
    states = frozenset[str](state) if state else None
    rows = lab.clocks.deadlines(
        actor, project_id=project_id, states=states, after=page.cursor.before, limit=page.cursor.limit
    )
    return Page(items=[DeadlineOut.of(row) for row in rows], next=page.next([row.place for row in rows]))
