"""The request boundary: strict JSON in, one transaction, commit before the answer."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from app.lab.doors import idempotency, strict_json

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class LabRoute(APIRoute):
    """A route whose transaction is committed after the endpoint returned and before the first byte of its answer."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler; its dependencies' sessions are still open when it returns."""
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if _is_json(request):
                body = await request.body()
                if body:
                    request._json = strict_json.parse(body)  # noqa: SLF001 - where Starlette keeps the parsed body
            replay = await run_in_threadpool(idempotency.begin, request, await _digestible(request))
            if replay is not None:
                return replay
            try:
                response = await original(request)
                await run_in_threadpool(_commit, request, response)
            except BaseException:
                await run_in_threadpool(idempotency.abandon, request)
                raise
            return response

        return handle


def _commit(request: Request, response: Response) -> None:
    session = getattr(request.state, "session", None)
    if session is None:
        return
    idempotency.finish(request, response, session)
    session.commit()
    for act in session.info.pop("after_commit", []):
        act()


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


async def _digestible(request: Request) -> bytes:
    return await request.body() if idempotency.applies(request) and _is_json(request) else b""


def room_router(tag: str) -> APIRouter:
    """Make the router of a room."""
    return APIRouter(tags=[tag], route_class=LabRoute)
