"""``sample``: where a sample is, how its clocks stand, what happened to it; and adding to that."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from lithoscope import wording
from lithoscope.client.cli.work import AsJson, parse_pair
from lithoscope.client.client import Client
from lithoscope.client.facts import Clock, CustodyState, SampleDose
from lithoscope.client.problems import ClientError
from lithoscope.units import Quantity

ZERO_C_IN_K = 273.15
SampleName = Annotated[str, typer.Argument(metavar="SAMPLE", help="Identifier (smp_...) or label.")]
At = Annotated[str | None, typer.Option(help="Moment, ISO 8601 with zone; now when left out.")]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", "-f", help="name=value, units in names: o2_ppm=0.1; temperature_C is turned to kelvin."),
]

sample = typer.Typer(name="sample", no_args_is_help=True, help="Samples: state, clocks, events.")


@sample.command()
def show(name: SampleName, *, as_json: AsJson = False) -> None:
    """Show a sample with its state, clocks and dose."""
    with Client() as client:
        found = client.samples.get(name)
        state, clocks, dose = found.state(), found.clocks(), found.dose()
        tags = found.tags()
        if as_json:
            derived = {"state": state.record, "clocks": [each.record for each in clocks], "dose": dose.record}
            typer.echo(json.dumps({**found.record, "tags": tags, **derived}))
            return
        what = ", ".join(filter(None, (found.material, found.kind)))
        typer.echo(f"{found.code}  {found.name}  {what}  {found.id}")
        tagged = [f"tags         {', '.join(tags)}"] if tags else []
        typer.echo("\n".join([*tagged, *_state_lines(state), *map(_clock_line, clocks), *_dose_lines(dose)]))


@sample.command()
def state(name: SampleName, *, at: At = None, as_json: AsJson = False) -> None:
    """Say where it is, in which gas, how cold, and what its way adds up to."""
    with Client() as client:
        found = client.samples.get(name).state(at)
        typer.echo(json.dumps(found.record) if as_json else "\n".join(_state_lines(found)))


@sample.command()
def clocks(name: SampleName, *, at: At = None, as_json: AsJson = False) -> None:
    """Show its shelf-life clocks."""
    with Client() as client:
        owner = client.samples.get(name)
        found = owner.clocks(at)
        if as_json:
            typer.echo(json.dumps([each.record for each in found]))
            return
        lines = "\n".join(map(_clock_lines, found)) or "no clock applies to this material"
        typer.echo(_by_moment(lines, [*owner.events(), *owner.exposures()]))


@sample.command()
def events(name: SampleName, *, as_json: AsJson = False) -> None:
    """List what happened to it, inherited events too, oldest first."""
    with Client() as client:
        found = client.samples.get(name).events()
        typer.echo(json.dumps(found) if as_json else "\n".join(map(_event_line, found)) or "nothing is recorded")


@sample.command()
def register(
    name: Annotated[str, typer.Argument(help="Its name.")],
    *,
    material: Annotated[str, typer.Option(help="One of the facility's materials (docs/glossary.md).")],
    kind: Annotated[str | None, typer.Option(help="foil, lamella, tip ... (docs/glossary.md).")] = None,
    project: Annotated[str | None, typer.Option(help="Its project; your only one when left out.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag for it; may be given again.")] = None,
    field: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Register a sample; the service gives the label unless ``-f code=...`` does."""
    stated = fields_of(field) | ({"kind": kind} if kind else {})
    with Client() as client:
        made = client.samples.create(name, material=material, project=project, **stated)
        if not as_json:
            typer.echo(f"{made.id}  {made.code}")  # before its tags: one that is refused leaves it registered
        made.add_tags(*tag or [])
        if as_json:
            typer.echo(json.dumps({**made.record, "tags": made.tags()}))


