"""Idempotency-Key: a repeated POST gets the first answer and does nothing."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import Request, Response
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, LabError
from app.infra.clock import db_epoch, now
from app.infra.db.models import IdempotencyRecord
from app.infra.house import House
from app.lab.access import Actor

RUNNING_S = 60.0
KEPT = timedelta(days=30)
_WAIT = "The first request with this key is still running: ask again."
_KEPT_HEADERS = frozenset({"location", "etag", "content-type", "upload-expires", "tus-resumable", "upload-offset"})


class StillRunning(Conflict):
    """The first request with this key has not been answered yet."""

    code, title = "request-running", "The first request is still running"


class SecretNotKept(Conflict):
    """The first answer held a secret, which is shown once and not kept."""

    code, title = "secret-not-kept", "The first answer is not kept"


class KeyReused(LabError):
    """The key stands for another request."""

    code, status, title = "idempotency-key-reused", 422, "Idempotency-Key was used for another request"


class BadKey(LabError):
    """The key has no usable form."""

    code, status, title = "bad-idempotency-key", 422, "Bad Idempotency-Key"


class KeyMissing(LabError):
    """An instrument's PC sends a key with every POST, so that its repeats after a cut line do nothing twice."""

    code, status, title = "idempotency-key-missing", 400, "Idempotency-Key is required"


@dataclass(frozen=True)
class Claim:
    """A key of one actor and the digest of the request it stands for."""

    owner: str
    key: str
    digest: str


def claim_of(request: Request, actor: Actor, body: bytes, *, required: bool) -> Claim | None:
    """Return what a POST claims; None when it carries no key and needs none."""
    if request.method != "POST":
        return None
    key = request.headers.get("idempotency-key")
    if key is None:
        if required and actor.kind == "device":
            raise KeyMissing("Send Idempotency-Key with a fresh UUID; send the same one when you repeat the request.")
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise BadKey("Idempotency-Key has 1 to 255 printable characters: send a fresh UUID.")
    named = f"{request.url.path}?{request.url.query}\n{request.headers.get('upload-length', '')}"
    named += f"\n{request.headers.get('upload-metadata', '')}\n"
    return Claim(_owner(actor), key, hashlib.sha256(named.encode() + body).hexdigest())


def _owner(actor: Actor) -> str:
    """Name whose key it is: a device's survives rotation, a limited token's stays with that token."""
    if actor.instrument_id is not None:
        return actor.instrument_id
    return actor.id if actor.scopes is None else actor.credential_id


def begin(request: Request, claim: Claim) -> Response | None:
    """Claim the key, or return the first answer."""
    house: House = request.app.state.house
    with house.database.writing() as session:
        record = session.get(IdempotencyRecord, (claim.owner, claim.key), with_for_update=True)
        if record is None:
            _insert(session, claim)
            return None
        if record.request_digest != claim.digest:
            raise KeyReused("This key was sent with another request before: use a fresh key for a new request.")
        if record.status is not None:
            return _replay(record)
        present = session.execute(select(db_epoch())).scalar_one()
        if record.running_until is not None and record.running_until > present:
            raise StillRunning(_WAIT, headers={"Retry-After": "1"})
        record.running_until = present + RUNNING_S
    return None


def _insert(session: Session, claim: Claim) -> None:
    session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < now() - KEPT))
    try:
        session.execute(
            insert(IdempotencyRecord).values(
                actor_id=claim.owner,
                key=claim.key,
                request_digest=claim.digest,
                running_until=db_epoch() + RUNNING_S,
                created_at=now(),
            )
        )
    except IntegrityError:
        raise StillRunning(_WAIT, headers={"Retry-After": "1"}) from None


def _replay(record: IdempotencyRecord) -> Response:
    headers: dict[str, Any] = {**(record.headers or {}), "Idempotency-Replayed": "true"}
    if headers.get("x-secret"):
        raise SecretNotKept("The first request succeeded and showed its secret once: revoke it and make another.")
    return Response(base64.b64decode(record.body or ""), record.status or 200, headers=headers)


def finish(response: Response, claim: Claim, session: Session) -> None:
    """Keep the answer in the transaction that made it true; an answer that must not be stored leaves only its trace."""
    is_secret = "no-store" in response.headers.get("cache-control", "")
    kept = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
    session.execute(
        update(IdempotencyRecord)
        .where(IdempotencyRecord.actor_id == claim.owner, IdempotencyRecord.key == claim.key)
        .values(
            status=response.status_code,
            headers=kept | ({"x-secret": "1"} if is_secret else {}),
            body=None if is_secret else base64.b64encode(bytes(response.body)).decode(),
            running_until=None,
        )
    )


def finish_alone(request: Request, response: Response, claim: Claim) -> None:
    """Keep the answer of an endpoint that committed its own short transactions."""
    house: House = request.app.state.house
    with house.database.writing() as session:
        finish(response, claim, session)


def abandon(request: Request, claim: Claim) -> None:
    """Free the key of a request that failed, so that a corrected one may use it."""
    house: House = request.app.state.house
    with house.database.writing() as session:
        session.execute(
            delete(IdempotencyRecord).where(
                IdempotencyRecord.actor_id == claim.owner,
                IdempotencyRecord.key == claim.key,
                IdempotencyRecord.status.is_(None),
            )
        )
