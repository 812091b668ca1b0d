"""``upload``, ``run``, ``status`` and ``get``: the day's work from a terminal."""

import json
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from lithoscope.client.client import Client
from lithoscope.client.problems import ClientError
from lithoscope.client.saving import fresh, save
from lithoscope.client.things import Job, Result, note

OVER = "A dataset to run it over; again for each, one run each."
INPUTS = (
    "ds_..., ds_.../array, res_..., res_.../output in order, the rest to an input of many; or port=REFERENCE. "
    "Arrays of a whole dataset go to the inputs of their own names."
)
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write the record as JSON.")]
FORMATS = ("ome-zarr", "hdf5", "mrc", "tiff", "csv", "png", "svg", "gif", "zarr")
USUAL = {"table": "csv", "scalar": "csv", "spectra": "hdf5", "figure": "png", "film": "gif", "points": "zarr"}


class OmeEdition(StrEnum):
    """Editions of OME-Zarr."""

    newest = "0.5"
    older = "0.4"


def upload(
    *,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to send, or folders with --as-series.", exists=True)
    ] = None,
    in_place: Annotated[
        list[str] | None,
        typer.Option("--in-place", metavar="ROOT:PATH", help="A file or folder on the facility's storage, to stay."),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option("--beside", metavar="NAME", help="A file beside it that belongs to it, or many: 'scan_*.h5'."),
    ] = None,
    as_series: Annotated[bool, typer.Option("--as-series", help="A folder is the scans of one tilt series.")] = False,
    sample: Annotated[str | None, typer.Option(help="The sample they show: identifier or label.")] = None,
    project: Annotated[str | None, typer.Option(help="Their project; the sample's when left out.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until they are readable.")] = True,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Send files; repeated, the command goes on where it was cut."""
    if not files and not in_place:
        raise ClientError("name a file to send, or one on the facility's storage with --in-place ROOT:PATH")
    if beside and len(in_place or []) != 1:
        raise ClientError("--beside names files beside the one of --in-place: register each by a command of its own")
    if any(path.is_dir() != as_series for path in files or []):
        raise ClientError("a folder is sent with --as-series, and a file without: send them by two commands")
    owner: dict[str, Any] = {"sample": sample, "project": project}
    with Client(progress=not quiet) as client:
        sending = [(path.name, partial(client.upload, path, **owner)) for path in files or []]
        sending += [(place, partial(client.register, place, members=beside, **owner)) for place in in_place or []]
        for name, send in sending:
            dataset = send()
            if wait:
                dataset.wait()
            state = dataset.state if wait else "sent"
            typer.echo(json.dumps(dataset.record) if as_json else f"{dataset.id}  {state}  {name}")


def run(
    *,
    method: Annotated[str, typer.Argument(help="A method, such as tomogram_sirt.")],
    inputs: Annotated[list[str] | None, typer.Argument(help=INPUTS)] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="name=value, units in names.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of its random numbers.")] = None,
    over: Annotated[list[str] | None, typer.Option(help=OVER)] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only tell how long it would take.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for its result.")] = True,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Start a job; with --wait its bar runs here."""
    named = dict(parse_pair(text) for text in parameter or [])
    named |= named_inputs(inputs or [])
    with Client(progress=not quiet) as client:
        given = [item for item in inputs or [] if "=" not in item]
        if estimate and over:
            whole = client.estimate_over(method, over, **named)
            typer.echo(json.dumps(whole) if as_json else added(whole["time"]))
            return
        if estimate:
            told = client.estimate(method, *given, **named)
            typer.echo(json.dumps(told) if as_json else "\n".join(map(estimated, (told["time"], told["memory"]))))
            return
        if over:
            jobs = client.run_over(method, over, seed=seed, **named)
        else:
            jobs = [client.run(method, *given, seed=seed, **named)]
        for job in jobs:
            if wait:
                job.wait(progress=not quiet)
            typer.echo(json.dumps(job.record) if as_json else _line(job))


def estimated(record: dict[str, Any]) -> str:
    """Write what past runs tell of the time or memory of the next."""
    name, scale, sign = ("time", 1.0, "s") if record["unit"] == "s" else ("memory", 2.0**20, "MiB")
    if record["value"] is None:
        return f"{name:<7} unknown: {record['reason']}"
    ends = [f"{end / scale:.3g}" for end in record["interval"] or []]
    spread = f" (90 % of runs: {' to '.join(ends)} {sign})" if ends else ""
    return f"{name:<7} about {record['value'] / scale:.3g} {sign}{spread}, of {record['runs']} past runs"


def added(record: dict[str, Any]) -> str:
    """Write what past runs tell of the time of several runs, one after another."""
    if record["value"] is None:
        return f"time    unknown: of {record['runs']} runs none tells"
    ends = [f"{end:.3g}" for end in record["bounds"] or []]
    spread = f" (between {' and '.join(ends)} s)" if ends else ""
    word = "about" if record["told"] == record["runs"] else "at least"
    return f"time    {word} {record['value']:.3g} s{spread}, told of {record['told']} of {record['runs']} runs"


