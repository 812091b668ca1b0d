"""What every stream of server-sent events shares: a count for each credential, and who may still listen."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, cast

from fastapi import Request
from sse_starlette import EventSourceResponse

from app.errors import LabError
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.doors.dependencies import LOGIN_COOKIE, house_of

Found = TypeVar("Found")
PING_S = 15
STREAMS_OF_ONE_CREDENTIAL = 20
EVENT_STREAM: dict[str, Any] = {
    "text/event-stream": {"schema": {"type": "string", "description": "One SSE message an event"}}
}


class TooManyStreams(LabError):
    """A credential follows too many things at once."""

    code, status, title = "too-many-streams", 429, "Too many event streams"


def event_stream(request: Request, actor: Actor, events: AsyncIterator[dict[str, Any]]) -> EventSourceResponse:
    """Answer with events as they come, unless the credential has too many streams open; no session is held."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if _open_streams(request)[actor.credential_id] >= STREAMS_OF_ONE_CREDENTIAL:
        words = f"{STREAMS_OF_ONE_CREDENTIAL} streams are open at once: close one, or ask for JSON."
        raise TooManyStreams(words, headers={"Retry-After": "5"})
    return EventSourceResponse(_counted(request, actor.credential_id, events), ping=PING_S, headers=headers)


def wants_events(request: Request) -> bool:
    """Say whether the client asks for a stream rather than JSON."""
    return "text/event-stream" in request.headers.get("accept", "")


def look_again(request: Request, read: Callable[[Lab, Actor], Found]) -> Found | None:
    """
    Read once more for whoever follows, in a session of its own; None when they may not see it any more.

    A credential that was revoked, or a member who left, hears no more. Following is use.
    """
    house, cookie = house_of(request), request.cookies.get(LOGIN_COOKIE)
    try:
        with house.database.reading() as session:
            lab = Lab(house, session)
            actor = lab.authentication.authenticate(
                authorization=request.headers.get("authorization"), cookie=cookie, csrf_token=None
            )
            found = read(lab, actor)
    except LabError:
        return None
    request.app.state.last_seen.note(actor.credential_id, cookie)
    return found


def _open_streams(request: Request) -> Counter[str]:
    state = request.app.state
    if not hasattr(state, "event_streams"):
        state.event_streams = Counter()
    return cast("Counter[str]", state.event_streams)


async def _counted(
    request: Request, credential_id: str, events: AsyncIterator[dict[str, Any]]
) -> AsyncIterator[dict[str, Any]]:
    streams = _open_streams(request)
    streams[credential_id] += 1
    try:
        async for event in events:
            yield event
    finally:
        streams[credential_id] -= 1
        if not streams[credential_id]:
            del streams[credential_id]
