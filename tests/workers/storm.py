"""Worker processes that are killed while they hold a job."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from app.infra.db.models import Job
from app.infra.house import House
from tests.workers.running import HURRIED, PATIENCE_S

ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """``python -m workers`` on a house, as the supervisor starts it."""

    def __init__(self, house: House, *, slots: int = 1) -> None:
        settings = house.settings
        self._command = [sys.executable, "-m", "workers", "--slots", str(slots), "--lifeline"]
        self._log = settings.data / "workers.log"
        self._environment = os.environ | {
            "LITHOSCOPE_DATA": str(settings.data),
            "LITHOSCOPE_DATABASE_URL": settings.database_url,
            "LITHOSCOPE_EXTRA_METHODS": json.dumps(settings.extra_methods),
            **{f"LITHOSCOPE_{name.upper()}": str(HURRIED[name]) for name in HURRIED if name != "extra_methods"},
        }
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdin=subprocess.PIPE, stdout=log, stderr=log
            )

    @property
    def family(self) -> list[psutil.Process]:
        """Return the process, its fork server and the jobs' processes."""
        whole = psutil.Process(self.process.pid)
        return [whole, *whole.children(recursive=True)]

    def kill(self) -> list[psutil.Process]:
        """Kill the worker process alone, as an out-of-memory killer would; return what it had started."""
        started = self.family[1:]
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()
        return started

    def restart(self) -> None:
        """Start it again."""
        self.process = self._start()

    def stop(self) -> int:
        """Close the lifeline and wait."""
        self._close()
        return self.process.wait(30)

    def _close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()


def claimed_by(house: House, worker: WorkerProcess) -> bool:
    """Say whether a process holds a job now."""
    with house.database.reading() as session:
        held = session.query(Job.worker).filter(Job.state == "running")
        return any((name or "").endswith(f":{worker.process.pid}") for (name,) in held)


def wait_until_claimed(house: House, worker: WorkerProcess) -> None:
    """Wait until a process holds a job."""
    deadline = time.monotonic() + PATIENCE_S
    while not claimed_by(house, worker):
        assert time.monotonic() < deadline, "the worker took no job"
        assert worker.process.poll() is None, "the worker ended"
        time.sleep(0.005)


def family_of(job_id: str) -> list[psutil.Process]:
    """Return the processes whose working folder is the job's."""
    found = []
    for process in psutil.process_iter():
        try:
            if job_id in process.cwd():
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def gone(processes: list[psutil.Process], within_s: float = 10.0) -> bool:
    """Say whether all of some processes end in time."""
    deadline = time.monotonic() + within_s
    while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
