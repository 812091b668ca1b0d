"""What wraps every request: an id, a size limit on JSON, headers that keep browsers safe."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import LabError
from app.infra.ids import new_id
from app.lab.doors.problems import problem_response
from app.settings import Settings

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


class BodyTooLarge(LabError):
    """A JSON body above the limit."""

    code, status, title = "too-large", 413, "Body too large"


class RequestFrame:
    """Gives each request an id and refuses oversized JSON before it is parsed."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._limit = settings.json_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Frame one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else new_id("otc")[4:]
        request.state.request_id = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            limited = _limited(receive, self._limit) if _is_json(request.headers) else receive
            await self._app(scope, limited, stamped)
        except BodyTooLarge as error:
            await problem_response(request, error)(scope, receive, stamped)


def _is_json(headers: Any) -> bool:
    return "json" in headers.get("content-type", "")


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def read() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge(f"A JSON body has at most {limit} bytes: send large data as an upload.")
        return message

    return read


def install(app: FastAPI, settings: Settings) -> None:
    """Frame every request of the application."""
    app.add_middleware(RequestFrame, settings=settings)
