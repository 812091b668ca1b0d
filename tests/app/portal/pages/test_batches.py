"""One recipe or method over many datasets, from its form."""

import math
import re

from tests.app.jobs.past import add_run
from tests.app.portal.test_pages import HTML, form
from tests.conftest import add_project
from tests.datasets import add_dataset

SERIES = {"name": "series", "kind": "tilt_series", "axes": "tyx", "shape": [5, 8, 8], "title": "Series"}
TABLE = {"name": "atoms", "kind": "table", "title": "Atoms", "columns": {}, "rows": 0}
PAGE = "/recipes/tilt_series_to_particle/batch"


def test_a_recipe_runs_once_for_each_ticked_dataset(people, project, house):
    first, second, left = (add_dataset(house, project, arrays=[SERIES], filename=f"{k}.dm3") for k in range(3))
    add_dataset(house, project, arrays=[TABLE], filename="atoms.csv")
    analyst = people.make(role="analyst", project=project)
    text = analyst.get(f"{PAGE}?preset=draft", headers=HTML).text
    assert re.search(r'name="params.iterations"[^>]* value="20"', text)
    assert "2.dm3" in text
    assert "atoms.csv" not in text
    ticks = {f"over.{row.id}": "true" for row in (first, second)}
    answer = form(analyst, PAGE, **ticks, **{"preset": "draft", "params.iterations": "7"})
    assert (answer.status_code, answer.headers["location"].partition("&done")[0]) == (
        303,
        "/recipe-runs?whose=mine&recipe=tilt_series_to_particle",
    )
    runs = analyst.get("/api/v1/recipe-runs").json()["items"]
    assert sorted(run["inputs"]["projections"] for run in runs) == [f"{row.id}/series" for row in (first, second)]
    assert {(run["preset"], run["params"]["iterations"]) for run in runs} == {("draft", 7)}
    listed = analyst.get(answer.headers["location"], headers=HTML).text
    assert listed.count('href="/recipe-runs/run_') == 2
    assert first.filename in listed
    assert left.filename not in listed


def test_a_method_runs_once_for_each_ticked_dataset(people, project, house):
    rows = [add_dataset(house, project, arrays=[SERIES], filename=f"{k}.dm3") for k in range(2)]
    analyst = people.make(role="analyst", project=project)
    answer = form(analyst, "/methods/tilt_series_mask/batch", **{f"over.{row.id}": "true" for row in rows})
    assert (answer.status_code, answer.headers["location"].partition("&done")[0]) == (303, "/jobs?whose=mine")
    jobs = analyst.get("/api/v1/jobs").json()["items"]
    assert sorted(job["inputs"]["projections"] for job in jobs) == [f"{row.id}/series" for row in rows]


def test_one_refusal_starts_none_and_names_its_dataset(people, project, house):
    good = add_dataset(house, project, arrays=[SERIES], filename="good.dm3")
    bad = add_dataset(house, project, arrays=[SERIES], filename="bad.dm3", state="verified")
    analyst = people.make(role="analyst", project=project)
    answer = form(analyst, PAGE, **{f"over.{row.id}": "true" for row in (good, bad)})
    assert answer.status_code == 422
    assert "Of bad.dm3: " in answer.text
    assert analyst.get("/api/v1/recipe-runs").json()["items"] == []


def test_without_a_tick_the_form_says_so(people, project, house):
    add_dataset(house, project, arrays=[SERIES])
    answer = form(people.make(role="analyst", project=project), PAGE)
    assert answer.status_code == 422
    assert "Tick at least one dataset" in answer.text


def test_what_belongs_to_others_cannot_be_ticked(people, project, house):
    mine = add_dataset(house, project, arrays=[SERIES], filename="mine.dm3")
    stranger = people.make(role="analyst")
    assert "mine.dm3" not in stranger.get(PAGE, headers=HTML).text
    assert form(stranger, PAGE, **{f"over.{mine.id}": "true"}).status_code == 404
    viewer = people.make(role="viewer", project=project)
    assert form(viewer, PAGE, **{f"over.{mine.id}": "true"}).status_code in {403, 404, 422}
    assert viewer.get("/api/v1/recipe-runs").json()["items"] == []


def test_more_datasets_than_the_page_offers_are_refused(people, project):
    analyst = people.make(role="analyst", project=project)
    answer = form(analyst, PAGE, **{f"over.ds_{place:032x}": "true" for place in range(101)})
    assert answer.status_code == 422
    assert "at most 100" in answer.text


def test_what_the_runs_of_all_ticked_datasets_take_is_told_before_they_start(people, project, house):
    rows = [add_dataset(house, project, arrays=[SERIES], filename=f"{k}.dm3") for k in range(2)]
    analyst = people.make(role="analyst", project=project)
    home = "/methods/tilt_series_mask/batch"
    page = f"{home}/estimate"
    assert "until datasets are ticked" in form(analyst, page, home).text
    ticks = {f"over.{row.id}": "true" for row in rows}
    assert "no run of these runs has told" in form(analyst, page, home, **ticks).text
    numbers = math.prod(SERIES["shape"])
    for factor in (0.9, 1.0, 1.1):
        add_run(house, project, method="tilt_series_mask", numbers=numbers, took_s=10.0 * factor)
    text = form(analyst, page, home, **ticks).text
    assert "Time of 2 datasets" in text
    assert "sum of 2 runs" in text
    foreign = add_dataset(house, add_project(house, "OTHER"), arrays=[SERIES])
    assert "1 more cannot be run" in form(analyst, page, home, **ticks, **{f"over.{foreign.id}": "true"}).text
