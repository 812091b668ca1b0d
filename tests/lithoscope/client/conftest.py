"""A real service for the client's tests: run as its operator runs it, entered by its first administrator's link."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lithoscope.client import Client
from lithoscope.client.connection import Connection
from lithoscope.client.sign_in import SCOPES, fetch_token
from lithoscope.client.things import Dataset

PASSWORD = "a long enough password"
EXAMPLE = Path(__file__).parents[3] / "examples" / "data" / "etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


@dataclass(frozen=True)
class Service:
    """A running service, its administrator's token and a project."""

    url: str
    token: str
    project_id: str
    data: Path

    def client(self) -> Client:
        return Client(self.url, self.token, progress=False)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("service")
    command = [sys.executable, "-m", "lithoscope.client.cli", "serve", "--data", str(data), "--port", "0"]
    with (data / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--workers", "1"], stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout
        words = process.stdout.readline().split()
        url, code = words[4], words[-1].partition("code=")[2]
        open_connection = Connection(url)
        new = {"code": code, "login": "first", "display_name": "The First", "password": PASSWORD}
        open_connection.post("/setup", new)
        scopes = (*SCOPES, "projects:steward", "facility:manage", "facility:admin")
        token = fetch_token(url, "first", PASSWORD, name="tests", scopes=scopes)
        open_connection.close()
        client = Client(url, token)
        project = client.connection.post("/projects", {"code": "CLIENT", "title": "Tests of the client"})
        client.close()
        yield Service(url, token, project["id"], data)
        process.terminate()
        process.communicate(timeout=60)


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
