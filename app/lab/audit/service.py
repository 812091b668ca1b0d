"""The audit log: every change of consequence, chained so that a later edit shows."""

import hashlib
import json
from typing import Any

import structlog

from app.infra.clock import now
from app.infra.db.models import AuditEntry
from app.lab.access import Action, Actor, require
from app.lab.audit.repository import AuditRepository
from app.lab.audit.schemas import AuditVerification

GENESIS = "0" * 64


class AuditLog:
    """Appends and verifies; nothing edits or deletes."""

    def __init__(self, entries: AuditRepository) -> None:
        self._entries = entries

    def record(
        self, actor: Actor, action: str, object_id: str, *, project_id: str | None = None, **details: Any
    ) -> None:
        """
        Append one act to the chain, in the transaction that does it.

        Parameters
        ----------
        actor : Actor
            Who acts.
        action : str
            ``room.verb``, such as ``sample.create``.
        object_id : str
            What is acted on.
        project_id : str, optional
            Its project.
        **details
            Plain JSON values; digests before and after where content changes.
        """
        seq = self._entries.next_number()
        entry = AuditEntry(
            seq=seq,
            at=now(),
            actor_id=actor.id,
            action=action,
            object_id=object_id,
            project_id=project_id,
            details=details,
            request_id=structlog.contextvars.get_contextvars().get("request_id"),
            previous_hash=self._entries.hash_at(seq - 1) or GENESIS,
        )
        entry.hash = digest_of(entry)
        self._entries.add(entry)

    def page(self, actor: Actor, before: int | None, limit: int, *, object_id: str | None = None) -> list[AuditEntry]:
        """Read the log, newest first; for auditors."""
        require(actor, Action.AUDIT)
        return self._entries.page(before, limit, object_id)

    def verification(self, actor: Actor) -> AuditVerification:
        """Verify the chain for an auditor."""
        require(actor, Action.AUDIT)
        bad, entries = self.verify(), self._entries.last_number()
        return AuditVerification(
            is_intact=bad is None, entries=entries, first_bad_seq=bad, head_hash=self._entries.hash_at(entries)
        )

    def verify(self) -> int | None:
        """Return the number of the first entry that does not fit the chain; None when all fit."""
        previous, expected = GENESIS, 1
        for entry in self._entries.walk():
            if entry.seq != expected or entry.previous_hash != previous or entry.hash != digest_of(entry):
                return expected
            previous, expected = entry.hash, expected + 1
        return None if expected > self._entries.last_number() else expected


def digest_of(entry: AuditEntry) -> str:
    """Hash an entry with the hash before it."""
    content = [
        entry.seq,
        entry.at.isoformat(),
        entry.actor_id,
        entry.action,
        entry.object_id,
        entry.project_id,
        _canonical(entry.details),
        entry.request_id,
        entry.previous_hash,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """Write numbers one way: PostgreSQL gives 1e20 back as an integer."""
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value))
    return value
