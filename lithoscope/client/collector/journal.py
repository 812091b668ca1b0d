"""What the collector remembers: one SQLite file in WAL mode, safe to open by several threads and commands at once."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lithoscope.client.collector.tables import STEPS, VERSION
from lithoscope.client.problems import ClientError

_KNOWN = "SELECT file.path, file.size, file.mtime_ns, unit_id, state FROM file JOIN unit ON unit.id = unit_id"
BATCH = 400  # names asked for at once; SQLite's oldest limit of variables is 999


class JournalProblem(ClientError):
    """The journal cannot be opened or written."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Known:
    """A file as the journal has it."""

    size: int
    mtime_ns: int
    unit_id: int
    state: str


class Journal:
    """
    The collector's memory.

    Every thread has a connection of its own; writing transactions are short. Nothing here knows what a state means.

    Parameters
    ----------
    path : Path
        The file; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._prepare()

    def _prepare(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.writing() as cursor:
                (version,) = cursor.execute("PRAGMA user_version").fetchone()
                if version < VERSION:
                    for statement in "".join(STEPS[version:]).split(";"):
                        cursor.execute(statement)
                    cursor.execute(f"PRAGMA user_version = {VERSION}")
        except (OSError, sqlite3.Error) as error:
            raise JournalProblem(f"the journal {self.path} cannot be opened ({error})") from None
        if version > VERSION:
            raise JournalProblem(f"the journal {self.path} was written by a newer lithoscope: update this one")

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            found.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-8000", "foreign_keys=ON"):
                found.execute(f"PRAGMA {pragma}")
            self._local.connection = found
            with self._lock:
                self._opened.append(found)
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
        self._local = threading.local()

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        return self.connection.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query."""
        found: sqlite3.Row | None = self.connection.execute(query, values).fetchone()
        return found

    def write(self, statement: str, *values: object) -> None:
        """Write one statement."""
        with self.writing() as cursor:
            cursor.execute(statement, values)

    def note(self, name: str, value: Any, at: float) -> None:
        """Keep a single value."""
        self.write("INSERT OR REPLACE INTO note VALUES (?, ?, ?)", name, json.dumps(value), at)

    def noted(self, name: str) -> Any:
        """Return a single value; None when it was never kept."""
        found = self.row("SELECT value FROM note WHERE name = ?", name)
        return None if found is None else json.loads(found["value"])

    def root_id(self, path: Path) -> int:
        """Return the number of a watched folder."""
        found = self.row("SELECT id FROM root WHERE path = ?", str(path))
        if found is None:
            self.write("INSERT OR IGNORE INTO root (path) VALUES (?)", str(path))
            found = self.row("SELECT id FROM root WHERE path = ?", str(path))
        return int(found["id"]) if found is not None else 0

    def root_path(self, root_id: int) -> Path:
        """Return a watched folder by its number."""
        found = self.row("SELECT path FROM root WHERE id = ?", root_id)
        if found is None:
            raise LookupError(root_id)
        return Path(found["path"])

    def known(self, root_id: int, paths: Sequence[str]) -> dict[str, Known]:
        """Return what is known of these paths."""
        found: dict[str, Known] = {}
        for start in range(0, len(paths), BATCH):
            some = paths[start : start + BATCH]
            marks = ",".join("?" * len(some))
            query = f"{_KNOWN} WHERE file.root_id = ? AND file.path IN ({marks})"
            for path, *rest in self.connection.execute(query, (root_id, *some)):
                found[path] = Known(*rest)
        return found

    def counts(self) -> dict[str, int]:
        """Count units by state."""
        return {row["state"]: row["n"] for row in self.rows("SELECT state, count(*) AS n FROM unit GROUP BY state")}

    def set_unit(self, unit_id: int, **values: object) -> None:
        """Change columns of a unit."""
        self.set_units([unit_id], **values)

    def set_units(self, unit_ids: Iterable[int], **values: object) -> None:
        """Change columns of units, all in one transaction."""
        columns = ", ".join(f"{name} = ?" for name in values)
        with self.writing() as cursor:
            statement = f"UPDATE unit SET {columns} WHERE id = ?"  # noqa: S608 - names of columns from code
            cursor.executemany(statement, [(*values.values(), each) for each in unit_ids])

    def unit(self, unit_id: int) -> sqlite3.Row:
        """Return a unit."""
        found = self.row("SELECT * FROM unit WHERE id = ?", unit_id)
        if found is None:
            raise LookupError(unit_id)
        return found

    def files_of(self, unit_id: int) -> list[sqlite3.Row]:
        """Return the files of a unit, by path."""
        return self.rows("SELECT path, size, mtime_ns FROM file WHERE unit_id = ? ORDER BY path", unit_id)
