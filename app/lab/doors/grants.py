"""
The short way to pieces of arrays: who was let in a moment ago is let in again without asking the database.

A viewer asks for hundreds of chunks in a few seconds, by one credential. What the database said of it is kept for two
seconds, and no longer than until this process commits a change, so that taking back a key, a sign-in or a membership
holds at once here and within two seconds in other processes of the service.
"""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app.infra.house import House
from app.infra.storage import StoreAway
from app.lab.doors import rates
from app.lab.doors.dependencies import LOGIN_COOKIE, house_of
from app.lab.doors.trees import array_path, display_path, serve_tree_file

TRUSTED_S = 2.0
MOST = 4096
_PIECE = re.compile(r"^/api/v1/(?:results/[^/]+/outputs|datasets/[^/]+/arrays)/([^/]+)/(zarr|display)/(.+)$")
_PATHS = {"zarr": array_path, "display": display_path}


@dataclass(frozen=True, slots=True)
class Grant:
    """
    What was found when a piece was last asked for in full.

    Parameters
    ----------
    tree : str or None
        Key of the tree.
    credential_id : str
        Whose requests are counted.
    route : object
        The route that answered, by whose template requests are counted.
    writes : int
        Changes this process had committed before it was found.
    until : float
        When it ends, by the monotonic clock.
    """

    tree: str | None
    credential_id: str
    route: Any
    writes: int
    until: float


class Grants:
    """Grants of this process, the last ones asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[bytes, str], Grant] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, request: Request, prefix: str) -> Grant | None:
        """Return what lets a request in, if it still holds."""
        with self._lock:
            grant = self._kept.get((_credential(request), prefix))
        if grant is None or grant.until < time.monotonic() or grant.writes != _writes(request):
            return None
        return grant

    def keep(self, request: Request, prefix: str, grant: Grant) -> None:
        """Remember what let a request in."""
        with self._lock:
            self._kept[_credential(request), prefix] = grant
            self._kept.move_to_end((_credential(request), prefix))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)


class PieceLane:
    """Answers requests for pieces whose grant holds; all others go on to the application."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        piece = _PIECE.match(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if piece is None or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        grant = request.app.state.grants.find(request, _prefix(request))
        if grant is None:
            request.state.writes_before = _writes(request)
            await self._app(scope, receive, send)
            return
        scope["route"] = grant.route
        try:
            response = await run_in_threadpool(self._answer, request, grant, _PATHS[piece[2]](piece[1], piece[3]))
        except StoreAway as error:  # as the long way says it; its handlers stand further in
            response = await request.app.exception_handlers[StoreAway](request, error)
        await response(scope, receive, send)

    def _answer(self, request: Request, grant: Grant, path: str) -> Response:
        rates.count_piece(request, grant.credential_id)
        request.app.state.last_seen.note(grant.credential_id, request.cookies.get(LOGIN_COOKIE))
        return serve_tree_file(self._house, request, grant.tree, path)


def remember(request: Request, tree: str | None) -> None:
    """Let the same credential read the same tree again for a while; for an endpoint that has let it in."""
    writes = getattr(request.state, "writes_before", None)
    if writes is None:
        return
    actor, until = request.state.actor, time.monotonic() + TRUSTED_S
    grant = Grant(tree, actor.credential_id, request.scope["route"], writes, until)
    request.app.state.grants.keep(request, _prefix(request), grant)


def install(app: FastAPI, house: House) -> None:
    """Give the application its short way."""
    app.state.grants = Grants()
    app.add_middleware(PieceLane, house=house)


def _prefix(request: Request) -> str:
    """Return the path of the result or dataset: all its arrays lie in one tree."""
    return "/".join(request.scope["path"].split("/", 5)[:5])


def _credential(request: Request) -> bytes:
    """Return a digest of what the actor is known by; the header wins over the cookie, as in authentication."""
    given = request.headers.get("authorization")
    text = f"cookie {request.cookies.get(LOGIN_COOKIE, '')}" if given is None else f"header {given}"
    return blake2b(text.encode(), digest_size=32).digest()


def _writes(request: Request) -> int:
    return house_of(request).database.writes
