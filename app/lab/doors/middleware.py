"""What wraps every request: an id, safe text in its address, headers that keep browsers safe, a last net for errors."""

import re
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import LabError, NotFound
from app.infra.ids import new_id
from app.infra.log import get_logger
from app.lab.doors.problems import InternalError, MalformedRequest
from app.lab.doors.route import BodyTooLarge
from app.lab.doors.strict_json import MalformedText
from app.settings import Settings

_NO_ADDRESS = re.compile("[\x00\ud800-\udfff]")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_HOST = re.compile(rb"^[A-Za-z0-9._:\[\]-]{1,255}$")
_NUL_IN_QUERY = re.compile(rb"%00|\x00")
_SAFE_HEADERS: dict[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; sandbox",
    b"cache-control": b"no-cache",
}
#: A reviewer's address is a secret: no search engine keeps it, no other page hears of it, no log holds it.
_REVIEW = re.compile(r"^(/api/v1)?/review/[^/]+")
_UNLISTED: dict[bytes, bytes] = {
    b"x-robots-tag": b"noindex, nofollow, noarchive",
    b"referrer-policy": b"no-referrer",
}

log = get_logger(__name__)


class RequestFrame:
    """Frames one request; a header that the answer sets itself is left as it is."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._limit = settings.json_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer within the frame."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        request.state.request_id = given if _REQUEST_ID.match(given) else new_id("otc")[4:]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.state.request_id)
        stamped, began = _Stamp(request, send), time.perf_counter()
        try:
            await self._answer(request, receive, stamped)
        finally:
            request.app.state.metrics.note(scope, stamped.status, time.perf_counter() - began)

    async def _answer(self, request: Request, receive: Receive, stamped: "_Stamp") -> None:
        scope = request.scope
        try:
            _check_address(scope)
            limited = _limited(receive, self._limit) if _is_form(request) else receive
            await self._app(scope, limited, stamped)
        except LabError as error:
            await (await _refusal(request, error))(scope, receive, stamped)
        except Exception as error:
            log.error("unexpected error", exc_info=error, path=told(request.url.path))  # noqa: TRY400 - structlog's own form
            if stamped.started:
                raise
            detail = "The service failed; the request id leads to the cause in its log."
            await (await _refusal(request, InternalError(detail)))(scope, receive, stamped)


async def _refusal(request: Request, error: LabError) -> Response:
    """Answer by the application's own handler, which shows people a page and programs a problem document."""
    answer: Response = await request.app.exception_handlers[LabError](request, error)
    return answer


class _Stamp:
    """Adds request id, rate and safety headers to the first message of an answer."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self.started = False
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            message["headers"] = [*message["headers"], *self._missing(message["headers"])]
        await self._send(message)

    def _missing(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        rate: dict[str, str] = getattr(self._request.state, "rate_headers", {})
        ours = {
            **_SAFE_HEADERS,
            **(_UNLISTED if _REVIEW.match(self._request.scope["path"]) else {}),
            b"x-request-id": self._request.state.request_id.encode(),
            **{name.lower().encode(): value.encode() for name, value in rate.items()},
        }
        return [(name, value) for name, value in ours.items() if name not in present]


def _check_address(scope: Scope) -> None:
    """Refuse NUL and half characters, which no database keeps as text, and a host that is none."""
    if any(name == b"host" and not _HOST.match(value) for name, value in scope["headers"]):
        raise MalformedRequest("The Host header names no host: send the name or address of the service.")
    if _NO_ADDRESS.search(scope["path"]):
        raise NotFound
    if _NUL_IN_QUERY.search(scope.get("query_string", b"")):
        raise MalformedText("The query holds a NUL: send text without it.")


def told(path: str) -> str:
    """Write an address for the log: without the text of a reviewer's link."""
    return _REVIEW.sub(r"\1/review/...", path)


def _is_form(request: Request) -> bool:
    return "form" in request.headers.get("content-type", "")


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def read() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge(f"A form has at most {limit} bytes: send large data as an upload.")
        return message

    return read


def install(app: FastAPI, settings: Settings) -> None:
    """Frame every request of the application."""
    app.add_middleware(RequestFrame, settings=settings)
