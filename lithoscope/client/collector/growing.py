"""Series that grow: each finished file becomes a part at once, and a series is closed when nothing more comes."""

import json
import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.describing import wire_name
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link, NotNow
from lithoscope.client.collector.live_settings import Live
from lithoscope.client.collector.parts import Position, is_read_here, told_position
from lithoscope.client.collector.paths import long_path
from lithoscope.client.collector.projects import Unowned
from lithoscope.client.collector.samples import Owner, Samples
from lithoscope.client.collector.settings import Settings
from lithoscope.client.problems import Conflict, Forbidden, Invalid, Problem

FOLLOW_S = 15.0  # a series that is being sealed, or that a person may close, is asked for after this
HELD_S = 60.0
AGAIN_S = 600.0
NO_ACTION, NO_RULE = "action-refused", "rule-refused"
CHOOSE = "the key may not start jobs, so that series only gather their parts: choose on their pages what is run"
SWITCH_ON = "series only gather their parts: switch the rule on, or choose on their pages what is run"
OVER = frozenset({"sealed", "failed"})
_OPEN = frozenset({"waiting", "held"})  # states of a part that may become one
_PRESENT = frozenset({"number-taken", "part-elsewhere"})  # refusals of a file whose number the series has
_HERE = frozenset({"sent", "same"})  # states of a unit whose bytes the service has
_NEVER = frozenset({"gone", "ignored", "unmatched"})  # states of a unit that is no part
_DUE = """
SELECT * FROM series WHERE (state NOT IN ('sealed', 'failed') AND poll_at <= ?) OR (state != 'held' AND EXISTS (
    SELECT 1 FROM part JOIN unit ON unit.id = unit_id
    WHERE part.series = series.id AND part.state = 'waiting' AND unit.state IN ('sent', 'same')))
ORDER BY id
"""
_PARTS = """
SELECT part.*, unit.root_id, unit.key, unit.state AS unit_state, unit.dataset_id, unit.sample, unit.project, unit.size,
    unit.mtime_ns FROM part JOIN unit ON unit.id = unit_id WHERE part.series = ? ORDER BY part.number, unit.key
"""


