"""Servers that tests start for themselves: on loopback, on free ports, in temporary folders."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import create_engine

from app.infra.db.base import Base
from app.infra.ids import new_id


def need(name: str, missing: str | None) -> None:
    """Skip a test whose server is missing; fail it when LITHOSCOPE_TEST_REQUIRE names the server."""
    if missing is None:
        return
    if name in os.environ.get("LITHOSCOPE_TEST_REQUIRE", "").replace(",", " ").split():
        pytest.fail(f"{name} is required: {missing}")
    pytest.skip(missing)


def free_port() -> int:
    """Return a port of loopback that is free now, below those that systems lend to clients: none takes it meanwhile."""
    while True:
        port = random.SystemRandom().randrange(12_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _binary(name: str) -> str | None:
    found = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)]
    return found[0] if found else shutil.which(name)


class PostgresCluster:
    """A PostgreSQL server with one template database that holds all tables."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lithoscope-postgres-"))  # pytest closes its folders to other users
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    @staticmethod
    def missing() -> str | None:
        """Say what is missing to start one."""
        return None if _binary("initdb") and _binary("postgres") else "no PostgreSQL server binaries"

    def start(self) -> None:
        """Make the cluster, start it and fill the template."""
        data = self._folder / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(data, "postgres", "postgres")
            self._folder.chmod(0o755)
        quick = ["--auth=trust", "--username=lithoscope", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(self._as_owner(_binary("initdb"), "-D", str(data), *quick), check=True, capture_output=True)
        options = {"port": self._port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = (self._folder / "log").open("wb")
        with log:
            self._server = subprocess.Popen(
                self._as_owner(_binary("postgres"), "-D", str(data), *arguments), stdout=log, stderr=log
            )
        self._wait()
        self._run("CREATE DATABASE empty_house")
        engine = create_engine(self.url("empty_house"))
        Base.metadata.create_all(engine)
        engine.dispose()

    def _as_owner(self, *command: str | None) -> list[str]:
        words = [word for word in command if word]
        if os.geteuid() != 0:
            return words
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *words]

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self._run("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _run(self, command: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self._port, user="lithoscope", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(command)  # type: ignore[call-overload]

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://lithoscope@127.0.0.1:{self._port}/{database}"

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """Give a fresh database: with all tables, or without any."""
        name = f"house_{new_id('otc')[4:]}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else 'empty_house'}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(30)
        shutil.rmtree(self._folder)


class RedisServer:
    """A Redis server with an append-only file, as production runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    @staticmethod
    def missing() -> str | None:
        """Say what is missing to start one."""
        return None if shutil.which("redis-server") else "no redis-server"

    @property
    def url(self) -> str:
        """Return the URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "yes"}
        options |= {"maxmemory-policy": "noeviction"}
        command = ["redis-server", *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        with redis.Redis(port=self.port) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.ConnectionError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)

    def stop(self) -> None:
        """Stop it."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(30)
            self._server = None
