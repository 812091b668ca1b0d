"""``lithoscope recipe``: chains of methods from a terminal."""

import json
from typing import Annotated

import typer

from lithoscope.client.cli.work import INPUTS, OVER, AsJson, Quiet, named_inputs, parse_pair
from lithoscope.client.client import Client
from lithoscope.client.recipes import RecipeRun

recipe = typer.Typer(help="Run recipes: methods chained into one run.", no_args_is_help=True)
SIGNS = {"succeeded": "+", "failed": "x", "cancelled": "/", "running": ">", "cancelling": ">", "skipped": "-"}


@recipe.command("list")
def list_recipes(*, as_json: AsJson = False) -> None:
    """Show the recipes the facility runs, with their inputs and presets."""
    with Client() as client:
        found = client.recipes()
    if as_json:
        typer.echo(json.dumps(found))
        return
    for each in found:
        inputs = ", ".join(port["name"] for port in each["inputs"])
        presets = f"  presets: {', '.join(each['presets'])}" if each["presets"] else ""
        typer.echo(f"{each['id']}  {each['title']}  takes: {inputs}{presets}")


@recipe.command("run")
def run_recipe(
    *,
    name: Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe, such as tilt_series_to_particle.")],
    inputs: Annotated[list[str] | None, typer.Argument(help=INPUTS)] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="name=value, units in names.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Says what the parameters do not say.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of random numbers; 0 when left out.")] = None,
    over: Annotated[list[str] | None, typer.Option(help=OVER)] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for its end.")] = True,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run a recipe; steps that a finished job did in the same way are taken from it."""
    named = dict(parse_pair(text) for text in parameter or [])
    named |= named_inputs(inputs or [])
    with Client(progress=not quiet) as client:
        given = [item for item in inputs or [] if "=" not in item]
        if over:
            runs = client.run_recipe_over(name, over, preset=preset, seed=seed, **named)
        else:
            runs = [client.run_recipe(name, *given, preset=preset, seed=seed, **named)]
        for made in runs:
            if wait:
                made.wait(progress=not quiet)
            _tell(made, as_json=as_json)


@recipe.command("show")
def show(
    *,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="run_...")],
    as_json: AsJson = False,
) -> None:
    """Show a run with the state of each step."""
    with Client() as client:
        _tell(client.recipe_run(run_id), as_json=as_json)


def _tell(run: RecipeRun, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(run.record))
        return
    typer.echo(f"{run.id}  {run.state}  {run.recipe}")
    for step in run.steps.values():
        sign, reused = SIGNS.get(step["state"], "."), "  (reused)" if step["is_reused"] else ""
        ending = step["result_id"] or (step["problem"] or {}).get("detail") or step["job_id"] or ""
        typer.echo(f"  {sign} {step['name']}  {step['state']}{reused}  {ending}".rstrip())