class _NotOne(Exception):
    """A file that cannot be a part as it is; the words say what to do."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class _Rest:
    """Since when a series looks as it does, by the steady clock of this run."""

    looks: tuple[object, ...]
    since_s: float


class SeriesSender:
    """
    Begins series at the service, adds what is finished, and closes them.

    Parameters
    ----------
    settings : Settings
        Which folders are series.
    journal : Journal
        Its parts.
    link : Link
        To the service.
    clock : Clock
        Counts the quiet.
    samples : Samples
        Finds the sample.
    """

    def __init__(self, settings: Settings, journal: Journal, *, link: Link, clock: Clock, samples: Samples) -> None:
        self._settings = settings
        self._journal = journal
        self._link = link
        self._clock = clock
        self._samples = samples
        self._rests: dict[int, _Rest] = {}

    def tell(self) -> int:
        """Take every series as far as it goes; return how many parts were added."""
        added = 0
        for row in self._journal.rows(_DUE, self._clock.steady_s()):
            if not self._link.is_open:
                break
            live = self._settings.live_of(row["rule"])
            if live is None:
                self._set(row, poll_at=float("inf"), reason="no rule makes it a series any more")
                continue
            added += self._advance(row, live)
        return added

    def _advance(self, row: sqlite3.Row, live: Live) -> int:
        added = 0
        try:
            parts = [part for part in self._parts(row) if part["unit_state"] not in _NEVER]
            if (series_id := self._begun(row, live, parts)) is None:
                return 0
            for part in parts:
                if part["state"] in _OPEN and part["unit_state"] in _HERE:
                    added += self._add(series_id, part, live)
            self._conclude(self._row(row["id"]), live)
        except NotNow:
            return added
        except Unowned as error:
            self._hold(row, error.kind, str(error), HELD_S)
        except Problem as problem:
            self._hold(row, problem.code or "refused", _words(problem), AGAIN_S)
        return added

    # ---- its beginning

    def _begun(self, row: sqlite3.Row, live: Live, parts: list[sqlite3.Row]) -> str | None:
        """Return the series at the service: known, found there when the journal was lost, or begun now."""
        if row["series_id"] is not None:
            return str(row["series_id"])
        first = next((part for part in parts if part["unit_state"] in _HERE), None)
        if first is None:
            self._set(row, poll_at=self._clock.steady_s() + HELD_S)
            return None
        owner = self._samples.owner(first["sample"], first["project"])
        request = json.loads(row["request"]) if row["request"] else None
        if request is None:
            name, series_id = self._found(row, owner, live, parts)
            if series_id is not None:
                self._set(row, series_id=series_id, state="open", problem=None)
                return series_id
            request = {"key": uuid.uuid4().hex, "body": self._new(name, owner, live)}
            self._set(row, request=json.dumps(request))
        try:
            series_id = self._begin(request)
        except (Forbidden, Invalid) as problem:
            left_out, kind, words = _refused(problem, request["body"])
            self._journal.note(kind, {"kind": kind, "words": f"{words} ({problem})"}, self._clock.wall_s())
            body = {name: value for name, value in request["body"].items() if name != left_out}
            request = {"key": uuid.uuid4().hex, "body": body}
            self._set(row, request=json.dumps(request))
            series_id = self._begin(request)
        self._set(row, series_id=series_id, state="open", problem=None)
        return series_id

    def _begin(self, request: dict[str, Any]) -> str:
        headers = {"Idempotency-Key": request["key"]}
        return str(self._link.request("POST", "/series", json=request["body"], headers=headers).json()["id"])

    def _new(self, name: str, owner: Owner, live: Live) -> dict[str, Any]:
        body: dict[str, Any] = {
            "project_id": owner.project_id,
            "sample_id": owner.sample_id,
            "name": name,
            "kind": live.kind,
        }
        extra = {"action": live.action, "rule_id": live.rule, "region_id": live.region}
        return {**body, "every": live.every, **{key: value for key, value in extra.items() if value is not None}}

    def _found(self, row: sqlite3.Row, owner: Owner, live: Live, parts: list[sqlite3.Row]) -> tuple[str, str | None]:
        """Look for a series of this name that holds no other content; return a free name where there is none."""
        plain = wire_name(str(row["key"]))
        ours = self._ours(parts, live)
        taken = set()
        for each in self._all("/series", sample_id=owner.sample_id):
            base = each["name"].rpartition(" (")[0] if each["name"].endswith(")") else each["name"]
            if plain not in {base, each["name"]} or each["kind"] != live.kind:
                continue
            theirs = {part["number"]: part["dataset_id"] for part in self._all(f"/series/{each['id']}/parts")}
            is_same = all(theirs.get(number, dataset) == dataset for number, dataset in ours.items())
            if is_same and (each["state"] == "open" or ours.keys() <= theirs.keys()):
                return str(each["name"]), str(each["id"])
            taken.add(each["name"])
        count = 2
        name = plain
        while name in taken:
            name, count = f"{plain} ({count})", count + 1
        return name, None

    def _ours(self, parts: list[sqlite3.Row], live: Live) -> dict[int, str]:
        """Return the datasets the service has of this series, by number."""
        found = {}
        for part in parts:
            if part["unit_state"] not in _HERE or part["dataset_id"] is None:
                continue
            try:
                found[self._position(part, live).number or 0] = str(part["dataset_id"])
            except _NotOne:
                continue
        return found

    def _all(self, path: str, **asked: object) -> list[dict[str, Any]]:
        page = self._link.request("GET", path, params={"limit": 200, **asked}).json()
        found = list(page["items"])
        while page.get("next"):
            page = self._link.request("GET", page["next"]).json()
            found += page["items"]
        return found

    # ---- its parts

    def _position(self, part: sqlite3.Row, live: Live) -> Position:
        """Return number, counted from 1, and place of a part."""
        root = self._journal.root_path(part["root_id"])
        main, name = root / part["key"], PurePosixPath(part["key"]).name
        beside = [root / row["path"] for row in self._journal.files_of(part["unit_id"]) if row["path"] != part["key"]]
        try:
            found = told_position(main, beside, Position(part["number"], part["place"]), live)
        except OSError as error:
            raise _NotOne("unreadable", f"{name} cannot be read ({error.strerror})") from None
        if found.number is None:
            words = f"{name} tells no number: name it with {{number}} in the rule's match, or in its side-car"
            raise _NotOne("no-number", words)
        number = found.number + 1 - live.first_number
        if number < 1:
            words = f"{name} has the number 0: write first_number = 0 for a series that is counted from 0"
            raise _NotOne("no-number", words)
        if live.kind == "tilt_series" and found.place is None and is_read_here(main):
            words = f"{name} tells no tilt: name it with {{tilt}} in the rule's match, or in its side-car"
            raise _NotOne("no-tilt", words)
        return Position(number, found.place)

    def _add(self, series_id: str, part: sqlite3.Row, live: Live) -> bool:
        """Add a part once; the service knows one that it has."""
        try:
            position = self._position(part, live)
            body = {"dataset_id": part["dataset_id"], "number": position.number}
            if position.place is not None:
                body[live.place] = position.place
            # adding is repeatable by itself, so that each try has a key of its own
            headers = {"Idempotency-Key": uuid.uuid4().hex}
            self._link.request("POST", f"/series/{series_id}/parts", json=body, headers=headers)
        except _NotOne as error:
            self._set_part(part, "held", error.kind, str(error))
        except (Conflict, Invalid) as problem:
            self._set_part(part, "refused", problem.code or "part-refused", _words(problem))
        else:
            self._set_part(part, "added", None, f"part {position.number}")
            return True
        return False

    # ---- its end

    def _conclude(self, row: sqlite3.Row, live: Live) -> None:
        """Close a series that is complete; say what it waits for."""
        if row["state"] in OVER:
            return
        self._set(row, poll_at=self._clock.steady_s() + FOLLOW_S, problem=None)
        parts = [part for part in self._parts(row) if part["unit_state"] not in _NEVER]
        if row["state"] == "closing" or any(part["problem"] == "series-closed" for part in parts):
            self._follow(row)
            return
        there = [part for part in parts if part["state"] == "added" or part["problem"] in _PRESENT]
        numbers = self._ours(there, live)
        waiting = [part for part in parts if part["state"] in _OPEN]
        is_over = bool(parts) and self._is_over(row, live, parts, len(numbers))
        missing = sorted(set(range(1, max(numbers, default=0) + 1)) - numbers.keys())
        if waiting or not numbers or not is_over:
            self._set(row, state="open", reason=_standing(len(numbers), waiting))
        elif missing:
            self._lacks(row, live, missing)
        else:
            self._close(row, len(numbers))

    def _is_over(self, row: sqlite3.Row, live: Live, parts: list[sqlite3.Row], count: int) -> bool:
        """Say whether nothing more comes: all are there, the marker stands, or it was quiet for long enough."""
        root = self._journal.root_path(row["root_id"])
        folder = (root / str(parts[0]["key"])).parent
        marker = live.marker is not None and long_path(folder / live.marker).exists()
        looks = (len(parts), sum(part["size"] + part["mtime_ns"] for part in parts), marker)
        rest = self._rests.get(row["id"])
        if rest is None or rest.looks != looks:
            rest = self._rests[row["id"]] = _Rest(looks, self._clock.steady_s())
        quiet_s = self._clock.steady_s() - rest.since_s
        if live.parts is not None and count >= live.parts:
            return True
        # what was written before the marker is found by a scan that begins after it
        return quiet_s >= (2 * self._settings.hot_s if marker else live.close_after_s)

    def _lacks(self, row: sqlite3.Row, live: Live, missing: list[int]) -> None:
        """Wait for parts between others, or for a person who closes the series without them."""
        named = ", ".join(str(number - 1 + live.first_number) for number in missing[:20])
        words = f"number {named} never came: put it there, or close it with `lithoscope series close`"
        self._set(row, state="open", problem="parts-missing", reason=words)
        self._follow(row)

    def _close(self, row: sqlite3.Row, count: int) -> None:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        try:
            self._link.request("POST", f"/series/{row['series_id']}/closing", json={"parts": count}, headers=headers)
        except Conflict:  # somebody closed it otherwise
            self._follow(row)
            return
        self._set(row, state="closing", reason=f"closed with {count} parts", problem=None)
        self._follow(self._row(row["id"]))

    def _follow(self, row: sqlite3.Row) -> None:
        """Take over what became of it at the service."""
        record = self._link.request("GET", f"/series/{row['series_id']}").json()
        if record["state"] == "open":
            return
        parts = record["parts"]["total"]
        problem = "series-failed" if record["state"] == "failed" else None
        told = dict(record["problem"] or {}) if problem else {}
        words = str(told.get("detail") or told.get("title") or f"{record['state']} with {parts} parts")
        poll_at = self._clock.steady_s() + FOLLOW_S
        self._set(row, state=record["state"], reason=words, problem=problem, poll_at=poll_at)

    # ---- the journal

    def _row(self, number: int) -> sqlite3.Row:
        found = self._journal.row("SELECT * FROM series WHERE id = ?", number)
        if found is None:
            raise LookupError(number)
        return found

    def _parts(self, row: sqlite3.Row) -> list[sqlite3.Row]:
        return self._journal.rows(_PARTS, row["id"])

    def _hold(self, row: sqlite3.Row, kind: str, words: str, wait_s: float) -> None:
        self._set(row, state="held", problem=kind, reason=words, poll_at=self._clock.steady_s() + wait_s)

    def _set(self, row: sqlite3.Row, **values: object) -> None:
        columns = ", ".join(f"{name} = ?" for name in values)
        self._journal.write(f"UPDATE series SET {columns} WHERE id = ?", *values.values(), row["id"])  # noqa: S608 - ours

    def _set_part(self, part: sqlite3.Row, state: str, problem: str | None, words: str) -> None:
        statement = "UPDATE part SET state = ?, problem = ?, reason = ? WHERE unit_id = ?"
        self._journal.write(statement, state, problem, words, part["unit_id"])


def _refused(problem: Forbidden | Invalid, body: dict[str, Any]) -> tuple[str, str, str]:
    """Return what a series begins without, and how that is said; any other refusal is raised."""
    if isinstance(problem, Forbidden) and "action" in body:
        return "action", NO_ACTION, CHOOSE
    if any(each.get("pointer") == "/body/rule_id" for each in problem.errors) and "rule_id" in body:
        return "rule_id", NO_RULE, SWITCH_ON
    raise problem


def _standing(added: int, waiting: list[sqlite3.Row]) -> str:
    """Say how far a series is, and what its next part waits for."""
    said = f"{added} part{'' if added == 1 else 's'}"
    if not waiting:
        return said
    first = waiting[0]
    return f"{said}; waits for {first['key']}{': ' + first['reason'] if first['reason'] else ''}"


def _words(problem: Problem) -> str:
    fields = "; ".join(str(each.get("detail")) for each in problem.errors)
    return f"{problem}{f' ({fields})' if fields else ''}"
