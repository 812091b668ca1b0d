"""Finds protocols and adds versions to them; nobody commits here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import Conflict, Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import Protocol as Row
from app.lab.access import Action, Actor, require
from app.lab.audit.service import AuditLog
from app.lab.protocols.repository import ProtocolRepository
from lithoscope.rules.protocol_documents import InvalidProtocol, read_protocol
from lithoscope.rules.protocols import Protocol
from lithoscope.rules.shipped_protocols import shipped_documents, shipped_protocols

MAX_PROBLEMS = 50


class NotAProtocol(Invalid):
    """A document that is no protocol; `errors` name every place, what is wrong there and what to do."""

    code, title = "invalid-protocol", "Not a protocol"


class ShippedProtocol(Conflict):
    """A protocol of the papers comes with the service and stays."""

    code, title = "shipped-protocol", "The protocol comes with the service"


@dataclass(frozen=True, slots=True)
class HeldProtocol:
    """One version of a protocol with where it is from; ``created_by`` None: it comes with the service."""

    protocol: Protocol
    document: Mapping[str, Any]
    created_by: str | None = None
    created_at: datetime | None = None
    retired_at: datetime | None = None

    @property
    def is_shipped(self) -> bool:
        """Say whether it comes with the service."""
        return self.created_by is None


class ProtocolService:
    """
    Keeps protocols.

    A facility adds protocols, and versions to those of the papers; a version is never changed. Retiring a protocol
    takes the facility's versions out of use: a paper's own version comes back in force.
    """

    def __init__(self, protocols: ProtocolRepository, audit: AuditLog) -> None:
        self._protocols = protocols
        self._audit = audit

    def all(self) -> list[HeldProtocol]:
        """Return the version in force of every protocol, by id."""
        held = {name: _shipped(name) for name in shipped_documents()}
        held |= {row.id: _own(row) for row in self._protocols.in_force()}
        return [held[name] for name in sorted(held)]

    def speaking_of(self, material: str, purpose: str | None = None) -> list[HeldProtocol]:
        """Return the versions in force that speak of a material, and of the purpose if one is named."""
        return [
            held
            for held in self.all()
            if material in held.protocol.scope.materials
            and (purpose is None or purpose in held.protocol.scope.purposes)
        ]

    def get(self, protocol_id: str, number: int | None = None) -> HeldProtocol:
        """Return one version of a protocol; the one in force when no number is given."""
        if number is not None:
            return self._version(protocol_id, number)
        rows = [row for row in self._protocols.versions(protocol_id) if row.retired_at is None]
        if rows:
            return _own(rows[-1])
        if protocol_id in shipped_documents():
            return _shipped(protocol_id)
        raise NotFound

    def versions(self, protocol_id: str) -> list[HeldProtocol]:
        """Return every version of a protocol, oldest first, retired ones included."""
        held = [_own(row) for row in self._protocols.versions(protocol_id)]
        if protocol_id in shipped_documents():
            held.insert(0, _shipped(protocol_id))
        if not held:
            raise NotFound
        return held

    def create(self, actor: Actor, document: Mapping[str, Any]) -> HeldProtocol:
        """Add a protocol, or a version to the one its document names."""
        require(actor, Action.MANAGE)
        named = document.get("id")
        known = shipped_protocols().get(named) if isinstance(named, str) else None
        newest = self._protocols.newest_number(named) if isinstance(named, str) else 0
        number = max(newest, known.version if known else 0) + 1
        protocol = _read({**document, "version": number})
        row = Row(
            id=protocol.id,
            number=number,
            document={**document, "version": number},
            digest=protocol.digest,
            created_by=actor.id,
            created_at=now(),
        )
        self._protocols.add(row)
        self._audit.record(actor, "protocol.add", row.id, number=number, digest=row.digest)
        return _own(row)

    def retire(self, actor: Actor, protocol_id: str) -> None:
        """Take the facility's versions of a protocol out of use; evaluations keep theirs."""
        require(actor, Action.MANAGE)
        if not any(row.retired_at is None for row in self._protocols.versions(protocol_id)):
            if protocol_id in shipped_documents():
                raise ShippedProtocol("This version comes with the service: add one of your own, that one is in force.")
            raise NotFound
        self._protocols.retire(protocol_id, now())
        self._audit.record(actor, "protocol.retire", protocol_id)

    def _version(self, protocol_id: str, number: int) -> HeldProtocol:
        row = self._protocols.version(protocol_id, number)
        if row is not None:
            return _own(row)
        known = shipped_protocols().get(protocol_id)
        if known is None or known.version != number:
            raise NotFound
        return _shipped(protocol_id)


def _shipped(protocol_id: str) -> HeldProtocol:
    return HeldProtocol(shipped_protocols()[protocol_id], shipped_documents()[protocol_id])


def _own(row: Row) -> HeldProtocol:
    return HeldProtocol(read_protocol(row.document), row.document, row.created_by, row.created_at, row.retired_at)


def _read(document: Mapping[str, Any]) -> Protocol:
    try:
        return read_protocol(document)
    except InvalidProtocol as error:
        named = error.problems[:MAX_PROBLEMS]
        raise NotAProtocol(
            f"{len(error.problems)} places of the document are not as protocols are written: see the errors.",
            errors=[
                {"pointer": f"/body/document{problem.pointer}", "code": problem.name, "detail": problem.remedy}
                for problem in named
            ],
        ) from error
