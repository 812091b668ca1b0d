"""What a collector says of itself: the same words in `watch status`, in the heartbeat and on the instrument's page."""

import shutil
import socket
from datetime import UTC, datetime
from typing import Any

from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.settings import Settings
from lithoscope.client.collector.true_time import NOTE as CLOCK

SKEW_S = 120.0
LEAST_FREE_BYTES = 100 * 1024 * 1024
MOST_PROBLEMS = 50
MOST_SERIES = 50
ODD_FOR_S = 7 * 86400.0  # so long it is told what was odd about a file that arrived
QUIET_NOTES = frozenset({CLOCK, "rules", "beat"})


def report(journal: Journal, settings: Settings) -> dict[str, Any]:
    """Return the report of the heartbeat, as `CollectorReport` of the API."""
    counts = journal.counts()
    queue = {name: counts.get(name, 0) for name in ("growing", "waiting", "sending", "held", "failed", "unmatched")}
    queue["sent"] = counts.get("sent", 0) + counts.get("same", 0)
    waiting = journal.row("SELECT count(*) AS n FROM happening WHERE state IN ('waiting', 'held')")
    queue["events"] = 0 if waiting is None else waiting["n"]
    return {
        "host": socket.gethostname()[:255] or None,
        "queue": queue,
        "oldest_waiting_at": _oldest(journal),
        "free_journal_bytes": free_bytes(journal),
        "folders": [shown(str(folder.path))[:1000] for folder in settings.folders][:100],
        "problems": problems(journal)[:MOST_PROBLEMS],
    }


def free_bytes(journal: Journal) -> int | None:
    """Return the room where the journal lies."""
    try:
        return shutil.disk_usage(journal.path.parent).free
    except OSError:
        return None


def _oldest(journal: Journal) -> str | None:
    """Return since when the oldest waits, by the service's clock."""
    query = "SELECT settled_at, clock_offset_s FROM unit WHERE state IN ('waiting', 'sending', 'held') "
    row = journal.row(query + "AND settled_at IS NOT NULL ORDER BY settled_at LIMIT 1")
    return None if row is None else instant(row["settled_at"] - (row["clock_offset_s"] or 0.0))


def problems(journal: Journal) -> list[dict[str, Any]]:
    """Return everything that is wrong, the whole first, then datasets, series and events by kind."""
    return [*_of_the_whole(journal), *_of_units(journal), *_of_series(journal), *_of_happenings(journal)]


def _of_the_whole(journal: Journal) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in journal.rows("SELECT name, at FROM note ORDER BY at"):
        value = journal.noted(row["name"])
        if row["name"] in QUIET_NOTES or not isinstance(value, dict) or "kind" not in value:
            continue
        line = _problem(value["kind"], 1, value["words"], value.get("example"), since=row["at"])
        known = found.setdefault((value["kind"], value["words"]), line)
        known["count"] += known is not line
    clock = journal.noted(CLOCK)
    if clock and clock["offset_s"] is not None and abs(clock["offset_s"]) > SKEW_S:
        ahead = "ahead" if clock["offset_s"] > 0 else "behind"
        words = f"the PC's clock is {abs(clock['offset_s']):.0f} s {ahead}; times are corrected by that: set it by NTP"
        found["clock", ""] = _problem("wrong-clock", 1, words, None)
    return [*found.values(), *of_disk(free_bytes(journal), str(journal.path.parent))]


def of_disk(free: int | None, where: str) -> list[dict[str, Any]]:
    """Say that there is hardly any room where the journal lies."""
    if free is None or free >= LEAST_FREE_BYTES:
        return []
    words = f"only {free // 2**20} MiB are free where the journal lies: make room, or nothing can be remembered"
    return [_problem("disk-full", 1, words, where)]


def _of_units(journal: Journal) -> list[dict[str, Any]]:
    """Return one line for each kind of trouble, with one dataset as example; nothing is left out."""
    query = (
        "SELECT coalesce(problem, state) AS kind, count(*) AS n, min(found_at) AS since, max(reason) AS words, "
        "min(key) AS example FROM unit WHERE state IN ('unmatched', 'gone') OR problem IS NOT NULL "
        "AND (state != 'sent' OR sent_at > strftime('%s', 'now') - ?) GROUP BY 1"
    )
    return [
        _problem(row["kind"], row["n"], row["words"], row["example"], since=row["since"])
        for row in journal.rows(query, ODD_FOR_S)
    ]


def _of_series(journal: Journal) -> list[dict[str, Any]]:
    """Return one line for each kind of trouble of a series and of its parts, with one as example."""
    query = (
        "SELECT problem AS kind, count(*) AS n, min(found_at) AS since, max(reason) AS words, min(key) AS example "
        "FROM series WHERE problem IS NOT NULL GROUP BY problem UNION ALL "
        "SELECT part.problem, count(*), min(unit.found_at), max(part.reason), min(unit.key) FROM part "
        "JOIN unit ON unit.id = unit_id WHERE part.problem IS NOT NULL GROUP BY part.problem"
    )
    return [
        _problem(row["kind"], row["n"], row["words"], row["example"], since=row["since"]) for row in journal.rows(query)
    ]


def series(journal: Journal) -> list[dict[str, Any]]:
    """Return the series that grow or grew, the newest first: where, which, how far, what they wait for."""
    query = (
        "SELECT series.key, series_id, series.state, series.reason, series.problem, count(part.unit_id) AS files, "
        "total(part.state = 'added') AS added FROM series LEFT JOIN part ON part.series = series.id "
        "GROUP BY series.id ORDER BY series.id DESC LIMIT ?"
    )
    return [{**dict(row), "added": int(row["added"])} for row in journal.rows(query, MOST_SERIES)]


def _of_happenings(journal: Journal) -> list[dict[str, Any]]:
    query = (
        "SELECT problem AS kind, count(*) AS n, min(typed_at) AS since, max(reason) AS words, min(sample) AS example "
        "FROM happening WHERE problem IS NOT NULL GROUP BY problem"
    )
    return [
        _problem(f"event-{row['kind']}", row["n"], row["words"], row["example"], since=row["since"])
        for row in journal.rows(query)
    ]


def _problem(kind: str, count: int, words: str, example: str | None, *, since: float | None = None) -> dict[str, Any]:
    texts = {"words": shown(words)[:1000] or kind, "example": shown(example or "")[:1000] or None}
    said = {"kind": kind[:40], "count": count, **texts}
    return {**said, "since": None if since is None else instant(since)}


def shown(text: str) -> str:
    r"""Write what neither a terminal nor the service takes as it is, such as ``\x1b`` in a file's name, as escapes."""
    return "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in text)


def instant(seconds: float) -> str:
    """Write a moment."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
