"""Errors as RFC 9457 problem documents; an input value is never repeated in one."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException

from app.errors import LabError
from app.infra.log import get_logger

MEDIA_TYPE = "application/problem+json"
_PLAIN = {
    400: "malformed-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}
_VALIDATION_CODES = {
    "extra_forbidden": "unknown-field",
    "missing": "missing-field",
    "finite_number": "not-finite",
    "greater_than": "out-of-range",
    "greater_than_equal": "out-of-range",
    "less_than": "out-of-range",
    "less_than_equal": "out-of-range",
    "timezone_aware": "zone-missing",
}
_DISK_FULL = ("disk is full", "No space left", "could not extend file")

log = get_logger(__name__)


class UnknownParameter(LabError):
    """A query parameter the address does not know."""

    code, status, title = "unknown-parameter", 422, "Unknown query parameter"

    def __init__(self, known: list[str]) -> None:
        names = ", ".join(known) or "none"
        super().__init__(f"The query names a parameter that is not known here; known are: {names}.")


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


def plain_problem(code: str, status: int, title: str, detail: str, **extra: Any) -> LabError:
    """Make a refusal that has no class of its own."""
    error = LabError(detail, **extra)
    error.code, error.status, error.title = code, status, title  # type: ignore[misc]
    return error


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
        code = _PLAIN.get(error.status_code, f"http-{error.status_code}")
        problem = plain_problem(
            code, error.status_code, code.replace("-", " ").capitalize(), "See the API documentation."
        )
        problem.headers = dict(error.headers or {})
        return problem_response(request, problem)

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> Response:
        return problem_response(request, _of_database(error))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected error", exc_info=error, path=request.url.path)
        detail = "The service failed; the request id leads to the cause in its log."
        return problem_response(request, plain_problem("internal-error", 500, "Internal error", detail))


def _of_validation(error: RequestValidationError) -> LabError:
    fields = [
        {
            "pointer": "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in item["loc"]),
            "detail": item["msg"] if item["type"] != "value_error" else str(item["ctx"]["error"]),
            "code": _VALIDATION_CODES.get(item["type"], "invalid-input"),
        }
        for item in error.errors()
    ]
    codes = {field["code"] for field in fields}
    code = codes.pop() if len(codes) == 1 else "invalid-input"
    detail = "; ".join(f"{field['pointer']}: {field['detail']}" for field in fields[:5])
    return plain_problem(code, 422, "Invalid input", detail, errors=fields)


def _of_database(error: DBAPIError) -> LabError:
    text = str(error.orig)
    if any(words in text for words in _DISK_FULL):
        return plain_problem("disk-full", 507, "Disk full", "Nothing was changed: try again later.")
    if isinstance(error, IntegrityError):
        log.warning("integrity", detail=text)
        return plain_problem("conflict", 409, "Conflict", "Another request changed the same object: read it again.")
    log.error("database", exc_info=error)
    retry = {"Retry-After": "2"}
    if isinstance(error, OperationalError):
        return plain_problem("database-busy", 503, "Busy", "The database did not answer in time.", headers=retry)
    return plain_problem("internal-error", 500, "Internal error", "The database refused the request.")


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problem answers of an endpoint for the OpenAPI document."""
    every: Sequence[int] = sorted({401, 403, 404, 422, 429, *statuses})
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": "Problem", "content": {MEDIA_TYPE: {"schema": schema}}} for status in every}
