"""The commands of the service: serve, work, demo and admin; each imports what it needs when it runs."""

import typer


def attach(command: typer.Typer) -> None:
    """Add the service's commands to the ``lithoscope`` command."""
    from app.cli.admin import admin
    from app.cli.demo import demo
    from app.cli.demo_tomography import demo_tomography
    from app.cli.serve import serve
    from app.cli.work import work

    for function in (serve, demo, demo_tomography, work):
        command.command(function.__name__.replace("_", "-"), rich_help_panel="Service")(function)
    command.add_typer(admin, name="admin", rich_help_panel="Service", no_args_is_help=True)
