"""Runs of the relay race, for tests."""

import time
from typing import Any

from tests.conftest import Person
from tests.workers import probe, relay
from tests.workers.running import HURRIED, PATIENCE_S

RACING: dict[str, Any] = {**HURRIED, "extra_methods": [probe.MODULE, relay.MODULE], "extra_recipes": [relay.MODULE]}
RUNS = "/api/v1/recipe-runs"


def race(project_id: str, **params: Any) -> dict[str, Any]:
    """Return the body of a request for a race."""
    return {"recipe": "relay_race", "inputs": {}, "params": params, "project_id": project_id}


def started(person: Person, project_id: str, **params: Any) -> dict[str, Any]:
    """Start a race."""
    answer = person.post(RUNS, json=race(project_id, **params))
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def finished(person: Person, run_id: str) -> dict[str, Any]:
    """Wait for a run's end."""
    deadline = time.monotonic() + PATIENCE_S
    while (run := person.get(f"{RUNS}/{run_id}").json())["finished_at"] is None:
        assert time.monotonic() < deadline, run
        time.sleep(0.05)
    return dict(run)


def states(run: dict[str, Any]) -> dict[str, str]:
    """Return the state of each step."""
    return {step["name"]: step["state"] for step in run["steps"]}


def jobs(run: dict[str, Any]) -> dict[str, str]:
    """Return the job of each step."""
    return {step["name"]: step["job_id"] for step in run["steps"]}
