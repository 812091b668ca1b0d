"""A local worker: claims jobs straight from the database, one at a time in each slot."""

import os
import platform
import threading
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue import Claim, Leases
from workers.execution import Execution

IDLE_S = 0.075
AWAY_S = 1.0
ALL_BUT_GPU = ("io", "cpu-short", "cpu-long")

log = get_logger(__name__)


def worker_name() -> str:
    """Name this process in the job's row."""
    return f"{platform.node()}:{os.getpid()}"


def claim_next(house: House, queues: Sequence[str]) -> Claim | None:
    """Take the next job of these queues, at the price of one read when there is none."""
    with house.database.reading() as session:
        if not Leases(session).is_waiting(queues):
            return None
    with house.database.writing() as session:
        return Leases(session).claim(
            queues, worker=worker_name(), lease_s=house.settings.lease_s, fair_share=house.settings.fair_share
        )


def work(house: House, queues: Sequence[str], stopping: threading.Event) -> None:
    """Claim and run jobs until asked to stop; a database that is away is waited for."""
    while not stopping.is_set():
        try:
            claim = claim_next(house, queues)
            if claim is None:
                stopping.wait(IDLE_S)
                continue
            Execution(house, claim, stopping).run()
        except DBAPIError as error:
            log.warning("database away", cause=type(error).__name__)
            stopping.wait(AWAY_S)
