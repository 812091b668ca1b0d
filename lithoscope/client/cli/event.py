"""``event``: what happens at the instrument, typed there and kept until the service has it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from lithoscope.client.cli.sample import Fields, SampleName, fields_of
from lithoscope.client.cli.watch import Config, config_file
from lithoscope.client.cli.work import AsJson
from lithoscope.client.collector import SYSTEM, Journal, Settings
from lithoscope.client.collector.happenings import Teller, keep
from lithoscope.client.collector.link import Link, NotNow
from lithoscope.client.collector.samples import Samples
from lithoscope.client.collector.telling import instant
from lithoscope.client.collector.true_time import TrueTime
from lithoscope.client.config import config_path, find_access
from lithoscope.client.connection import Connection
from lithoscope.client.problems import ClientError

event = typer.Typer(name="event", no_args_is_help=True, help="Events and exposures, kept until the service has them.")
At = Annotated[str | None, typer.Option(help="Moment, ISO 8601; this PC's zone when it names none, now when left out.")]
Until = Annotated[str | None, typer.Option(help="End of an interval.")]
CONNECT_S = 5.0


@event.command()
def add(
    sample: SampleName,
    type: Annotated[str, typer.Argument(help="storage, transfer, disassembly ... (docs/glossary.md)")],  # noqa: A002 - the field's name
    *,
    at: At = None,
    until: Until = None,
    field: Fields = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Keep a custody event and send it, now or when the service can be reached."""
    _add(sample, "events", {"type": type, **_times(at, until), **fields_of(field)}, config, as_json=as_json)


@event.command()
def exposure(
    sample: SampleName,
    mode: Annotated[str, typer.Argument(help="stem_raster, tem_field, xray or fib")],
    *,
    at: At = None,
    until: Until = None,
    field: Fields = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """
    Keep a stay of a beam on a sample and send it, now or when the service can be reached.

    Numbers carry their source: -f 'beam_current_nA={"value": 0.3, "source": "user"}'.
    """
    _add(sample, "exposures", {"mode": mode, **_times(at, until), **fields_of(field)}, config, as_json=as_json)


@event.command(name="list")
def list_events(*, config: Config = None, as_json: AsJson = False) -> None:
    """List what was typed here and what became of it, newest first."""
    place, _, _ = _where(config)
    journal = Journal(place)
    try:
        columns = "id, what, sample, typed_at, state, reason, answer_id"
        query = f"SELECT {columns} FROM happening ORDER BY typed_at DESC LIMIT 500"  # noqa: S608 - ours
        rows = [dict(row) for row in journal.rows(query)]
    finally:
        journal.close()
    lines = [f"{instant(row['typed_at'])}  {row['state']:<8} {row['sample']}  {row['reason']}".rstrip() for row in rows]
    typer.echo(json.dumps(rows) if as_json else "\n".join(lines) or "nothing was typed here")


def _add(sample: str, what: str, body: dict[str, Any], config: Path | None, *, as_json: bool) -> None:
    place, url, key = _where(config)
    journal = Journal(place)
    try:
        true_time = TrueTime(SYSTEM, journal)
        name = keep(journal, sample, what, body, clock=SYSTEM, offset_s=true_time.offset_s())
        if url:
            _send(journal, true_time, url, key)
        row = journal.row("SELECT id, state, reason, answer_id FROM happening WHERE id = ?", name)
        kept: dict[str, Any] = dict(row) if row is not None else {}
    finally:
        journal.close()
    words = {"sent": f"sent: {kept.get('answer_id')}", "failed": f"refused: {kept.get('reason')}"}
    waits = f"kept, sent as soon as possible{': ' + kept['reason'] if kept.get('reason') else ''}"
    typer.echo(json.dumps(kept) if as_json else words.get(str(kept.get("state")), waits))
    if kept.get("state") == "failed":
        raise typer.Exit(5)


def _send(journal: Journal, true_time: TrueTime, url: str, key: str) -> None:
    """Try once; what does not go now is the collector's."""
    connection = Connection(url, key, timeout_s=CONNECT_S)
    link = Link(connection, journal, SYSTEM)
    samples = Samples(link, journal, SYSTEM)
    try:
        Teller(journal, link=link, samples=samples, clock=SYSTEM, true_time=true_time).tell()
    except NotNow:
        return
    finally:
        connection.close()


def _where(config: Path | None) -> tuple[Path, str, str]:
    """Return the journal, the address and the key: the collector's where there is one, else those of `login`."""
    path = config_file(config)
    if config is not None or path.exists():
        settings = Settings.read(path)
        return settings.journal or path.with_suffix(".journal"), settings.address, settings.find_key()
    try:
        access = find_access()
    except ClientError:
        return config_path().with_name("events.journal"), "", ""
    return config_path().with_name("events.journal"), access.url, access.token


def _times(at: str | None, until: str | None) -> dict[str, str]:
    found = {"occurred_at": _moment(at) if at else datetime.now(UTC).isoformat()}
    return found | ({"ended_at": _moment(until)} if until else {})


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except ValueError:
        raise ClientError(f"{text!r} is not a moment: write 2026-05-04T10:00") from None
