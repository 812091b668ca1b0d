"""What every stream of server-sent events shares: a count for each credential, and who may still listen."""

from collections.abc import AsyncIterator, Callable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakSet

from fastapi import Request
from sse_starlette import EventSourceResponse
from starlette.types import Receive, Scope, Send

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


class OpenStreams:
    """The streams of a process by credential; asking for one and counting it is one step."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, WeakSet[EventStream]] = {}  # an answer that was never sent must not count for ever

    def admit(self, credential_id: str, stream: "EventStream") -> None:
        """Count a stream, unless its credential has too many open."""
        with self._lock:
            streams = self._open.setdefault(credential_id, WeakSet())
            if len(streams) >= STREAMS_OF_ONE_CREDENTIAL:
                words = f"{STREAMS_OF_ONE_CREDENTIAL} streams are open at once: close one, or ask for JSON."
                raise TooManyStreams(words, headers={"Retry-After": "5"})
            streams.add(stream)

    def dismiss(self, credential_id: str, stream: "EventStream") -> None:
        """Count a stream no more."""
        with self._lock:
            streams = self._open.get(credential_id, WeakSet())
            streams.discard(stream)
            if not streams:
                self._open.pop(credential_id, None)


class EventStream(EventSourceResponse):
    """An answer of events that is counted until it ends."""

    def __init__(self, events: AsyncIterator[dict[str, Any]], *, credential_id: str, streams: OpenStreams) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, ping=PING_S, headers=headers)
        self._credential_id = credential_id
        self._streams = streams
        streams.admit(credential_id, self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.dismiss(self._credential_id, self)


def event_stream(request: Request, actor: Actor, events: AsyncIterator[dict[str, Any]]) -> EventStream:
    """Answer with events as they come, unless the credential has too many streams open; no session is held."""
    return EventStream(events, credential_id=actor.credential_id, streams=request.app.state.open_streams)


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