def named_inputs(items: list[str]) -> dict[str, Any]:
    """Read inputs written ``port=REFERENCE``; of a port that is named again and again, a list."""
    found: dict[str, list[str]] = {}
    for port, _, reference in (item.partition("=") for item in items if "=" in item):
        found.setdefault(port, []).append(reference)
    return {port: given if len(given) > 1 else given[0] for port, given in found.items()}


def parse_pair(text: str) -> tuple[str, Any]:
    """Read one ``name=value``; the value is JSON where it can be."""
    name, found, value = text.partition("=")
    if not found:
        raise ClientError(f"a parameter is written name=value: {text!r} has no '='")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def status(
    *,
    job_id: Annotated[str | None, typer.Argument(metavar="[JOB]", help="One job; the latest when left out.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show what it says until it ends.")] = False,
    limit: Annotated[int, typer.Option(help="How many of the latest jobs.", min=1, max=500)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show a job, or your latest ones."""
    with Client() as client:
        if job_id is None:
            page = client.connection.get("/jobs", limit=limit)["items"]
            rows = [Job(client.connection, f"/jobs/{record['id']}", record) for record in page]
            typer.echo(json.dumps(page) if as_json else "\n".join(map(_line, rows)) or "no jobs")
            return
        job = client.job(job_id)
        if follow:
            _follow(job, as_json=as_json)
            job.refresh()
        typer.echo(json.dumps(job.record) if as_json else _line(job))
        if follow and job.state != "succeeded":
            raise typer.Exit(7)


def _follow(job: Job, *, as_json: bool) -> None:
    for event in job.events():
        if as_json:
            typer.echo(json.dumps({"seq": event.seq, "type": event.type, "payload": event.payload}))
        elif event.type == "progress":
            payload = event.payload
            typer.echo(f"{payload.get('done')} of {payload.get('total')}  {note(payload)}")
        else:
            typer.echo(f"{event.type}  {event.payload.get('state') or event.payload.get('message', '')}")


def _line(job: Job) -> str:
    record = job.record
    ending = record.get("result_id") or (record.get("problem") or {}).get("title") or ""
    return f"{job.id}  {record['state']:<10}  {record['method']}  {ending}".rstrip()


def get(
    *,
    name: Annotated[str, typer.Argument(metavar="ID", help="ds_..., ds_.../ARRAY, job_..., res_... or res_.../OUTPUT")],
    as_format: Annotated[str | None, typer.Option("--as", help=f"{', '.join(FORMATS)}; of an array or output.")] = None,
    output: Annotated[str | None, typer.Option(help="Which output of the result, or array of the dataset.")] = None,
    ome: Annotated[OmeEdition, typer.Option(help="Edition of OME-Zarr.")] = OmeEdition.newest,
    to: Annotated[Path | None, typer.Option(help="File to write; a name is made when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Save a dataset, one of its arrays, or a result's output."""
    name, _, named = name.partition("/")
    output = output or named or None
    with Client() as client:
        if name.startswith("ds_"):
            dataset = client.dataset(name)
            if output is None:
                target = dataset.download(fresh(to or Path(str(dataset.filename)).name))
            else:
                kind = dataset.array(output).summary.get("kind")
                path = f"/datasets/{dataset.id}/arrays/{output}/download"
                target = _save(client, path, kind, as_format=as_format, to=to, ome=ome.value)
        else:
            result = client.job(name).result if name.startswith("job_") else client.result(name)
            target = _save_output(client, result, output, as_format=as_format, to=to, ome=ome.value)
        say_saved(target, as_json=as_json)


def say_saved(target: Path, *, as_json: bool) -> None:
    """Name a file that was written."""
    typer.echo(json.dumps(saved(target)) if as_json else str(target))


def saved(target: Path) -> dict[str, Any]:
    """Return the record of a file that was written."""
    return {"file": str(target), "bytes": target.stat().st_size}


def _save_output(
    client: Client, result: Result, output: str | None, *, as_format: str | None, to: Path | None, ome: str
) -> Path:
    kinds = {each: array.summary.get("kind") for each, array in result.outputs.items()}
    output = output or next((each for each, kind in kinds.items() if kind != "scalar"), None)
    if output not in kinds:
        raise ClientError(f"{result.id} has the outputs {', '.join(kinds)}: name one with --output")
    path = f"/results/{result.id}/download"
    return _save(client, path, kinds[output], as_format=as_format, to=to, ome=ome, output=output)


def _save(
    client: Client, path: str, kind: str | None, *, as_format: str | None, to: Path | None, ome: str, **asked: str
) -> Path:
    as_format = as_format or USUAL.get(str(kind), "ome-zarr")
    if as_format not in FORMATS:
        raise ClientError(f"{as_format!r} is not a format: choose {', '.join(FORMATS)}")
    asked |= {"ome": ome} if as_format == "ome-zarr" else {}
    return save(client.connection, path, fresh(to) if to else None, **asked, format=as_format)
