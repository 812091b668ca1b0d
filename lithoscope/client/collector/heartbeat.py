"""A sign of life every minute, from a thread of its own: what waits, what is wrong, how the clock stands."""

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link, NotNow
from lithoscope.client.collector.settings import Settings
from lithoscope.client.collector.telling import report
from lithoscope.client.collector.true_time import TrueTime
from lithoscope.client.problems import Problem

NOTE = "beat"


def software() -> str:
    """Name this program and its version."""
    try:
        return f"lithoscope watch {version('lithoscope')}"
    except PackageNotFoundError:
        return "lithoscope watch"


class Heartbeat:
    """
    Reports to the service; a failure is only a later beat.

    Parameters
    ----------
    settings : Settings
        How often.
    journal : Journal
        What is told.
    link : Link
        Its own, so that it is not silent while a transfer waits.
    clock : Clock
        The PC's.
    true_time : TrueTime
        Is measured by every beat.
    """

    def __init__(self, settings: Settings, journal: Journal, *, link: Link, clock: Clock, true_time: TrueTime) -> None:
        self._settings = settings
        self._journal = journal
        self._link = link
        self._clock = clock
        self._true_time = true_time
        self._next = float("-inf")

    @property
    def is_due(self) -> bool:
        """Say whether it is time."""
        return self._clock.steady_s() >= self._next and self._link.is_open

    def beat(self) -> bool:
        """Report once; say whether it was heard."""
        self._next = self._clock.steady_s() + self._settings.heartbeat_s
        body = self._plain() | {"collector": report(self._journal, self._settings)}
        if self._true_time.round_trip_s is not None:
            body["clock_offset_s"] = self._true_time.offset_s()
            body["round_trip_s"] = min(3600.0, self._true_time.round_trip_s)
        try:
            return self._send(body)
        except NotNow:
            return False
        except Problem as problem:
            return self._shorter(problem)

    def _plain(self) -> dict[str, Any]:
        sent_at = datetime.fromtimestamp(self._clock.wall_s(), UTC).isoformat()
        return {"sent_at": sent_at, "software": software()}

    def _shorter(self, problem: Problem) -> bool:
        """Speak as an older service understands it, and say that it is older."""
        if problem.status == 422:
            words = "the service is older than this program and does not keep its report: update the service"
            self._journal.note("older", {"kind": "other-version", "words": words}, self._clock.wall_s())
        try:
            return problem.status == 422 and self._send(self._plain())
        except (NotNow, Problem):
            return False

    def _send(self, body: dict[str, Any]) -> bool:
        began = self._clock.steady_s()
        answer = self._link.request("POST", "/heartbeats", json=body)
        received = datetime.fromisoformat(answer.json()["received_at"]).timestamp()
        self._true_time.measure(received, sent_steady_s=began)
        self._journal.note(NOTE, {"heard": True}, self._clock.wall_s())
        if "collector" in body and self._journal.noted("older") is not None:
            self._journal.write("DELETE FROM note WHERE name = 'older'")
        return True
