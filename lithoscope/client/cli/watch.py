"""``watch``: the collector of an instrument's PC, and what one asks it."""

import json
import os
import platform
import signal
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from lithoscope.client.cli.work import AsJson
from lithoscope.client.collector import SYSTEM, BadSettings, Collector, Journal, Round, Settings
from lithoscope.client.collector.checking import checks
from lithoscope.client.collector.planning import plan
from lithoscope.client.collector.telling import instant, problems, report, series, shown
from lithoscope.client.config import config_path
from lithoscope.client.connection import Connection

watch = typer.Typer(
    name="watch",
    invoke_without_command=True,
    help="Watch folders and send what is finished.",
)
Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings (TOML); LITHOSCOPE_WATCH when left out.", dir_okay=False)
]


def config_file(named: Path | None) -> Path:
    """Return the settings: as named, else by LITHOSCOPE_WATCH, else beside what `login` keeps."""
    return named or Path(os.environ.get("LITHOSCOPE_WATCH") or config_path().with_name("watch.toml"))


def read_settings(named: Path | None) -> tuple[Settings, Path]:
    """Read the settings; return them with the place of the journal."""
    path = config_file(named)
    settings = Settings.read(path)
    return settings, settings.journal or path.with_suffix(".journal")


@watch.callback()
def run(context: typer.Context, *, config: Config = None, as_json: AsJson = False) -> None:
    """
    Watch folders and send what is finished; sources are only read.

    Runs until it is ended (Ctrl+C, or the service manager). Ends with another code than 0 only when the settings,
    the key or the journal cannot be used: docs/collector.md says how to write them.
    """
    context.obj = config
    if context.invoked_subcommand is not None:
        return
    settings, journal = read_settings(config)
    collector = Collector(settings, journal)
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    folders = ", ".join(str(folder.path) for folder in settings.folders)
    typer.echo(f"watching {folders} for {settings.address}; journal {journal}", err=as_json)
    try:
        collector.run(stop.is_set, lambda done: typer.echo(_round(done, as_json=as_json)))
    finally:
        collector.close()


def _round(done: Round, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(vars(done))
    found = [f"{done.changed} new or changed"] if done.changed else []
    found += [f"{done.settled} finished"] if done.settled else []
    found += [f"sent {' '.join(done.sent)} ({done.bytes_sent / 1e6:.1f} MB)"] if done.sent else []
    found += [f"{done.events} events sent"] if done.events else []
    found += [f"{done.parts} parts of series added"] if done.parts else []
    return f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}  {shown('; '.join([*found, *done.problems]))}"


