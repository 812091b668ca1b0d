"""``review``: links by which people without an account read one thing, for a while."""

import json
from typing import Annotated

import typer

from lithoscope.client.cli.work import AsJson
from lithoscope.client.client import Client
from lithoscope.client.facts import Fact

review = typer.Typer(name="review", no_args_is_help=True, help="Links for reviewers, who have no account.")


@review.command("make")
def make_link(
    name: Annotated[str, typer.Argument(metavar="ID", help="smp_..., res_..., pub_... or the label of a sample.")],
    purpose: Annotated[str, typer.Argument(help="For whom or what, such as the journal's name.")],
    *,
    days: Annotated[int, typer.Option(help="Days until it ends.", min=1, max=366)] = 30,
    as_json: AsJson = False,
) -> None:
    """Make a link; its address is shown this once."""
    with Client() as client:
        made = client.make_review_link(_identifier(client, name), purpose, days=days)
        if as_json:
            typer.echo(json.dumps(made.record))
            return
        typer.echo(f"{made['address']}\n{made['id']} works until {made['expires_at']:%Y-%m-%d %H:%M} UTC")


@review.command("list")
def list_links(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="Of one thing; all when left out.")] = None,
    *,
    project: Annotated[str | None, typer.Option(help="Only of this project.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show links, newest first, how they stand and how often they were used."""
    with Client() as client:
        wanted = None if name is None else _identifier(client, name)
        found = list(client.review_links(wanted, project_id=project))
        if as_json:
            typer.echo(json.dumps([each.record for each in found]))
            return
        typer.echo("\n".join(map(_line, found)) or "there is no link")


@review.command("revoke")
def revoke_link(
    link: Annotated[str, typer.Argument(metavar="LINK", help="rvl_..., as the list names it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """End a link at once."""
    with Client() as client:
        client.revoke_review_link(link)
        typer.echo(json.dumps({"id": link, "state": "revoked"}) if as_json else f"{link} is revoked")


def _identifier(client: Client, name: str) -> str:
    """Return what is named by its identifier as it is; anything else is the label of a sample."""
    return name if name.startswith(("smp_", "res_", "pub_")) else client.samples.get(name).id


def _line(link: Fact) -> str:
    stands = f"{link['state']:<7}  until {link['expires_at']:%Y-%m-%d}  {link['looks']} looks"
    return f"{link['id']}  {stands}  {link['target_id']}  {link['purpose']}"
