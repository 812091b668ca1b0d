"""Refusals as pages: the problem's title, detail and remedy, for browsers; programs keep their problem documents."""

from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from app.errors import LabError, NotFound, Unauthenticated
from app.lab.doors.problems import InternalError, MalformedRequest
from app.portal.rendering import page

REVIEW = "/review/"
ENDED = "The link may have ended, or a letter of it is missing: ask who sent it to you for a new one."
ADDRESS = "Correct the address, or begin from the home page."
Handler = Callable[[Request, Any], Awaitable[Response]]
NO_PAGES = ("/api/", "/static/", "/openapi.json", "/healthz", "/readyz", "/metrics")
REMEDIES = {
    401: "Sign in and open the page again.",
    403: "Ask a steward of the project or the facility manager for the right you need.",
    404: "Check the address, or look for the object from the home page.",
    409: "Go back, reload the page and look at the present state.",
    412: "Go back and reload: someone changed it while you were working.",
    422: "Go back and correct what you gave.",
    503: "Wait a moment and reload the page.",
    507: "Nothing was changed. Tell the facility manager that the disk is full.",
}


def install(app: FastAPI) -> None:
    """Let every error handler of the application answer browsers with a page."""
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _with_page(cast("Handler", handler))


def _with_page(handler: Handler) -> Handler:
    async def answer(request: Request, error: Any) -> Response:
        if not _is_for_person(request):
            return await handler(request, error)
        if isinstance(error, Unauthenticated):
            return to_sign_in(request)
        if isinstance(error, LabError):
            return await run_in_threadpool(error_page, request, error)
        status = (await handler(request, error)).status_code
        return await run_in_threadpool(error_page, request, _plain(status))

    return answer


def _is_for_person(request: Request) -> bool:
    return not request.url.path.startswith(NO_PAGES) and "text/html" in request.headers.get("accept", "")


def to_sign_in(request: Request) -> Response:
    """Send a stranger to the sign-in page, and from there back to the page asked for."""
    wanted = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return RedirectResponse(f"/sign-in?next={quote(wanted + query)}", 303, headers={"Cache-Control": "no-store"})


def error_page(request: Request, error: LabError) -> Response:
    """Render a refusal; of a reviewer's link without ways to pages that ask for an account."""
    by_address = request.method == "GET" and error.status == 422
    remedy = (
        ADDRESS
        if by_address
        else REMEDIES.get(error.status, "Go back and try again; tell the facility manager when it happens again.")
    )
    shown: dict[str, Any] = {"problem": error, "remedy": remedy}
    if request.url.path.startswith(REVIEW):
        own = "/".join(request.url.path.split("/")[:3])
        shown |= {"reviewed": True, "front": own, "remedy": ENDED if error.status == 404 else remedy}
    shown["request_id"] = getattr(request.state, "request_id", None)
    return page(request, "error.html", status=error.status, **shown)


def _plain(status: int) -> LabError:
    if status == 404:
        return NotFound()
    if status < 500:
        return MalformedRequest("The address or form is not one of this portal's.")
    detail = "The service failed on this page. The request id leads to the cause in its log."
    return InternalError(detail)
