"""What lies in a folder and cannot be collected: told as long as it lies there, also over restarts, and no longer."""

import re
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.paths import long_path

NOTE = "odd:"
#: How such notes were named when they did not say whose folder they are of; the first scan finds what still lies there.
_NAMED_BEFORE = re.compile(r"(name|link):|unreadable:(?!\d+$)")


@dataclass(frozen=True, slots=True)
class Oddity:
    """
    Something that is told instead of collected.

    Parameters
    ----------
    path : str
        Below the watched folder, with ``/``; the folder's own for one that cannot be looked into.
    kind, words : str
        For the list of problems.
    example : str
        The path as it can be shown.
    """

    path: str
    kind: str
    words: str
    example: str | None = None


class Oddities:
    """
    The oddities of a watched folder, by the folder they lie in.

    Parameters
    ----------
    journal : Journal
        Keeps them.
    clock : Clock
        Since when each of them lies there.
    root_id : int
        Number of the watched folder.
    root : Path
        The watched folder.
    """

    def __init__(self, journal: Journal, clock: Clock, root_id: int, root: Path) -> None:
        self._journal = journal
        self._clock = clock
        self._mark = f"{NOTE}{root_id}:"
        self._root = root
        self._names: dict[str, set[str]] = {}
        for row in journal.rows("SELECT name FROM note WHERE substr(name, 1, ?) = ?", len(self._mark), self._mark):
            self._names.setdefault(journal.noted(row["name"])["folder"], set()).add(row["name"])

    def found(self, folder: str, oddities: Collection[Oddity]) -> None:
        """Tell what a look into a folder found, and forget what it told of that folder before and found no more."""
        names = {f"{self._mark}{each.path!a}": each for each in oddities}
        self._forget(folder, self._names.get(folder, set()) - names.keys())
        for name, each in names.items():
            self._tell(folder, name, each)

    def cannot_look(self, folder: str, words: str) -> None:
        """Tell that a folder cannot be looked into: what it told before stands, for nothing is known of it now."""
        self._tell(folder, f"{self._mark}{folder!a}/", Oddity(folder, "unreadable-folder", words))

    def forget_vanished(self) -> None:
        """Forget what lay in folders that are no more, while the watched folder itself is there."""
        for folder in [each for each in self._names if not self._is_there(each)]:
            self._forget(folder, set(self._names[folder]))

    def _is_there(self, folder: str) -> bool:
        """Say whether a folder is still one; where the system does not tell, or the whole share is away, it is."""
        parts = folder.split("/") if folder else []
        above = [self._root.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
        try:
            if all(stat.S_ISDIR(long_path(each).lstat().st_mode) for each in above):
                return True
        except (FileNotFoundError, NotADirectoryError):
            pass  # gone, or the share is away: the watched folder itself tells which
        except OSError:
            return True
        try:
            return not stat.S_ISDIR(long_path(self._root).stat().st_mode)
        except OSError:
            return True

    def _tell(self, folder: str, name: str, odd: Oddity) -> None:
        """Keep one; the first moment of it stays."""
        value = {"kind": odd.kind, "words": odd.words, "example": odd.example, "folder": folder}
        if self._journal.noted(name) != value:
            self._journal.note(name, value, self._clock.wall_s())
        self._names.setdefault(folder, set()).add(name)

    def _forget(self, folder: str, names: set[str]) -> None:
        if not names:
            return
        with self._journal.writing() as cursor:
            cursor.executemany("DELETE FROM note WHERE name = ?", [(name,) for name in names])
        self._names[folder] -= names
        if not self._names[folder]:
            del self._names[folder]


def forget_unwatched(journal: Journal, watched: Collection[int]) -> None:
    """Forget oddities of folders that are watched no longer."""
    kept = tuple(f"{NOTE}{root_id}:" for root_id in watched)
    names = [row["name"] for row in journal.rows("SELECT name FROM note")]
    odd = [name for name in names if name.startswith(NOTE) or _NAMED_BEFORE.match(name)]
    if gone := [(name,) for name in odd if not name.startswith(kept)]:
        with journal.writing() as cursor:
            cursor.executemany("DELETE FROM note WHERE name = ?", gone)
