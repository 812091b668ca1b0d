"""``lithoscope demo-tomography``: simulated particles through simultaneous tomography, next to what was planted."""

import json
from pathlib import Path
from typing import Annotated

import typer

SMALLEST = 16


def demo_tomography(
    *,
    data: Annotated[Path, typer.Option(help="Folder of the service; made when it is missing.")] = Path(
        "var/tomography"
    ),
    out: Annotated[
        Path | None, typer.Option(help="Folder for figures and films; 'figures' in the data folder when left out.")
    ] = None,
    size: Annotated[
        int, typer.Option(min=SMALLEST, max=64, help="Probe positions along each side; 64 as published.")
    ] = 64,
    states: Annotated[
        str, typer.Option(help="Which particles; the pristine one gives the k-factors of the others.")
    ] = "pristine,50,100,200",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the outcome.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the outcome as JSON, nothing else.")] = False,
) -> None:
    """
    Draw the published figures from simulated particles.

    Particles of NCM111 are measured after 0, 50, 100 and 200 cycles.

    Every particle is a sample with custody and dose; its tilt series is uploaded, the recipe simultaneous_tomography
    finds structure, composition and valence, and a comparison follows. The table says what was found and planted.
    """
    from app.cli.demo_service import DemoFailed
    from app.cli.tomography_outcome import run_demo
    from lithoscope.client import ClientError

    say = (lambda _: None) if quiet or as_json else typer.echo
    chosen = tuple(states.split(","))
    try:
        outcome = run_demo(data.resolve(), (out or data / "figures").resolve(), size=size, states=chosen, say=say)
    except (DemoFailed, ClientError) as failure:
        typer.echo(f"lithoscope demo-tomography: {failure}", err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(outcome.record) if as_json else "\n".join(outcome.lines))
