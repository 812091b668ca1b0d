"""The audit log over HTTP."""

from typing import Annotated

from fastapi import Query

from app.lab.audit.schemas import AuditEntryOut, AuditVerification
from app.lab.doors import CurrentActor, CurrentLab, Paging, refuses, room_router
from app.lab.schemas import Page

router = room_router("audit")


@router.get("/audit-entries", operation_id="listAuditEntries", responses=refuses())
def list_audit_entries(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    object_id: Annotated[str | None, Query(max_length=40, description="Acts on this object only")] = None,
) -> Page[AuditEntryOut]:
    """Read the audit log, newest first; for auditors."""
    before = None if page.cursor.before is None else int(page.cursor.before)
    rows = lab.audit.page(actor, before, page.cursor.limit, object_id=object_id)
    return Page(
        items=[AuditEntryOut.model_validate(row) for row in rows], next=page.next([str(row.seq) for row in rows])
    )


@router.get("/audit-verification", operation_id="verifyAudit", responses=refuses())
def verify_audit(actor: CurrentActor, lab: CurrentLab) -> AuditVerification:
    """Walk the whole chain and say whether every entry fits; for auditors."""
    return lab.audit.verification(actor)
