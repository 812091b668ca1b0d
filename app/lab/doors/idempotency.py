"""Idempotency-Key: a repeated POST gets the first answer and does nothing."""

import base64
import hashlib
from typing import Any

from fastapi import Request, Response
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, LabError
from app.infra.clock import db_epoch, now
from app.infra.db.models import IdempotencyRecord
from app.infra.house import House

RUNNING_S = 60.0
_WAIT = "The first request with this key is still running: ask again."


class StillRunning(Conflict):
    """The first request with this key has not been answered yet."""

    code, title = "request-running", "The first request is still running"


class KeyReused(LabError):
    """The key stands for another request."""

    code, status, title = "idempotency-key-reused", 422, "Idempotency-Key was used for another request"


class BadKey(LabError):
    """The key has no usable form."""

    code, status, title = "bad-idempotency-key", 422, "Bad Idempotency-Key"


def applies(request: Request) -> bool:
    """Say whether this request carries a key that counts."""
    return request.method == "POST" and "idempotency-key" in request.headers


def _row(request: Request) -> tuple[str, str]:
    """Name the record: keys of different credentials never meet."""
    credential = request.headers.get("authorization") or request.cookies.get("lithoscope_login") or ""
    return hashlib.sha256(credential.encode()).hexdigest()[:40], request.headers["idempotency-key"]


def begin(request: Request, body: bytes) -> Response | None:
    """Claim the key, or return the first answer."""
    if not applies(request):
        return None
    owner, key = _row(request)
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise BadKey("Idempotency-Key has 1 to 255 printable characters: send a fresh UUID.")
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).hexdigest()
    house: House = request.app.state.house
    with house.database.writing() as session:
        record = session.get(IdempotencyRecord, (owner, key), with_for_update=True)
        if record is None:
            _claim(session, owner, key, digest)
            return None
        if record.request_digest != digest:
            raise KeyReused("This key was sent with another request before: use a fresh key for a new request.")
        if record.status is not None:
            return _replay(record)
        present = session.execute(select(db_epoch())).scalar_one()
        if record.running_until is not None and record.running_until > present:
            raise StillRunning(_WAIT, headers={"Retry-After": "1"})
        record.running_until = present + RUNNING_S
    return None


def _claim(session: Session, owner: str, key: str, digest: str) -> None:
    try:
        session.execute(
            insert(IdempotencyRecord).values(
                actor_id=owner,
                key=key,
                request_digest=digest,
                running_until=db_epoch() + RUNNING_S,
                created_at=now(),
            )
        )
    except IntegrityError:
        raise StillRunning(_WAIT, headers={"Retry-After": "1"}) from None


def _replay(record: IdempotencyRecord) -> Response:
    headers: dict[str, Any] = {**(record.headers or {}), "Idempotency-Replayed": "true"}
    return Response(base64.b64decode(record.body or ""), record.status or 200, headers=headers)


def finish(request: Request, response: Response, session: Session) -> None:
    """Keep the answer in the transaction that made it true."""
    if not applies(request):
        return
    owner, key = _row(request)
    kept = {name: value for name, value in response.headers.items() if name in {"location", "etag", "content-type"}}
    session.execute(
        update(IdempotencyRecord)
        .where(IdempotencyRecord.actor_id == owner, IdempotencyRecord.key == key)
        .values(
            status=response.status_code,
            headers=kept,
            body=base64.b64encode(bytes(response.body)).decode(),
            running_until=None,
        )
    )


def abandon(request: Request) -> None:
    """Free the key of a request that failed, so that a corrected one may use it."""
    if not applies(request):
        return
    owner, key = _row(request)
    house: House = request.app.state.house
    with house.database.writing() as session:
        session.execute(
            delete(IdempotencyRecord).where(
                IdempotencyRecord.actor_id == owner, IdempotencyRecord.key == key, IdempotencyRecord.status.is_(None)
            )
        )
