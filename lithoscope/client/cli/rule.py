"""``lithoscope rule``: what runs by itself when a dataset becomes readable, from a terminal."""

import json
from typing import Annotated

import typer

from lithoscope.client.cli.work import AsJson
from lithoscope.client.client import Client

rule = typer.Typer(help="What runs by itself when data arrive: read, try.", no_args_is_help=True)
RuleId = Annotated[str, typer.Argument(metavar="RULE", help="apr_...")]


@rule.command("list")
def list_rules(*, as_json: AsJson = False) -> None:
    """Show the rules of your projects."""
    with Client() as client:
        found = [each.record for each in client.rules]
    if as_json:
        typer.echo(json.dumps(found))
        return
    for each in found:
        runs = each["action"]["method"] or each["action"]["recipe"]
        typer.echo(f"{each['id']}  {each['state']}  {each['name']}  runs {runs}")


@rule.command("show")
def show(*, rule_id: RuleId, as_json: AsJson = False) -> None:
    """Show a rule and what it did last."""
    with Client() as client:
        found = client.rules.get(rule_id).record
        did = [each.record for _, each in zip(range(20), client.rules.firings(rule_id), strict=False)]
    if as_json:
        typer.echo(json.dumps({**found, "firings": did}))
        return
    typer.echo(f"{found['id']}  {found['state']}  version {found['version']}  {found['name']}")
    if found["problem"]:
        typer.echo(f"  ! {found['problem']}")
    for each in did:
        made = each["job_id"] or each["run_id"] or each["reason"]
        typer.echo(f"  {each['at']}  {each['dataset_id']}  {each['outcome']}  {made}")


@rule.command("dry-run")
def dry_run(
    *,
    rule_id: RuleId,
    over: Annotated[int, typer.Option(min=1, max=200, help="How many of the latest datasets.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Say what a rule would have done about past datasets; nothing is started."""
    with Client() as client:
        found = client.rules.dry_run(rule_id, over).record
    if as_json:
        typer.echo(json.dumps(found))
        return
    for each in found["items"]:
        typer.echo(f"{each['dataset_id']}  {each['outcome']}  {each['filename']}  {each['reason'] or each['matched']}")
    typer.echo(f"of {found['looked_at']}: {found['would_start']} would start, {found['would_skip']} be skipped, "
               f"{found['would_be_refused']} be refused")  # fmt: skip
