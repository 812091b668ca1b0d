"""The demonstration is the main job on real data: its figures are those of the paper, and it can be repeated."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def demo(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lithoscope.client.cli", "demo", "--data", str(data), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


def figures(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout.splitlines()[-1]))


def test_a_tilt_series_comes_in_and_a_volume_with_its_dose_goes_out_every_time(tmp_path):
    data = tmp_path / "demo"
    first = figures(demo(data, "--json"))
    assert first["dose_per_frame_e_per_A2"] == pytest.approx(4.367e4, rel=1e-3)
    assert first["dose_series_e_per_A2"] == pytest.approx(6.551e5, rel=1e-3)
    assert first["dose_recorded_e_per_A2"] == pytest.approx(7.42e5, rel=1e-3)
    assert first["volume_shape"] == [64, 64, 64]
    assert first["voxel_size_nm"] == pytest.approx(17.99, abs=0.01)
    assert sum(first["phase_fractions"]) == pytest.approx(1)
    assert len(set(first["result_ids"])) == len(first["result_ids"])
    again = demo(data)
    assert again.returncode == 0, again.stderr
    table = dict(line.split("  ", 1) for line in again.stdout.splitlines() if "  " in line)
    assert table["stored"].strip() == "36 h (assumed)"
    assert table["transfer"].strip() == "inert_gas_shuttle"
    assert table["probe current"].strip() == "unknown in the file"
    assert table["time in air"].strip() == "0 s (assumed)"
    assert table["budget for lithium"].strip().startswith("near: ")
    assert table["protocol"].strip() == "Lithium metal in the transmission electron microscope: pass"
    assert stat.S_IMODE((data / "demo.json").stat().st_mode) == 0o600


def test_a_folder_with_people_of_its_own_is_left_alone(tmp_path):
    data = tmp_path / "mine"
    user = [
        sys.executable,
        "-m",
        "lithoscope.client.cli",
        "admin",
        "user",
        "me",
        "--role",
        "admin",
        "--data",
        str(data),
    ]
    migrate = [*user[:4], "migrate", "--data", str(data)]
    subprocess.run(migrate, check=True, capture_output=True)
    subprocess.run(user, check=True, capture_output=True)
    refused = demo(data, "--json")
    assert refused.returncode == 1
    assert "run the demonstration over another folder" in refused.stderr
