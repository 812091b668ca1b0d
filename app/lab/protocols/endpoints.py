"""Protocols over HTTP."""

from typing import Annotated

from fastapi import Path, Response

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.protocols.schemas import NewProtocol, ProtocolOut, ProtocolVersionOut
from app.lab.schemas import Page

router = room_router("protocols")
Number = Annotated[int, Path(ge=1, le=1_000_000, description="Number of the version")]


@router.get("/protocols", operation_id="listProtocols", responses=refuses())
def list_protocols(_actor: CurrentActor, lab: CurrentLab) -> Page[ProtocolOut]:
    """List the version in force of every protocol: those of the papers and the facility's own."""
    return Page(items=[ProtocolOut.of(held) for held in lab.protocols.all()])


@router.post("/protocols", status_code=201, operation_id="addProtocol", responses=refuses(409))
def add_protocol(new: NewProtocol, actor: CurrentActor, lab: CurrentLab, response: Response) -> ProtocolVersionOut:
    """Add a protocol, or a version to one: versions are never edited, and old evaluations keep theirs."""
    held = lab.protocols.create(actor, new.document)
    protocol = held.protocol
    response.headers["Location"] = f"/api/v1/protocols/{protocol.id}/versions/{protocol.version}"
    return ProtocolVersionOut.of(held)


@router.get("/protocols/{protocol_id}", operation_id="getProtocol", responses=refuses())
def get_protocol(protocol_id: str, _actor: CurrentActor, lab: CurrentLab) -> ProtocolVersionOut:
    """Return the version of a protocol that is in force."""
    return ProtocolVersionOut.of(lab.protocols.get(protocol_id))


@router.get("/protocols/{protocol_id}/versions", operation_id="listProtocolVersions", responses=refuses())
def list_versions(protocol_id: str, _actor: CurrentActor, lab: CurrentLab) -> Page[ProtocolOut]:
    """List every version of a protocol, oldest first, retired ones included."""
    return Page(items=[ProtocolOut.of(held) for held in lab.protocols.versions(protocol_id)])


@router.get("/protocols/{protocol_id}/versions/{number}", operation_id="getProtocolVersion", responses=refuses())
def get_version(protocol_id: str, number: Number, _actor: CurrentActor, lab: CurrentLab) -> ProtocolVersionOut:
    """Return one version of a protocol."""
    return ProtocolVersionOut.of(lab.protocols.get(protocol_id, number))


@router.delete("/protocols/{protocol_id}", status_code=204, operation_id="retireProtocol", responses=refuses(409))
def retire_protocol(protocol_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Take the facility's versions of a protocol out of use; a paper's own version comes back in force."""
    lab.protocols.retire(actor, protocol_id)