@watch.command()
def status(
    context: typer.Context,
    *,
    path: Annotated[str | None, typer.Argument(help="One file or part of its path: what became of it.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say what waits, what went and what is wrong; works without a network and beside a running collector."""
    settings, place = read_settings(config or context.obj)
    journal = Journal(place)
    try:
        if path is not None:
            rows = [dict(row) for row in _rows_of(journal, path)]
            typer.echo(json.dumps(rows) if as_json else "\n".join(map(_unit_line, rows)) or "no such file is known")
            return
        told = report(journal, settings)
        beat = journal.row("SELECT at FROM note WHERE name = 'beat'")
        told["last_heartbeat_at"] = None if beat is None else instant(beat["at"])
        told["problems"] = problems(journal)
        told["series"] = series(journal)
        typer.echo(json.dumps(told) if as_json else "\n".join(_status_lines(told)))
    finally:
        journal.close()


def _rows_of(journal: Journal, path: str) -> list[Any]:
    columns = "key, state, reason, problem, sample, dataset_id, size, settled_at, sent_at, sha256"
    query = f"SELECT {columns} FROM unit WHERE instr(lower(key), lower(?)) ORDER BY key LIMIT 500"  # noqa: S608 - ours
    return journal.rows(query, path.replace("\\", "/"))


def _unit_line(row: dict[str, Any]) -> str:
    parts = (row["state"], row["key"], row["dataset_id"] or "", row["reason"])
    return shown("  ".join(filter(None, parts)))


def _status_lines(told: dict[str, Any]) -> Iterator[str]:
    queue = told["queue"]
    yield "  ".join(f"{name} {count}" for name, count in queue.items())
    yield f"last heartbeat heard  {told['last_heartbeat_at'] or 'never'}"
    if told["oldest_waiting_at"]:
        yield f"oldest waiting since  {told['oldest_waiting_at']}"
    for each in told["series"]:
        place = "  ".join(filter(None, (each["series_id"], each["key"])))
        yield shown(
            f"series {each['state']:<8} {each['added']} of {each['files']} files added  {place}  ({each['reason']})"
        )
    for each in told["problems"]:
        example = f"  [{each['example']}]" if each["example"] else ""
        yield f"{each['kind']:<18} {each['count']:>6}  {each['words']}{example}"
    if not told["problems"]:
        yield "nothing is wrong"


@watch.command(name="dry-run")
def dry_run(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(help="Most files shown; 0 shows all.", min=0)] = 200,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show which file would become which dataset of which sample, and why; nothing is sent or kept."""
    settings, _ = read_settings(config or context.obj)
    for number, line in enumerate(plan(settings)):
        if limit and number >= limit:
            typer.echo("... and more: --limit 0 shows all of them", err=True)
            return
        typer.echo(json.dumps(line) if as_json else _plan_line(line))


def _plan_line(line: dict[str, Any]) -> str:
    target = "  ".join(filter(None, (line["dataset"], line["sample"], line["project"])))
    return shown(f"{line['outcome']:<10}{line['file']}  ->  {target or '-'}  ({line['why']})")


@watch.command()
def replay(
    context: typer.Context,
    *,
    path: Annotated[str | None, typer.Argument(help="Part of a path; everything when left out.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Try again at once what failed, is held or vanished; what arrived is not sent twice."""
    _, place = read_settings(config or context.obj)
    journal = Journal(place)
    try:
        wanted = "state IN ('failed', 'held', 'gone') AND instr(lower(key), lower(?))"
        rows = journal.rows(f"SELECT id FROM unit WHERE {wanted}", (path or "").replace("\\", "/"))  # noqa: S608 - ours
        told = {"state": "growing", "problem": None, "attempts": 0, "poll_at": 0, "upload": None}
        journal.set_units([row["id"] for row in rows], **told)
        journal.write("UPDATE part SET state = 'waiting', problem = NULL WHERE state IN ('held', 'refused')")
        journal.write("UPDATE series SET poll_at = 0 WHERE state IN ('held', 'waiting', 'open', 'closing')")
        again = journal.rows("SELECT id FROM happening WHERE state IN ('failed', 'held')")
        journal.write("UPDATE happening SET state = 'waiting', poll_at = 0 WHERE state IN ('failed', 'held')")
    finally:
        journal.close()
    counts = {"datasets": len(rows), "events": len(again)}
    typer.echo(json.dumps(counts) if as_json else f"tried again: {len(rows)} datasets, {len(again)} events")


@watch.command()
def doctor(context: typer.Context, *, config: Config = None, as_json: AsJson = False) -> None:
    """Say what works between this PC's folders and the service, and what to do about what does not (exit code 1)."""
    settings, place = read_settings(config or context.obj)
    findings = list(checks(settings, place, SYSTEM))
    if as_json:
        typer.echo(json.dumps([{"check": name, "ok": ok, "words": words} for name, ok, words in findings]))
    else:
        for name, ok, words in findings:
            typer.echo(f"{'ok ' if ok else 'BAD'}  {name:<10}{words}")
    if not all(ok for _, ok, _ in findings):
        raise typer.Exit(1)


@watch.command()
def enrol(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="One-time code from the instrument's page.")],
    *,
    config: Config = None,
    name: Annotated[str, typer.Option(help="Name of this PC.")] = platform.node(),
    as_json: AsJson = False,
) -> None:
    """Turn a one-time code into this PC's key, and keep it in the settings' key_file (mode 0600)."""
    settings, _ = read_settings(config or context.obj)
    if settings.key_file is None:
        raise BadSettings('the settings name no key_file: add key_file = "..." where the key shall be kept')
    connection = Connection(settings.address)
    try:
        made = connection.post("/enrolment-redemptions", {"code": code, "name": name})
    finally:
        connection.close()
    settings.key_file.parent.mkdir(parents=True, exist_ok=True)
    fresh = settings.key_file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(made["key"])
    fresh.replace(settings.key_file)
    kept = {"name": name, "expires_at": made["expires_at"], "key_file": str(settings.key_file)}
    words = f"{name} is enrolled until {kept['expires_at']}; its key is in {settings.key_file}"
    typer.echo(json.dumps(kept) if as_json else words)
