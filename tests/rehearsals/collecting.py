"""A collector in a process of its own, one round at a word, that may be killed at any moment."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class CollectorProcess:
    """
    Starts a collector and asks it for rounds.

    Parameters
    ----------
    settings : Path
        Its TOML file.
    time_file : Path
        The time of the world.
    key : str
        Its device key.
    log : Path
        What it says on its error output.
    """

    def __init__(self, settings: Path, time_file: Path, *, key: str, log: Path) -> None:
        self._command = [sys.executable, str(Path(__file__)), str(settings), str(time_file)]
        self._environment = {**os.environ, "LITHOSCOPE_TOKEN": key, "PYTHONPATH": str(ROOT)}
        self._log = log
        self.peak_MiB = 0.0
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        with self._log.open("a") as log:
            return subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self) -> None:
        """Ask for a round."""
        assert self.process.stdin is not None
        self.process.stdin.write("step\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any] | None:
        """Wait for the round that was asked for; None if the process died in it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            return None
        told: dict[str, Any] = json.loads(line)
        self.peak_MiB = max(self.peak_MiB, told.pop("peak_MiB"))
        return told

    def step(self) -> dict[str, Any]:
        """Do one round."""
        self.ask()
        told = self.answer()
        if told is None:
            raise RuntimeError(f"the collector died by itself: {self._log.read_text()[-4000:]}")
        return told

    def kill(self) -> None:
        """Kill it wherever it stands, and start it again."""
        self.process.send_signal(signal.SIGKILL)
        self._gone()
        self.process = self._start()

    def _gone(self) -> None:
        self.process.wait(20)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def stop(self) -> None:
        """End it as a person would."""
        self.process.terminate()
        self._gone()


def _main(settings: Path, time_file: Path) -> None:
    from lithoscope.client.collector import Collector, Settings
    from tests.rehearsals.time_of_the_world import ClockOfThePC, TimeOfTheWorld

    read = Settings.read(settings)
    assert read.journal is not None
    collector = Collector(read, read.journal, ClockOfThePC(TimeOfTheWorld(time_file)))
    assert not {"numpy", "h5py", "fastapi", "sqlalchemy"} & set(sys.modules)
    for _ in sys.stdin:
        told = asdict(collector.step())
        told["peak_MiB"] = _peak_MiB()
        print(json.dumps(told, default=str), flush=True)


def _peak_MiB() -> float:
    """Return the most memory this process ever held; getrusage would count its parent's from before the exec."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
