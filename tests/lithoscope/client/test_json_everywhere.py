"""Every command of the command line can be read by a script."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from app.cli import attach
from lithoscope.client.cli import cli
from lithoscope.client.problems import ClientError

#: What has no option of its own, and why.
NEEDS_NONE = {
    "work": "becomes a worker, whose log is lines of JSON",
    "admin openapi": "writes a JSON document and nothing else",
    "admin migration": "writes a file and says nothing",
}


def whole_command() -> typer.Typer:
    """Return the command with the service's commands, leaving the one others use as it is."""
    whole = typer.Typer()
    for group in cli.registered_groups:
        whole.add_typer(group.typer_instance, name=group.name)
    for each in cli.registered_commands:
        whole.command(each.name)(each.callback)
    attach(whole)
    return whole


def every_command() -> Iterator[tuple[str, Any]]:
    """Walk the commands of the client and of the service, also those below another."""
    yield from _walk(typer.main.get_command(whole_command()), "")


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", {})
    if not below or getattr(command, "invoke_without_command", False):
        yield name, command
    for word, each in below.items():
        yield from _walk(each, f"{name} {word}".strip())


def test_every_command_writes_json_for_scripts():
    has_none = lambda command: not any("--json" in option.opts for option in command.params)  # noqa: E731
    assert {name for name, command in every_command() if has_none(command)} == set(NEEDS_NONE)


@pytest.fixture
def told(service, monkeypatch) -> Callable[..., Any]:
    """Give a command's answer to a script: what it writes with ``--json``, read."""
    for name, value in (("URL", service.url), ("TOKEN", service.token), ("PROJECT", service.project_id)):
        monkeypatch.setenv(f"LITHOSCOPE_{name}", value)

    def command(*words: str, given: str = "") -> Any:
        ended = CliRunner().invoke(whole_command(), [*words, "--json"], input=given)
        assert ended.exit_code == 0, ended.output
        return json.loads(ended.stdout)

    return command


def test_a_script_learns_which_files_were_written(told, client, example, tmp_path):
    result = client.run("tilt_series_subset", example, step_deg=20.0).wait().result
    for words in (
        ("get", example.id, "--to", str(tmp_path / "series.dm3")),
        ("get", f"{result.id}/tilt_series", "--as", "mrc", "--to", str(tmp_path / "series.mrc.zip")),
        ("report", example.id, "--as", "svg", "--to", str(tmp_path / "report.svg")),
        ("export", example.id, "--as", "prov", "--to", str(tmp_path / "story.json")),
    ):
        assert told(*words) == {"file": words[-1], "bytes": Path(words[-1]).stat().st_size}


def test_a_script_signs_in_without_seeing_the_token(told, service):
    kept = told("login", "--url", service.url, "--with-token", given=f"{service.token}\n")
    assert kept["url"] == service.url
    assert service.token not in json.dumps(kept)


def test_a_script_keeps_a_facility(told, tmp_path):
    data = ("--data", str(tmp_path / "facility"))
    made = told("admin", "migrate", *data)
    assert made["before"] is None
    assert told("admin", "migrate", *data) == {"before": made["after"], "after": made["after"]}
    account = told("admin", "user", "ada", "--role", "admin", *data)
    assert (account["act"], account["login"], account["role"]) == ("made", "ada", "admin")
    assert told("admin", "backup", str(tmp_path / "kept"), *data)["folder"] == str(tmp_path / "kept")
    assert told("admin", "docs", "--write", str(tmp_path / "pages"))


def test_every_exit_code_of_the_client_is_in_its_documentation():
    table = (Path(__file__).parents[3] / "docs" / "client.md").read_text().partition("| exit code |")[2]
    documented = {int(line.split("|")[1]) for line in table.splitlines() if re.match(r"\| \d+ \|", line)}
    assert {kind.exit_code for kind in (ClientError, *_kinds(ClientError))} | {0, 2, 130} == documented


def _kinds(kind: type[ClientError]) -> Iterator[type[ClientError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)
