"""The sweeper: puts right what killed workers and lost messages leave behind."""

import threading
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError

from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue import outbox
from app.infra.queue.sweeping import recover_lost, resend
from app.lab.alarms.sweeping import AlarmSweeper
from app.lab.clocks.sweeping import ClockSweeper
from app.lab.datasets import purging as datasets
from app.lab.datasets.watching import watch
from app.lab.recipes import sweeping as recipes
from app.lab.registrations import hashing as registrations
from app.lab.results import purging as results
from app.lab.retention.sweeping import RuleSweeper
from app.lab.rules import sweeping as rules
from app.lab.series import sweeping as series
from app.lab.series.repository import SeriesRepository
from app.lab.space.sweeping import SpaceSweeper
from app.lab.uploads import sweeping as uploads
from workers.folders import sweep_folders

log = get_logger(__name__)


def sweep(house: House) -> None:
    """Sweep once: leases, messages, recipes, rules, growing series, folders. Any number of sweepers may run at once."""
    with house.database.writing() as session:
        for job_id in recover_lost(session):
            log.warning("lease expired", job_id=job_id)
            SeriesRepository(session).note_job(job_id)
        outbox.prune(session, is_unused=not house.queue.has_broker)
    if house.queue.has_broker:
        resend(house.database, house.queue)
    recipes.sweep(house)
    rules.sweep(house)
    series.call_back(house)
    series.sweep(house)
    sweep_folders(house)


def sweep_store(house: House) -> None:
    """Finish or expire uploads that were left, and remove the bytes of what was deleted; this may read large files."""
    uploads.sweep(house)
    results.purge(house)
    datasets.purge(house)


def start_sweeping(house: House, stopping: threading.Event) -> None:
    """
    Sweep jobs and clocks, store, retention rules and space, alarms, and registered files until asked to stop.

    Each group has a thread of its own: jobs wait neither for large files nor for a receiver that does not answer.
    """
    retention, clocks, alarms = RuleSweeper(house), ClockSweeper(house), AlarmSweeper(house)
    space = SpaceSweeper(house)
    groups: tuple[tuple[Callable[[House], object], ...], ...] = (
        (sweep, lambda _house: clocks.sweep()),
        (sweep_store, lambda _house: retention.sweep(), lambda _house: space.sweep()),
        (lambda _house: alarms.sweep(),),
        (registrations.sweep, watch),
    )
    for duties in groups:
        threading.Thread(target=_repeat, args=(duties, house, stopping), name="sweeper", daemon=True).start()


def _repeat(duties: Sequence[Callable[[House], object]], house: House, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            for duty in duties:
                duty(house)
        except (DBAPIError, OSError) as error:
            log.warning("sweep put off", cause=type(error).__name__)
        except Exception:
            log.exception("sweep failed")  # a sweeper that died would leave jobs running for ever
        stopping.wait(house.settings.sweep_s)
