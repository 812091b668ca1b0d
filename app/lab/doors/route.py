"""The request boundary: who, strict JSON, one transaction, commit before the answer."""

from collections.abc import Callable, Coroutine
from threading import RLock
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.routing import compile_path, get_name

from app.errors import LabError
from app.lab.access import Actor
from app.lab.doors import idempotency, rates, strict_json
from app.lab.doors.dependencies import READING, current_actor, identify
from app.lab.doors.problems import UnknownParameter

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
API = "/api/v1"
#: Routes are asked on the loop and described on other threads; one that is worked out asks itself for its handler.
_ONE_AT_A_TIME = RLock()
REPEATABLE = {"x-repeatable": True}  # openapi_extra of a POST that needs no Idempotency-Key from a device


class NotJson(LabError):
    """A body of another kind where JSON is expected."""

    code, status, title = "unsupported-media-type", 415, "The body is not JSON"


class BodyTooLarge(LabError):
    """A JSON body above the limit."""

    code, status, title = "too-large", 413, "Body too large"


class LabRoute(APIRoute):
    """
    A route whose transaction is committed after the endpoint returned and before the first byte of its answer.

    The actor is known before the body is read; a repeated POST is answered before the endpoint runs. Beyond its path, a
    route is worked out when it is first asked or described: all of them take seconds, half of the service's start. One
    that is declared wrongly says so only then; the tests describe all of them.

    Parameters
    ----------
    path : str
        As it is declared.
    endpoint : callable
        What answers.
    **settings
        As `fastapi.routing.APIRoute` takes them.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **settings: Any) -> None:
        self.path, self.endpoint = path, endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in settings.get("methods") or ["GET"]}
        self.name = settings.get("name") or get_name(endpoint)
        self.include_in_schema = settings.get("include_in_schema", True)
        self._settings = settings

    def __getattr__(self, name: str) -> Any:
        """Work the route out, once: Python asks here only for what `__init__` did not set."""
        with _ONE_AT_A_TIME:
            settings = vars(self).pop("_settings", None)
            if settings is not None:
                self._work_out(settings)
            if name not in vars(self):
                raise AttributeError(f"a route has no {name}")
            return vars(self)[name]

    def _work_out(self, settings: dict[str, Any]) -> None:
        try:
            super().__init__(self.path, self.endpoint, **settings)
        except Exception:
            self._settings = settings  # who asks again is told the same
            raise
        if not _asks_for_actor(self.dependant):
            self.openapi_extra = {"security": [], **(self.openapi_extra or {})}

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler; its dependencies' sessions are still open when it returns."""
        original = super().get_route_handler()
        needs_actor = _asks_for_actor(self.dependant)
        known = _query_names(self.dependant)
        repeatable = bool((self.openapi_extra or {}).get("x-repeatable"))

        async def handle(request: Request) -> Response:
            actor = await run_in_threadpool(_who, request, needs_actor)
            if not set(request.query_params) <= known:
                raise UnknownParameter(sorted(known))
            body = await _read_json(request) if self.body_field is not None else b""
            claim = None if actor is None else idempotency.claim_of(request, actor, body, required=not repeatable)
            if claim is None:
                return _not_modified(request, await _answer(request, original, None))
            return await _once(request, original, claim)

        return handle


def _who(request: Request, needs_actor: bool) -> Actor | None:  # noqa: FBT001 - a plain fact of the route
    if needs_actor:
        return identify(request)
    rates.count(request, rates.address(request))
    return None


async def _once(request: Request, original: Handler, claim: idempotency.Claim) -> Response:
    replay = await run_in_threadpool(idempotency.begin, request, claim)
    if replay is not None:
        return replay
    try:
        return await _answer(request, original, claim)
    except BaseException:
        await run_in_threadpool(_give_up, request, claim)
        raise


async def _answer(request: Request, original: Handler, claim: idempotency.Claim | None) -> Response:
    response = await original(request)
    await run_in_threadpool(_commit, request, response, claim)
    return response


def _commit(request: Request, response: Response, claim: idempotency.Claim | None) -> None:
    session = getattr(request.state, "session", None)
    if session is None:
        if claim is not None:
            idempotency.finish_alone(request, response, claim)
        return
    if claim is not None:
        idempotency.finish(response, claim, session)
    session.commit()
    for act in session.info.pop("after_commit", []):
        act()


def _give_up(request: Request, claim: idempotency.Claim) -> None:
    session = getattr(request.state, "session", None)
    if session is not None:
        session.close()  # its write lock is held until here
    idempotency.abandon(request, claim)


async def _read_json(request: Request) -> bytes:
    """Read and parse the body within the limit, and keep it where Starlette looks for it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    limit: int = request.app.state.house.settings.json_limit_bytes
    length = request.headers.get("content-length", "")
    if kind != "application/json" or encoding != "identity":
        if length == "0" or not (length or "transfer-encoding" in request.headers):
            return b""
        raise NotJson("Send the body as application/json, not compressed.")
    too_large = BodyTooLarge(f"A JSON body has at most {limit} bytes: send large data as an upload.")
    if length.isdecimal() and int(length[:20]) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    request._body = bytes(body)  # noqa: SLF001 - where Starlette keeps the body
    if body:
        request._json = await run_in_threadpool(strict_json.parse, request._body)  # noqa: SLF001
    return request._body  # noqa: SLF001


def _not_modified(request: Request, response: Response) -> Response:
    """Answer 304 when the client holds this version already."""
    tag = response.headers.get("etag")
    asked = request.headers.get("if-none-match")
    if request.method not in READING or tag is None or asked is None or response.status_code != 200:
        return response
    if isinstance(response, StreamingResponse) or "no-store" in response.headers.get("cache-control", ""):
        return response
    tags = {part.strip().removeprefix("W/") for part in asked.split(",")}
    if "*" not in tags and tag not in tags:
        return response
    kept = {name: value for name, value in response.headers.items() if name in {"etag", "cache-control", "vary"}}
    return Response(status_code=304, headers=kept)


def _asks_for_actor(dependant: Dependant) -> bool:
    return any(each.call is current_actor or _asks_for_actor(each) for each in dependant.dependencies)


def _query_names(dependant: Dependant) -> frozenset[str]:
    own = {field.alias for field in dependant.query_params}
    return frozenset(own.union(*(_query_names(each) for each in dependant.dependencies)))


def room_router(tag: str, *, prefix: str = API) -> APIRouter:
    """Make the router of a room."""
    return APIRouter(tags=[tag], prefix=prefix, route_class=LabRoute)


def add(app: FastAPI, router: APIRouter) -> None:
    """
    Give a router's routes to the application, whole as they are.

    `FastAPI.include_router` builds each route a second time, at the first request: most of a second for all of them.
    """
    app.router.routes += router.routes
