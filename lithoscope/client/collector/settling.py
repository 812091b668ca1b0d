"""When is a dataset finished? Quiet, whole by its own header, held by nobody; or a marker says so."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lithoscope.client.collector import probes
from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.paths import is_held, long_path
from lithoscope.client.collector.placing import is_sidecar, marker_of
from lithoscope.client.collector.settings import Settings
from lithoscope.client.collector.true_time import TrueTime

MOST_AT_ONCE = 500
NEVER_AFTER_S = 3600.0  # a file that lacks something for so long is told as a problem


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of a dataset, as the journal has it and as it is."""

    path: Path
    name: str
    size: int
    mtime_ns: int
    is_same: bool


class Settler:
    """
    Looks at what is growing and says what is finished.

    Parameters
    ----------
    settings : Settings
        How long is quiet.
    journal : Journal
        What is growing.
    clock : Clock
        Counts the quiet.
    true_time : TrueTime
        How far the PC's clock is ahead.
    """

    def __init__(self, settings: Settings, journal: Journal, *, clock: Clock, true_time: TrueTime) -> None:
        self._settings = settings
        self._journal = journal
        self._clock = clock
        self._true_time = true_time

    def begin(self) -> None:
        """Count the quiet of everything anew: the steady clock of an earlier run means nothing now."""
        start = self._clock.steady_s()
        self._journal.write("UPDATE unit SET poll_at = ? WHERE state = 'growing'", start + self._settings.quiet_s)
        self._journal.write("UPDATE unit SET poll_at = 0 WHERE state IN ('waiting', 'held', 'sending')")
        self._journal.write("UPDATE happening SET poll_at = 0")
        self._journal.write("UPDATE series SET poll_at = 0")

    def settle(self) -> int:
        """Look at what has been quiet long enough; return how many datasets are finished."""
        now, settled = self._clock.steady_s(), 0
        marked = self._settings.marker is not None
        due = "SELECT * FROM unit WHERE state = 'growing' AND (poll_at <= ? OR ?) ORDER BY poll_at LIMIT ?"
        while rows := self._journal.rows(due, now, marked, -1 if marked else MOST_AT_ONCE):
            settled += sum(self._settle(row) for row in rows)
            if marked or len(rows) < MOST_AT_ONCE:
                break
        return settled

    def _settle(self, unit: sqlite3.Row) -> bool:
        members = self._members(unit)
        if members is None:
            return False
        if not members:
            self._journal.set_unit(unit["id"], state="gone", reason="it vanished before it was complete")
            return False
        if not all(member.is_same for member in members):
            self._changed(unit, members)
            return False
        lacking = self._lacking(unit, members)
        if lacking is not None:
            self._later(unit, *lacking)
            return False
        values = {"size": sum(each.size for each in members), "mtime_ns": max(each.mtime_ns for each in members)}
        told = {"settled_at": self._clock.wall_s(), "poll_at": 0, "problem": None, "attempts": 0}
        self._journal.set_unit(unit["id"], state="waiting", reason=self._how(members), **values, **told)
        return True

    def _members(self, unit: sqlite3.Row) -> list[_Member] | None:
        """Look at the files; None when the folder cannot be read now, which says nothing about them."""
        root = self._journal.root_path(unit["root_id"])
        found, vanished = [], []
        for row in self._journal.files_of(unit["id"]):
            path = root / row["path"]
            try:
                status = long_path(path).stat(follow_symlinks=False)
            except FileNotFoundError:
                vanished.append(row["path"])
                continue
            except OSError as error:
                self._later(unit, "unreadable", f"it cannot be read ({error.strerror})")
                return None
            same = (status.st_size, status.st_mtime_ns) == (row["size"], row["mtime_ns"])
            found.append(_Member(path, row["path"], status.st_size, status.st_mtime_ns, same))
        if vanished and not long_path(root).exists():
            self._later(unit, "unreadable", f"{root} cannot be read: is the share there?")
            return None
        with self._journal.writing() as cursor:
            for path in vanished:
                cursor.execute("DELETE FROM file WHERE root_id = ? AND path = ?", (unit["root_id"], path))
        return found

    def _changed(self, unit: sqlite3.Row, members: list[_Member]) -> None:
        with self._journal.writing() as cursor:
            for each in members:
                row = (each.size, each.mtime_ns, unit["root_id"], each.name)
                cursor.execute("UPDATE file SET size = ?, mtime_ns = ? WHERE root_id = ? AND path = ?", row)
        poll_at = self._clock.steady_s() + self._settings.quiet_of(unit["rule"], unit["key"])
        mtime_s = max(each.mtime_ns for each in members) / 1e9
        between = (unit["looked_s"], self._true_time.true_s())
        told = {"clock_offset_s": self._true_time.offset_at(mtime_s, between_s=between), "seen_s": between[1]}
        self._journal.set_unit(unit["id"], poll_at=poll_at, problem=None, **told)

    def _lacking(self, unit: sqlite3.Row, members: list[_Member]) -> tuple[str, str] | None:
        """Say what is missing, as kind and words."""
        mains = [each for each in members if not is_sidecar(each.name)]
        if not mains:
            return "side-car-alone", "only its side-car is there"
        if self._settings.marker is not None:
            markers = {each.path.with_name(marker_of(self._settings.marker, each.path.name)) for each in mains}
            is_marked = any(long_path(marker).exists() for marker in markers)
            return None if is_marked else ("unmarked", f"waits for its marker {min(each.name for each in markers)}")
        if not any(each.size for each in mains):
            return "empty", "it has no bytes"
        if unit["grouping"] == "pair" and self._waits_for_partner(unit, mains):
            return "partner", f"waits for {PurePosixPath(unit['key']).name}"
        return self._not_whole(mains)

    def _waits_for_partner(self, unit: sqlite3.Row, mains: list[_Member]) -> bool:
        names = {each.name.lower() for each in mains}
        has_both = unit["key"].lower() in names and len(names) > 1
        waited_s = self._clock.wall_s() - unit["found_at"]
        return not has_both and waited_s < self._settings.partner_s

    def _not_whole(self, mains: list[_Member]) -> tuple[str, str] | None:
        for each in mains:
            try:
                if is_held(each.path):
                    return "locked", f"{each.path.name} is held by another program"
                words = probes.missing(long_path(each.path))
            except probes.Unprobed:
                continue
            except OSError as error:
                return "unreadable", f"{each.path.name} cannot be read ({error.strerror})"
            if words is not None:
                return "incomplete", f"{each.path.name}: {words}"
        return None

    def _how(self, members: list[_Member]) -> str:
        if self._settings.marker is not None:
            return "settled by its marker"
        known = [probes.is_known(each.path) for each in members if not is_sidecar(each.name)]
        return "quiet and whole" if any(known) else "quiet only: its format tells no length"

    def _later(self, unit: sqlite3.Row, kind: str, words: str) -> None:
        """Look again after a while that grows; after an hour it is told as a problem."""
        attempts = unit["attempts"] + 1
        wait_s = min(self._settings.warm_s, self._settings.hot_s * 1.5 ** min(attempts, 20))
        is_problem = self._clock.wall_s() - unit["found_at"] > NEVER_AFTER_S or kind == "unreadable"
        poll_at = self._clock.steady_s() + wait_s
        problem = ("never-settles" if kind != "unreadable" else kind) if is_problem else None
        self._journal.set_unit(unit["id"], reason=words, problem=problem, attempts=attempts, poll_at=poll_at)
