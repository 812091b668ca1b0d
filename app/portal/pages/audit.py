"""The audit log, for auditors."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.lab.audit.repository import AuditFilter
from app.lab.doors.paging import Paging
from app.portal.visit import CurrentVisit, portal_router

router = portal_router()


@router.get("/audit")
def show_log(
    visit: CurrentVisit, page: Paging, object_id: Annotated[str | None, Query(max_length=40)] = None
) -> HTMLResponse:
    """Show every change of consequence, newest first."""
    before = None if page.cursor.before is None else int(page.cursor.before)
    rows = visit.lab.audit.page(visit.actor, before, page.cursor.limit, wanted=AuditFilter(object_id or None))
    next_page = page.next([str(row.seq) for row in rows])
    return visit.page("account/audit.html", entries=rows, object_id=object_id, verification=None, next=next_page)


@router.get("/audit/verification")
def verify_log(visit: CurrentVisit) -> HTMLResponse:
    """Walk the chain of hashes and say whether it is whole."""
    verification = visit.lab.audit.verification(visit.actor)
    rows = visit.lab.audit.page(visit.actor, None, 50)
    return visit.page("account/audit.html", entries=rows, object_id=None, verification=verification, next=None)
