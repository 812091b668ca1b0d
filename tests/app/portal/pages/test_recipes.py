"""Pages of recipes: the form, the graph by colour and sign, and what can be asked of a run."""

import re
from pathlib import Path

import pytest

from app.portal.graphs import BOX_WIDTH, SIGNS, Node, graph_of
from app.settings import Settings
from tests.app.portal.test_pages import HTML, form
from tests.app.recipes.racing import RACING
from tests.conftest import settings_for
from tests.datasets import add_dataset
from tests.workers.running import local_workers

SERIES = {"name": "series", "kind": "tilt_series", "axes": "tyx", "shape": [5, 8, 8], "title": "Series"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", **RACING)


def test_a_recipe_is_run_from_its_form_with_a_preset(people, project, house):
    dataset = add_dataset(house, project, arrays=[SERIES])
    analyst = people.make(role="analyst", project=project)
    page = "/recipes/tilt_series_to_particle/run?preset=draft"
    text = analyst.get(page, headers=HTML).text
    assert f"{dataset.id}/series" in text
    assert re.search(r'name="params.iterations"[^>]* value="20"', text)
    values = {"preset": "draft", "inputs.projections": f"{dataset.id}/series", "params.iterations": "21"}
    answer = form(analyst, page.partition("?")[0], **values)
    assert answer.status_code == 303
    address = answer.headers["location"].partition("?")[0]
    run = analyst.get(f"/api/v1{address}").json()
    assert (run["preset"], run["params"]["iterations"], run["params"]["classes"]) == ("draft", 21, 2)
    shown = analyst.get(address, headers=HTML).text
    assert 'class="step queued"' in shown
    assert f"{SIGNS['queued']} queued" in shown
    assert f"{SIGNS['waiting']} waiting" in shown
    assert f'href="/jobs/{run["steps"][0]["job_id"]}"' in shown
    assert "/recipe_run-" in shown
    assert f'href="{address}"' in analyst.get(f"/jobs/{run['steps'][0]['job_id']}", headers=HTML).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", shown)
    assert address in analyst.get("/recipe-runs", headers=HTML).text


def test_a_wrong_answer_is_marked_at_its_field(people, project, house):
    dataset = add_dataset(house, project, arrays=[SERIES])
    analyst = people.make(role="analyst", project=project)
    values = {"inputs.projections": f"{dataset.id}/series", "params.iterations": "0"}
    answer = form(analyst, "/recipes/tilt_series_to_particle/run", **values)
    assert answer.status_code == 422
    assert re.search(r'name="params.iterations"[^>]* aria-invalid="true"', answer.text)


def test_a_run_is_cancelled_and_goes_on_from_its_page(people, project, house):
    dataset = add_dataset(house, project, arrays=[SERIES])
    analyst = people.make(role="analyst", project=project)
    start = {"inputs.projections": f"{dataset.id}/series"}
    address = form(analyst, "/recipes/tilt_series_to_particle/run", **start).headers["location"].partition("?")[0]
    assert form(analyst, f"{address}/cancellation", address).status_code == 303
    text = analyst.get(address, headers=HTML).text
    assert "Go on from here" in text
    assert f"{SIGNS['skipped']} skipped" in text
    assert form(analyst, f"{address}/restarts", address).status_code == 303
    assert "Cancel" in analyst.get(address, headers=HTML).text
    viewer = people.make(role="viewer", project=project)
    assert "cancellation" not in viewer.get(address, headers=HTML).text


def test_a_failed_step_is_named_on_the_page_and_what_ended_is_linked(people, project, house):
    analyst = people.make(role="analyst", project=project)
    body = {"recipe": "relay_race", "inputs": {}, "params": {"right": "refuse"}, "project_id": project.id}
    run_id = analyst.post("/api/v1/recipe-runs", json=body).json()["id"]
    with local_workers(house):
        said = analyst.get(f"/api/v1/recipe-runs/{run_id}/events", headers={"Accept": "text/event-stream"}).text
    assert said.rstrip().endswith("data: {}")
    text = analyst.get(f"/recipe-runs/{run_id}", headers=HTML).text
    assert "The relay does not want to" in text or "the relay does not want to" in text
    assert 'class="step failed"' in text
    assert f"{SIGNS['failed']} failed" in text
    assert len(re.findall(r'href="/results/res_', text)) >= 3
    assert "/recipe_run-" not in text


def test_every_step_stands_below_those_it_takes_from_and_two_fit_a_phone():
    nodes = [Node("a", "A", ()), Node("b", "B", ("a",)), Node("c", "C", ("a",)), Node("d", "D", ("b", "c"))]
    graph = graph_of(nodes)
    places = {box.node.name: (box.x, box.y) for box in graph.boxes}
    assert places["a"][1] < places["b"][1] == places["c"][1] < places["d"][1]
    assert abs(places["b"][0] - places["c"][0]) >= BOX_WIDTH
    assert len(graph.arrows) == 4
    assert graph.width <= 366
    long = graph_of([Node("x", "A title of very many words that never end in any box", ())]).boxes[0]
    assert all(len(line) <= 21 for line in long.lines)


def test_a_simultaneous_series_fills_all_its_inputs_from_its_own_page(people, project, house):
    known = {"coordinates": {}, "spacing": {}, "unit": "counts", "dtype": "uint16", "levels": 1, "path": ""}
    spectra = {"kind": "spectra", "axes": "tyxe", "shape": [3, 8, 8, 16], **known}
    others = [{**spectra, "name": name, "title": name} for name in ("x_rays", "low_loss", "core_loss")]
    arrays = [{**SERIES, **known, "name": "dark_field"}, *others]
    dataset = add_dataset(house, project, arrays=arrays)
    analyst = people.make(role="analyst", project=project)
    address = f"/recipes/simultaneous_tomography/run?input={dataset.id}"
    assert f'href="{address}"' in analyst.get(f"/datasets/{dataset.id}", headers=HTML).text
    text = analyst.get(address, headers=HTML).text
    chosen = [f'value="{dataset.id}/{array["name"]}" selected' for array in arrays]
    assert [words for words in chosen if words not in text] == []
    preset = f"?preset=paper&amp;input={dataset.id}"
    assert preset in text
    again = analyst.get(address.partition("?")[0] + preset.replace("&amp;", "&"), headers=HTML).text
    assert [words for words in chosen if words not in again] == []
    unknown = analyst.get(address.replace(dataset.id, "ds_unknown"), headers=HTML)
    assert unknown.status_code == 200
