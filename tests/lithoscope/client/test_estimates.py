"""What a job would need, and two runs compared, from a notebook and a terminal."""

import json

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
    rows = {row["name"]: row for row in client.compare(runs[0], runs[1])["parameters"]}
    assert (rows["step_deg"]["first"], rows["step_deg"]["second"]) == (10.0, 20.0)


def test_an_unknown_estimate_says_why():
    told = {"value": None, "unit": "s", "interval": None, "runs": 0, "basis": "unknown", "reason": "No run yet."}
    assert estimated(told) == "time    unknown: No run yet."
