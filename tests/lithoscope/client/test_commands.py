"""The command line: what a person types, what comes out, and the exit code a script branches on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lithoscope.client.cli import cli
from tests.lithoscope.client.conftest import EXAMPLE
from tests.lithoscope.readers.scans import dm_scans
from tests.live import LOGIN, PASSWORD
from tests.servers import free_port

Command = Callable[..., subprocess.CompletedProcess[str]]
SCREEN_LINES = 40


@pytest.fixture
def lithoscope(service, tmp_path) -> Command:
    """Give the command, signed in by the environment."""
    signed_in = {"LITHOSCOPE_URL": service.url, "LITHOSCOPE_TOKEN": service.token}

    def command(*words: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lithoscope.client.cli", *words],
            env={**os.environ, **signed_in, **environment},
            cwd=tmp_path,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


def test_the_day_s_work_from_a_terminal(lithoscope, example, tmp_path):
    sent = lithoscope("upload", str(EXAMPLE), "--sample", str(example.sample_id), "--quiet")
    assert sent.stdout.split()[:2] == [example.id, "readable"], sent.stderr
    ran = lithoscope("run", "tilt_series_subset", example.id, "-p", "step_deg=20.0", "--quiet")
    job_id, state, method, result_id = ran.stdout.split()
    assert (state, method) == ("succeeded", "tilt_series_subset")
    followed = lithoscope("status", job_id, "--follow")
    assert followed.returncode == 0
    assert "state  succeeded" in followed.stdout
    assert job_id in lithoscope("status").stdout
    saved = lithoscope("get", result_id, "--as", "hdf5")
    assert Path(tmp_path / saved.stdout.strip()).stat().st_size > 0, saved.stderr
    named = lithoscope("get", f"{result_id}/tilt_series", "--as", "mrc")
    assert named.stdout.strip().endswith(".mrc.zip"), named.stderr
    assert lithoscope("get", f"{result_id}/tilt_series", "--as", "mrc").returncode == 1
    lithoscope("get", example.id, "--to", "series.dm3")
    assert (tmp_path / "series.dm3").read_bytes() == EXAMPLE.read_bytes()


def test_records_come_as_json_for_scripts(lithoscope, example):
    ran = lithoscope("run", "tilt_series_subset", example.id, "-p", "step_deg=14.0", "--quiet", "--json")
    record = json.loads(ran.stdout)
    assert record["params"]["step_deg"] == 14.0
    assert json.loads(lithoscope("status", record["id"], "--json").stdout)["state"] == "succeeded"


def test_bars_go_to_standard_error_and_can_be_switched_off(lithoscope, example):
    words = ("run", "tilt_series_subset", example.id)
    assert len(lithoscope(*words).stdout.splitlines()) == 1
    assert lithoscope(*words, "--quiet").stderr == ""


def test_a_folder_is_sent_as_a_series_only_when_one_says_so(lithoscope, service, tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for seed in range(2):
        dm_scans(folder, f"{seed}deg", seed)
    refused = lithoscope("upload", str(folder), "--project", service.project_id)
    assert (refused.returncode, "--as-series" in refused.stderr) == (1, True)
    sent = lithoscope("upload", str(folder), "--as-series", "--project", service.project_id, "--quiet")
    assert sent.stdout.split(maxsplit=1)[1] == "readable  scans\n"


def test_login_keeps_a_token_and_doctor_finds_all_well(lithoscope, service):
    alone = {"LITHOSCOPE_URL": "", "LITHOSCOPE_TOKEN": ""}
    signed = lithoscope("login", given=f"{service.url}\n{LOGIN}\n{PASSWORD}\n", **alone)
    assert signed.returncode == 0, signed.stderr
    assert PASSWORD not in Path(os.environ["LITHOSCOPE_CONFIG"]).read_text()
    looked = lithoscope("doctor", "--json", **alone)
    assert looked.returncode == 0, looked.stdout
    assert {finding["check"] for finding in json.loads(looked.stdout)} >= {"service", "clock", "identity"}


def test_a_key_is_read_from_standard_input_so_that_it_stays_out_of_the_history(lithoscope, service):
    alone = {"LITHOSCOPE_URL": "", "LITHOSCOPE_TOKEN": ""}
    signed = lithoscope("login", "--url", service.url, "--with-token", given=f"{service.token}\n", **alone)
    assert signed.returncode == 0, signed.stderr
    assert lithoscope("status", **alone).returncode == 0


def test_doctor_names_the_remedy_when_nothing_is_known(lithoscope):
    looked = lithoscope("doctor", LITHOSCOPE_URL="", LITHOSCOPE_TOKEN="")
    assert looked.returncode == 1
    assert "lithoscope login" in looked.stdout


@pytest.mark.parametrize(
    ("words", "environment", "code"),
    [
        (("status", "--limit", "0"), {}, 2),
        (("status",), {"LITHOSCOPE_URL": ""}, 3),
        (("status",), {"LITHOSCOPE_TOKEN": "lsk_wrong"}, 3),
        (("status", "job_" + "0" * 32), {}, 5),
        (("run", "no_such_method", "ds_" + "0" * 32), {}, 1),
        (("run", "raster_dose", "-p", "oops", "ds_" + "0" * 32), {}, 1),
        (("get", "res_" + "0" * 32), {}, 5),
    ],
)
def test_exit_codes_say_what_kind_of_thing_went_wrong(lithoscope, words, environment, code):
    ended = lithoscope(*words, **environment)
    assert ended.returncode == code, ended.stderr
    assert ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_service_that_is_away_ends_with_its_own_code(lithoscope):
    away = lithoscope("status", LITHOSCOPE_URL=f"http://127.0.0.1:{free_port()}")
    assert away.returncode == 4
    assert "is the service running" in away.stderr


def test_a_file_that_cannot_be_read_ends_with_its_own_code(lithoscope, service, tmp_path):
    (tmp_path / "cut.dm3").write_bytes(EXAMPLE.read_bytes()[:6000])
    sent = lithoscope("upload", "cut.dm3", "--project", service.project_id, "--quiet")
    assert sent.returncode == 6
    assert "rejected" in sent.stderr


def test_a_job_without_result_ends_with_its_own_code(lithoscope, example):
    ran = lithoscope("run", "tilt_series_subset", example.id, "-p", "first_deg=75.5", "-p", "step_deg=0.7", "--quiet")
    assert ran.returncode == 7
    assert "failed" in ran.stderr


def test_nothing_is_overwritten(lithoscope, example, tmp_path):
    (tmp_path / "mine.dm3").write_bytes(b"mine")
    assert lithoscope("get", example.id, "--to", "mine.dm3").returncode == 1
    assert (tmp_path / "mine.dm3").read_bytes() == b"mine"


@pytest.mark.parametrize("command", ["", *(each.name or "" for each in cli.registered_commands)])
def test_every_help_fits_a_screen(lithoscope, command):
    shown = lithoscope(*command.split(), "--help")
    assert 3 < len(shown.stdout.splitlines()) <= SCREEN_LINES


def test_a_shell_can_complete_commands(lithoscope):
    asked = {"_LITHOSCOPE_COMPLETE": "complete_bash", "COMP_WORDS": "lithoscope se", "COMP_CWORD": "1"}
    completed = subprocess.run(
        [str(Path(sys.executable).with_name("lithoscope"))],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "search" in completed.stdout.split(), completed.stderr
    assert "--install-completion" in lithoscope("--help").stdout
