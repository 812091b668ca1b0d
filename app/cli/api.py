"""The API process: migrates where it may, serves on the supervisor's socket, ends when the supervisor is gone."""

import argparse
import gc
import json
import os
import signal
import socket
import sys
import threading

import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.cli import migrating
from app.cli.supervision import EX_CONFIG
from app.infra import log
from app.infra.db.engine import NetworkFileSystem
from app.infra.house import House
from app.lab.composition import Lab
from app.main import create_app
from app.settings import Settings


class _AnnouncingServer(uvicorn.Server):
    """A server that says on a pipe when it accepts requests."""

    def __init__(self, config: uvicorn.Config, ready_fd: int | None, house: House) -> None:
        super().__init__(config)
        self._ready_fd = ready_fd
        self._house = house

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        if self._ready_fd is None or self.should_exit:
            return
        with self._house.database.writing() as session:
            code = Lab(self._house, session).accounts.first_administrator_code()
        settings = self._house.settings
        ready = {"workers": settings.workers, "public_url": settings.public_url.rstrip("/"), "setup_code": code}
        with os.fdopen(self._ready_fd, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps(ready) + "\n")


def _answer_soon() -> None:
    """
    Trade a little throughput for even answers.

    A thread that computes gives the interpreter up after 1 ms instead of 5, so an upload does not hold up a read;
    and what was imported is never looked through again for garbage, which takes longer than a request.
    """
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()


class NeedsMigration(RuntimeError):
    """A production database is migrated on purpose, never by whichever process starts first."""


def prepare(house: House) -> None:
    """Bring an embedded database to this code's schema; refuse a production one that has another."""
    if migrating.is_current(house.database):
        return
    if house.settings.queue != "db":
        raise NeedsMigration("the database has another schema than this version: run `lithoscope admin migrate` first")
    migrating.migrate(house.database)


def _follow_the_supervisor() -> None:
    """Stop when standard input closes: the supervisor holds its other end, and not even SIGKILL keeps it open."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _say_what_is_wrong(settings: ValidationError | SettingsError) -> None:
    """Name each setting that cannot be used, without its value: it may be a secret."""
    if isinstance(settings, SettingsError):
        print(f"lithoscope serve: {settings}: write it as JSON (docs/settings.md)", file=sys.stderr)
        return
    for each in settings.errors(include_input=False, include_url=False):
        place = "__".join(str(part) for part in each["loc"]).upper()
        print(f"lithoscope serve: LITHOSCOPE_{place}: {each['msg']} (docs/settings.md)", file=sys.stderr)


def main() -> int:
    """Run the API until it is told to stop; return the exit code."""
    parser = argparse.ArgumentParser(prog="app.cli.api")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--url", required=True)
    arguments = parser.parse_args()
    try:
        settings = Settings()
    except (ValidationError, SettingsError) as wrong:
        _say_what_is_wrong(wrong)
        return EX_CONFIG
    log.configure(as_json=settings.log_json)
    threading.Thread(target=_follow_the_supervisor, daemon=True).start()
    try:
        application = create_app(settings)
        house: House = application.state.house
        prepare(house)
    except (NetworkFileSystem, NeedsMigration) as refusal:
        print(f"lithoscope serve: {refusal}", file=sys.stderr)
        return EX_CONFIG
    config = uvicorn.Config(
        application,
        http="httptools",
        loop="auto",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=5,
    )
    _answer_soon()
    _AnnouncingServer(config, arguments.ready_fd, house).run(sockets=[socket.socket(fileno=arguments.fd)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
