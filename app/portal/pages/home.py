"""Home: what runs, what failed and why, what is due or nearly spent, what is new, what the instruments say."""

from dataclasses import dataclass

from fastapi.responses import HTMLResponse

from app.lab.access import Action, allow
from app.lab.overview.service import Overview
from app.portal import tour
from app.portal.pages.tour import example
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
ROWS = 6
ALARMS = 3
THUMBS = 8
URGENT = frozenset({"due", "overdue"})


@dataclass(frozen=True, slots=True)
class Tile:
    """One count at the head of the page, and where its list stands."""

    count: int
    words: str
    address: str
    state: str = ""


@router.get("/")
def show_home(visit: CurrentVisit) -> HTMLResponse:
    """Show what the visitor should know first: own work, that of the projects, or of the facility, by who looks."""
    lab, actor = visit.lab, visit.actor
    found = lab.overview.of(actor)
    return visit.page(
        "home/page.html",
        found=found,
        tiles=_tiles(visit, found),
        sample_names={near.sample_id: lab.samples.get(actor, near.sample_id).name for near in found.near},
        samples=lab.samples.page(actor, before=None, limit=ROWS),
        datasets=lab.datasets.page(actor, limit=ROWS),
        results=lab.results.page(actor, limit=THUMBS),
        deadlines=lab.clocks.deadlines(actor, states=URGENT, limit=ROWS),
        entries=(alarms := lab.alarms.page(actor, is_open=True, limit=ALARMS)),
        may_record={row.alarm.id for row in alarms if allow(actor, Action.RECORD, row.alarm.project_id)},
        may_manage=allow(actor, Action.MANAGE),
        offers_tour=not tour.has_ended(visit.request) and example(visit) is not None,
    )


def _tiles(visit: Visit, found: Overview) -> list[Tile]:
    clocks, jobs = visit.lab.clocks.counts(visit.actor, states=sorted(URGENT)), found.counts
    mine = "?whose=mine&state=" if found.kind == "member" else "?state="
    return [
        Tile(jobs.running, "running", f"/jobs{mine}running", "info"),
        Tile(jobs.waiting, "waiting", f"/jobs{mine}queued"),
        Tile(jobs.failed, "failed lately", f"/jobs{mine}failed", "bad"),
        Tile(clocks["overdue"], "clocks overdue", "/deadlines?state=overdue", "bad"),
        Tile(clocks["due"], "clocks due", "/deadlines?state=due", "warn"),
        Tile(len(found.near), "regions near a limit", "#near" if found.near else "/alarms", "warn"),
    ]
