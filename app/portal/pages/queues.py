"""Queues and workers: what waits and why, what runs where, pausing a queue."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.queues.schemas import NewPause
from app.portal.forms import body_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()


@router.get("/queues")
def show_queues(visit: CurrentVisit) -> HTMLResponse:
    """Show every queue, and every worker with what it holds."""
    return visit.page("facility/queues.html", values={}, **_page(visit))


def _page(visit: Visit) -> dict[str, Any]:
    queues = visit.lab.queues.queues(visit.actor)
    return {
        "queues": queues,
        "waiting": {each.name: visit.lab.queues.waiting(visit.actor, each.name) for each in queues if each.waiting},
        "workers": visit.lab.queues.workers(visit.actor),
    }


@router.post("/queues/{queue}/pause")
def pause_queue(queue: str, visit: CurrentVisit) -> Response:
    """Let nothing more be taken from a queue."""
    try:
        new = body_of(NewPause, {"reason": visit.form.get(f"reason.{queue}", "")})
        visit.lab.queues.pause(visit.actor, queue, new.reason)
    except LabError as error:
        visit.lab.session.rollback()
        faults = {f"reason.{queue}": each["detail"] for each in error.errors} or {"": error.detail}
        return visit.page("facility/queues.html", status=error.status, errors=faults, values=visit.form, **_page(visit))
    return seen("/queues", "queue-paused")


@router.post("/queues/{queue}/resumption")
def resume_queue(queue: str, visit: CurrentVisit) -> Response:
    """Let a queue be served again."""
    visit.lab.queues.resume(visit.actor, queue)
    return seen("/queues", "queue-resumed")
