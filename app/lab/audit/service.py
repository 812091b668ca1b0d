"""The audit log: every change of consequence, chained so that a later edit shows."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import structlog

from app.infra.clock import now
from app.infra.db.models import AuditEntry
from app.lab.access import Action, Actor, require
from app.lab.audit.repository import AuditFilter, AuditRepository
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

    def page(
        self, actor: Actor, before: int | None, limit: int, *, wanted: AuditFilter | None = None
    ) -> list[AuditEntry]:
        """Read the log, newest first; for auditors."""
        require(actor, Action.AUDIT)
        return self._entries.page(before, limit, wanted or AuditFilter())

    def names(self, actor: Actor, entries: Iterable[AuditEntry]) -> dict[str, str]:
        """Return what those are called who act, or are acted on, in these entries; for auditors."""
        require(actor, Action.AUDIT)
        return self._entries.names({each for entry in entries for each in (entry.actor_id, entry.object_id)})

    def actions(self, actor: Actor) -> list[str]:
        """Return the acts that were ever recorded; for auditors."""
        require(actor, Action.AUDIT)
        return self._entries.actions()

    def verification(self, actor: Actor, *, after: int = 0, limit: int | None = None) -> AuditVerification:
        """
        Verify the chain for an auditor, whole or a piece of it.

        Parameters
        ----------
        actor : Actor
            Who asks.
        after : int
            Number of the entry before the piece; it was verified by the piece before.
        limit : int, optional
            How many entries the piece has; left out, all that follow.
        """
        require(actor, Action.AUDIT)
        bad, to = self._verify(after, limit)
        entries = self._entries.last_number()
        return AuditVerification(
            is_intact=bad is None,
            entries=entries,
            verified_to=to,
            is_complete=bad is not None or to >= entries,
            first_bad_seq=bad,
            head_hash=self._entries.hash_at(entries),
        )

    def verify(self) -> int | None:
        """Return the number of the first entry that does not fit the chain; None when all fit."""
        return self._verify(0, None)[0]

    def _verify(self, after: int, limit: int | None) -> tuple[int | None, int]:
        """Return the first entry of a piece that does not fit, and the last that was found to fit."""
        previous = self._entries.hash_at(after) if after else GENESIS
        last = self._entries.last_number()  # before the walk: what is appended meanwhile is no gap
        if previous is None:
            return after, 0
        expected = after + 1
        for entry in self._entries.walk(after, limit):
            if entry.seq != expected or entry.previous_hash != previous or entry.hash != digest_of(entry):
                return expected, expected - 1
            previous, expected = entry.hash, expected + 1
        ends_here = limit is None or expected <= after + limit
        is_cut = ends_here and expected <= last
        return (expected if is_cut else None), expected - 1


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
