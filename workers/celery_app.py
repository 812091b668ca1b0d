"""
The Celery application of a worker machine.

Started by ``python -m celery -A workers.celery_app worker --pool threads --concurrency N --queues io,cpu-short``.
"""

import threading
from typing import Any

from celery import signals

from app.infra import log
from app.infra.house import House
from app.infra.queue.broker import make_celery
from app.settings import Settings
from workers import tasks
from workers.presence import start_reporting
from workers.sandbox import prepare_fork_server
from workers.sweeper import start_sweeping

LEAVE_S = 10.0

settings = Settings()
house = House(settings)
stopping = threading.Event()
reporting: list[threading.Thread] = []
app = make_celery(settings)
tasks.install(app, house, stopping)


@signals.worker_init.connect
def _begin(**_: Any) -> None:
    """Warm the fork server before any thread runs a job, and sweep beside the work."""
    log.configure(as_json=settings.log_json)
    prepare_fork_server()
    start_sweeping(house, stopping)


@signals.worker_ready.connect
def _report(sender: Any, **_: Any) -> None:
    """Say that the worker is there, once it knows which queues it serves."""
    queues = sorted(app.amqp.queues.consume_from)
    reporting.append(start_reporting(house, queues, sender.controller.concurrency, stopping))


@signals.worker_shutting_down.connect
def _end(**_: Any) -> None:
    """Give back what runs: another worker takes it."""
    stopping.set()


@signals.worker_shutdown.connect
def _leave(**_: Any) -> None:
    """Let it be said that the worker has ended before its process does: else it would look alive for a minute."""
    for thread in reporting:
        thread.join(LEAVE_S)
