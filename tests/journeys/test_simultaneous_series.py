"""A simultaneous series comes to the service: its dose is recorded by a word, and X-rays alone are enough to run."""

import json
import os
import subprocess
import sys

import pytest

from lithoscope.client import Client
from lithoscope.numerics.twins import Experiment, small_particle, small_settings
from lithoscope.writers.twin_files import write_twin
from tests.live import LiveService, first_token, made

SIZE = 16
ANGLES_DEG = (-60.0, -40.0, -20.0, 0.0, 20.0, 40.0, 60.0)
#: Two scans at 0 deg stand before and after the series.
RECORDED = len(ANGLES_DEG) + 2
ONLY = ("dark_field", "x_rays", "live_fraction")
LOSSES = {"zero_loss", "thickness", "manganese_states", "cobalt_states", "manganese_valence", "stability"}


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    settings = small_settings(SIZE, angles_deg=ANGLES_DEG)
    experiment = Experiment(small_particle(SIZE), settings=settings)
    files = write_twin(tmp_path_factory.mktemp("twin"), experiment, acquired_at="2026-05-04T10:00:00+00:00")
    with LiveService(tmp_path_factory.mktemp("service") / "data", workers=2) as live:
        token = first_token(live.url, live.setup_code)
        with live.client(token) as http:
            project = made(http, "/projects", {"code": "SERIES", "title": "Simultaneous series"})
        with Client(live.url, token, progress=False) as client:
            sample = client.samples.create("NCM111 (simulated)", project=project["id"], material="nmc")
            dataset = client.upload(files.series, sample=sample).wait()
            yield client, dataset, {"LITHOSCOPE_URL": live.url, "LITHOSCOPE_TOKEN": token}


def typed(words, *command):
    whole = [sys.executable, "-m", "lithoscope.client.cli", *command]
    return subprocess.run(whole, env={**os.environ, **words}, capture_output=True, text=True, timeout=120, check=False)


def test_the_dose_of_every_scan_is_recorded_once_as_the_file_tells_it(entered):
    _, dataset, words = entered
    first, again = (typed(words, "sample", "exposure", dataset.id) for _ in "12")
    assert first.returncode == 0, first.stderr
    assert f"{len(ANGLES_DEG)} frames, {RECORDED} recorded scans" in first.stdout
    assert again.stdout == first.stdout
    shown = json.loads(typed(words, "sample", "exposure", dataset.id, "--json").stdout)
    assert shown["frames"] == len(ANGLES_DEG)


def test_a_dataset_nobody_has_is_told_in_a_sentence(entered):
    refused = typed(entered[2], "sample", "exposure", "ds_00000000000000000000000000000000")
    assert refused.returncode == 5
    assert "There is no such object" in refused.stderr


def test_what_needs_energy_losses_is_left_out_of_a_run_without_them(entered):
    client, dataset, _ = entered
    given = {name: dataset.arrays[name] for name in ONLY}
    run = client.run_recipe("simultaneous_tomography", **given, dark_field_iterations=20).wait(progress=False)
    assert run.state == "succeeded"
    assert not LOSSES & set(run.steps)
    assert {"composition", "profiles", "rock_salt", "figures"} <= set(run.steps)
    assert "O" in run.outputs["profiles"].table()
    assert "manganese" not in run.outputs
