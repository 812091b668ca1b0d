"""The OpenAPI document: written from the code, with the problem schema every error follows."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

ABOUT = """Data, dose and analysis of a shared battery-materials microscopy facility.

Every error is an RFC 9457 problem document; clients branch on its `type`. What is not yours to see is not found.
A POST may carry `Idempotency-Key`: its repeat gets the first answer and does nothing (device keys must send it).
A change carries the object's `ETag` in `If-Match`; a GET may carry it in `If-None-Match`. Lists run from new to old
and go on at `next`. Unknown fields and query parameters are refused. `RateLimit-*` headers say how often one may ask.
"""
SECURITY: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A token of a person or a device key, `lsk_...`"},
    "sign_in": {
        "type": "apiKey",
        "in": "cookie",
        "name": "lithoscope_login",
        "description": "A browser's sign-in; changes carry its csrf_token in `X-CSRF-Token`",
    },
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem document; clients branch on `type`.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}, "code": {"type": "string"}},
            },
        },
    },
}


def describe(app: FastAPI) -> None:
    """Replace FastAPI's generator by one that knows our problems."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes, description=ABOUT
            )
            document["security"] = [{name: []} for name in SECURITY]
            document.setdefault("components", {})["securitySchemes"] = SECURITY
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = PROBLEM
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
