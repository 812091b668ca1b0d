"""Looking into folders: often where things happen, seldom elsewhere; only names, sizes and times are read."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import BATCH, Journal
from lithoscope.client.collector.oddities import Oddities, Oddity, forget_unwatched
from lithoscope.client.collector.parts import named_position
from lithoscope.client.collector.paths import long_path
from lithoscope.client.collector.placing import Placed, Placer
from lithoscope.client.collector.settings import Folder, Settings
from lithoscope.client.collector.true_time import TrueTime
from lithoscope.simultaneous import MANIFEST

HOT_FOR_S = 3600.0
WARM_FOR_S = 7 * 86400.0


@dataclass(slots=True)
class _Place:
    """What is remembered of a folder while the program runs."""

    mtime_ns: int
    active_s: float
    looked_s: float | None = None  # when it was last listed, by the service's time


@dataclass(slots=True)
class _Root:
    """A watched folder."""

    id: int
    folder: Folder
    oddities: Oddities
    places: dict[str, _Place] = field(default_factory=dict)
    scanned_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as a scan saw it."""

    path: str
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Seen:
    """What a scan came by."""

    files: int = 0
    changed: int = 0
    problems: list[str] = field(default_factory=list)


class Scanner:
    """
    Finds files that are new or changed and writes them into the journal.

    Parameters
    ----------
    settings : Settings
        What is watched.
    journal : Journal
        What is known.
    clock : Clock
        For the tiers.
    true_time : TrueTime
        How far the PC's clock is ahead.
    """

    def __init__(self, settings: Settings, journal: Journal, *, clock: Clock, true_time: TrueTime) -> None:
        self._settings = settings
        self._journal = journal
        self._clock = clock
        self._true_time = true_time
        self._placer = Placer(settings)
        self._roots = [self._root(folder) for folder in settings.folders]
        forget_unwatched(journal, [root.id for root in self._roots])

    def _root(self, folder: Folder) -> _Root:
        number = self._journal.root_id(folder.path)
        return _Root(number, folder, Oddities(self._journal, self._clock, number, folder.path))

    def scan(self) -> Seen:
        """Look into every folder whose time has come."""
        seen = Seen()
        for root in self._roots:
            self._scan_root(root, seen)
        return seen

    def _scan_root(self, root: _Root, seen: Seen) -> None:
        now = self._clock.steady_s()
        tier = self._due(root, now)
        if tier is None:
            return
        problem = f"unreadable:{root.id}"
        try:
            long_path(root.folder.path).stat()
            for path in self._places_of(root, tier, now):
                self._look(root, path, seen)
            if tier != "hot":
                root.oddities.forget_vanished()
        except OSError as error:
            words = f"{root.folder.path} cannot be read ({error.strerror or error}): is the share there?"
            seen.problems.append(words)
            self._trouble(problem, "unreadable-folder", words)
            return
        self._no_trouble(problem)
        for each in ("hot", "warm", "cold")[: ("hot", "warm", "cold").index(tier) + 1]:
            root.scanned_s[each] = now

    def _due(self, root: _Root, now: float) -> str | None:
        """Return the widest tier that is due; a folder that is always hot is looked through wholly."""
        periods = {"cold": self._settings.cold_s, "warm": self._settings.warm_s, "hot": self._settings.hot_s}
        if root.folder.tier != "auto":
            period = periods[root.folder.tier]
            return "cold" if now - root.scanned_s.get("cold", -1e18) >= period else None
        return next((tier for tier, every in periods.items() if now - root.scanned_s.get(tier, -1e18) >= every), None)

    def _places_of(self, root: _Root, tier: str, now: float) -> Iterable[str]:
        """Choose the folders to look into; what is new below them is looked into as well."""
        if tier == "cold":
            return self._walk(root)
        horizon = HOT_FOR_S if tier == "hot" else WARM_FOR_S
        active = {path for path, place in root.places.items() if now - place.active_s < horizon}
        moved = self._moved(root) if tier == "warm" else set[str]()
        return sorted(_with_parents(active | moved | {""}))

    def _walk(self, root: _Root) -> Iterator[str]:
        """Go through every folder."""
        waiting = [""]
        while waiting:
            path = waiting.pop()
            yield path
            waiting += self._subfolders(root, path)

    def _subfolders(self, root: _Root, path: str) -> list[str]:
        try:
            with os.scandir(long_path(root.folder.path / path)) as entries:
                return [_below(path, entry.name) for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return []  # looking into it has said so already

    def _moved(self, root: _Root) -> set[str]:
        """Return the known folders whose own time changed: something was made or removed in them."""
        found = set()
        for path, place in list(root.places.items()):
            try:
                if long_path(root.folder.path / path).stat().st_mtime_ns != place.mtime_ns:
                    found.add(path)
            except OSError:
                del root.places[path]
        return found

    def _look(self, root: _Root, path: str, seen: Seen) -> None:
        """Compare one folder with the journal; a folder in it that was not known is looked into as well."""
        where = root.folder.path / path
        looked_s = self._true_time.true_s()
        try:
            mtime_ns = long_path(where).stat().st_mtime_ns
            fresh, changed = self._compare_all(root, path, seen)
        except OSError as error:
            if path == "" or not long_path(root.folder.path).exists():
                raise
            root.places.pop(path, None)
            if isinstance(error, FileNotFoundError):
                root.oddities.forget_vanished()
            else:
                root.oddities.cannot_look(path, f"{where} cannot be read ({error.strerror})")
            return
        now = self._clock.steady_s()
        age_s = max(0.0, self._clock.wall_s() - mtime_ns / 1e9)
        place = root.places.setdefault(path, _Place(mtime_ns, now - age_s))
        place.mtime_ns = mtime_ns
        place.looked_s = looked_s
        place.active_s = now if changed and age_s < WARM_FOR_S else place.active_s
        for name in fresh:
            self._look(root, name, seen)

    def _compare_all(self, root: _Root, path: str, seen: Seen) -> tuple[list[str], bool]:
        folder = root.folder.path / path
        fresh: list[str] = []
        before = seen.changed
        batch: list[Sighting] = []
        odd: list[Oddity] = []
        is_series = long_path(folder / MANIFEST).exists()
        with os.scandir(long_path(folder)) as entries:
            for entry in entries:
                if entry.is_symlink():
                    odd.append(_link(_below(path, entry.name), folder / entry.name))
                elif entry.is_dir(follow_symlinks=False):
                    name = _below(path, entry.name)
                    if name not in root.places and "cold" in root.scanned_s:
                        fresh.append(name)
                elif _is_text(_below(path, entry.name)):
                    batch += _sighting(path, entry)
                else:
                    odd.append(_unnamed(_below(path, entry.name)))
                if len(batch) >= BATCH:
                    self._compare(root, batch, seen, is_series=is_series)
                    batch = []
        self._compare(root, batch, seen, is_series=is_series)
        root.oddities.found(path, odd)
        return fresh, seen.changed > before

    def _compare(self, root: _Root, batch: list[Sighting], seen: Seen, *, is_series: bool) -> None:
        """Write what is new or changed, in one transaction."""
        seen.files += len(batch)
        known = self._journal.known(root.id, [each.path for each in batch])
        fresh = []
        for each in batch:
            row = known.get(each.path)
            if row is None or (row.size, row.mtime_ns) != (each.size, each.mtime_ns):
                fresh.append(each)
        if not fresh:
            return
        seen.changed += len(fresh)
        wall, now = self._clock.wall_s(), self._clock.steady_s()
        place = root.places.get(batch[0].path.rpartition("/")[0])
        between = (None if place is None else place.looked_s, self._true_time.true_s())
        offsets = [self._true_time.offset_at(each.mtime_ns / 1e9, between_s=between) for each in fresh]
        with self._journal.writing() as cursor:
            for each, offset in zip(fresh, offsets, strict=True):
                placed = self._placer.place(each.path, is_series=is_series)
                poll_at = now + self._settings.quiet_of(placed.rule, placed.key)
                values = _unit_values(root.id, placed, wall, poll_at, clock=(offset, *between))
                unit_id = cursor.execute(_UPSERT_UNIT, values).fetchone()[0]
                cursor.execute(_UPSERT_FILE, (root.id, each.path, each.size, each.mtime_ns, unit_id))
                if live := placed.series and self._settings.live_of(placed.rule):
                    grown = (root.id, placed.series, placed.rule, wall)
                    series = cursor.execute(_UPSERT_SERIES, grown).fetchone()[0]
                    named = named_position(placed.key, placed.values, live)
                    cursor.execute(_UPSERT_PART, (unit_id, series, named.number, named.place))

    def _trouble(self, name: str, kind: str, words: str) -> None:
        """Keep a problem that is not one of a dataset; the first moment of it stays."""
        known = self._journal.noted(name)
        if known is None or known.get("words") != words:
            self._journal.note(name, {"kind": kind, "words": words, "example": None}, self._clock.wall_s())

    def _no_trouble(self, name: str) -> None:
        """Forget a problem that has passed."""
        if self._journal.noted(name) is not None:
            self._journal.write("DELETE FROM note WHERE name = ?", name)


# a dataset that was sent, or is on its way, and changes again begins anew
_UPSERT_UNIT = """
INSERT INTO unit (
    root_id, key, grouping, state, reason, rule, project, sample, kind, clock_offset_s, looked_s, seen_s, found_at,
    poll_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (root_id, key) DO UPDATE SET
    grouping = excluded.grouping, reason = excluded.reason, rule = excluded.rule, project = excluded.project,
    sample = excluded.sample, kind = excluded.kind, clock_offset_s = excluded.clock_offset_s,
    looked_s = excluded.looked_s, seen_s = excluded.seen_s, problem = NULL,
    found_at = CASE WHEN state = 'growing' THEN found_at ELSE excluded.found_at END,
    poll_at = CASE WHEN state = 'sending' THEN 0 ELSE excluded.poll_at END,
    state = CASE WHEN state = 'sending' THEN state ELSE excluded.state END
RETURNING id
"""
_UPSERT_FILE = """
INSERT INTO file VALUES (?, ?, ?, ?, ?)
ON CONFLICT (root_id, path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns, unit_id = excluded.unit_id
"""

_UPSERT_SERIES = """
INSERT INTO series (root_id, key, rule, found_at) VALUES (?, ?, ?, ?)
ON CONFLICT (root_id, key) DO UPDATE SET rule = excluded.rule, poll_at = 0
RETURNING id
"""
_UPSERT_PART = """
INSERT INTO part (unit_id, series, number, place) VALUES (?, ?, ?, ?)
ON CONFLICT (unit_id) DO UPDATE SET
    series = excluded.series, number = excluded.number, place = excluded.place, state = 'waiting', reason = '',
    problem = NULL
"""


def _unit_values(
    root_id: int, placed: Placed, wall: float, poll_at: float, *, clock: tuple[float | None, ...]
) -> tuple[object, ...]:
    said = (placed.rule, placed.project, placed.sample, placed.kind)
    return (root_id, placed.key, placed.grouping, placed.state, placed.reason, *said, *clock, wall, poll_at)


def _sighting(path: str, entry: "os.DirEntry[str]") -> list[Sighting]:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return []  # gone between the listing and the question
    return [Sighting(_below(path, entry.name), status.st_size, status.st_mtime_ns)]


def _link(name: str, path: Path) -> Oddity:
    return Oddity(name, "link", "links are not followed: put the folder they lead to into the settings", str(path))


def _unnamed(name: str) -> Oddity:
    return Oddity(name, "bad-name", "its name is not readable as text: rename it", ascii(name))


def _is_text(name: str) -> bool:
    return name.encode("utf-8", "replace").decode() == name and all(ord(mark) >= 32 for mark in name)


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _with_parents(paths: set[str]) -> set[str]:
    found = set(paths)
    for path in paths:
        while path:
            path = path.rpartition("/")[0]  # noqa: PLW2901 - climbs
            found.add(path)
    return found
