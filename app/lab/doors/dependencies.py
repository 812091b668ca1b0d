"""What an endpoint asks for: who acts, and the rooms within the request's transaction."""

from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends, Request

from app.infra.house import House
from app.lab.access import Actor
from app.lab.composition import Lab

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def house_of(request: Request) -> House:
    """Return the house of the application."""
    return cast("House", request.app.state.house)


def _lab(request: Request) -> Iterator[Lab]:
    """
    Open the request's transaction.

    `LabRoute` commits it before the answer is sent; what is not committed when the block ends is rolled back.
    """
    house = house_of(request)
    session = house.database.open(writes=request.method not in READING)
    request.state.session = session
    try:
        yield Lab(house, session)
    finally:
        session.close()


CurrentLab = Annotated[Lab, Depends(_lab, scope="function")]


def _actor(request: Request, lab: CurrentLab) -> Actor:
    actor = lab.authentication.authenticate(
        authorization=request.headers.get("authorization"),
        cookie=request.cookies.get("lithoscope_login"),
        csrf_token=None if request.method in READING else request.headers.get("x-csrf-token", ""),
    )
    request.state.actor = actor
    return actor


CurrentActor = Annotated[Actor, Depends(_actor, scope="function")]
