"""Rules from a notebook and from a terminal: a file goes in, a job starts by itself."""

import os
import subprocess
import sys
import time

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.writers.hdf5 import write_hdf5


def series(tilts: int) -> LabelledArray:
    """Return a small tilt series."""
    values = np.random.default_rng(tilts).poisson(9, (tilts, 6, 6)).astype(np.float32)
    angles = np.linspace(-60, 60, tilts)
    return LabelledArray(values, "tyx", {}, "counts", {"t": angles}, "tilt_series", "projections")


def typed(service, *command: str) -> str:
    words = {**os.environ, "LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token}
    whole = [sys.executable, "-m", "lithoscope.client.cli", "rule", *command]
    ended = subprocess.run(whole, env=words, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def first_firing(client, rule):
    deadline = time.monotonic() + 120
    while not (found := list(client.rules.firings(rule))):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found[0]


def test_a_file_that_arrives_is_reconstructed_by_a_rule_that_was_tried_first(client, service, tmp_path):
    write_hdf5(series(5), tmp_path / "past_ruled.h5")
    past = client.upload(tmp_path / "past_ruled.h5", project=service.project_id).wait()
    said = {
        "project_id": service.project_id,
        "trigger": {"name_pattern": "*_ruled.h5", "ranges": [{"quantity": "tilts", "at_least": 4}]},
        "action": {"method": "tomogram_sirt", "params": {"iterations": 1}},
    }
    told = client.rules.try_out(10, name="Quick look", **said)
    assert [each.dataset_id for each in told["items"] if each.outcome == "would_start"] == [past.id]
    rule = client.rules.switch(client.rules.create("Quick look", **said), on=True)
    assert (rule.state, rule.version) == ("on", 2)
    write_hdf5(series(7), tmp_path / "new_ruled.h5")
    new = client.upload(tmp_path / "new_ruled.h5", project=service.project_id).wait()
    firing = first_firing(client, rule)
    assert (firing.dataset_id, firing.outcome) == (new.id, "started")
    job = client.job(firing.job_id).wait(progress=False)
    assert job.started_by["matched"] == "name like “*_ruled.h5”, tilts 7"
    rule = client.rules.change(rule, "enough", is_enabled=False)
    assert [each.number for each in client.rules.versions(rule)] == [3, 2, 1]
    assert f"{rule.id}  off  Quick look  runs tomogram_sirt" in typed(service, "list")
    assert f"{new.id}  started  {job.id}" in typed(service, "show", rule.id)
    assert "2 would start" not in typed(service, "dry-run", rule.id, "--over", "1")
