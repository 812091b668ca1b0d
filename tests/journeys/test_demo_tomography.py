"""The demonstration of tomography brings a simulated particle from its scans to the published figures."""

import subprocess
import sys

import pytest

SIZE = 16
MAPS = ("O", "Mn", "Co", "Ni", "Mn4", "Mn3", "Mn2", "Co3", "Co2")


@pytest.mark.timeout(900)
def test_a_simulated_particle_ends_as_figures_beside_what_was_planted(tmp_path):
    data = tmp_path / "demo"
    words = ["demo-tomography", "--data", str(data), "--size", str(SIZE), "--states", "pristine"]
    run = subprocess.run(
        [sys.executable, "-m", "lithoscope.client.cli", *words],
        capture_output=True,
        text=True,
        timeout=880,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    table = [line for line in run.stdout.splitlines() if line.startswith("pristine: ") and "res_" in line]
    assert any(line.startswith("pristine: O ") and line.count("66.") == 2 for line in table)
    assert len(table) >= 12
    figures = data / "figures"
    for number in ("2a-d", "2e", "2f", "2g", "2h", "2i-l", "3a-e", "3f-g", "3h-i", "3j-l", "3m-n", "4"):
        assert list(figures.glob(f"figure_{number}_*.png")), number
    for number in (1, 3, 4, 9, 10, 11):
        assert list(figures.glob(f"supplementary_{number}_*.png")), number
    films = {film.stem: film.with_suffix(".txt").read_text() for film in figures.glob("film_*.gif")}
    assert set(films) == {f"film_{name}_pristine" for name in MAPS}
    assert all("measured" in caption and "planted" in caption for caption in films.values())
    assert "supplementary 8" in run.stdout


def test_a_state_that_nobody_planted_is_refused(tmp_path):
    words = ["demo-tomography", "--data", str(tmp_path), "--states", "charged"]
    run = subprocess.run(
        [sys.executable, "-m", "lithoscope.client.cli", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 1
    assert "there is no state" in run.stderr
