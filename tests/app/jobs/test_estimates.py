"""Estimates: told from past runs one may read, checked as a submission is, and honest about what is not known."""

from typing import Any

import pytest

from app.infra.db.models import Project
from app.infra.house import House
from tests.app.jobs.past import add_run
from tests.conftest import People, Person, add_project
from tests.datasets import add_dataset

ADDRESS = "/api/v1/job-estimates"
SERIES = {"name": "series", "title": "Series", "kind": "tilt_series", "axes": "tyx", "shape": [10, 100, 100]}


@pytest.fixture
def series(house: House, project: Project) -> str:
    return add_dataset(house, project, arrays=[SERIES], store_key="none").id


def asked(person: Person, dataset: str, **params: Any) -> Any:
    body = {"method": "tomogram_sirt", "inputs": {"projections": dataset}, "params": params}
    return person.post(ADDRESS, json=body)


def runs(house: House, project: Project, **stated: Any) -> None:
    for factor in (0.9, 1.0, 1.1):
        add_run(house, project, method="tomogram_sirt", numbers=100_000, took_s=20.0 * factor, **stated)


def test_without_past_runs_time_and_memory_are_unknown(analyst: Person, series: str):
    answer = asked(analyst, series)
    assert answer.status_code == 200, answer.text
    time = answer.json()["time"]
    assert (time["value"], time["interval"], time["runs"], time["basis"]) == (None, None, 0, "unknown")
    assert time["reason"]


def test_runs_of_the_same_work_tell_time_and_memory_with_intervals(
    house: House, project: Project, analyst: Person, series: str
):
    runs(house, project, params={"iterations": 50})
    found = asked(analyst, series, iterations=50).json()
    assert found["time"]["value"] == pytest.approx(20.0, rel=0.02)
    lower, upper = found["time"]["interval"]
    assert lower < 18
    assert upper > 22
    assert (found["time"]["runs"], found["memory"]["value"]) == (3, pytest.approx(2**28))


def test_iterations_count_as_work_for_time_and_not_for_memory(
    house: House, project: Project, analyst: Person, series: str
):
    for iterations in (10, 20, 40, 80):
        add_run(
            house,
            project,
            method="tomogram_sirt",
            numbers=100_000,
            took_s=0.5 * iterations,
            params={"iterations": iterations},
        )
    found = asked(analyst, series, iterations=160).json()
    assert found["time"]["value"] == pytest.approx(80.0, rel=0.01)
    assert (found["time"]["basis"], found["memory"]["basis"]) == ("scaled", "alike")


def test_a_job_that_would_be_ended_for_its_memory_is_called_too_large(
    house: House, project: Project, analyst: Person, series: str
):
    runs(house, project, peak_rss_bytes=2**40, params={"iterations": 50})
    assert asked(analyst, series, iterations=50).json()["is_too_large"]


def test_runs_finished_early_or_of_foreign_projects_tell_nothing(
    house: House, project: Project, analyst: Person, series: str
):
    runs(house, project, early=True)
    runs(house, add_project(house, "OTHER"))
    assert asked(analyst, series).json()["time"]["runs"] == 0


def test_an_estimate_is_refused_as_the_job_would_be_and_queues_nothing(
    house: House, people: People, project: Project, analyst: Person, series: str
):
    wrong = asked(analyst, series, iterations=0)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/body/params/iterations")
    assert asked(people.make(role="viewer", project=project), series).status_code == 403
    assert asked(people.make(), series).status_code == 422
    assert asked(analyst, series).status_code == 200
    assert analyst.get("/api/v1/jobs").json()["items"] == []


def test_an_estimate_says_what_is_doubtful_of_a_series_and_what_comes_first(analyst: Person, series: str):
    (warning,) = asked(analyst, series).json()["warnings"]
    assert (warning["code"], warning["reference"]) == ("tilt-axis-unknown", f"{series}/series")
    assert warning["remedies"] == ["tilt_series_turn"]
    form = analyst.get(f"/methods/tomogram_sirt/run?input={series}/series", headers={"Accept": "text/html"}).text
    assert "Nothing says how the tilt axis lies" in form
    assert f'href="/methods/tilt_series_turn/run?input={series}/series"' in form
    assert f'href="/recipes/tilt_series_to_particle/run?input={series}"' in form


def test_a_preview_adds_what_its_steps_take_and_asks_for_the_axis_until_it_is_answered(
    house: House, project: Project, analyst: Person, series: str
):
    outputs = [{"name": "tilt_series", "kind": "tilt_series", "axes": "tyx", "shape": [10, 100, 100]}]
    for factor in (0.9, 1.0, 1.1):
        for method in ("tilt_series_background", "tilt_series_turn"):
            add_run(house, project, method=method, numbers=100_000, took_s=5.0 * factor, outputs=outputs)
    body = {"recipe": "tilt_series_to_particle", "inputs": {"projections": series}}
    seen = analyst.post("/api/v1/recipe-previews", json=body).json()
    assert (seen["time"]["told"], seen["time"]["runs"]) == (2, 6)
    assert seen["time"]["value"] == pytest.approx(10.0, rel=0.02)
    assert seen["time"]["bounds"] is None
    (warning,) = seen["warnings"]
    assert "answer 'Direction of the tilt axis'" in warning["detail"]
    answered = {**body, "params": {"tilt_axis_deg": -79.2}}
    assert analyst.post("/api/v1/recipe-previews", json=answered).json()["warnings"] == []
