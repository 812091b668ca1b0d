"""``note`` and ``tag``: what people write beside samples, datasets and results, and the words they find them by."""

import json
from typing import Annotated, Literal

import typer

from lithoscope.client.cli.work import AsJson
from lithoscope.client.client import Client
from lithoscope.client.facts import Fact
from lithoscope.client.thing import Annotated as AnnotatedThing

Kind = Literal["sample", "dataset", "result"]
Name = Annotated[str, typer.Argument(metavar="ID", help="smp_..., ds_..., res_... or the label of a sample.")]
Words = Annotated[list[str], typer.Argument(metavar="TAG...", help="Capitals do not matter.")]
Of = Annotated[str | None, typer.Option("--project", help="Only of this project.")]
Only = Annotated[Kind | None, typer.Option(help="Only things of this kind.")]

note = typer.Typer(name="note", no_args_is_help=True, help="Notes beside a sample, dataset or result; they stay.")
tag = typer.Typer(name="tag", no_args_is_help=True, help="Tags: words that things are found by.")


@note.command("add")
def add_note(
    name: Name, text: Annotated[str, typer.Argument(help="What to keep beside it.")], *, as_json: AsJson = False
) -> None:
    """Write a note beside it; a second thought is a second note."""
    with Client() as client:
        made = annotated(client, name).write_note(text)
        typer.echo(json.dumps(made.record) if as_json else made["id"])


@note.command("list")
def list_notes(name: Name, *, as_json: AsJson = False) -> None:
    """Show its notes, newest first."""
    with Client() as client:
        found = annotated(client, name).notes()
        if as_json:
            typer.echo(json.dumps([each.record for each in found]))
            return
        typer.echo("\n".join(map(_note_line, found)) or "no note stands beside it")


@tag.command("add")
def add_tags(name: Name, tags: Words, *, as_json: AsJson = False) -> None:
    """Tag it."""
    with Client() as client:
        thing = annotated(client, name)
        thing.add_tags(*tags)
        _say(thing.tags(), as_json=as_json)


@tag.command("remove")
def remove_tags(name: Name, tags: Words, *, as_json: AsJson = False) -> None:
    """Take tags off."""
    with Client() as client:
        thing = annotated(client, name)
        thing.remove_tags(*tags)
        _say(thing.tags(), as_json=as_json)


@tag.command("list")
def list_tags(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="Of one thing; all in use when left out.")] = None,
    *,
    project: Of = None,
    kind: Only = None,
    as_json: AsJson = False,
) -> None:
    """Show the tags of a thing, or all that are in use, the most used first."""
    with Client() as client:
        if name is not None:
            _say(annotated(client, name).tags(), as_json=as_json)
            return
        found = client.tags(project_id=project, kind=kind)
        if as_json:
            typer.echo(json.dumps([each.record for each in found]))
            return
        typer.echo("\n".join(f"{each['things']:>6}  {each['tag']}" for each in found) or "nothing is tagged")


@tag.command("find")
def find_tagged(
    word: Annotated[str, typer.Argument(metavar="TAG", help="Capitals do not matter.")],
    *,
    project: Of = None,
    kind: Only = None,
    as_json: AsJson = False,
) -> None:
    """List what carries a tag, tagged last first."""
    with Client() as client:
        found = list(client.tagged(word, project_id=project, kind=kind))
        if as_json:
            typer.echo(json.dumps([each.record for each in found]))
            return
        typer.echo("\n".join(f"{each['id']}  {each['kind']:<7}  {each['name']}" for each in found) or "nothing has it")


def annotated(client: Client, name: str) -> AnnotatedThing:
    """Return the sample, dataset or result of a name; what is neither ds_... nor res_... is a sample's."""
    if name.startswith("ds_"):
        return client.dataset(name)
    return client.result(name) if name.startswith("res_") else client.samples.get(name)


def _note_line(found: Fact) -> str:
    return f"{found['created_at']:%Y-%m-%d %H:%M} UTC  {found['author'] or found['created_by']}: {found['text']}"


def _say(tags: list[str], *, as_json: bool) -> None:
    typer.echo(json.dumps(tags) if as_json else "  ".join(tags) or "no tag")
