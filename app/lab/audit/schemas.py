"""What the audit log looks like from outside."""

from datetime import datetime
from typing import Any

from app.lab.schemas import Out


class AuditEntryOut(Out):
    """One act with its place in the chain."""

    seq: int
    at: datetime
    actor_id: str
    action: str
    object_id: str
    project_id: str | None
    details: dict[str, Any]
    request_id: str | None
    previous_hash: str
    hash: str


class AuditVerification(Out):
    """
    Whether the chain holds up to ``verified_to``; ``first_bad_seq`` names the first entry that does not fit.

    Ask for the next piece with ``after=verified_to`` until ``is_complete``.
    """

    is_intact: bool
    entries: int
    verified_to: int
    is_complete: bool
    first_bad_seq: int | None
    head_hash: str | None
