"""The supervisor: one line when ready, nothing left behind at the end, whatever dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

COMMAND = [sys.executable, "-m", "lithoscope.client.cli", "serve", "--port", "0"]


class Served:
    """A service run as its operator runs it."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--data", str(data), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.line = self.process.stdout.readline()
        self.url = next((word for word in self.line.split() if word.startswith("http://")), "")

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def api(self) -> psutil.Process:
        return next(child for child in self.family() if "app.cli.api" in child.cmdline())

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(*arguments: str) -> Served:
        started.append(Served(tmp_path / "data", "--workers", "0", *arguments))
        return started[-1]

    yield start
    for served in started:
        served.stop()


def ends(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=20)[1]


def test_one_line_says_where_the_service_is_ready_and_how_its_first_administrator_signs_in(serve):
    served = serve()
    assert served.line.startswith("Lithoscope is ready at http://127.0.0.1:")
    assert "/setup?code=" in served.line
    assert httpx.get(f"{served.url}/healthz").status_code == 200


def test_sigterm_ends_the_service_and_every_process_it_started(serve):
    served = serve()
    family = served.family()
    assert family
    assert served.stop() == 0
    assert ends(family)


def test_many_signals_at_once_end_it_as_well_as_one(serve):
    served = serve()
    family = served.family()
    for _ in range(50):
        served.process.send_signal(signal.SIGINT)
        time.sleep(0.001)
    assert served.process.wait(30) == 0
    assert ends(family)


def test_no_process_outlives_a_supervisor_that_was_killed(serve):
    served = serve()
    family = served.family()
    served.process.kill()
    assert ends(family)


def test_clients_of_a_killed_api_wait_for_the_next_one_and_are_never_refused(serve):
    served = serve()
    before = served.api().pid
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = httpx.get(f"{served.url}/healthz", timeout=30)
            break
        except httpx.RemoteProtocolError:  # the connection the dead process had already taken
            assert time.monotonic() < deadline
    assert answer.status_code == 200
    assert served.api().pid != before


def test_a_second_service_over_the_same_folder_is_refused_with_the_address_of_the_first(serve, tmp_path):
    first = serve()
    second = Served(tmp_path / "data", "--workers", "0")
    _, words = second.process.communicate(timeout=30)
    assert second.process.returncode == 78
    assert first.url in words


def test_a_production_database_with_another_schema_is_not_migrated_by_whoever_starts_first(tmp_path):
    environment = {**os.environ, "LITHOSCOPE_QUEUE": "celery"}
    command = [*COMMAND, "--data", str(tmp_path), "--workers", "0"]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 78
    assert "lithoscope admin migrate" in refused.stderr


def test_neither_supervisor_nor_api_imports_what_only_workers_need():
    program = "import app.main, app.cli.api, sys; app.main.create_app; print(sorted(sys.modules))"
    names = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for heavy in ("scipy", "skimage", "rsciio", "h5py"):
        assert f"'{heavy}'" not in names
    program = "import app.cli.supervision, sys; print(sorted(sys.modules))"
    names = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for heavy in ("fastapi", "sqlalchemy", "numpy", "pydantic"):
        assert f"'{heavy}'" not in names
