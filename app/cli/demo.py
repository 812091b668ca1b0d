"""``lithoscope demo``: the main job on real data, over HTTP, as an instrument's PC and a scientist do it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.cli.demo_run import Outcome


def demo(
    *,
    data: Annotated[Path, typer.Option(help="Folder of the service; made when it is missing.")] = Path("var/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Write the outcome as JSON, nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the outcome.")] = False,
) -> None:
    """
    Bring a real tilt series through the service.

    Instrument, custody, dose, tomogram, segmentation.

    Repeating it on the same folder keeps sample, dataset and exposure, and computes the results again.
    """
    from app.cli.demo_run import run_demo
    from app.cli.demo_service import DemoFailed
    from lithoscope.client import ClientError

    try:
        outcome = run_demo(data.resolve(), say=(lambda _: None) if quiet or as_json else typer.echo)
    except (DemoFailed, ClientError) as failure:
        typer.echo(f"lithoscope demo: {failure}", err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(outcome.document) if as_json else _table(outcome))


def _table(outcome: "Outcome") -> str:
    rows = [*outcome.rows, ("look at it", "make serve, or lithoscope serve --data " + str(outcome.data))]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {words}" for name, words in rows)
