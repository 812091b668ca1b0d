"""Inputs that take many things: refused by their place, kept in order, lent, derived from, joined by recipes."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.infra.db.models import Project
from app.infra.house import House
from app.settings import Settings
from tests.app.portal.test_pages import HTML, form
from tests.app.recipes.racing import finished
from tests.conftest import People, Person, add_project, settings_for
from tests.datasets import add_dataset
from tests.workers import gather, probe
from tests.workers.running import HURRIED, ended, local_workers

JOBS, RUNS = "/api/v1/jobs", "/api/v1/recipe-runs"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    extras = {"extra_methods": [probe.MODULE, gather.MODULE], "extra_recipes": [gather.MODULE]}
    return settings_for(tmp_path / "data", **{**HURRIED, **extras})


def counted(house: House, project: Project, value: float) -> str:
    """Add a dataset that holds a number."""
    quantity = {"value": value, "unit": "1", "source": "measured", "uncertainty": None, "interval": None, "note": ""}
    summary = {"name": "count", "title": "Count", "kind": "scalar", "unit": "1", "path": "c.json", "quantity": quantity}
    return f"{add_dataset(house, project, arrays=[summary], store_key='none').id}/count"


def probed(house: House, analyst: Person, project: Project, steps: int) -> str:
    """Run a job that counts; return the reference of its number."""
    body = {"method": "probe", "inputs": {}, "params": {"steps": steps}, "project_id": project.id}
    return f"{ended(house, analyst.post(JOBS, json=body).json()['id']).result_id}/steps"


def gathered(analyst: Person, *references: str, **inputs: Any) -> Any:
    return analyst.post(JOBS, json={"method": "gather", "inputs": {"counts": list(references), **inputs}})


def test_many_things_are_worked_on_in_order_and_the_result_comes_from_each(
    house: House, analyst: Person, project: Project
):
    with local_workers(house):
        one, two = (probed(house, analyst, project, steps) for steps in (2, 3))
        answer = gathered(analyst, two, one)
        assert answer.status_code == 202, answer.text
        assert answer.json()["inputs"] == {"counts": [two, one]}
        result_id = ended(house, answer.json()["id"]).result_id
    result = analyst.get(f"/api/v1/results/{result_id}").json()
    assert [output["quantity"]["value"] for output in result["outputs"]] == [5.0, 2.0]
    assert [given["reference"] for given in result["run_record"]["inputs"]["counts"]] == [two, one]
    sources = {one.partition("/")[0], two.partition("/")[0]}
    lineage = analyst.get(f"/api/v1/lineage/{result_id}", params={"direction": "upstream"}).json()
    assert sources <= {node["id"] for node in lineage["nodes"]}
    derived = {edge["target_id"] for edge in lineage["edges"] if edge["source_id"] == result_id}
    assert sources <= derived


@pytest.mark.parametrize(
    ("given", "pointer", "words"),
    [
        ([], "/body/inputs/counts", "at least 1"),
        ("ds_" + "0" * 32, "/body/inputs/counts", "list"),
        (["ds_" + "0" * 32], "/body/inputs/counts/0", "No such dataset"),
        (["nonsense"], "/body/inputs/counts/0", ""),
    ],
)
def test_a_wrong_list_is_named_by_its_place(analyst: Person, given: Any, pointer: str, words: str):
    answer = analyst.post(JOBS, json={"method": "gather", "inputs": {"counts": given}})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert words in error["detail"]


def test_a_foreign_a_repeated_and_an_unfit_thing_are_named_by_their_places(
    house: House, people: People, analyst: Person, project: Project
):
    good = counted(house, project, 1.0)
    other = add_project(house, "OTHER")
    hidden = counted(house, other, 1.0)
    image = {"name": "image", "title": "Image", "kind": "image", "axes": "yx", "path": "i.ome.zarr"}
    unfit = f"{add_dataset(house, project, arrays=[image]).id}/image"
    for references, place, words in (
        ([good, hidden], 1, "No such dataset"),
        ([good, counted(house, project, 2.0), unfit], 2, "This is a image"),
        ([good, good], 1, "stands in the list before"),
    ):
        (error,) = gathered(analyst, *references).json()["errors"]
        assert error["pointer"] == f"/body/inputs/counts/{place}"
        assert words in error["detail"]


def test_things_of_two_projects_are_not_joined_and_the_first_of_the_other_is_named(
    house: House, people: People, project: Project
):
    good, foreign = counted(house, project, 1.0), counted(house, add_project(house, "OTHER"), 2.0)
    (error,) = gathered(people.admin, good, foreign).json()["errors"]
    assert error["pointer"] == "/body/inputs/counts/1"
    assert "different projects" in error["detail"]


def test_a_recipe_joins_what_a_person_gives_with_what_a_step_makes(house: House, analyst: Person, project: Project):
    recipe = analyst.get("/api/v1/recipes/gathering").json()
    assert recipe["steps"][1]["inputs"] == {"counts": ["start.steps", "numbers"]}
    assert recipe["steps"][1]["needs"] == ["start"]
    with local_workers(house):
        one, two = (probed(house, analyst, project, steps) for steps in (2, 3))
        body = {"recipe": "gathering", "inputs": {"numbers": [one, two]}}
        run = analyst.post(RUNS, json=body).json()
        assert run["inputs"] == {"numbers": [one, two]}
        last = next(step for step in finished(analyst, run["id"])["steps"] if step["name"] == "all")
    result = analyst.get(f"/api/v1/results/{last['result_id']}").json()
    assert [output["quantity"]["value"] for output in result["outputs"]] == [9.0, 3.0]


def test_a_retried_job_takes_the_same_list(house: House, analyst: Person, project: Project):
    references = [counted(house, project, value) for value in (1.0, 2.0)]
    job = gathered(analyst, *references).json()
    analyst.post(f"{JOBS}/{job['id']}/cancellation")
    again = analyst.post(f"{JOBS}/{job['id']}/retries").json()
    assert again["inputs"] == {"counts": references}


def test_the_form_ticks_what_is_taken_and_the_pages_link_each(house: House, analyst: Person, project: Project):
    references = [counted(house, project, value) for value in (1.0, 2.0)]
    page = f"/methods/gather/run?input={references[0]}"
    shown = analyst.get(page, headers=HTML).text
    assert re.search(rf'type="checkbox" name="inputs.counts.{references[0]}" value="true" checked', shown)
    assert re.search(rf'type="checkbox" name="inputs.counts.{references[1]}" value="true">', shown)
    answer = form(analyst, "/methods/gather/run", **{f"inputs.counts.{each}": "true" for each in references})
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"].partition("?")[0]
    assert analyst.get(f"{JOBS}/{address.rpartition('/')[2]}").json()["inputs"] == {"counts": references}
    text = analyst.get(address, headers=HTML).text
    assert all(f'href="/datasets/{each.partition("/")[0]}"' in text for each in references)
    again = analyst.get(f"/methods/gather/run?like={address.rpartition('/')[2]}", headers=HTML).text
    assert again.count(" checked>") == 2


def test_a_form_without_a_tick_names_its_field(house: House, analyst: Person, project: Project):
    counted(house, project, 1.0)
    answer = form(analyst, "/methods/gather/run")
    assert answer.status_code == 422
    assert 'id="inputs.counts-wrong"' in answer.text
