"""A real service in processes of its own, for tests that kill it and for measurements."""

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import httpx
import psutil

from app.lab.access import Action

_READY = re.compile(r"http://[0-9.]+:\d+")
_CODE = re.compile(r"code=([A-Za-z0-9_-]+)")
LOGIN, PASSWORD = "head", secrets.token_urlsafe(16)


class LiveService:
    """
    `lithoscope serve` on a free port, with an administrator and a project.

    Parameters
    ----------
    folder : Path
        Data folder.
    workers : int
        Local worker processes.
    **settings
        Settings by name, such as ``lease_s=4``.
    """

    def __init__(self, folder: Path, *, workers: int = 2, **settings: object) -> None:
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.log"
        self._command = [sys.executable, "-m", "lithoscope.client.cli", "serve", "--data", str(folder)]
        self._workers = workers
        self.environment = {
            **os.environ,
            "LITHOSCOPE_REQUESTS_PER_SECOND": "100000",
            **{f"LITHOSCOPE_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self._port = 0
        self.url = ""
        self.lines: list[str] = []
        self.ready_after_s = 0.0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, on the same port as before."""
        began = time.monotonic()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*self._command, "--port", str(self._port), "--workers", str(self._workers)],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if match := _READY.search(line):
                self.url = match[0]
                break
        else:
            self.process.communicate()
            raise RuntimeError(f"the service did not start: {self.log.read_text()}")
        self.ready_after_s = time.monotonic() - began
        self._port = int(self.url.rpartition(":")[2])
        self._listener = threading.Thread(target=self._listen, args=(self.process.stdout,))
        self._listener.start()

    def _listen(self, output: TextIO) -> None:
        with output:
            self.lines.extend(output)

    def stop(self) -> None:
        """End it as a person would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(120)
            self._listener.join(60)

    def kill(self) -> None:
        """Kill the supervisor and everything below it at once, as a power cut would."""
        assert self.process is not None
        family = [self.process_info, *self.process_info.children(recursive=True)]
        for member in family:
            if member.is_running():
                member.kill()
        psutil.wait_procs(family, timeout=60)
        self.process.wait(60)
        self._listener.join(60)

    @property
    def process_info(self) -> psutil.Process:
        """Return the supervisor."""
        assert self.process is not None
        return psutil.Process(self.process.pid)

    def children(self, words: str) -> list[psutil.Process]:
        """Return the supervisor's own children whose command line holds these words."""
        return [child for child in self.process_info.children() if words in " ".join(child.cmdline())]

    def __enter__(self) -> "LiveService":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def setup_code(self) -> str:
        """Return the one-time code it printed for the first administrator."""
        return setup_code("".join(self.lines))

    def administrator(self) -> httpx.Client:
        """Make the first administrator by the printed link and return a client with a token."""
        return self.client(first_token(self.url, self.setup_code))

    def client(self, key: str) -> httpx.Client:
        """Return a client with a key; it follows the service over restarts."""
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=httpx.Timeout(60)
        )


def setup_code(printed: str) -> str:
    """Return the one-time code in the line that the service prints when it is ready."""
    found = _CODE.search(printed)
    assert found is not None, printed
    return found[1]


def first_token(url: str, code: str) -> str:
    """Make the first administrator and return a token with every scope."""
    with httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client:
        person = {"login": LOGIN, "display_name": "Facility head", "password": PASSWORD}
        client.post("/setup", json={"code": code, **person}).raise_for_status()
    return new_token(url)


def new_token(url: str, **limits: Any) -> str:
    """Sign the first administrator in and return a token with every scope, limited to projects where that is said."""
    with httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client:
        signed_in = client.post("/sessions", json={"login": LOGIN, "password": PASSWORD})
        csrf = {"X-CSRF-Token": signed_in.json()["csrf_token"]}
        scopes = [action.value for action in Action]
        token = client.post("/tokens", json={"name": "tests", "scopes": scopes, **limits}, headers=csrf)
        token.raise_for_status()
        return str(token.json()["key"])


def made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST and return what was made."""
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    document: dict[str, Any] = answer.json()
    return document


def persistently(request: Callable[[], httpx.Response], *, tries: int = 400) -> httpx.Response:
    """Repeat a request while the service is away, as a client of an instrument PC does."""
    for _ in range(tries):
        try:
            answer = request()
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer.status_code not in {429, 502, 503} and answer.headers.get("content-type") is not None:
            return answer
        if answer.status_code < 400:
            return answer
        time.sleep(0.1)
    raise TimeoutError("the service did not come back")


def wait_for(condition: Callable[[], Any], *, seconds: float = 120.0, step_s: float = 0.1) -> Any:
    """Wait until a condition holds and return its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(step_s)
    raise TimeoutError(f"nothing after {seconds:.0f} s: {condition}")
