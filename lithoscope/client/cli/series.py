"""``lithoscope series``: tilt series and slice stacks that are processed while they grow, from a terminal."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from lithoscope.client.cli.work import AsJson, Quiet, parse_pair
from lithoscope.client.client import Client

series = typer.Typer(help="Series that are processed while they grow.", no_args_is_help=True)
SeriesId = Annotated[str, typer.Argument(metavar="SERIES", help="ser_...")]
KINDS = "tilt_series or slices."


@series.command("start")
def start(
    *,
    sample: Annotated[str, typer.Argument(help="What it shows: identifier or label.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
    kind: Annotated[str, typer.Option(help=KINDS)] = "tilt_series",
    every: Annotated[int, typer.Option(min=1, help="How many further parts make a refresh.")] = 3,
    method: Annotated[str | None, typer.Option(help="What is run at every refresh, such as tomogram_sirt.")] = None,
    recipe: Annotated[str | None, typer.Option(help="Or a recipe.")] = None,
    preset: Annotated[str | None, typer.Option(help="Of a recipe.")] = None,
    rule: Annotated[str | None, typer.Option(help="Or a processing rule that says it, apr_...")] = None,
    region: Annotated[str | None, typer.Option(help="Where on the sample the beam lies, rgn_...")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="name=value, units in names.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Begin a series; its parts are added one by one."""
    named = dict(parse_pair(text) for text in parameter or [])
    run = {"method": method, "recipe": recipe, "preset": preset, "rule": rule, "region": region}
    with Client() as client:
        made = client.start_series(sample, name, kind=kind, every=every, **run, **named).record
    typer.echo(json.dumps(made) if as_json else _line(made))


@series.command("list")
def list_series(
    *,
    sample: Annotated[str | None, typer.Option(help="Of one sample: identifier or label.")] = None,
    state: Annotated[str | None, typer.Option(help="open, closing, sealed or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the series of your projects, newest first."""
    with Client() as client:
        sample_id = None if sample is None else client.samples.get(sample).id
        found = [each.record for each in client.series(limit=limit, sample_id=sample_id, state=state)]
    typer.echo(json.dumps(found) if as_json else "\n".join(map(_line, found)) or "no series")


@series.command("show")
def show(
    *,
    series_id: SeriesId,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for its end, with a bar.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show how far a series is: its parts, its dose and what was made of it last."""
    with Client(progress=not quiet) as client:
        found = client.get_series(series_id)
        if follow:
            found.wait()
        parts = sorted((part.record for part in found.parts()), key=lambda part: int(part["number"]))
    if as_json:
        typer.echo(json.dumps({**found.record, "all_parts": parts}))
        return
    typer.echo("\n".join([_line(found.record), *_lines(found.record), *map(_part_line, parts)]))


@series.command("add")
def add(
    *,
    series_id: SeriesId,
    dataset: Annotated[str, typer.Argument(help="ds_...: one image of the series' sample.")],
    number: Annotated[int, typer.Argument(min=1, help="Which part it is, counted from 1.")],
    tilt_deg: Annotated[float | None, typer.Option(help="Its tilt \\[deg]; what its file says when left out.")] = None,
    z_nm: Annotated[float | None, typer.Option(help="Depth of a slice \\[nm].")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a tilt or slice; adding it again changes nothing."""
    with Client() as client:
        part = client.get_series(series_id).add(dataset, number, tilt_deg=tilt_deg, z_nm=z_nm).record
    typer.echo(json.dumps(part) if as_json else _part_line(part))


@series.command("close")
def close(
    *,
    series_id: SeriesId,
    parts: Annotated[int | None, typer.Option(min=1, help="How many it has; those sent when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say that no further part comes; the last result then begins from nothing."""
    with Client() as client:
        found = client.get_series(series_id)
        found.close(parts)
        record = found.record
    typer.echo(json.dumps(record) if as_json else _line(record))


def _line(record: dict[str, Any]) -> str:
    expected = f" of {record['expected']}" if record["expected"] else ""
    return f"{record['id']}  {record['state']}  {record['parts']['total']}{expected} parts  {record['name']}"


def _lines(record: dict[str, Any]) -> Iterator[str]:
    if record["problem"]:
        yield f"  ! {record['problem'].get('detail') or record['problem'].get('title')}"
    if record["missing"]:
        yield f"  missing: {', '.join(map(str, record['missing']))}"
    dose = record["dose"]
    yield f"  dose so far: {_amount(dose['total'])}"
    if dose["total"]["value"] is None and dose["known_part"]["value"] is not None:
        yield f"  of which on record: {_amount(dose['known_part'])}"
    if refresh := record["newest_refresh"]:
        by = refresh["job_id"] or refresh["run_id"]
        yield f"  newest refresh: {refresh['parts']} parts, {refresh['state']}  {by}"
    if result := record["newest_result"]:
        yield f"  newest result: {result['output'] or result['result_id']} of {result['parts']} parts"
    if record["sealed_dataset_id"]:
        yield f"  whole: {record['sealed_dataset_id']}"


def _amount(quantity: dict[str, Any]) -> str:
    if quantity["value"] is None:
        return "unknown"
    return f"{quantity['value']:.4g} {quantity['unit']} ({quantity['source']})"


def _part_line(part: dict[str, Any]) -> str:
    place = f"{part['tilt_deg']:g} deg" if part["tilt_deg"] is not None else ""
    place = f"{part['z_nm']:g} nm" if part["z_nm"] is not None else place
    said = (f"{part['number']:>5}", part["state"], place, part["dataset_id"], part["reason"] or "")
    return "  ".join(filter(None, said))
