"""``lithoscope simulate``: a rehearsal in real time that takes seconds, and the check of what a service holds."""

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lithoscope.client import Client
from lithoscope.client.cli.simulate import simulate
from lithoscope.client.simulator import Entry, read_ledger

RUNNER = CliRunner()


def said(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(simulate, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def test_a_folder_is_filled_and_told(tmp_path: Path):
    output = said(str(tmp_path / "share"), "--for", "1s", "--rate", "10800", "--faults", "none", "--quiet", "0.1")
    entries = read_ledger(tmp_path / "share.ledger.jsonl")
    assert len(entries) == 3
    assert all(entry.path in output for entry in entries)
    for entry in entries:
        assert hashlib.sha256((tmp_path / "share" / entry.path).read_bytes()).hexdigest() == entry.sha256


def test_acts_are_told_as_json_lines(tmp_path: Path):
    output = said(str(tmp_path / "s"), "--for", "1s", "--rate", "3600", "--faults", "none", "--quiet", "0.1", "--json")
    acts = [json.loads(line)["act"] for line in output.splitlines() if line.startswith("{")]
    assert acts[0].startswith("plain: wrote")


@pytest.mark.parametrize("words", [["--for", "soon"], ["--faults", "flood"], ["--from", "nowhere.tif"]])
def test_what_cannot_be_done_is_refused(tmp_path: Path, words: list[str]):
    result = RUNNER.invoke(simulate, [str(tmp_path / "share"), *words])
    assert result.exit_code != 0
    assert not (tmp_path / "share").exists()


@pytest.fixture
def signed_in(service, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("LITHOSCOPE_URL", service.url)
    monkeypatch.setenv("LITHOSCOPE_TOKEN", service.token)
    return service.client()


def test_the_check_names_what_did_not_arrive(tmp_path: Path, service, signed_in: Client):
    said(str(tmp_path / "share"), "--for", "1s", "--rate", "7200", "--faults", "none", "--quiet", "0.1")
    with signed_in as client:
        project = client.connection.post("/projects", {"code": "REHEARSED", "title": "Rehearsal"})
    words = ["check", "--ledger", str(tmp_path / "share.ledger.jsonl"), "--project", project["id"], "--json"]
    found = json.loads(said(*words, code=1))
    assert [one["what"] for one in found] == ["missing", "missing"]


def test_the_check_is_silent_when_everything_is_there(tmp_path: Path, service, signed_in: Client):
    content = tmp_path / "a.msa"
    content.write_bytes(b"#FORMAT      : EMSA/MAS\r\n" + tmp_path.name.encode() * 10)
    stat = content.stat()
    entry = Entry(
        path="s/d/a.msa",
        sha256=hashlib.sha256(content.read_bytes()).hexdigest(),
        size=stat.st_size,
        true_s=1_800_000_000.0,
        pc_s=1_800_000_000.0,
        sample="rehearsed",
        kind="emsa",
    )
    with signed_in as client:
        project = client.connection.post("/projects", {"code": "WHOLE", "title": "Rehearsal"})
        sample = client.samples.create("rehearsed", project=project["id"])
        attributes = json.dumps({"modified_at": "2027-01-15T08:00:01+00:00", "clock_offset_s": 0.0})
        client.upload(content, sample=sample, attributes=attributes)
    ledger = tmp_path / "ledger"
    ledger.write_text(json.dumps({name: getattr(entry, name) for name in entry.__slots__}) + "\n")
    assert said("check", "--ledger", str(ledger), "--project", project["id"], "--json").strip() == "[]"
