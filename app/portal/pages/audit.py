"""The audit log, for auditors: narrowed by who, what, which and when; its chain verified piece by piece."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.lab.audit.repository import AuditFilter
from app.lab.audit.schemas import AuditVerification
from app.lab.doors.paging import Paging
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
PIECE = 2000
Text = Annotated[str, Query(max_length=100)]
After = Annotated[int, Query(ge=0, le=2**53)]


@router.get("/audit")
def show_log(
    visit: CurrentVisit,
    page: Paging,
    object_id: Text = "",
    who: Text = "",
    action: Text = "",
    since: Text = "",
    until: Text = "",
) -> HTMLResponse:
    """Show changes of consequence, newest first."""
    asked = {"object_id": object_id, "who": who, "action": action, "since": since, "until": until}
    first, last = _day(since), _day(until, after=timedelta(days=1))
    wanted = AuditFilter(
        object_id=object_id.strip() or None,
        actor=who.strip() or None,
        action=action or None,
        since=first,
        until=last,
    )
    before = None if page.cursor.before is None else int(page.cursor.before)
    rows = visit.lab.audit.page(visit.actor, before, page.cursor.limit, wanted=wanted)
    actions = visit.lab.audit.actions(visit.actor)
    families = sorted({name.partition(".")[0] for name in actions})
    return visit.page(
        "account/audit.html",
        entries=rows,
        asked=asked,
        is_narrowed=any(asked.values()),
        actions={family: [name for name in actions if name.partition(".")[0] == family] for family in families},
        names=visit.lab.audit.names(visit.actor, rows),
        next=page.next([str(row.seq) for row in rows]),
    )


def _day(text: str, *, after: timedelta = timedelta()) -> datetime | None:
    """Read a day's beginning in UTC, or a moment after it; what is no day, or the calendar's last, narrows nothing."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) + after
    except (ValueError, OverflowError):
        return None


@router.get("/audit/verification")
def verify_log(visit: CurrentVisit, after: After = 0) -> HTMLResponse:
    """Walk the chain of hashes; the page goes on by itself until all of it is verified."""
    return visit.page("account/verification.html", **_piece(visit, after))


@router.get("/audit/verification/piece")
def verify_piece(visit: CurrentVisit, after: After = 0) -> HTMLResponse:
    """Verify the next piece of the chain, for a page that shows how far it is."""
    return visit.page("account/verified.html", **_piece(visit, after))


def _piece(visit: Visit, after: int) -> dict[str, Any]:
    verification: AuditVerification = visit.lab.audit.verification(visit.actor, after=after, limit=PIECE)
    return {"verification": verification}
