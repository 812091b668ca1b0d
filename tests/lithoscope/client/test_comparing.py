"""Many results given to one analysis from a notebook and a terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lithoscope.client import ClientError
from lithoscope.client.things import Dataset
from lithoscope.numerics.particles.examples import profile
from lithoscope.writers.csv import write_csv


@pytest.fixture
def profiles(client, service, tmp_path: Path) -> list[Dataset]:
    """Send the profiles of two particles as tables."""
    sent = []
    for name, cycles, oxygen in (("first", 0, 66.7), ("second", 50, 61.0)):
        path = tmp_path / f"{name}.csv"
        write_csv(profile(name, cycles, oxygen), path)
        sent.append(client.upload(path, project=service.project_id).wait())
    return sent


def test_a_list_is_compared_from_a_notebook_and_its_parts_from_a_terminal(client, service, profiles):
    found = client.run("particle_comparison", profiles).wait(progress=False)
    merits = found.outputs["merits"].table()
    assert merits["state"] == ["pristine", "50 cycles"]
    assert merits["rock_salt_of_atoms_percent"][1] == pytest.approx(34.0, abs=0.01)
    opened = found.outputs["merits"].to_xarray()["rock_salt_of_atoms_percent"]
    assert (opened.values.tolist(), opened.attrs["units"]) == (merits["rock_salt_of_atoms_percent"], "%")
    assert profiles[0].arrays["table"].table()["particle"][0] == "first"
    by_name = client.run("particle_comparison", profiles=[each.arrays["table"] for each in profiles])
    assert by_name.inputs == {"profiles": [f"{each.id}/table" for each in profiles]}
    words = {"LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token}
    command = ("run", "particle_comparison", *(each.id for each in profiles), "--quiet")
    typed = subprocess.run(
        [sys.executable, "-m", "lithoscope.client.cli", *command],
        env={**os.environ, **words},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert typed.returncode == 0, typed.stderr
    assert "succeeded  particle_comparison" in typed.stdout.replace("   ", "  ")
    with pytest.raises(ClientError, match=r"what of res_\w+ goes to profiles is open: "):
        client.run("particle_comparison", found.result)
