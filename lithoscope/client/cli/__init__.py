"""The ``lithoscope`` command: the client's commands, and the service's where it is installed."""

import importlib
import importlib.util

import typer

cli = typer.Typer(
    name="lithoscope",
    help="Lithoscope: data, dose and analysis of battery-materials microscopy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.callback()
def _root() -> None:
    """Lithoscope: data, dose and analysis of battery-materials microscopy."""


def main() -> None:
    """Run the command line."""
    if importlib.util.find_spec("uvicorn") and importlib.util.find_spec("app"):
        importlib.import_module("app.cli").attach(cli)
    cli()
