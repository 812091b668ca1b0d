"""Everybody's keys: tokens of programs, keys of instrument PCs."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.lab.doors.paging import Paging
from app.portal.held_keys import shown
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, portal_router

router = portal_router()
KINDS = {"token": "token", "device": "device"}
STATES = {"live": True, "ended": False}


@router.get("/access-keys")
def list_access_keys(
    visit: CurrentVisit,
    page: Paging,
    kind: Annotated[str, Query(max_length=20)] = "all",
    state: Annotated[str, Query(max_length=20)] = "live",
) -> HTMLResponse:
    """Show keys, newest first; at first those that work."""
    rows = visit.lab.keys.page(
        visit.actor, page.cursor.before, page.cursor.limit, kind=KINDS.get(kind), is_live=STATES.get(state)
    )
    owners = [row.owner for row in rows]
    keys = [replace(key, owner=owner) for key, owner in zip(shown(row.key for row in rows), owners, strict=True)]
    return visit.page(
        "facility/keys.html", keys=keys, kind=kind, state=state, next=page.next([row.key.id for row in rows])
    )


@router.post("/access-keys/{key_id}/revocation")
def revoke_access_key(key_id: str, visit: CurrentVisit) -> Response:
    """Revoke a token or a device key; it stops working at once."""
    visit.lab.keys.revoke(visit.actor, key_id)
    return seen("/access-keys", "key-revoked")
