"""``lithoscope recipe``: chains of methods from a terminal."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from lithoscope.client.cli.work import INPUTS, OVER, USUAL, AsJson, Quiet, added, named_inputs, parse_pair, saved
from lithoscope.client.client import Client
from lithoscope.client.problems import ClientError
from lithoscope.client.recipes import RecipeRun

recipe = typer.Typer(help="Run recipes: methods chained into one run.", no_args_is_help=True)
SIGNS = {"succeeded": "+", "failed": "x", "cancelled": "/", "running": ">", "cancelling": ">", "skipped": "-"}
ENDINGS = {"hdf5": "h5"}
RunId = Annotated[str, typer.Argument(metavar="RUN", help="run_...")]


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
    estimate: Annotated[bool, typer.Option("--estimate", help="Only tell how long it would take.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for its end.")] = True,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run a recipe; steps that a finished job did in the same way are taken from it."""
    named = dict(parse_pair(text) for text in parameter or [])
    named |= named_inputs(inputs or [])
    with Client(progress=not quiet) as client:
        given = [item for item in inputs or [] if "=" not in item]
        if estimate:
            _foretell(client, name, given, over, as_json=as_json, preset=preset, **named)
            return
        if over:
            runs = client.run_recipe_over(name, over, preset=preset, seed=seed, **named)
        else:
            runs = [client.run_recipe(name, *given, preset=preset, seed=seed, **named)]
        for made in runs:
            if wait:
                made.wait(progress=not quiet)
            _tell(made, as_json=as_json)


def _foretell(
    client: Client, name: str, given: list[str], over: list[str] | None, *, as_json: bool, **named: Any
) -> None:
    """Say how long runs would take, and what is doubtful of their inputs."""
    if over:
        told = client.estimate_recipe_over(name, over, **named)
    else:
        told = client.estimate_recipe(name, *given, **named)
    if as_json:
        typer.echo(json.dumps(told))
        return
    runs = told["estimates"] if over else [told]
    doubts = dict.fromkeys(warning["detail"] for each in runs for warning in each["warnings"])
    typer.echo("\n".join([added(told["time"]), *(f"doubtful: {detail}" for detail in doubts)]))


@recipe.command("show")
def show(*, run_id: RunId, as_json: AsJson = False) -> None:
    """Show a run with the state of each step."""
    with Client() as client:
        _tell(client.recipe_run(run_id), as_json=as_json)


@recipe.command("cancel")
def cancel(*, run_id: RunId, as_json: AsJson = False) -> None:
    """Stop a run; finished steps keep their results."""
    with Client() as client:
        run = client.recipe_run(run_id)
        run.cancel()
        _tell(run, as_json=as_json)


@recipe.command("restart")
def restart(
    *,
    run_id: RunId,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for its end.")] = True,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a run that failed or was cancelled: finished steps are kept, all others tried again."""
    with Client(progress=not quiet) as client:
        run = client.recipe_run(run_id)
        run.restart()
        if wait:
            run.wait(progress=not quiet)
        _tell(run, as_json=as_json)


@recipe.command("paragraph")
def paragraph(*, run_id: RunId, as_json: AsJson = False) -> None:
    """Write what a run did in sentences for a methods section."""
    with Client() as client:
        words = client.recipe_run(run_id).paragraph()
        typer.echo(json.dumps({"run_id": run_id, "paragraph": words}) if as_json else words)


@recipe.command("get")
def get_outputs(
    *,
    run_id: RunId,
    names: Annotated[list[str] | None, typer.Argument(metavar="[OUTPUT]...", help="All when left out.")] = None,
    to: Annotated[Path, typer.Option(help="Folder for the files; made when it is missing.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Save outputs of a run by their names: figures as PNG, films as GIF, tables as CSV, volumes as HDF5."""
    with Client() as client:
        outputs = client.recipe_run(run_id).outputs
        if unknown := sorted(set(names or []) - set(outputs)):
            raise ClientError(f"{run_id} has no output {unknown[0]}: it has {', '.join(outputs)}")
        to.mkdir(parents=True, exist_ok=True)
        for name in names or outputs:
            output = outputs[name]
            form = USUAL.get(str(output.summary.get("kind")), "hdf5")
            target = output.save(to / f"{name}.{ENDINGS.get(form, form)}", form)
            typer.echo(json.dumps({"output": name, **saved(target)}) if as_json else str(target))


def _tell(run: RecipeRun, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(run.record))
        return
    typer.echo(f"{run.id}  {run.state}  {run.recipe}")
    for step in run.steps.values():
        sign, reused = SIGNS.get(step["state"], "."), "  (reused)" if step["is_reused"] else ""
        ending = step["result_id"] or (step["problem"] or {}).get("detail") or step["job_id"] or ""
        typer.echo(f"  {sign} {step['name']}  {step['state']}{reused}  {ending}".rstrip())
