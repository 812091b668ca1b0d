"""Series that grow, from a notebook and from a terminal."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from lithoscope.client import ClientError, Conflict, Invalid, NotFound
from lithoscope.client.cli import cli
from lithoscope.client.series import SeriesFailed
from lithoscope.client.simulator.formats import Acquisition, tiff
from lithoscope.units import Quantity

BEGUN = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def tilts(service, tmp_path_factory):
    """Give a sample with four tilts as datasets of their own."""
    folder = tmp_path_factory.mktemp("tilts")
    with service.client() as client:
        sample = client.samples.create("needle", project=service.project_id, material="nmc")
        found = []
        for number in range(1, 5):
            path = folder / f"tilt_{number}.tif"
            path.write_bytes(tiff(Acquisition(f"c{number}", BEGUN, side_px=16, tilt_deg=10.0 * number)))
            found.append(client.upload(path, sample=sample).id)
    return sample.id, found


def test_a_series_grows_is_sealed_and_its_last_result_comes(client, tilts):
    sample, datasets = tilts
    series = client.start_series(client.samples.get(sample), "a", every=2, method="tomogram_sirt", iterations=1)
    assert (series.state, series.every, series.action["parameters"]) == ("open", 2, {"iterations": 1})
    assert series.newest_result() is None
    assert series.dataset() is None
    for number in (1, 2, 4):
        assert series.add(datasets[number - 1], number).number == number
    assert series.add(client.dataset(datasets[0]).wait(), 1).tilt_deg == pytest.approx(10.0, abs=0.01)
    series.refresh()
    assert series.missing == [3]
    with pytest.raises(ClientError, match="the parts 3 of ser_"):
        series.close()
    series.add(datasets[2], 3, tilt_deg=30.0)
    series.close()
    seen = [record["state"] for record in series.follow(every_s=0.2)]
    assert (seen[0] in {"closing", "sealed"}, seen[-1]) == (True, "sealed")
    series.wait(every_s=0.2)
    assert series.dataset().wait().array().summary["shape"] == [4, 16, 16]
    assert "volume" in series.newest_result().outputs
    assert isinstance(series.dose.total, Quantity)
    assert sorted(part.number for part in series.parts()) == [1, 2, 3, 4]


def test_what_is_refused_is_raised_with_the_services_problem(client, tilts):
    sample, datasets = tilts
    series = client.start_series(sample, "b")
    series.add(datasets[0], 1)
    with pytest.raises(Conflict) as taken:
        series.add(datasets[1], 1)
    assert taken.value.code == "number-taken"
    with pytest.raises(Invalid) as wrong:
        series.add(datasets[1], 2, z_nm=3.0)
    assert wrong.value.errors[0]["pointer"] == "/body/z_nm"
    with pytest.raises(NotFound):
        client.get_series("ser_" + 32 * "0")
    with pytest.raises(ClientError, match="belong to a method or recipe"):
        client.start_series(sample, "c", iterations=3)
    series.close()
    with pytest.raises(Conflict):
        series.close(parts=7)


def test_what_a_rule_says_is_run_from_a_notebook_and_a_terminal(client, service, tilts, typed):
    runs = {"method": "tomogram_sirt", "params": {"iterations": 3}}
    rule = client.rules.create("live", project_id=service.project_id, action=runs, is_enabled=True)
    assert client.start_series(tilts[0], "r", rule=rule.id).action["parameters"] == {"iterations": 3}
    told = json.loads(typed("start", tilts[0], "s", "--rule", rule.id, "--json").stdout)
    assert (told["rule_id"], told["rule_version"]) == (rule.id, 1)
    client.rules.switch(rule, on=False)
    with pytest.raises(Invalid) as wrong:
        client.start_series(tilts[0], "t", rule=rule.id)
    assert wrong.value.errors[0]["pointer"] == "/body/rule_id"


def test_what_is_run_is_chosen_later_and_taken_back(client, tilts):
    series = client.start_series(tilts[0], "d")
    assert series.action is None
    series.run("tomogram_sirt", iterations=2)
    assert series.action["method"] == "tomogram_sirt"
    series.run()
    assert series.action is None


def test_series_are_listed_and_narrowed(client, tilts):
    begun = [client.start_series(tilts[0], name).id for name in ("e", "f")]
    found = client.series(sample_id=tilts[0], state="open")
    assert [each.id for each in found][:2] == begun[::-1]
    assert found.first().name == "f"
    assert found.first().missing == []
    assert client.series(sample_id=tilts[0], limit=1).count() == 1


def test_a_series_of_which_no_part_can_be_used_fails_with_words(client, tilts, tmp_path):
    path = tmp_path / "nothing.tif"
    path.write_bytes(b"II*\0 is no image")
    series = client.start_series(tilts[0], "g")
    series.add(client.upload(path, sample=tilts[0]), 1)
    series.close()
    with pytest.raises(SeriesFailed, match=f"series {series.id}: .*begin another series") as failed:
        series.wait(every_s=0.2)
    assert failed.value.exit_code == 7


@pytest.fixture
def typed(service, monkeypatch):
    """Give a command, typed by somebody who is signed in."""
    for name, value in (("URL", service.url), ("TOKEN", service.token), ("PROJECT", service.project_id)):
        monkeypatch.setenv(f"LITHOSCOPE_{name}", value)
    return lambda *words: CliRunner().invoke(cli, ["series", *words])


def test_the_terminal_starts_adds_shows_lists_and_closes(typed, tilts):
    sample, datasets = tilts
    made = typed("start", sample, "typed", "--every", "2", "--json")
    assert made.exit_code == 0, made.output
    series = json.loads(made.stdout)["id"]
    assert "10 deg" in typed("add", series, datasets[0], "1", "--tilt-deg", "10").stdout
    refused = typed("add", series, datasets[1], "1").exception
    assert (refused.exit_code, refused.code) == (5, "number-taken")
    shown = typed("show", series).stdout
    assert "1 parts  typed" in shown
    assert "dose so far:" in shown
    told = json.loads(typed("show", series, "--json").stdout)
    assert [part["dataset_id"] for part in told["all_parts"]] == [datasets[0]]
    assert series in typed("list", "--sample", sample).stdout
    assert json.loads(typed("close", series, "--json").stdout)["expected"] == 1
