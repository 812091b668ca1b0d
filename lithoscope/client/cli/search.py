"""``search``: samples by words and facets, datasets by element and technique."""

import json
from collections.abc import Callable, Iterable
from typing import Annotated, Literal, TypeVar

import typer

from lithoscope.client.cli.work import AsJson
from lithoscope.client.client import Client
from lithoscope.client.facts import Fact
from lithoscope.client.problems import ClientError
from lithoscope.client.sample import Sample
from lithoscope.client.thing import Thing
from lithoscope.client.things import Dataset

T = TypeVar("T", bound=Thing)


def search(
    text: Annotated[str | None, typer.Argument(help="Within name or label; capitals do not matter.")] = None,
    *,
    material: Annotated[str | None, typer.Option(help="One of the facility's materials (docs/glossary.md).")] = None,
    kind: Annotated[str | None, typer.Option(help="foil, lamella, tip ...; none: not stated.")] = None,
    clock: Annotated[
        Literal["fresh", "due", "overdue", "unknown"] | None, typer.Option(help="State of any of its clocks.")
    ] = None,
    state: Annotated[Literal["kept", "disposed"] | None, typer.Option(help="Whether it is still there.")] = None,
    tag: Annotated[str | None, typer.Option(help="A tag it carries.")] = None,
    project: Annotated[str | None, typer.Option(help="Only of this project.")] = None,
    element: Annotated[
        str | None, typer.Option(help="Datasets, not samples: in which this element (Ni) was mapped or quantified.")
    ] = None,
    technique: Annotated[str | None, typer.Option(help="Datasets, not samples: of this technique (eels, eds).")] = None,
    limit: Annotated[int, typer.Option(help="How many at most, newest first.", min=1)] = 50,
    facets: Annotated[bool, typer.Option("--facets", help="Count by every facet instead of listing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find samples by all of these, or datasets by element."""
    wanted = {"material": material, "kind": kind, "clock": clock, "state": state, "tag": tag, "project_id": project}
    with Client() as client:
        if element or technique:
            if facets or material or clock or state:
                raise ClientError(
                    "--material, --clock, --state and --facets find samples, --element and --technique datasets"
                )
            about = {"project": project, "kind": kind, "tag": tag}
            datasets = client.search(text, element=element, technique=technique, limit=limit, **about)
            _tell(datasets, _dataset_line, what="dataset", as_json=as_json)
            return
        if facets:
            counts = client.samples.facets(text, **wanted)
            typer.echo(json.dumps(counts.record) if as_json else "\n".join(_counted(counts)))
            return
        _tell(client.samples.search(text, limit=limit, **wanted), _line, what="sample", as_json=as_json)


def _tell(found: Iterable[T], line: Callable[[T], str], *, what: str, as_json: bool) -> None:
    rows = list(found)
    if as_json:
        typer.echo(json.dumps([each.record for each in rows]))
        return
    typer.echo("\n".join(map(line, rows)) or f"no {what} of yours answers to this")


def _dataset_line(found: Dataset) -> str:
    return f"{found.id}  {found.kind or 'not read yet':<14}  {found.filename}"


def _line(found: Sample) -> str:
    kind = f", {found.kind}" if found.kind else ""
    return f"{found.id}  {found.code:<14}  {found.name}  ({found.material}{kind})"


def _counted(counts: Fact) -> list[str]:
    """Write the facets that have answers, the most frequent answer first."""
    lines = [f"{counts['total']} samples"]
    for name in ("project_id", "material", "kind", "clock", "state", "tag"):
        answers = ", ".join(f"{each['value'] or 'not stated'} {each['count']}" for each in counts[name])
        lines += [f"{name:<10}  {answers}"] if answers else []
    return lines
