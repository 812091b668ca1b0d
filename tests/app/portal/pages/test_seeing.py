"""Pages that show volumes, spectra and curves: what their scripts read stands in them, escaped and with units."""

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.infra.clock import now
from app.infra.db.models import Job, RecipeRun, RecipeStep, Result
from app.infra.house import House
from app.infra.ids import new_id
from lithoscope.arrays import LabelledArray, Table
from lithoscope.figures import Figure
from lithoscope.tables import Line, Plot
from lithoscope.units import Quantity
from tests.app.portal.test_pages import HTML
from tests.app.results.publishing import RUN_RECORD, add_job, publish
from tests.datasets import add_dataset

NM = Quantity(4.63, "nm", "header")


def made() -> dict[str, Any]:
    atoms = np.zeros((2, 4, 5, 6), np.float32)
    counts = np.ones((3, 5, 6, 8), np.uint16)
    series = {"t": np.array([-10.0, 0.0, 10.0]), "e": np.arange(8.0)}
    curve = Table(
        {"depth_nm": [0.0, 5.0], "O": [44.0, 50.0], "O_sd": [0.5, 0.4]},
        {"depth_nm": "nm", "O": "at%", "O_sd": "at%"},
        Plot("depth_nm", (Line("O", "O_sd", "Oxygen <O>"),), "Depth profile", "Depth", "Composition"),
    )
    names = {"c": ("O", "Mn")}
    return {
        "composition": LabelledArray(
            atoms, "czyx", dict.fromkeys("zyx", NM), "at%", kind="volume", name="composition", labels=names
        ),
        "x_rays": LabelledArray(counts, "tyxe", dict.fromkeys("yx", NM), "counts", series, "spectra", "x_rays"),
        "profiles": curve,
        "rendering": Figure(
            b"\x89PNG\r\n\x1a\n", "<svg xmlns='http://www.w3.org/2000/svg'/>", "A particle.", "rendering"
        ),
        "oxygen": Quantity(49.7, "at%", "measured", 0.3),
    }


