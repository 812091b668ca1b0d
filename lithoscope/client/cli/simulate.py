"""``lithoscope simulate``: a misbehaving microscope to rehearse with, and the check of what arrived."""

import json
import re
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lithoscope.client.client import Client
from lithoscope.client.simulator import (
    BadScenario,
    Held,
    HeldPart,
    HeldSeries,
    Ledger,
    Microscope,
    Scenario,
    compare,
    compare_series,
    held_by,
    is_group,
    read_ledger,
)

_UNITS_S = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_LONGEST_NAP_S = 0.2


class _RunUnlessNamed(TyperGroup):
    """``simulate FOLDER`` runs; only the names of the other commands are no folders."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in front that is meant when none is named."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


simulate = typer.Typer(
    cls=_RunUnlessNamed,
    no_args_is_help=True,
    help="Rehearse with a microscope that misbehaves.",
)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)", text.strip())
    if found is None:
        raise typer.BadParameter("is a time such as 90s, 10min, 2h or 1d")
    return float(found[1]) * _UNITS_S[found[2]]


@simulate.command()
def run(
    folder: Annotated[Path, typer.Argument(help="Watched folder; files appear in SAMPLE/DATE/ below it")],
    *,
    duration: Annotated[str, typer.Option("--for", help="How long: 90s, 10min, 2h, 1d")] = "10min",
    rate: Annotated[float, typer.Option(help="Acquisitions an hour")] = 240.0,
    faults: Annotated[str, typer.Option(help="How often each: 1, none, or locked=2,empty=1")] = "1",
    live: Annotated[int, typer.Option(help="Tilt series written tilt by tilt, with faults", min=0)] = 0,
    sample: Annotated[list[str] | None, typer.Option(help="Name of a sample's folder; may come again")] = None,
    quiet: Annotated[float, typer.Option(help="The collector's quiet_s, which pauses are measured by \\[s]")] = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same")] = 1,
    templates: Annotated[list[Path] | None, typer.Option("--from", help="Real file to write instead; repeat")] = None,
    scenario: Annotated[Path | None, typer.Option(help="TOML file that says all this instead")] = None,
    ledger: Annotated[Path | None, typer.Option(help="Where the truth is kept; FOLDER.ledger.jsonl")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line an act")] = False,
) -> None:
    """Write files for a while, as badly as instruments do."""
    for template in templates or []:
        if not template.is_file():
            raise BadScenario(f"--from {template}: there is no such file")
    planned = (
        Scenario.read(scenario)
        if scenario
        else _scenario(
            _seconds(duration), rate, Scenario.counts(faults), live=live, samples=sample, quiet_s=quiet, seed=seed
        )
    )
    truth = ledger or folder.with_name(f"{folder.name}.ledger.jsonl")
    kept = Ledger(truth)
    try:
        _go_on(Microscope(folder, kept, planned, now_s=time.time, templates=templates or []), as_json=as_json)
    finally:
        kept.close()
    typer.echo(f"done; the truth is in {truth}: lithoscope simulate check --ledger {truth}", err=True)


def _scenario(
    span_s: float,
    rate: float,
    counts: dict[str, int],
    *,
    samples: list[str] | None,
    live: int,
    quiet_s: float,
    seed: int,
) -> Scenario:
    groups = 1 if counts else 0
    return Scenario(
        files=max(round(span_s / 3600 * rate), sum(counts.values()) + groups + live, 1),
        span_s=span_s,
        faults=counts,
        groups=groups,
        live=live,
        samples=tuple(samples or ("sample-1", "sample-2")),
        quiet_s=quiet_s,
        seed=seed,
    )


def _go_on(microscope: Microscope, *, as_json: bool) -> None:
    """Do everything when its time comes."""
    try:
        while (next_s := microscope.next_s) is not None:
            time.sleep(min(max(next_s - time.time(), 0.0), _LONGEST_NAP_S))
            for line in microscope.advance():
                stamp = time.strftime("%H:%M:%S")
                typer.echo(json.dumps({"at": stamp, "act": line}) if as_json else f"{stamp}  {line}")
    finally:
        microscope.stop()


@simulate.command()
def check(
    ledger: Annotated[Path, typer.Option(help="What simulate left")],
    project: Annotated[str | None, typer.Option(help="Project (prj_...); your own when left out")] = None,
    tolerance: Annotated[float, typer.Option(help="Most a corrected time may be off \\[s]")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON")] = False,  # noqa: FBT002
) -> None:
    """Hold the ledger against the service: every file once, right bytes, right time; ends with 1 otherwise."""
    entries = read_ledger(ledger)
    with Client(progress=False) as client:
        project_id = project or client.default_project()
        found = compare(entries, _held(client, project_id), tolerance_s=tolerance)
        if any(entry.number is not None for entry in entries):
            found += compare_series(entries, _held_series(client, project_id))
    if as_json:
        typer.echo(json.dumps([{"what": one.what, "path": one.path, "words": one.words} for one in found]))
    else:
        for one in found:
            typer.echo(f"{one.what:<12}{one.path}  {one.words}")
        typer.echo(f"{len(entries)} entries of the ledger, {len(found)} findings", err=True)
    if found:
        raise typer.Exit(1)


def _held(client: Client, project_id: str) -> list[Held]:
    """Read every dataset of the project; groups are fetched to look inside."""
    names: dict[str, str] = {}
    found = []
    for each in client.datasets(project_id=project_id):
        record = each.record
        sample_id = record["sample_id"]
        if sample_id is not None and sample_id not in names:
            names[sample_id] = str(client.samples.get(sample_id).name)
        packed = None
        if is_group(record):
            with tempfile.TemporaryDirectory() as folder:
                packed = each.download(Path(folder) / "group.zip", progress=False).read_bytes()
        found.append(held_by(record, names, packed))
    return found


def _held_series(client: Client, project_id: str) -> list[HeldSeries]:
    """Read every series of the project with its parts."""
    found = []
    for each in client.series(project_id=project_id):
        parts = {
            int(part.number): HeldPart(str(client.dataset(part.dataset_id).sha256), part.tilt_deg)
            for part in each.parts()
        }
        found.append(HeldSeries(str(each.name), str(each.state), parts))
    return found
