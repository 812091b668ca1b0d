"""What an endpoint asks for: who acts, and the rooms within the request's transaction."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.infra.house import House
from app.lab.access import Actor
from app.lab.accounts.authentication import CsrfFailed
from app.lab.composition import Lab
from app.lab.doors import rates

READING = frozenset({"GET", "HEAD", "OPTIONS"})
LOGIN_COOKIE = "lithoscope_login"
#: fewer than connections in a pool: who holds one between two threads must never wait for who waits for one on a thread
TRANSACTIONS_AT_ONCE = 20


def house_of(request: Request) -> House:
    """Return the house of the application."""
    return cast("House", request.app.state.house)


def public_address(request: Request) -> str:
    """Return the address people reach this service at, as the settings say, else the request; no slash at its end."""
    return (house_of(request).settings.public_url or str(request.base_url)).rstrip("/")


async def _lab(request: Request) -> AsyncIterator[Lab]:
    """
    Open the request's transaction, when it is its turn.

    `LabRoute` commits it before the answer is sent; what is not committed when the block ends is rolled back, on a
    thread, since that may wait for the database. Opening and a close after commit wait for nothing.
    """
    house = house_of(request)
    async with _turns(request):
        session = house.database.open(writes=request.method not in READING)
        request.state.session = session
        try:
            yield Lab(house, session)
        finally:
            if session.in_transaction():
                await run_in_threadpool(session.close)
            else:
                session.close()


def _turns(request: Request) -> asyncio.Semaphore:
    state = request.app.state
    if not hasattr(state, "transactions"):
        state.transactions = asyncio.Semaphore(TRANSACTIONS_AT_ONCE)
    return cast("asyncio.Semaphore", state.transactions)


CurrentHouse = Annotated[House, Depends(house_of)]
CurrentLab = Annotated[Lab, Depends(_lab, scope="function")]


def identify(request: Request, csrf_token: str | None = None) -> Actor:
    """
    Authenticate a request in a short reading session of its own, once.

    Parameters
    ----------
    request : Request
        The request; its actor is kept in ``request.state.actor``.
    csrf_token : str, optional
        The token a page's form carried; the X-CSRF-Token header when left out.
    """
    if (known := getattr(request.state, "actor", None)) is not None:
        return cast("Actor", known)
    cookie = request.cookies.get(LOGIN_COOKIE)
    writes = request.method not in READING
    if writes and cookie:
        check_origin(request)
    house = house_of(request)
    with house.database.reading() as session:
        actor = Lab(house, session).authentication.authenticate(
            authorization=request.headers.get("authorization"),
            cookie=cookie,
            csrf_token=(csrf_token or request.headers.get("x-csrf-token", "")) if writes else None,
        )
    rates.count(request, actor.credential_id)
    request.app.state.last_seen.note(actor.credential_id, cookie)
    request.state.actor = actor
    return actor


def check_origin(request: Request) -> None:
    """Refuse a change that a page of another site sent."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    sent_by = _site(origin)
    if sent_by is None or sent_by != _site(public_address(request)):
        raise CsrfFailed("The request comes from a page of another site: open this service's own pages.")


def _site(address: str) -> tuple[str, str] | None:
    """Return scheme and host of an address; None where it is none."""
    try:
        return urlsplit(address)[:2]
    except ValueError:
        return None


async def current_actor(request: Request) -> Actor:
    """Return who acts; `LabRoute` asked already, on a thread, since the route needs an actor."""
    return identify(request)


CurrentActor = Annotated[Actor, Depends(current_actor, scope="function")]
