"""Runs of recipes: steps are jobs, results are shared, failures named, the middle is a place to start again."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.infra.db.models import Project
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.recipes.sweeping import sweep
from app.main import create_app
from app.settings import Settings
from lithoscope.recipes import BadRecipe
from tests.app.recipes.racing import RACING, RUNS, finished, jobs, race, started, states
from tests.conftest import People, Person, add_project, settings_for
from tests.datasets import add_dataset
from tests.workers.running import job_of, local_workers

PREVIEWS = "/api/v1/recipe-previews"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", **RACING)


def test_a_recipe_tells_its_graph_and_what_may_be_chosen(analyst: Person):
    listed = {recipe["id"] for recipe in analyst.get("/api/v1/recipes").json()["items"]}
    assert {"relay_race", "tilt_series_to_particle"} <= listed
    recipe = analyst.get("/api/v1/recipes/tilt_series_to_particle").json()
    assert [step["needs"] for step in recipe["steps"]] == [
        [],
        ["background"],
        ["turn"],
        ["align"],
        ["align"],
        ["reconstruction"],
    ]
    assert recipe["steps"][4]["chosen"]["iterations"] == "iterations"
    assert recipe["presets"]["thorough"] == {"iterations": 300}
    assert analyst.get("/api/v1/recipes/alchemy").status_code == 404


def test_a_run_goes_from_step_to_step_by_itself_and_names_its_jobs(analyst: Person, project: Project, house: House):
    run = started(analyst, project.id, steps=3)
    assert states(run) == {"start": "queued", "left": "waiting", "right": "waiting", "last": "waiting"}
    with local_workers(house):
        run = finished(analyst, run["id"])
    assert run["state"] == "succeeded"
    assert set(states(run).values()) == {"succeeded"}
    result_id = run["outputs"][0]["reference"].partition("/")[0]
    result = analyst.get(f"/api/v1/results/{result_id}").json()
    assert result["outputs"][0]["quantity"]["value"] == 5.0
    made_by = analyst.get(f"/api/v1/jobs/{jobs(run)['last']}").json()
    before = analyst.get(f"/api/v1/jobs/{jobs(run)['left']}").json()
    assert made_by["inputs"] == {"count": f"{before['result_id']}/count"}
    lineage = analyst.get(f"/api/v1/lineage/{result_id}?direction=upstream").json()
    assert {node["id"] for node in lineage["nodes"]} >= {jobs(run)["start"], jobs(run)["left"], jobs(run)["last"]}


def test_equal_steps_are_taken_from_finished_jobs_and_the_preview_says_so(
    analyst: Person, project: Project, house: House
):
    with local_workers(house):
        first = finished(analyst, started(analyst, project.id, steps=2)["id"])
        other = race(project.id, steps=2, last_pause_s=0.02)
        seen = analyst.post(PREVIEWS, json=other).json()["steps"]
        assert [step["is_reused"] for step in seen] == [True, True, True, False]
        assert analyst.get(RUNS).json()["items"][0]["id"] == first["id"]
        second = finished(analyst, analyst.post(RUNS, json=other).json()["id"])
        assert [step["is_reused"] for step in second["steps"]] == [True, True, True, False]
        assert jobs(second) == {**jobs(first), "last": jobs(second)["last"]}
        again = analyst.post(RUNS, json=other).json()
    assert (again["state"], jobs(again)) == ("succeeded", jobs(second))


def test_a_result_that_was_deleted_or_a_job_that_finished_early_is_not_taken(
    analyst: Person, people: People, project: Project, house: House
):
    with local_workers(house):
        run = finished(analyst, started(analyst, project.id)["id"])
    steward = people.make(role="steward", project=project)
    last = analyst.get(f"/api/v1/results/{run['steps'][3]['result_id']}")
    gone = steward.client.request(
        "DELETE",
        f"/api/v1/results/{last.json()['id']}?reason=wrong",
        headers={"If-Match": last.headers["etag"]},
    )
    assert gone.status_code in {200, 204}, gone.text
    with house.database.writing() as session:
        job = Lab(house, session).jobs.get(SYSTEM, jobs(run)["right"])
        job.early_finish_requested = True
    seen = analyst.post(PREVIEWS, json=race(project.id)).json()["steps"]
    assert [step["is_reused"] for step in seen] == [True, True, False, False]


def test_equal_steps_of_another_project_are_not_taken(people: People, project: Project, house: House, analyst: Person):
    other = add_project(house, "OTHER")
    with local_workers(house):
        finished(analyst, started(analyst, project.id)["id"])
    stranger = people.make(role="analyst", project=other)
    seen = stranger.post(PREVIEWS, json=race(other.id)).json()["steps"]
    assert not any(step["is_reused"] for step in seen)


def test_a_failed_step_is_named_while_the_other_branch_goes_on(analyst: Person, project: Project, house: House):
    with local_workers(house):
        run = finished(analyst, started(analyst, project.id, right="refuse", pause_s=0.05)["id"])
    assert run["state"] == "failed"
    assert states(run) == {"start": "succeeded", "left": "succeeded", "right": "failed", "last": "succeeded"}
    assert run["problem"]["step"] == "right"
    assert run["problem"]["cause"] == "/problems/unwilling"
    assert "Step 'Right hand': the relay does not want to" in run["problem"]["detail"]


def test_what_follows_a_failed_step_is_left_out(analyst: Person, project: Project, house: House):
    with local_workers(house):
        run = finished(analyst, started(analyst, project.id, left="refuse")["id"])
    assert states(run) == {"start": "succeeded", "left": "failed", "right": "succeeded", "last": "skipped"}


def test_a_run_starts_again_in_the_middle_with_its_finished_steps(analyst: Person, project: Project, house: House):
    with local_workers(house):
        run = finished(analyst, started(analyst, project.id, left="refuse")["id"])
        answer = analyst.post(f"{RUNS}/{run['id']}/restarts")
        assert (answer.status_code, answer.json()["restarts"], answer.json()["problem"]) == (202, 1, None)
        again = finished(analyst, run["id"])
    kept = {"start", "right"}
    assert {name for name in jobs(run) if jobs(run)[name] == jobs(again)[name]} == kept | {"last"}
    assert jobs(again)["left"] != jobs(run)["left"]
    assert states(again)["last"] == "skipped"


def test_a_run_that_is_cancelled_ends_so_and_goes_on_when_asked(analyst: Person, project: Project, house: House):
    run = started(analyst, project.id, steps=2)
    answer = analyst.post(f"{RUNS}/{run['id']}/cancellation")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert states(answer.json()) == {"start": "cancelled", "left": "skipped", "right": "skipped", "last": "skipped"}
    assert analyst.post(f"{RUNS}/{run['id']}/cancellation").json()["state"] == "cancelled"
    assert analyst.post(f"{RUNS}/{run['id']}/restarts").json()["state"] == "running"
    with local_workers(house):
        assert finished(analyst, run["id"])["state"] == "succeeded"
    for act in ("cancellation", "restarts"):
        refused = analyst.post(f"{RUNS}/{run['id']}/{act}")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wrong-run-state")


def test_a_running_step_is_stopped_with_its_run(analyst: Person, project: Project, house: House):
    run = started(analyst, project.id, steps=600, pause_s=0.1)
    with local_workers(house, 1):
        while job_of(house, jobs(run)["start"]).progress is None:
            pass
        assert analyst.post(f"{RUNS}/{run['id']}/cancellation").json()["state"] == "cancelling"
        assert finished(analyst, run["id"])["state"] == "cancelled"


def test_a_job_cancelled_on_its_own_page_ends_its_run(analyst: Person, project: Project):
    run = started(analyst, project.id)
    analyst.post(f"/api/v1/jobs/{jobs(run)['start']}/cancellation")
    assert analyst.get(f"{RUNS}/{run['id']}").json()["state"] == "cancelled"


def test_a_run_nobody_carried_on_is_found_by_the_sweeper(analyst: Person, project: Project, house: House):
    run = started(analyst, project.id)
    with house.database.writing() as session:
        job = Lab(house, session).jobs.get(SYSTEM, jobs(run)["start"])
        job.state, job.problem = "failed", {"title": "Worker lost", "type": "/problems/worker-lost"}
    sweep(house)
    swept = analyst.get(f"{RUNS}/{run['id']}").json()
    assert (swept["state"], swept["problem"]["cause"]) == ("failed", "/problems/worker-lost")


def test_a_preset_fills_what_was_not_said(analyst: Person, project: Project):
    run = analyst.post(RUNS, json={**race(project.id, pause_s=0.5), "preset": "long"}).json()
    assert (run["preset"], run["params"]["steps"], run["params"]["pause_s"]) == ("long", 5, 0.5)
    both = analyst.post(RUNS, json={**race(project.id, steps=7), "preset": "long"}).json()
    assert both["params"]["steps"] == 7


def test_the_same_request_twice_is_one_run(analyst: Person, project: Project):
    headers = {"Idempotency-Key": "once"}
    answers = [analyst.post(RUNS, json=race(project.id), headers=headers) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert len(analyst.get(RUNS).json()["items"]) == 1


def test_runs_are_listed_page_by_page_and_narrowed(analyst: Person, project: Project):
    made = [started(analyst, project.id, steps=number)["id"] for number in range(3)]
    analyst.post(f"{RUNS}/{made[0]}/cancellation")
    page = analyst.get(f"{RUNS}?limit=2").json()
    assert [run["id"] for run in page["items"]] == made[:0:-1]
    assert [run["id"] for run in analyst.get(page["next"]).json()["items"]] == made[:1]
    assert [run["id"] for run in analyst.get(f"{RUNS}?state=cancelled").json()["items"]] == made[:1]
    assert analyst.get(f"{RUNS}?recipe=tilt_series_to_particle").json()["items"] == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"recipe": "alchemy"}, "/body"),
        ({"params": {"steps": -1}}, "/body/params/steps"),
        ({"params": {"stops": 1}}, "/body/params/stops"),
        ({"inputs": {"volume": "ds_1"}}, "/body/inputs/volume"),
        ({"preset": "short"}, "/body/preset"),
        ({"seed": -1}, "/body/seed"),
        ({"project_id": None}, "/body/project_id"),
    ],
)
def test_a_wrong_field_is_named(analyst: Person, project: Project, change: dict[str, Any], pointer: str):
    for path in (RUNS, PREVIEWS):
        answer = analyst.post(path, json={**race(project.id), **change})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_an_input_of_another_kind_is_refused_before_anything_is_queued(analyst: Person, project: Project, house: House):
    image = {"name": "image", "kind": "image", "axes": "yx", "shape": [4, 4], "title": "Image"}
    dataset = add_dataset(house, project, arrays=[image])
    body = {"recipe": "tilt_series_to_particle", "inputs": {"projections": dataset.id}}
    answer = analyst.post(RUNS, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/body/inputs/projections")
    assert analyst.get("/api/v1/jobs").json()["items"] == []


def test_a_whole_dataset_named_at_an_input_gives_its_array_of_that_name(
    analyst: Person, project: Project, house: House
):
    spectra = {"kind": "spectra", "axes": "tyxe", "shape": [3, 4, 4, 16]}
    arrays = [
        {"name": "x_rays", "title": "X", **spectra},
        {"name": "dark_field", "kind": "tilt_series", "axes": "tyx", "shape": [3, 4, 4], "title": "D"},
    ]
    dataset = add_dataset(house, project, arrays=arrays)
    inputs = {"dark_field": dataset.id, "x_rays": dataset.id}
    run = analyst.post(RUNS, json={"recipe": "simultaneous_tomography", "inputs": inputs, "params": {}}).json()
    assert run["inputs"] == {name: f"{dataset.id}/{name}" for name in inputs}


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ([4, 4, 4, 16], "The input x_rays has 4 tilts, dark_field has 3 tilts"),
        ([3, 8, 4, 16], "The input x_rays has 8 rows"),
    ],
)
def test_x_rays_of_other_tilts_or_another_raster_than_the_dark_field_are_refused_with_both_named(
    analyst: Person, project: Project, house: House, shape: list[int], words: str
):
    dark_field = {"name": "dark_field", "kind": "tilt_series", "axes": "tyx", "shape": [3, 4, 4], "title": "D"}
    x_rays = {"name": "x_rays", "kind": "spectra", "axes": "tyxe", "shape": shape, "title": "X"}
    dataset = add_dataset(house, project, arrays=[dark_field, x_rays])
    inputs = {name: f"{dataset.id}/{name}" for name in ("dark_field", "x_rays")}
    new = {"recipe": "simultaneous_tomography", "inputs": inputs, "params": {}}
    for path in (RUNS, PREVIEWS):
        refusal = analyst.post(path, json=new)
        assert refusal.status_code == 422
        (error,) = refusal.json()["errors"]
        assert error["pointer"] == "/body/inputs/x_rays"
        assert words in error["detail"]
        assert "dark_field" in error["detail"]


def test_a_viewer_previews_and_starts_nothing_and_a_stranger_sees_nothing(
    people: People, analyst: Person, project: Project, house: House
):
    viewer = people.make(role="viewer", project=project)
    run = started(analyst, project.id)
    assert viewer.get(f"{RUNS}/{run['id']}").status_code == 200
    assert viewer.post(PREVIEWS, json=race(project.id)).status_code == 200
    assert viewer.post(RUNS, json=race(project.id)).status_code == 403
    for act in ("cancellation", "restarts"):
        assert viewer.post(f"{RUNS}/{run['id']}/{act}").status_code == 403
    stranger = people.make(role="steward", project=add_project(house, "OTHER"))
    for path in (f"{RUNS}/{run['id']}", f"{RUNS}/{new_id('run')}", f"{RUNS}/{jobs(run)['start']}"):
        assert stranger.get(path).status_code == 404
    for path in (RUNS, PREVIEWS):
        assert stranger.post(path, json=race(project.id)).status_code == 404


def test_a_run_is_followed_to_its_end(analyst: Person, project: Project, house: House):
    run = started(analyst, project.id)
    assert analyst.get(f"{RUNS}/{run['id']}/events").json()["id"] == run["id"]
    with local_workers(house):
        finished(analyst, run["id"])
    said = analyst.get(f"{RUNS}/{run['id']}/events", headers={"Accept": "text/event-stream"}).text
    assert [line for line in said.splitlines() if line.startswith("event:")] == ["event: run", "event: idle"]


def test_a_facilitys_recipe_that_cannot_run_stops_the_service_at_its_start(tmp_path: Path):
    alone = {**RACING, "extra_methods": []}
    with pytest.raises(BadRecipe, match="there is no method relay"):
        create_app(settings_for(tmp_path / "data", **alone))


@pytest.mark.postgres
class TestOnPostgres:
    """The same on PostgreSQL, where steps end at the same time."""

    @pytest.fixture
    def house(self, postgres_url: str, tmp_path: Path) -> House:
        return House(settings_for(tmp_path / "data", database_url=postgres_url, **RACING))

    def test_eight_races_at_once_all_reach_their_end(self, house: House, client: TestClient, people: People):
        project = add_project(house, "RACES")
        analyst = people.make(role="analyst", project=project)
        runs = [started(analyst, project.id, steps=number) for number in range(8)]
        with local_workers(house, 4):
            ends = [finished(analyst, run["id"])["state"] for run in runs]
        assert ends == ["succeeded"] * 8
        house.database.dispose()
