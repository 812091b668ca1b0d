"""One engine for both databases; writers on SQLite take the lock when they begin, not when they first write."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "fuse.sshfs", "lustre", "gpfs", "ceph"}
)


class NetworkFileSystem(RuntimeError):
    """SQLite's write-ahead log needs shared memory, which a network file system does not give."""


class Database:
    """
    Sessions over SQLite or PostgreSQL.

    Parameters
    ----------
    url : str
        ``sqlite:///path`` or ``postgresql+psycopg://...``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else create_engine(url, pool_pre_ping=True, pool_size=20)
        self._writer = self.engine.execution_options(writes=True)
        self._writing = sessionmaker(self._writer, expire_on_commit=False)
        #: Changes this process committed: what it read before may have changed when the number has.
        self.writes = 0
        event.listen(self._writing, "after_commit", self._count)

    def _count(self, _session: Session) -> None:
        self.writes += 1

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open one transaction: committed at the end of the block, rolled back when it raises."""
        with self._writing() as session, session.begin():
            yield session

    def open(self, *, writes: bool) -> Session:
        """Open a session whose owner commits and closes it (the request boundary)."""
        return self._writing() if writes else Session(self.engine, expire_on_commit=False)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        _refuse_network_file_system(Path(path).parent)
    engine = create_engine(url, pool_size=20, max_overflow=40)

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below is the only one
        for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("small_letters", 1, _small_letters, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _small_letters(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _refuse_network_file_system(folder: Path) -> None:
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    target = os.path.realpath(folder)
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8").splitlines():
        _device, mount, fs_type, *_ = line.split()
        if (target == mount or target.startswith(mount.rstrip("/") + "/")) and len(mount) >= len(best):
            best, kind = mount, fs_type
    if kind in NETWORK_FILE_SYSTEMS:
        raise NetworkFileSystem(
            f"{folder} lies on {kind}: SQLite's write-ahead log is not safe there; choose a local folder or PostgreSQL"
        )