@sample.command()
def split(
    name: SampleName,
    part: Annotated[list[str], typer.Argument(metavar="PART...", help="Names of the parts, or NAME:KIND.")],
    *,
    at: At = None,
    field: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Register its parts and record the split or lift-out that made them; ``-f process=lift-out``."""
    parts = [_part(text) for text in part]
    with Client() as client:
        made = client.samples.get(name).split(parts, at, **fields_of(field))
        if as_json:
            typer.echo(json.dumps([each.record for each in made]))
            return
        typer.echo("\n".join(f"{each.id}  {each.code}  {each.name}" for each in made))


@sample.command()
def dispose(
    name: SampleName,
    *,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Record that it is no more; its history stays."""
    with Client() as client:
        made = client.samples.get(name).dispose(at, reason=reason)
        typer.echo(json.dumps(made.record) if as_json else _event_line(made.record))


@sample.command()
def event(
    name: SampleName,
    type: Annotated[str, typer.Argument(help="storage, transfer, disassembly ... (docs/glossary.md)")],  # noqa: A002 - the field's name
    *,
    at: At = None,
    until: Annotated[str | None, typer.Option(help="End of an interval.")] = None,
    field: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Append a custody event."""
    more = fields_of(field) | ({"ended_at": until} if until else {})
    with Client() as client:
        moment = at or datetime.now(UTC).isoformat()
        made = client.samples.get(name).record_event(type, moment, **more)
        typer.echo(json.dumps(made) if as_json else _event_line(made))


@sample.command()
def exposure(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="The scans that lay on it (ds_...).")],
    *,
    at: At = None,
    field: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Record the dose of a dataset's scans, as its file tells them; once, however often it is called."""
    more = fields_of(field) | ({"occurred_at": at} if at else {})
    with Client() as client:
        made = client.dataset(dataset).record_exposure(**more)
        counted = f"{made['frames']} frames, {made['recorded_scans']} recorded scans"
        typer.echo(json.dumps(made) if as_json else f"{made['id']}  {counted}")


def _part(text: str) -> dict[str, Any]:
    name, found, kind = text.rpartition(":")
    return {"name": name, "kind": kind} if found else {"name": text}


def fields_of(words: list[str] | None) -> dict[str, Any]:
    """Read ``name=value`` words; a temperature in degrees Celsius becomes ``temperature_K``."""
    fields = dict(parse_pair(text) for text in words or [])
    if "temperature_C" in fields:
        celsius = fields.pop("temperature_C")
        if not isinstance(celsius, int | float) or isinstance(celsius, bool):
            raise ClientError("temperature_C is a number of degrees Celsius")
        fields["temperature_K"] = round(celsius + ZERO_C_IN_K, 6)
    return fields


def words_of(quantity: Quantity) -> str:
    """Write a number with unit, uncertainty and source; what is unknown says so."""
    if quantity.value is None:
        return f"unknown ({quantity.note})" if quantity.note else "unknown"
    digits = 5 if quantity.unit == "K" else wording.DIGITS  # 293.15 K is 20 degrees Celsius
    spread = quantity.uncertainty
    value = (
        wording.number(quantity.value, digits) if spread is None else wording.with_uncertainty(quantity.value, spread)
    )
    ends = [wording.number(end) for end in quantity.interval or ()]
    between = f" ({' to '.join(ends)})" if ends else ""
    return " ".join(filter(None, (f"{value}{between}", wording.unit(quantity.unit), f"[{quantity.source}]")))


def _state_lines(found: CustodyState) -> list[str]:
    place = "a gap: nobody recorded where it is" if found.is_gap else found.place or "place not recorded"
    lines = [f"place        {place}", f"atmosphere   {found.atmosphere or 'unknown'}"]
    lines += [f"temperature  {words_of(found.temperature_K)}", f"in air       {words_of(found.air_exposure)}"]
    return [*lines, *(["the chain has gaps"] if found.has_gaps else [])]


def _clock_line(clock: Clock) -> str:
    due = f"  due {clock.due_at:%Y-%m-%d %H:%M} UTC" if clock.due_at else ""
    return f"{clock.state:<8}  {clock.title}{due}"


def _clock_lines(clock: Clock) -> str:
    return f"{_clock_line(clock)}\n          {clock.reason}"


def _by_moment(text: str, records: list[dict[str, Any]]) -> str:
    """Name events and exposures by their moments, as a person knows them."""
    for each in records:
        moment = datetime.fromisoformat(each["occurred_at"]).astimezone(UTC)
        text = text.replace(each["id"], f"{moment:%Y-%m-%d %H:%M} UTC")
    return text


def _dose_lines(dose: SampleDose) -> list[str]:
    sums = [
        f"{each.radiation} at {words_of(each.beam_energy)}: {words_of(each.total)}" for each in dose["by_beam_energy"]
    ]
    return sums or ["no exposure is recorded"]


def _event_line(record: dict[str, Any]) -> str:
    end = f" to {record['ended_at']}" if record.get("ended_at") else ""
    marks = ("  superseded" if record.get("superseded_by") else "") + (
        "  inherited" if record.get("inherited_from") else ""
    )
    return f"{record['occurred_at']}{end}  {record['type']:<16}{record.get('place') or ''}  {record['id']}{marks}"
