"""``lithoscope work``: a Celery worker of the production path."""

from typing import Annotated

import typer


def work(
    *,
    queues: Annotated[
        str, typer.Option(help="Queue classes, by comma: io, cpu-short, cpu-long, gpu.")
    ] = "io,cpu-short",
    concurrency: Annotated[int, typer.Option(help="Jobs at once.", min=1, max=64)] = 2,
) -> None:
    """Run jobs that Celery hands out (LITHOSCOPE_QUEUE=celery), on any machine with the same database and store."""
    from workers.celery_app import run_worker

    run_worker([name.strip() for name in queues.split(",")], concurrency)
