"""``lithoscope work``: a worker on a machine of its own."""

import os
import sys
from typing import Annotated

import typer


def work(
    *,
    queues: Annotated[
        str, typer.Option(help="Queue classes, by comma: io, cpu-short, cpu-long, gpu.")
    ] = "io,cpu-short",
    slots: Annotated[int, typer.Option(help="Jobs run at once.", min=1, max=64)] = 2,
) -> None:
    """
    Run jobs on this machine.

    It sees the same database and store as the service.

    LITHOSCOPE_QUEUE says who hands them out: celery (a Celery worker) or db (claimed straight from the database).
    """
    from app.settings import Settings

    arguments = worker_arguments(Settings().queue, queues, slots)
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - signals reach the worker itself


def worker_arguments(queue: str, queues: str, slots: int) -> list[str]:
    """Return the command line of a worker, after the interpreter."""
    if queue == "db":
        return ["-m", "workers", "--slots", str(slots), "--queues", queues]
    celery = ["-m", "celery", "-A", "workers.celery_app", "worker", "--pool", "threads", "--loglevel", "WARNING"]
    return [*celery, "--concurrency", str(slots), "--queues", queues, "--without-gossip", "--without-mingle"]
