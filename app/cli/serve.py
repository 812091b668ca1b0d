"""``lithoscope serve``: the API and its local workers under one supervisor."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_PORT = 8400


def serve(
    *,
    data: Annotated[Path, typer.Option(help="Folder of the service: database, store, keys.")] = Path("var/data"),
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[
        int | None, typer.Option(help="Local worker processes; 0 where Celery workers run.", min=0, max=64)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say that it is ready as JSON.")] = False,
) -> None:
    """
    Run the service; one line says when it is ready and where.

    Ctrl-C or SIGTERM ends it and every process it started. Other settings: LITHOSCOPE_... (docs/settings.md).
    """
    from app.cli.supervision import Ready, Refusal, Service

    def announce(ready: Ready) -> None:
        typer.echo(json.dumps(vars(ready)) if as_json else ready.words)

    os.environ["LITHOSCOPE_DATA"] = str(data.resolve())
    if workers is not None:
        os.environ["LITHOSCOPE_WORKERS"] = str(workers)
    try:
        code = Service(data.resolve(), host, port).run(announce)
    except Refusal as refusal:
        typer.echo(f"lithoscope serve: {refusal}", err=True)
        raise typer.Exit(refusal.code) from None
    raise typer.Exit(code)
