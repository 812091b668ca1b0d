"""Errors as RFC 9457 problem documents; an input value is never repeated in one."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException

from app.errors import Conflict, Invalid, LabError, NotFound
from app.infra.log import get_logger
from app.infra.storage import StoreAway

MEDIA_TYPE = "application/problem+json"
_WORDS = {
    "extra_forbidden": "this field is not known here",
    "missing": "this field is required",
}


class MalformedRequest(LabError):
    """A request that is not HTTP as this service speaks it."""

    code, status, title = "malformed-request", 400, "Malformed request"


class MethodNotAllowed(LabError):
    """The address exists, the method does not."""

    code, status, title = "method-not-allowed", 405, "Method not allowed"


class UnknownField(Invalid):
    """A field that the body does not have: check its spelling against the schema."""

    code, title = "unknown-field", "Unknown field"


class MissingField(Invalid):
    """A field, query parameter or header that is required."""

    code, title = "missing-field", "Missing field"


class OutOfRange(Invalid):
    """A number beyond its bounds."""

    code, title = "out-of-range", "Out of range"


class ZoneMissing(Invalid):
    """An instant without zone: write it as 2026-05-04T10:00:00Z."""

    code, title = "zone-missing", "Zone missing"


class DiskFull(LabError):
    """The disk of the database or the store is full; nothing was changed."""

    code, status, title = "disk-full", 507, "Disk full"


class DatabaseBusy(LabError):
    """The database did not answer in time; nothing was changed."""

    code, status, title = "database-busy", 503, "Busy"


class StoreUnavailable(LabError):
    """The store of files did not answer; nothing was changed."""

    code, status, title = "store-unavailable", 503, "The store does not answer"


class ChangedMeanwhile(Conflict):
    """Another request changed the same object at the same moment."""

    code, title = "changed-meanwhile", "Changed meanwhile"


class InternalError(LabError):
    """A fault of the service; its log has the cause under the request id."""

    code, status, title = "internal-error", 500, "Internal error"


_ECHOING = {
    "datetime_from_date_parsing": "write an instant as ISO 8601 with zone",
    "datetime_parsing": "write an instant as ISO 8601 with zone",
    "union_tag_invalid": "this kind is not known here",
    "url_parsing": "this is not an address",
    "uuid_parsing": "this is not a UUID",
}
_HTTP: dict[int, type[LabError]] = {405: MethodNotAllowed}
_VALIDATION: dict[str, type[Invalid]] = {
    "extra_forbidden": UnknownField,
    "missing": MissingField,
    "greater_than": OutOfRange,
    "greater_than_equal": OutOfRange,
    "less_than": OutOfRange,
    "less_than_equal": OutOfRange,
    "timezone_aware": ZoneMissing,
}
_DISK_FULL = ("disk is full", "No space left", "could not extend file")

log = get_logger(__name__)


class UnknownParameter(LabError):
    """A query parameter the address does not know."""

    code, status, title = "unknown-parameter", 422, "Unknown query parameter"

    def __init__(self, known: list[str]) -> None:
        names = ", ".join(known) or "none"
        super().__init__(f"The query names a parameter that is not known here: leave it out. Known are: {names}.")


def problem_response(request: Request, error: LabError) -> Response:
    """Write a refusal."""
    document = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "request_id": getattr(request.state, "request_id", None),
        **({"errors": error.errors} if error.errors else {}),
        **error.extra,
    }
    return JSONResponse(document, error.status, headers=error.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""

    @app.exception_handler(LabError)
    async def _lab_error(request: Request, error: LabError) -> Response:
        return problem_response(request, error)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request, _of_validation(error))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return problem_response(request, _of_http(error))

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> Response:
        return problem_response(request, _of_database(error))

    @app.exception_handler(StoreAway)
    async def _store(request: Request, error: StoreAway) -> Response:
        log.error("store", exc_info=error)
        detail = "The store of files did not answer: try again."
        return problem_response(request, StoreUnavailable(detail, headers={"Retry-After": "5"}))


def _of_http(error: HTTPException) -> LabError:
    if error.status_code == NotFound.status:
        return NotFound()
    kind = _HTTP.get(error.status_code, MalformedRequest)
    return kind(
        "The API's description at /openapi.json says what this address takes.", headers=dict(error.headers or {})
    )


def _of_validation(error: RequestValidationError) -> LabError:
    """Name each field at fault in our own words; pydantic's may repeat what was sent."""
    items = error.errors()
    fields = [
        {
            "pointer": _pointer(_without_tag(item["loc"], error.body)),
            "detail": _words(item),
            "code": _VALIDATION.get(item["type"], Invalid).code,
        }
        for item in items
    ]
    kinds = {_VALIDATION.get(item["type"], Invalid) for item in items}
    kind = kinds.pop() if len(kinds) == 1 else Invalid
    detail = "; ".join(f"{field['pointer']}: {field['detail']}" for field in fields[:5])
    return kind(detail, errors=fields[:50])


def _without_tag(place: Sequence[str | int], body: Any) -> Sequence[str | int]:
    """Leave out the value that chose one body of several (a method, an event's type): it is no part of the document."""
    if len(place) > 2 and isinstance(body, dict) and place[1] not in body and place[1] in body.values():
        return [place[0], *place[2:]]
    return place


def _pointer(place: Sequence[str | int]) -> str:
    """Write a JSON pointer; a name that the client made up is shortened."""
    return "/" + "/".join(str(part)[:80].replace("~", "~0").replace("/", "~1") for part in place)


def _words(item: dict[str, Any]) -> str:
    kind = item["type"]
    if kind in {"value_error", "assertion_error"}:
        return str(item["ctx"]["error"])
    if kind in _ECHOING:
        return _ECHOING[kind]
    return _WORDS.get(kind, str(item["msg"]))


def _of_database(error: DBAPIError) -> LabError:
    text = str(error.orig)
    if any(words in text for words in _DISK_FULL):
        return DiskFull("Nothing was changed: try again when space is free.")
    if isinstance(error, IntegrityError):
        log.warning("integrity", detail=text)
        return ChangedMeanwhile("Another request changed the same object: read it again and repeat your change.")
    log.error("database", exc_info=error)
    if isinstance(error, OperationalError):
        return DatabaseBusy("The database did not answer in time: try again.", headers={"Retry-After": "2"})
    return InternalError("The database refused the request; the request id leads to the cause in the log.")


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problem answers of an endpoint for the OpenAPI document, with those every endpoint may give."""
    return refuses_only(401, 403, 404, 422, 429, *statuses)


def refuses_only(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe just these problem answers."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {status: {"description": "Problem", "content": content} for status in sorted(set(statuses))}
