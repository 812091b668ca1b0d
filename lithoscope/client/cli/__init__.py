"""The ``lithoscope`` command: the client's commands, and the service's where it is installed."""

import importlib
import importlib.util
import sys
from typing import Any

import typer

from lithoscope.client.cli.access import doctor, login
from lithoscope.client.cli.annotations import note, tag
from lithoscope.client.cli.dose import dose
from lithoscope.client.cli.event import event
from lithoscope.client.cli.export import export, import_crate
from lithoscope.client.cli.recipe import recipe
from lithoscope.client.cli.report import report
from lithoscope.client.cli.review import review
from lithoscope.client.cli.rule import rule
from lithoscope.client.cli.sample import sample
from lithoscope.client.cli.search import search
from lithoscope.client.cli.series import series
from lithoscope.client.cli.simulate import simulate
from lithoscope.client.cli.watch import watch
from lithoscope.client.cli.work import get, run, status, upload
from lithoscope.client.problems import ClientError

cli = typer.Typer(
    name="lithoscope",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (login, upload, run, status, get, search, report, export, doctor):
    cli.command(command.__name__)(command)
cli.command("import")(import_crate)
cli.add_typer(dose, name="dose")
cli.add_typer(sample, name="sample")
cli.add_typer(recipe, name="recipe")
cli.add_typer(rule, name="rule")
cli.add_typer(series, name="series")
cli.add_typer(note, name="note")
cli.add_typer(tag, name="tag")
cli.add_typer(review, name="review")
cli.add_typer(simulate, name="simulate")
cli.add_typer(watch, name="watch")
cli.add_typer(event, name="event")


@cli.callback()
def _root() -> None:
    """Lithoscope: data, dose and analysis of battery-materials microscopy."""


def _command() -> Any:
    """Return the command as it is run; its help fits a screen with one line on completion."""
    command: Any = typer.main.get_command(cli)
    for option in command.params:
        option.hidden = option.name == "show_completion"
        if option.name == "install_completion":
            option.help = "Let this shell complete commands."
    return command


def main() -> None:
    """Run the command line."""
    if importlib.util.find_spec("uvicorn") and importlib.util.find_spec("app"):
        importlib.import_module("app.cli").attach(cli)
    try:
        _command()()
    except ClientError as error:
        typer.echo(f"lithoscope: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
