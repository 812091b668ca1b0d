"""Recipes from a notebook and from a terminal, on the real tilt series."""

import os
import subprocess
import sys

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.client import ClientError, JobFailed
from lithoscope.writers.hdf5 import write_hdf5
from tests.lithoscope.writers.series import write_series


def test_a_notebook_runs_a_recipe_and_takes_what_it_gave(client, example, service, tmp_path):
    assert "tilt_series_to_particle" in {recipe["id"] for recipe in client.recipes()}
    run = client.run_recipe("tilt_series_to_particle", example, preset="draft", iterations=2).wait()
    assert (run.is_over, run.state, run.params["iterations"]) == (True, "succeeded", 2)
    assert list(run.steps) == ["background", "turn", "align", "quick_look", "reconstruction", "particle"]
    assert run.outputs["volume"].shape == run.outputs["labels"].shape
    assert run.outputs["phases"].table()
    assert run.job("particle").method == "segment_threshold"
    again = client.run_recipe("tilt_series_to_particle", example, iterations=2)
    assert {step["is_reused"] for step in again.steps.values()} == {True}
    seen = client.preview_recipe("tilt_series_to_particle", example, iterations=3)
    assert [step["is_reused"] for step in seen] == [True, True, True, True, False, False]
    assert next(iter(client.recipe_runs())).id == again.id
    words = {"LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token}
    shown = _typed(words, "recipe", "show", run.id)
    assert f"{run.id}  succeeded  tilt_series_to_particle" in shown
    assert f"+ particle  succeeded  {run.steps['particle']['result_id']}" in shown
    ran = _typed(words, "recipe", "run", "tilt_series_to_particle", example.id, "-p", "iterations=2", "--quiet")
    assert ran.count("(reused)") == 6
    assert "presets: draft, thorough" in _typed(words, "recipe", "list")
    assert _typed(words, "recipe", "paragraph", run.id).strip() == run.paragraph().strip()
    saved = _typed(words, "recipe", "get", run.id, "phases", "labels", "--to", str(tmp_path / "out")).split()
    assert [path.rpartition("/")[2] for path in saved] == ["phases.csv", "labels.h5"]


def _typed(words: dict[str, str], *command: str) -> str:
    whole = [sys.executable, "-m", "lithoscope.client.cli", *command]
    ended = subprocess.run(whole, env={**os.environ, **words}, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_one_recipe_and_one_method_run_over_many_datasets(client, example, service):
    runs = client.run_recipe_over("tilt_series_to_particle", [example, example.id], iterations=2, preset="draft")
    assert all(run.wait(progress=False).inputs["projections"].startswith(example.id) for run in runs)
    assert len({run.id for run in runs}) == 2
    jobs = client.run_over("tilt_series_mask", [example])
    assert [job.wait(progress=False).state for job in jobs] == ["succeeded"]
    words = {"LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token}
    over = ("--over", example.id, "--over", example.id)
    ran = _typed(words, "recipe", "run", "tilt_series_to_particle", *over, "-p", "iterations=2", "--quiet")
    assert ran.count("succeeded  tilt_series_to_particle") == 2
    assert "succeeded" in _typed(words, "run", "tilt_series_mask", *over[:2], "--quiet")
    with pytest.raises(ClientError, match="no method is called alchemy"):
        client.run_over("alchemy", [example])


def test_a_run_that_is_cancelled_says_so_and_goes_on_when_asked(client, example, service):
    run = client.run_recipe("tilt_series_to_particle", example, iterations=1900)
    run.cancel()
    with pytest.raises(JobFailed) as failure:
        run.wait(progress=False)
    assert failure.value.state == "cancelled"
    run.restart()
    assert run.restarts == 1
    words = {"LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token}
    assert f"{run.id}  cancel" in _typed(words, "recipe", "cancel", run.id)
    with pytest.raises(JobFailed):
        run.wait(progress=False)
    assert f"{run.id}  running" in _typed(words, "recipe", "restart", run.id, "--no-wait")
    run.cancel()


def test_a_simultaneous_series_is_given_once_and_references_follow(client, service, tmp_path):
    series = client.upload(write_series(tmp_path / "series.h5"), project=service.project_id).wait()
    powder = LabelledArray(np.ones(9), "e", {}, "counts", {"e": np.arange(9.0)}, "spectra", "powder")
    write_hdf5(powder, tmp_path / "powder.h5")
    reference = client.upload(tmp_path / "powder.h5", project=service.project_id).wait()
    run = client.run_recipe("simultaneous_tomography", series, mn_4=reference, cycles=3)
    run.cancel()
    assert run.inputs == {"mn_4": f"{reference.id}/powder", **{name: f"{series.id}/{name}" for name in series.arrays}}
    own = client.run_recipe("simultaneous_tomography", series.id, dark_field=f"{series.id}/repeat_dark_field")
    own.cancel()
    assert (own.inputs["dark_field"], own.inputs["x_rays"]) == (
        f"{series.id}/repeat_dark_field",
        f"{series.id}/x_rays",
    )


def test_a_recipe_nobody_has_and_an_input_too_many_are_refused_here(client, example):
    with pytest.raises(ClientError, match="no recipe is called alchemy: there are"):
        client.run_recipe("alchemy")
    with pytest.raises(ClientError, match="takes the inputs projections, start: 3 were given"):
        client.run_recipe("tilt_series_to_particle", example, example, example)
