"""What a job would need, and two runs compared, from a notebook and a terminal."""

import json

import pytest
from typer.testing import CliRunner

from lithoscope.client.cli import cli
from lithoscope.client.cli.work import estimated


def test_past_runs_tell_time_and_memory_and_two_of_them_are_compared(client, service, example, monkeypatch):
    monkeypatch.setenv("LITHOSCOPE_URL", service.url)
    monkeypatch.setenv("LITHOSCOPE_TOKEN", service.token)
    runs = [client.run("tilt_series_subset", example, step_deg=step) for step in (10.0, 20.0, 30.0)]
    for job in runs:
        job.wait(progress=False)
    told = client.estimate("tilt_series_subset", example, step_deg=20.0)
    assert told["time"]["runs"] >= 3
    assert told["time"]["interval"][0] < told["time"]["value"] < told["time"]["interval"][1]
    assert told["memory"]["value"] > 0
    words = ["run", "tilt_series_subset", example.id, "-p", "step_deg=20.0", "--estimate"]
    assert "past runs" in CliRunner().invoke(cli, words).stdout
    assert json.loads(CliRunner().invoke(cli, [*words, "--json"]).stdout)["method"] == "tilt_series_subset"
    both = client.estimate_over("tilt_series_subset", [example, example.id], step_deg=20.0)["time"]
    assert (both["told"], both["runs"]) == (2, 2)
    assert both["value"] == pytest.approx(2 * told["time"]["value"])
    words = ["run", "tilt_series_subset", "--over", example.id, "-p", "step_deg=20.0", "--estimate"]
    assert "told of 1 of 1 runs" in CliRunner().invoke(cli, words).stdout
    rows = {row["name"]: row for row in client.compare(runs[0], runs[1])["parameters"]}
    assert (rows["step_deg"]["first"], rows["step_deg"]["second"]) == (10.0, 20.0)


def test_a_recipe_tells_its_time_and_doubts_without_being_started(client, service, example, monkeypatch):
    monkeypatch.setenv("LITHOSCOPE_URL", service.url)
    monkeypatch.setenv("LITHOSCOPE_TOKEN", service.token)
    before = len(list(client.recipe_runs()))
    one = client.estimate_recipe("tilt_series_to_particle", example)
    many = client.estimate_recipe_over("tilt_series_to_particle", [example, example])
    # Steps that an earlier run of these tests left behind are reused and take no time.
    assert one["time"]["runs"] == sum(not step["is_reused"] for step in one["steps"])
    assert many["time"]["runs"] == 2 * one["time"]["runs"]
    shown = CliRunner().invoke(cli, ["recipe", "run", "tilt_series_to_particle", example.id, "--estimate"])
    assert shown.stdout.startswith("time ")
    assert [line for line in shown.stdout.splitlines() if line.startswith("doubtful")] == [
        f"doubtful: {warning['detail']}" for warning in one["warnings"]
    ]
    assert len(list(client.recipe_runs())) == before


def test_an_unknown_estimate_says_why():
    told = {"value": None, "unit": "s", "interval": None, "runs": 0, "basis": "unknown", "reason": "No run yet."}
    assert estimated(told) == "time    unknown: No run yet."
