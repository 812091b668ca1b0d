"""Home: what is urgent, what runs now, what is new, what the instruments say."""

from fastapi.responses import HTMLResponse

from app.lab.access import Action, allow
from app.portal.visit import CurrentVisit, portal_router

router = portal_router()
ROWS = 6
URGENT = frozenset({"due", "overdue"})


@router.get("/")
def show_home(visit: CurrentVisit) -> HTMLResponse:
    """Show the visitor's own running and failed jobs, the newest data, the instruments."""
    lab, actor = visit.lab, visit.actor
    mine = lab.jobs.page(actor, before=None, limit=50, kind="analysis", created_by=actor.id)
    return visit.page(
        "home.html",
        running=[job for job in mine if job.state in {"queued", "running", "cancelling"}],
        ended=[job for job in mine if job.state not in {"queued", "running", "cancelling"}][:ROWS],
        projects=lab.projects.page(actor, None, ROWS),
        samples=lab.samples.page(actor, before=None, limit=ROWS),
        datasets=lab.datasets.page(actor, limit=ROWS),
        results=lab.results.page(actor, limit=ROWS),
        instruments=lab.instruments.page(actor, None, ROWS),
        entries=(alarms := lab.alarms.page(actor, is_open=True, limit=ROWS)),
        may_record={row.alarm.id for row in alarms if allow(actor, Action.RECORD, row.alarm.project_id)},
        deadlines=lab.clocks.deadlines(actor, states=URGENT, limit=ROWS),
        may_manage=allow(actor, Action.MANAGE),
    )
