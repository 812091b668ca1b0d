"""The sweeper: puts right what killed workers and lost messages leave behind."""

import threading

from sqlalchemy.exc import DBAPIError

from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue import outbox
from app.infra.queue.sweeping import recover_lost, resend
from app.lab.datasets import purging as datasets
from app.lab.results import purging as results
from app.lab.retention.sweeping import RuleSweeper
from app.lab.uploads import sweeping as uploads
from workers.folders import sweep_folders

log = get_logger(__name__)


def sweep(house: House) -> None:
    """
    Sweep once: leases, messages, folders, uploads, bytes of what was deleted.

    Any number of sweepers may run at once.
    """
    with house.database.writing() as session:
        for job_id in recover_lost(session):
            log.warning("lease expired", job_id=job_id)
        outbox.prune(session, is_unused=not house.queue.has_broker)
    if house.queue.has_broker:
        resend(house.database, house.queue)
    sweep_folders(house)
    uploads.sweep(house)
    results.purge(house)
    datasets.purge(house)


def sweep_forever(house: House, stopping: threading.Event) -> None:
    """Sweep at once and then at intervals, until asked to stop."""
    rules = RuleSweeper(house)
    while not stopping.is_set():
        try:
            sweep(house)
            rules.sweep()
        except (DBAPIError, OSError) as error:
            log.warning("sweep put off", cause=type(error).__name__)
        stopping.wait(house.settings.sweep_s)
