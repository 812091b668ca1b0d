"""The demonstration's service and the people in it: started, entered and remembered."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cli.supervision import running_at
from lithoscope.client import Client
from lithoscope.client.connection import Connection
from lithoscope.client.sign_in import SCOPES, fetch_token

ADMINISTRATOR = "administrator"
SCIENTIST = "scientist"
_ADMINISTRATION = ("data:read", "projects:steward", "facility:manage", "facility:admin")


class DemoFailed(RuntimeError):
    """Why the demonstration does not go on, and what to do."""


@dataclass(frozen=True)
class Cast:
    """
    Who takes part.

    Parameters
    ----------
    url : str
        Where the service listens.
    scientist : Client
        A person with the analyst's role.
    device : Client
        The instrument's PC with its own key.
    project_id : str
        Where everything belongs.
    password : str
        Of the scientist, for the browser.
    tem_id : str
        The instrument whose exposures the scientist records by hand.
    """

    url: str
    scientist: Client
    device: Client
    project_id: str
    password: str
    tem_id: str


@contextmanager
def running_service(data: Path) -> Iterator[tuple[str, str | None]]:
    """Give address and setup code of the running service over a folder, else of one started for the block."""
    url = running_at(data)
    if url is not None:
        yield url, None
        return
    command = [sys.executable, "-m", "lithoscope.client.cli", "serve", "--data", str(data), "--port", "0"]
    data.mkdir(parents=True, exist_ok=True)
    log_path = data / "demo.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise DemoFailed(f"the service did not start; {log_path} says why:\n{_tail(log_path)}")
        code = line.partition("/setup?code=")[2].strip() or None
        yield next(word for word in line.split() if word.startswith("http")), code
    finally:
        process.terminate()
        process.communicate()


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])


@contextmanager
def assembled(data: Path, url: str, setup_code: str | None) -> Iterator[Cast]:
    """Give the cast: made at the first run, remembered in ``demo.json`` (mode 0600) for the next."""
    memory = data / "demo.json"
    if not memory.exists():
        if setup_code is None:
            raise DemoFailed(f"{data} has people of its own: run the demonstration over another folder with --data")
        _remember(memory, _found(url, setup_code))
    known = json.loads(memory.read_text(encoding="utf-8"))
    with (
        Client(url, known["scientist_token"], progress=False) as scientist,
        Client(url, known["device_key"], progress=False) as device,
    ):
        device.connection.post("/heartbeats", {"sent_at": datetime.now(UTC).isoformat(), "software": "lithoscope demo"})
        yield Cast(url, scientist, device, known["project_id"], known["scientist_password"], known["tem_id"])


def _remember(path: Path, record: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)


def _found(url: str, setup_code: str) -> dict[str, Any]:
    """Make the first administrator, who opens the project and lets a scientist and an instrument's PC in."""
    passwords = {name: secrets.token_urlsafe(12) for name in (ADMINISTRATOR, SCIENTIST)}
    nobody = Connection(url)
    new = {"login": ADMINISTRATOR, "display_name": "Facility administrator", "password": passwords[ADMINISTRATOR]}
    nobody.post("/setup", {"code": setup_code, **new})
    token = fetch_token(url, ADMINISTRATOR, passwords[ADMINISTRATOR], name="demonstration", scopes=_ADMINISTRATION)
    admin = Connection(url, token)
    project = admin.post("/projects", {"code": "DEMO", "title": "Demonstration: HAADF tilt series"})
    person = {"login": SCIENTIST, "display_name": "Demonstration scientist", "password": passwords[SCIENTIST]}
    user = admin.post("/users", person)
    admin.send("PUT", f"/projects/{project['id']}/members/{user['id']}", json={"role": "analyst"})
    instrument = admin.post("/instruments", {"code": "demo-stem", "name": "Demonstration STEM", "technique": "stem"})
    tem = admin.post("/instruments", {"code": "demo-tem", "name": "Demonstration TEM", "technique": "tem"})
    enrolment = admin.post(f"/instruments/{instrument['id']}/enrolments", {"project_ids": [project["id"]]})
    device = nobody.post("/enrolment-redemptions", {"code": enrolment["code"], "name": "PC of the demonstration STEM"})
    record = {
        "project_id": project["id"],
        "tem_id": tem["id"],
        "device_key": device["key"],
        "administrator_password": passwords[ADMINISTRATOR],
        "scientist_password": passwords[SCIENTIST],
        "scientist_token": fetch_token(url, SCIENTIST, passwords[SCIENTIST], name="demonstration", scopes=SCOPES),
    }
    admin.close()
    nobody.close()
    return record
