"""``report``: everything recorded of a sample, dataset or result, as a document."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lithoscope.client.cli.work import AsJson, say_saved
from lithoscope.client.client import Client
from lithoscope.client.problems import ClientError
from lithoscope.client.thing import Judged


class Form(StrEnum):
    """What a report can be had as."""

    pdf = "pdf"
    html = "html"
    json = "json"
    svg = "svg"
    png = "png"


def report(
    *,
    name: Annotated[str, typer.Argument(metavar="ID", help="smp_..., ds_..., res_... or the label of a sample.")],
    form: Annotated[Form, typer.Option("--as", help="svg and png are the figure of the timeline alone.")] = Form.pdf,
    to: Annotated[Path | None, typer.Option(help="File to write; JSON goes to the screen when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a sample, dataset or result."""
    with Client() as client:
        thing = _thing(client, name)
        if to is None and form is Form.json:
            typer.echo(json.dumps(thing.report("json").record))
            return
        say_saved(thing.report(form.value, to or Path(f"{thing.id}.{form.value}")), as_json=as_json)


def _thing(client: Client, name: str) -> Judged:
    kinds = {"ds_": client.dataset, "res_": client.result}
    if name.startswith(("job_", "prj_", "evt_", "exp_")):
        raise ClientError("a report is of a sample, a dataset or a result")
    find = next((find for prefix, find in kinds.items() if name.startswith(prefix)), client.samples.get)
    return find(name)
