"""A run's methods paragraph is had over HTTP by whoever may see the run."""

from pathlib import Path

import pytest

from app.infra.db.models import Project
from app.infra.house import House
from app.settings import Settings
from tests.app.recipes.racing import RACING, RUNS, finished, jobs, started
from tests.conftest import People, Person, settings_for
from tests.workers.running import local_workers


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", **RACING)


def test_a_run_and_its_results_tell_how_they_were_made(analyst: Person, people: People, project: Project, house: House):
    run = started(analyst, project.id, steps=2)
    before = analyst.get(f"{RUNS}/{run['id']}/paragraph").json()["text"]
    assert "has not begun" in before
    with local_workers(house):
        run = finished(analyst, run["id"])
        again = finished(analyst, started(analyst, project.id, steps=2)["id"])
    text = analyst.get(f"{RUNS}/{run['id']}/paragraph").json()["text"]
    assert "relay_race" in text
    assert "Lithoscope 0.1.0" in text
    assert "taken from a run" not in text
    reused = analyst.get(f"{RUNS}/{again['id']}/paragraph").json()["text"]
    assert reused.count("taken from a run that had finished before") == len(jobs(again))
    result_id = run["outputs"][0]["reference"].partition("/")[0]
    told = analyst.get(f"/api/v1/results/{result_id}").json()["methods_paragraph"]
    assert told.startswith("The result was computed with Lithoscope 0.1.0 by the method")
    page = analyst.get(f"/recipe-runs/{run['id']}").text
    assert "Methods paragraph" in page
    assert "The recipe “Relay race” (relay_race, version 1" in page
    assert people.make().get(f"{RUNS}/{run['id']}/paragraph").status_code == 404
