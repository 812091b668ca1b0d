"""The commands of the service: serve, work, demo and admin; each imports what it needs when it runs."""

import typer


def attach(command: typer.Typer) -> None:
    """Add the service's commands to the ``lithoscope`` command."""
    from app.cli.serve import serve

    command.command("serve", rich_help_panel="Service")(serve)
