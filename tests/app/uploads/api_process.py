"""The API in a process of its own, to be killed."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx


class ApiProcess:
    """`uvicorn` on the application, on one port over all its lives."""

    def __init__(self, data: Path, key: str, *, log: Path, **settings: object) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self._log = log
        named = {f"LITHOSCOPE_{name.upper()}": str(value) for name, value in settings.items()}
        self._environment = {
            **os.environ,
            "LITHOSCOPE_DATA": str(data),
            "LITHOSCOPE_REQUESTS_PER_SECOND": "100000",
            **named,
        }
        self.client = httpx.Client(base_url=self.base, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "ApiProcess":
        command = [sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--log-level", "warning"], env=self._environment, stdout=log, stderr=log
            )
        for _ in range(2400):
            if self.process.poll() is not None:
                raise RuntimeError(self._log.read_text())
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("the API did not start")

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def __enter__(self) -> "ApiProcess":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.client.close()
