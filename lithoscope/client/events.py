"""Events as they happen, of a job or a running exposure: server-sent events, resumed after the last one seen."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from lithoscope.client.connection import TRIES, Connection, back_off_s
from lithoscope.client.problems import ServiceFailed, Unreachable

FINAL = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True)
class Event:
    """One event: its number, its type (``state``, ``progress``, ``log``; ``budget``, ``idle``) and what it says."""

    seq: int
    type: str
    payload: dict[str, Any]

    @property
    def ends(self) -> bool:
        """Say whether nothing follows."""
        return self.type == "idle" or (self.type == "state" and self.payload.get("state") in FINAL)


def follow(connection: Connection, path: str, after: int = 0, **params: Any) -> Iterator[Event]:
    """Yield every event after a number, in order and once each, until the last."""
    failures = 0
    while True:
        try:
            headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
            with connection.stream(path, headers=headers, **params) as response:
                for event in _events(response):
                    after, failures = event.seq, 0
                    yield event
                    if event.ends:
                        return
        except (Unreachable, ServiceFailed):
            failures += 1
            if failures >= TRIES:
                raise
        connection.sleep(back_off_s(max(failures, 1)))


def _events(response: httpx.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(":")
            fields[name] = fields.get(name, "") + value.removeprefix(" ")
        else:
            if "data" in fields:
                record = json.loads(fields["data"])
                yield Event(int(fields["id"]), fields["event"], record.get("payload", record))
            fields = {}
