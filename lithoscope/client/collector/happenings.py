"""Events and exposures typed at the PC: kept at once, sent when the service can be reached, once."""

import json
import sqlite3
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link
from lithoscope.client.collector.projects import Unowned
from lithoscope.client.collector.samples import Samples
from lithoscope.client.collector.true_time import TrueTime
from lithoscope.client.problems import Problem

HELD_S = 60.0
WHAT = ("events", "exposures")


def keep(
    journal: Journal, sample: str, what: str, body: dict[str, Any], *, clock: Clock, offset_s: float | None
) -> str:
    """
    Keep an event (``what`` = "events") or an exposure ("exposures") and return the id it is sent under.

    Parameters
    ----------
    journal : Journal
        The collector's.
    sample : str
        Identifier, label or name.
    what : str
        What it is.
    body : dict
        As the API takes it.
    clock : Clock
        The PC's.
    offset_s : float or None
        How far the PC's clock is ahead now.
    """
    name = str(uuid.uuid4())
    values = (name, what, sample, json.dumps(body), clock.wall_s(), offset_s)
    statement = (
        "INSERT INTO happening (id, what, sample, body, typed_at, clock_offset_s, state) VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    journal.write(statement, *values, "waiting")
    return name


class Teller:
    """
    Sends what was typed, oldest first.

    Parameters
    ----------
    journal : Journal
        What waits.
    link : Link
        To the service.
    samples : Samples
        Finds the sample.
    clock, true_time
        For the moment of sending and how far the PC's clock has moved since the typing.
    """

    def __init__(self, journal: Journal, *, link: Link, samples: Samples, clock: Clock, true_time: TrueTime) -> None:
        self._journal = journal
        self._link = link
        self._samples = samples
        self._clock = clock
        self._true_time = true_time

    def tell(self) -> int:
        """Send everything that waits; return how much reached the service."""
        due = "SELECT * FROM happening WHERE state IN ('waiting', 'held') AND poll_at <= ? ORDER BY typed_at, id"
        count = 0
        for row in self._journal.rows(due, self._clock.steady_s()):
            if not self._link.is_open:
                return count
            count += self._tell(row)
        return count

    def _tell(self, row: sqlite3.Row) -> bool:
        try:
            owner = self._samples.owner(row["sample"], None)
            answer = self._link.request(
                "POST",
                f"/samples/{owner.sample_id}/{row['what']}",
                json=self._body(row),
                # sent_at differs from try to try; that it happens once is what client_event_id is for
                headers={"Idempotency-Key": uuid.uuid4().hex},
            )
        except Unowned as error:
            self._set(row, "held", error.kind, str(error))
            return False
        except Problem as problem:
            self._set(row, "failed", problem.code or "refused", _words(problem))
            return False
        self._set(row, "sent", None, "", answer_id=str(answer.json().get("id", "")))
        return True

    def _body(self, row: sqlite3.Row) -> dict[str, Any]:
        """Return what is sent; moments are written by the PC's clock as it stands now, whose offset is measured."""
        body: dict[str, Any] = json.loads(row["body"])
        now_s, then_s = self._true_time.offset_s(), row["clock_offset_s"]
        if now_s is not None and then_s is not None and abs(now_s - then_s) > 1.0:
            for name in ("occurred_at", "ended_at"):
                if body.get(name):
                    moved = datetime.fromisoformat(body[name]) + timedelta(seconds=now_s - then_s)
                    body[name] = moved.isoformat()
        sent_at = datetime.fromtimestamp(self._clock.wall_s(), UTC).isoformat()
        return {**body, "client_event_id": row["id"], "sent_at": sent_at}

    def _set(
        self, row: sqlite3.Row, state: str, problem: str | None, words: str, *, answer_id: str | None = None
    ) -> None:
        statement = "UPDATE happening SET state = ?, problem = ?, reason = ?, answer_id = ?, poll_at = ? WHERE id = ?"
        self._journal.write(statement, state, problem, words, answer_id, self._clock.steady_s() + HELD_S, row["id"])


def _words(problem: Problem) -> str:
    fields = "; ".join(f"{each.get('pointer')}: {each.get('detail')}" for each in problem.errors)
    return f"{problem}{f' ({fields})' if fields else ''}"
