"""``export`` and ``import``: things with their whole story, out of one facility and into another."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lithoscope.client.cli.work import AsJson, OmeEdition, say_saved
from lithoscope.client.client import Client
from lithoscope.client.problems import ClientError
from lithoscope.client.saving import fresh, save


class Form(StrEnum):
    """What a thing can be exported as."""

    ro_crate = "ro-crate"
    eln = "eln"
    prov = "prov"
    csv = "csv"
    nexus = "nexus"
    ome_zarr = "ome-zarr"


class Edition(StrEnum):
    """Editions of RO-Crate."""

    newest = "1.3"
    older = "1.2"


def export(
    *,
    name: Annotated[str, typer.Argument(metavar="ID", help="smp_..., ds_..., res_..., prj_..., or a sample's label.")],
    form: Annotated[Form, typer.Option("--as", help="What to write.")] = Form.ro_crate,
    crate: Annotated[Edition, typer.Option(help="Edition of RO-Crate.")] = Edition.newest,
    ome: Annotated[OmeEdition, typer.Option(help="Edition of OME-Zarr.")] = OmeEdition.newest,
    licence: Annotated[str, typer.Option(help="Address of the licence.")] = "",
    without_absent: Annotated[
        bool, typer.Option("--without-absent", help="Leave out registered files that are missing or changed.")
    ] = False,
    array: Annotated[str | None, typer.Option(help="Which output or array, for ome-zarr.")] = None,
    to: Annotated[Path | None, typer.Option(help="File to write; named by the service when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Save a thing with all it came from and what was done to it."""
    with Client() as client:
        if form is Form.ome_zarr:
            say_saved(_array(client, name, array, edition=ome.value, to=to), as_json=as_json)
            return
        is_id = name.startswith(("smp_", "ds_", "res_", "prj_"))
        thing = name if is_id else client.samples.get(name).id
        absent = "leave-out" if without_absent else "refuse"
        saved = client.export(thing, form.value, to, crate=crate.value, licence=licence, absent=absent)
        say_saved(saved, as_json=as_json)


def _array(client: Client, name: str, array: str | None, *, edition: str, to: Path | None) -> Path:
    target = fresh(to) if to else None
    if name.startswith("res_"):
        asked = {"output": array} if array else {}
        path = f"/results/{name}/download"
        return save(client.connection, path, target, format="ome-zarr", ome=edition, **asked)
    arrays = list(client.dataset(name).arrays)
    chosen = array or (arrays[0] if len(arrays) == 1 else None)
    if chosen is None:
        raise ClientError(f"{name} has the arrays {', '.join(arrays) or 'none'}: name one with --array")
    return save(client.connection, f"/datasets/{name}/arrays/{chosen}/download", target, format="ome-zarr", ome=edition)


def import_crate(
    *,
    file: Annotated[Path, typer.Argument(help="The crate: a zip or .eln.", exists=True, dir_okay=False)],
    project: Annotated[str | None, typer.Option(help="Where it goes; yours when you have only one.")] = None,
    code: Annotated[list[str] | None, typer.Option(help="TAKEN=OTHER: another label for a sample.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would come, and take nothing in.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in a crate that was exported elsewhere."""
    pairs = [text.partition("=") for text in code or []]
    if any(not new for _, _, new in pairs):
        raise ClientError("write a label as TAKEN=OTHER")
    with Client() as client:
        answer = client.import_crate(file, project, codes={old: new for old, _, new in pairs}, is_rehearsal=dry_run)
    if as_json:
        typer.echo(json.dumps(answer))
        return
    plan = answer["plan"]
    counted = ", ".join(f"{count} {kind}" for kind, count in plan["counts"].items() if count)
    typer.echo(f"{plan['title']}: {counted or 'nothing'}")
    for clash in plan["clashes"]:
        typer.echo(f"label taken: {clash['code']} ({clash['name']}); give another with --code {clash['code']}=OTHER")
    for warning in plan["warnings"]:
        typer.echo(f"note: {warning}")
    if answer["taken"]:
        typer.echo(answer["taken"]["target_id"] or answer["taken"]["id"])
