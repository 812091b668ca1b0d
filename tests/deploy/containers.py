"""The containers of docker-compose.yml that run our image, each as a process of this machine."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import yaml

ROOT = Path(__file__).parents[2]
IMAGE = "lithoscope:"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
_UNITS_S = {"s": 1, "m": 60}
DEFAULT_GRACE_S = 10  # what compose gives a container without stop_grace_period


def compose_file() -> dict[str, Any]:
    """Return the parsed compose file."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def health_check() -> list[str]:
    """Return the command of the Dockerfile's HEALTHCHECK."""
    match = re.search(r"^HEALTHCHECK [^\[]*(\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE | re.DOTALL)
    assert match is not None
    return list(json.loads(match[1].splitlines()[0]))


@dataclass
class Machine:
    """
    Stands for the machine the containers would share.

    Parameters
    ----------
    dotenv : dict of str
        The variables of `.env`.
    places : dict of str
        What stands in the file (a host, a folder, a port) and what stands for it here.
    log : Path
        Where the containers write.
    """

    dotenv: dict[str, str]
    places: dict[str, str]
    log: Path
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """Write a text of the compose file for this machine."""
        return self.moved(_VARIABLE.sub(self._value, text))

    def moved(self, text: str) -> str:
        """Replace the containers' places by this machine's."""
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text

    def _value(self, match: re.Match[str]) -> str:
        name, kind, words = match.groups()
        if name in self.dotenv:
            return self.dotenv[name]
        assert kind == "-", f"{name} has no value: {words}"
        return words

    def environment(self, service: dict[str, Any]) -> dict[str, str]:
        """Return the environment of a container: nothing of ours but PATH, as in the image."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        given = {name: self.here(str(value)) for name, value in service.get("environment", {}).items()}
        return {"PATH": path, "HOME": str(self.log.parent), **given}

    def start(self, name: str, *, stdout: int | IO[Any] | None = None) -> subprocess.Popen[str]:
        """Start a container's command."""
        service = compose_file()["services"][name]
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [self.here(str(word)) for word in service["command"]],
                env=self.environment(service),
                cwd=self.log.parent,
                stdout=stdout or log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.running[name] = process
        return process

    def end(self, name: str) -> list[psutil.Process]:
        """Stop a container as compose does; return the processes it leaves behind (tini reaps those that ended)."""
        process = self.running.pop(name)
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        process.wait(grace_s(name))
        if process.stdout is not None:
            process.stdout.close()
        left = psutil.wait_procs(family, timeout=1)[1]
        return [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]

    def end_all(self) -> None:
        """Stop whatever still runs, together with its group."""
        for process in self.running.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def grace_s(name: str) -> float:
    """Return the seconds compose gives a container between SIGTERM and SIGKILL."""
    text = compose_file()["services"][name].get("stop_grace_period")
    return int(text[:-1]) * _UNITS_S[text[-1]] if text else DEFAULT_GRACE_S
