"""`lithoscope dose`: offline, for people and for scripts."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lithoscope.client.cli import cli
from lithoscope.client.cli.sample import words_of
from lithoscope.units import Quantity

BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"numpy", "scipy", "shapely", "h5py"}:
            raise ImportError(f"{name} is not installed here")
sys.meta_path.insert(0, Blocker())
from lithoscope.client.cli import main
main()
"""
WINDOW = ["window", "--beam-energy-kV", "200", "--rate-e-per-A2-s", "100"]
PLAN = ["plan", "--phase", "LiF", "--temperature-C=-175", "--beam-energy-kV=200", "--current-nA=0.01", "--dwell-s=1"]


def words(*arguments: str, code: int = 0) -> str:
    """Run `lithoscope dose` and return what it says."""
    result = CliRunner().invoke(cli, ["dose", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def numbers(*arguments: str) -> dict:
    """Run `lithoscope dose` with --json."""
    return json.loads(words(*arguments, "--json"))


def test_the_raster_of_the_published_tilt_series():
    """0.300 nA, 0.05 s, 4.63 nm, 15 tilts and 17 scans on record."""
    given = [
        "--current-nA",
        "0.3",
        "--dwell-s",
        "0.05",
        "--step-nm",
        "4.63",
        "--frames",
        "15",
        "--recorded-frames",
        "17",
    ]
    assert numbers("raster", *given) == {
        "dose_per_frame_e_per_A2": pytest.approx(4.367e4, rel=1e-3),
        "dose_series_e_per_A2": pytest.approx(6.551e5, rel=1e-3),
        "dose_recorded_e_per_A2": pytest.approx(7.42e5, rel=1e-3),
    }
    assert "lower bound" in words("raster", *given)


def test_one_nanoampere_over_a_micrometre():
    record = numbers("tem", "--current-nA", "1", "--beam-diameter-nm", "1000")
    assert record == {"dose_rate_e_per_A2_s": pytest.approx(79.5, rel=1e-3)}


@pytest.mark.parametrize(
    ("phase", "temperature_C", "window"),
    [
        ("LiF", "20", (2.0, 2.0, 2.0)),
        ("LiF", "-175", (100.0, 100.0, 200.0)),
        ("Li2CO3", "20", (None, None, 1.0)),
        ("Li2CO3", "-170", (20.0, 20.0, 20.0)),
    ],
)
def test_windows_of_the_literature(phase, temperature_C, window):
    record = numbers(*WINDOW, "--phase", phase, "--temperature-C", temperature_C)
    assert (record["window_s"], record["window_lower_s"], record["window_upper_s"]) == pytest.approx(
        (window[1], window[0], window[2])
    )
    assert record["criterion"] == "onset_of_visible_damage"
    assert "004" in record["limit_source"]
    assert f"{phase} stands" in words(*WINDOW, "--phase", phase, "--temperature-C", temperature_C)


def test_where_nobody_measured_the_window_is_null_and_the_reason_is_said():
    record = numbers(*WINDOW, "--phase", "LiF", "--temperature-C", "-100")
    assert {record[name] for name in ("window_s", "window_lower_s", "window_upper_s", "limit_source")} == {None}
    assert "nothing is interpolated" in record["reason"]
    assert "unknown" in words(*WINDOW, "--phase", "LiF", "--temperature-C", "-100")


def test_a_plan_says_dose_fraction_and_how_far_one_may_go():
    record = numbers(*PLAN, "--beam-diameter-nm", "100", "--frames", "10")
    assert record["dose_e_per_A2"] == pytest.approx(794.7, rel=1e-3)
    assert record["state"] == "within"
    assert record["fraction"] == pytest.approx({"lower": 0.03973, "best": 0.07947, "upper": 0.07947}, rel=1e-3)
    assert record["largest_frames"] == {"lower": 125.0, "best": 125.0, "upper": 251.0}
    assert "largest safe dwell" in words(*PLAN, "--beam-diameter-nm", "100")
    assert "if a scanned beam does no more harm" in words(*PLAN, "--step-nm", "1")


def test_the_rate_of_a_raster_needs_the_places_of_a_frame():
    assert numbers(*PLAN, "--step-nm", "1")["dose_rate_e_per_A2_s"] is None
    rate = numbers(*PLAN, "--step-nm", "1", "--frame-pixels", "512x512")["dose_rate_e_per_A2_s"]
    assert rate == pytest.approx(0.01 * 6.2415e9 / 100 / 512**2, rel=1e-4)
    words(*PLAN, "--step-nm", "1", "--frame-pixels", "512", code=2)


@pytest.mark.parametrize(
    "wrong",
    [
        ["tem", "--current-nA", "0", "--beam-diameter-nm", "1000"],
        ["tem", "--current-nA", "nan", "--beam-diameter-nm", "1000"],
        [*WINDOW, "--phase", "LiF", "--temperature-C", "-300"],
        [*WINDOW, "--phase", "LiF", "--temperature-C", "20", "--criterion", "luck"],
        [*WINDOW, "--phase", "LiF", "--temperature-C", "20", "--mode", "xray"],
    ],
)
def test_impossible_numbers_are_wrong_usage(wrong):
    words(*wrong, code=2)


@pytest.mark.parametrize(
    "wrong",
    [
        ["raster", "--current-nA", "1", "--dwell-s", "1", "--step-nm", "1", "--frames", "3", "--recorded-frames", "2"],
        [*PLAN, "--step-nm", "1", "--beam-diameter-nm", "1"],
    ],
)
def test_contradictions_are_refused_in_words(wrong):
    done = subprocess.run(
        [sys.executable, "-m", "lithoscope.client.cli", "dose", *wrong], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("lithoscope: ")


def test_it_needs_neither_numpy_nor_service_nor_account(tmp_path):
    arguments = ["dose", *WINDOW, "--phase", "LiF", "--temperature-C", "20", "--json"]
    environment = {"HOME": str(tmp_path), "LITHOSCOPE_URL": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout)["window_s"] == 2.0, done.stderr


def test_numbers_are_written_with_the_signs_of_their_units():
    given = ("--current-nA", "0.3", "--dwell-s", "0.05", "--step-nm", "4.63", "--frames", "15")
    assert "6.551 × 10⁵ e/Å²" in words("raster", *given)
    quantities = {
        Quantity(6.551e5, "e/A^2", "assumed", uncertainty=7e3): "(6.551 ± 0.070) × 10⁵ e/Å² [assumed]",
        Quantity(293.15, "K", "header"): "293.15 K [header]",
        Quantity(0.42, "1", "measured", interval=(0.39, 0.45)): "0.42 (0.39 to 0.45) [measured]",
        Quantity.unknown("nA", "no current"): "unknown (no current)",
    }
    assert {quantity: words_of(quantity) for quantity in quantities} == quantities
