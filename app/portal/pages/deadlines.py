"""Deadlines of the whole facility: which sample must be looked at first."""

from typing import Annotated, get_args

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.lab.clocks.schemas import ClockState
from app.lab.doors.paging import Paging
from app.portal.pages.projects import ALL
from app.portal.visit import CurrentVisit, portal_router

router = portal_router()
STATES: tuple[str, ...] = get_args(ClockState)


@router.get("/deadlines")
def list_deadlines(
    visit: CurrentVisit,
    page: Paging,
    state: Annotated[str | None, Query(max_length=20)] = None,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """Show the clocks that have a deadline, the earliest first."""
    lab, actor = visit.lab, visit.actor
    chosen = frozenset({state}) if state in STATES else None
    rows = lab.clocks.deadlines(
        actor, project_id=project_id or None, states=chosen, after=page.cursor.before, limit=page.cursor.limit
    )
    return visit.page(
        "samples/deadlines.html",
        deadlines=rows,
        counts=lab.clocks.counts(actor, project_id=project_id or None),
        states=STATES,
        state=state if chosen else "",
        projects=lab.projects.page(actor, None, ALL),
        project_id=project_id or "",
        next=page.next([row.place for row in rows]),
    )
