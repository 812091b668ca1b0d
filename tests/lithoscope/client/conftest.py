"""A real service for the client's tests: run as its operator runs it, entered by its first administrator's link."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lithoscope.client import Client
from lithoscope.client.things import Dataset
from tests.live import LiveService, first_token, made

Command = Callable[..., subprocess.CompletedProcess[str]]
EXAMPLE = Path(__file__).parents[3] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


@dataclass(frozen=True)
class Service:
    """A running service, its administrator's token, a project, and the folder it calls its storage ``em``."""

    url: str
    token: str
    project_id: str
    storage: Path

    def client(self) -> Client:
        return Client(self.url, self.token, progress=False)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    storage = tmp_path_factory.mktemp("storage")
    roots = json.dumps({"em": {"path": str(storage), "projects": ["*"]}})
    folder = tmp_path_factory.mktemp("service") / "data"
    with LiveService(folder, workers=1, alarm_s=1, sweep_s=2, roots_in_place=roots) as live:
        token = first_token(live.url, live.setup_code)
        with live.client(token) as client:
            project = made(client, "/projects", {"code": "CLIENT", "title": "Tests of the client"})
        yield Service(live.url, token, project["id"], storage)


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with service.client() as client:
        yield client


@pytest.fixture(autouse=True)
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test's stored sign-in and unfinished uploads to itself."""
    monkeypatch.setenv("LITHOSCOPE_CONFIG", str(tmp_path / "access.json"))
    for name in ("LITHOSCOPE_URL", "LITHOSCOPE_TOKEN", "LITHOSCOPE_PROJECT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def example(service: Service) -> Iterator[Dataset]:
    """Give the real tilt series as a readable dataset of a sample."""
    with service.client() as client:
        sample = client.samples.create("tilt series", project=service.project_id)
        yield client.upload(EXAMPLE, sample=sample).wait()


@pytest.fixture
def lithoscope(service, tmp_path) -> Command:
    """Give the command, signed in by the environment, in a folder of its own."""
    known = {"LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token, "LITHOSCOPE_PROJECT": service.project_id}

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lithoscope.client.cli", *words],
            env={**os.environ, **known},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command
