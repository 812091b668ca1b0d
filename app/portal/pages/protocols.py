"""Protocols: those of the papers and the facility's own, their versions, adding one."""

import json
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import Invalid, LabError
from app.lab.access import Action, allow, require
from app.lab.protocols.schemas import NewProtocol
from app.portal.forms import body_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()


@router.get("/protocols")
def list_protocols(visit: CurrentVisit) -> HTMLResponse:
    """Show the protocols in force."""
    may_add = allow(visit.actor, Action.MANAGE)
    return visit.page("protocols/list.html", protocols=visit.lab.protocols.all(), may_add=may_add)


@router.get("/protocols/new")
def new_protocol(visit: CurrentVisit, like: Annotated[str | None, Query(max_length=80)] = None) -> HTMLResponse:
    """Show the form that adds a protocol; ``like`` begins with one that is in force."""
    require(visit.actor, Action.MANAGE)
    document = _document_of(visit, like) if like else ""
    return visit.page("protocols/new.html", values={"document": document}, faults=())


@router.post("/protocols/new")
def add_protocol(visit: CurrentVisit) -> Response:
    """Add a protocol or a version to one."""
    require(visit.actor, Action.MANAGE)
    try:
        new = body_of(NewProtocol, {}, document=_read(visit.form.get("document", "")))
        held = visit.lab.protocols.create(visit.actor, new.document)
    except LabError as error:
        faults = [(_place(each["pointer"]), each["detail"]) for each in error.errors]
        visit.lab.session.rollback()
        return visit.page(
            "protocols/new.html", status=error.status, values=visit.form, faults=faults, errors={"": error.detail}
        )
    return seen(f"/protocols/{held.protocol.id}", "protocol-added")


def _document_of(visit: Visit, protocol_id: str) -> str:
    document = {**visit.lab.protocols.get(protocol_id).document}
    document.pop("version", None)
    return json.dumps(document, indent=2, ensure_ascii=False)


def _read(text: str) -> Mapping[str, Any]:
    """Read a document written as JSON or TOML."""
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise Invalid.field("/body/document", f"It is neither JSON nor TOML: look at {where}.") from None
    return dict(document)


def _place(pointer: str) -> str:
    return " › ".join(part for part in pointer.removeprefix("/body/document").split("/") if part) or "document"


@router.get("/protocols/{protocol_id}")
def show_protocol(
    protocol_id: str, visit: CurrentVisit, version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None
) -> HTMLResponse:
    """Show a protocol's rules, numbers and versions."""
    held = visit.lab.protocols.get(protocol_id, version)
    return visit.page(
        "protocols/page.html",
        held=held,
        protocol=held.protocol,
        versions=visit.lab.protocols.versions(protocol_id),
        may_add=allow(visit.actor, Action.MANAGE),
    )


@router.post("/protocols/{protocol_id}/retirement")
def retire_protocol(protocol_id: str, visit: CurrentVisit) -> Response:
    """Take the facility's versions of a protocol out of use."""
    visit.lab.protocols.retire(visit.actor, protocol_id)
    return seen("/protocols", "protocol-retired")