def told(text: str, name: str) -> list[Any]:
    """Read what a page says in an attribute."""
    return [json.loads(html.unescape(found)) for found in re.findall(rf'data-{name}="([^"]*)"', text)]


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let results of these tests carry what a page writes of a run."""
    monkeypatch.setitem(RUN_RECORD, "method_version", "1")
    monkeypatch.setitem(RUN_RECORD, "inputs", {})


def run_of(house: House, project: Any, jobs: dict[str, Job], outputs: list[dict[str, str]], **fields: Any) -> RecipeRun:
    """Add a run whose steps are these jobs."""
    stated = {"recipe": "tilt_series_to_particle", "recipe_version": "1", "seed": 0, "inputs": {}, "params": {}}
    ended = {"state": "succeeded", "finished_at": now(), "restarts": 0, "version": 1}
    own = {"id": new_id("run"), "project_id": project.id, "created_by": "usr_x", "created_at": now()}
    run = RecipeRun(**{**stated, **ended, **own, "outputs": outputs, **fields})
    with house.database.writing() as session:
        session.add(run)
        session.flush()
        for place, (name, job) in enumerate(jobs.items()):
            title = name.title()
            of_job = {"method": job.method, "job_id": job.id, "inputs": {}, "params": {}, "title": title}
            session.add(RecipeStep(run_id=run.id, name=name, position=place, is_reused=False, **of_job))
    return run


def finished(house: House, project: Any, folder: Path, outputs: dict[str, Any]) -> Job:
    """Add a job with a published result."""
    job = add_job(house, project, None)
    result = publish(house, job, folder, outputs)
    with house.database.writing() as session:
        session.get_one(Job, job.id).result_id = result.id
    job.result_id = result.id
    return job


@pytest.mark.usefixtures("record")
def test_a_result_is_shown_as_slices_spectra_curves_and_figures(people, project, house, tmp_path):
    result = publish(house, add_job(house, project, None), tmp_path, made())
    viewer = people.make(role="viewer", project=project)
    text = viewer.get(f"/results/{result.id}", headers=HTML).text
    (frame,) = told(text, "slices")
    assert frame["frame"]["steps"] == [4.63] * 3
    assert [each["title"] for each in frame["maps"]] == ["composition, O", "composition, Mn"]
    assert {each["unit"] for each in frame["maps"]} == {"at%"}
    home = f"/api/v1/results/{result.id}/outputs"
    assert viewer.get(f"{frame['maps'][0]['address']}/zarr.json").json()["attributes"]["ome"]["version"] == "0.5"
    (spectra,) = told(text, "spectra")
    assert (spectra["address"], spectra["tilts"]) == (f"{home}/x_rays", [-10.0, 0.0, 10.0])
    assert viewer.get(f"{spectra['address']}/spectrum").json()["values"] == [1.0] * 8
    (chart,) = told(text, "chart")
    line = chart["lines"][0]
    assert (line["y"], line["error"], line["title"], line["unit"]) == ("O", "O_sd", "Oxygen <O>", "at%")
    assert (chart["x"]["column"], chart["x"]["unit"], chart["y"]["title"]) == ("depth_nm", "nm", "Composition")
    assert "Composition [at%]" in text
    assert "Bars: standard uncertainty." in text
    assert f'src="{home}/rendering/picture.png"' in text
    assert "A particle." in text
    assert "<O>" not in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)


def test_a_dataset_is_shown_as_slices_and_spectra(people, project, house, tmp_path):
    result = publish(house, add_job(house, project, None), tmp_path, made())
    dataset = add_dataset(house, project, arrays=result.outputs[:2], store_key=result.store_key)
    viewer = people.make(role="viewer", project=project)
    text = viewer.get(f"/datasets/{dataset.id}", headers=HTML).text
    assert told(text, "slices")[0]["maps"][0]["address"] == f"/api/v1/datasets/{dataset.id}/arrays/composition/zarr"
    assert told(text, "spectra")[0]["address"] == f"/api/v1/datasets/{dataset.id}/arrays/x_rays"


def test_a_run_shows_its_maps_together_and_the_rest_by_group(people, project, house, tmp_path):
    everything = made()
    maps = finished(house, project, tmp_path, {"composition": everything["composition"]})
    analysis = finished(
        house, project, tmp_path, {name: everything[name] for name in ("profiles", "oxygen", "rendering")}
    )
    waiting = add_job(house, project, None)
    outputs = [
        {"name": "atoms", "source": "maps.composition", "title": "Atoms", "group": "Composition"},
        {"name": "oxygen", "source": "analysis.oxygen", "title": "Mean oxygen", "group": "Composition"},
        {"name": "later", "source": "late.volume", "title": "Later", "group": "Structure"},
    ]
    run = run_of(house, project, {"maps": maps, "analysis": analysis, "late": waiting}, outputs)
    text = people.make(role="viewer", project=project).get(f"/recipe-runs/{run.id}", headers=HTML).text
    assert [each["title"] for each in told(text, "slices")[0]["maps"]] == ["Atoms, O", "Atoms, Mn"]
    headings = re.findall(r"<h2>([^<]+)</h2>", text)
    assert headings.index("Slices") < headings.index("Composition") < headings.index("Checks and curves")
    assert "Structure" not in headings
    assert "(49.70 ± 0.30)" in text
    assert f'href="/results/{analysis.result_id}">Analysis: profiles' in text
    assert len(told(text, "chart")) == 1
    assert "/outputs/rendering/picture.png" in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)


def test_a_run_of_results_that_are_gone_is_still_shown(people, project, house, tmp_path):
    job = finished(house, project, tmp_path, {"profiles": made()["profiles"]})
    with house.database.writing() as session:
        session.get_one(Result, job.result_id).state = "deleted"
    run = run_of(house, project, {"maps": job}, [{"name": "p", "source": "maps.profiles", "title": "Profiles"}])
    answer = people.make(role="viewer", project=project).get(f"/recipe-runs/{run.id}", headers=HTML)
    assert answer.status_code == 200
    assert told(answer.text, "chart") == []
