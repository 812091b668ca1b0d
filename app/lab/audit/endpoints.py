"""The audit log over HTTP."""

from typing import Annotated

from fastapi import Depends, Query

from app.lab.audit.repository import AuditFilter
from app.lab.audit.schemas import AuditEntryOut, AuditVerification
from app.lab.doors import CurrentActor, CurrentLab, Paging, refuses, room_router
from app.lab.schemas import Instant, Page

router = room_router("audit")


def _filter(
    *,
    object_id: Annotated[str | None, Query(max_length=40, description="Acts on this object only")] = None,
    actor: Annotated[
        str | None, Query(max_length=100, description="Who: identifier, user name or part of a name")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=60, description="A whole act (sample.create) or a family (sample)")
    ] = None,
    since: Annotated[Instant | None, Query(description="From this instant on")] = None,
    until: Annotated[Instant | None, Query(description="Before this instant")] = None,
) -> AuditFilter:
    return AuditFilter(object_id=object_id, actor=actor, action=action, since=since, until=until)


Wanted = Annotated[AuditFilter, Depends(_filter)]


@router.get("/audit-entries", operation_id="listAuditEntries", responses=refuses())
def list_audit_entries(actor: CurrentActor, lab: CurrentLab, page: Paging, wanted: Wanted) -> Page[AuditEntryOut]:
    """Read the audit log, newest first; for auditors."""
    before = None if page.cursor.before is None else int(page.cursor.before)
    rows = lab.audit.page(actor, before, page.cursor.limit, wanted=wanted)
    return Page(
        items=[AuditEntryOut.model_validate(row) for row in rows], next=page.next([str(row.seq) for row in rows])
    )


@router.get("/audit-verification", operation_id="verifyAudit", responses=refuses())
def verify_audit(
    actor: CurrentActor,
    lab: CurrentLab,
    after: Annotated[int, Query(ge=0, le=2**53, description="The last entry of the piece before")] = 0,
    limit: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="Entries of this piece; all if left out")
    ] = None,
) -> AuditVerification:
    """Walk the chain, whole or piece by piece, and say whether every entry fits; for auditors."""
    return lab.audit.verification(actor, after=after, limit=limit)
