"""
The supervisor of one machine: it owns the listening socket and restarts a child that dies.

It imports neither the web framework nor the database, so it starts at once and stays small. Because the socket is its
own, clients of an API process that was killed wait for the next one instead of being refused.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

#: A child that ends with this code has said why it cannot run: starting it again would not help (BSD's EX_CONFIG).
EX_CONFIG = 78
STOP_S = 20.0
POLL_S = 0.05
LOCK_NAME = "serve.lock"


class Refusal(Exception):
    """Why the service does not start; ``code`` is the exit code."""

    def __init__(self, message: str, code: int = EX_CONFIG) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Ready:
    """Where the service answers; ``setup_url`` makes the first administrator, where there is none."""

    url: str
    setup_url: str | None

    @property
    def words(self) -> str:
        """Say it in a line."""
        line = f"Lithoscope is ready at {self.url}"
        return line if self.setup_url is None else f"{line} - make yourself its first administrator: {self.setup_url}"


@dataclass
class Child:
    """
    One supervised process, leader of its own group.

    Parameters
    ----------
    name : str
        Word for messages.
    arguments : list of str
        Command line after the interpreter.
    descriptors : tuple of int
        File descriptors it inherits.
    """

    name: str
    arguments: list[str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = field(default=0.0)
    quick_deaths: int = field(default=0)

    def start(self) -> None:
        """Start it; its standard input is a lifeline that closes when the supervisor is gone, however it went."""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            [sys.executable, *self.arguments],
            stdin=subprocess.PIPE,
            pass_fds=self.descriptors,
            start_new_session=True,
        )
        self.started_at = time.monotonic()

    def restart_delay(self) -> float:
        """Return how long to wait before the next start: longer when it keeps dying at once."""
        lived = time.monotonic() - self.started_at
        self.quick_deaths = self.quick_deaths + 1 if lived < 5 else 0
        return min(0.05 * 2.0**self.quick_deaths, 1.0)

    def stop(self, number: signal.Signals) -> None:
        """Signal the process, or its whole group when it must die."""
        if self.process is None or self.process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


class Service:
    """
    The API and the local workers of one data folder.

    Parameters
    ----------
    data : Path
        Folder of the service.
    host : str
        Address to listen on.
    port : int
        Port; 0 takes a free one.
    """

    def __init__(self, data: Path, host: str, port: int) -> None:
        self.data = data
        self._is_stopping = False
        self._lock = _lock(data)
        self._socket = _listen(host, port)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        self._children: list[Child] = []

    def run(self, announce: Callable[[Ready], None]) -> int:
        """Run until a signal or until the API says it cannot; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_signal)
        try:
            ready = self._start_api()
            if ready is None:
                return self._first_failure()
            self._start_workers(ready["workers"])
            _note(self._lock, self.url)
            code = ready["setup_code"]
            announce(Ready(self.url, code and f"{ready['public_url'] or self.url}/setup?code={code}"))
            return self._watch()
        finally:
            self._end()

    def _note_signal(self, *_: object) -> None:
        """Only set a flag: an Event's lock may be held by the very frame this interrupts."""
        self._is_stopping = True

    def _start_api(self) -> dict[str, Any] | None:
        reader, writer = os.pipe()
        listening = self._socket.fileno()
        arguments = ["-m", "app.cli.api", "--fd", str(listening), "--ready-fd", str(writer), "--url", self.url]
        api = Child("API", arguments, (listening, writer))
        api.start()
        os.close(writer)
        self._children.append(api)
        with os.fdopen(reader, encoding="utf-8") as pipe:
            line = pipe.readline()
        api.arguments, api.descriptors = arguments[:4] + arguments[6:], (listening,)
        return json.loads(line) if line else None

    def _first_failure(self) -> int:
        """Return the exit code of an API that never became ready; what it wrote says why."""
        process = self._children[0].process
        return 0 if self._is_stopping or process is None else process.wait() or 1

    def _start_workers(self, count: int) -> None:
        """Start the process whose slots run the jobs, each in a child of its fork server."""
        if count == 0:
            return
        worker = Child("worker", ["-m", "workers", "--slots", str(count), "--lifeline"])
        worker.start()
        self._children.append(worker)

    def _watch(self) -> int:
        while not self._is_stopping:
            time.sleep(POLL_S)
            for child in self._children:
                if child.process is None or (code := child.process.poll()) is None:
                    continue
                if code == EX_CONFIG:
                    return EX_CONFIG
                if self._pause(child.restart_delay()):
                    child.start()
        return 0

    def _pause(self, seconds: float) -> bool:
        """Wait; say whether to go on afterwards."""
        end = time.monotonic() + seconds
        while not self._is_stopping and time.monotonic() < end:
            time.sleep(POLL_S)
        return not self._is_stopping

    def _end(self) -> None:
        self._is_stopping = True
        for child in self._children:
            child.stop(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for child in self._children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.stop(signal.SIGKILL)
                child.process.wait()
            if child.process.stdin is not None:
                child.process.stdin.close()
        self._socket.close()
        self._lock.close()


def _lock(data: Path) -> TextIO:
    """Hold the data folder: two services over one folder would each believe the other's staging files are litter."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = (data / LOCK_NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{data} cannot be written ({error.strerror}): choose another folder with --data") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        where = running_at(data) or "another address"
        raise Refusal(f"a service already runs over {data}, at {where}: stop it, or choose another --data") from None
    return file


def _note(lock: TextIO, url: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps({"url": url, "pid": os.getpid()}))
    lock.flush()


def running_at(data: Path) -> str | None:
    """Return the address of the service that holds a data folder; None when none does."""
    path = data / LOCK_NAME
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            text = file.read()
            return str(json.loads(text)["url"]) if text else None
    return None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Refusal(f"{host}:{port} cannot be listened on ({error.strerror}): choose another --port") from None
    listening.listen(2048)
    return listening
