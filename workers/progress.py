"""Progress as it reaches the database: the newest, a few times a second at first, less often in long jobs."""

import time
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue import Claim, Leases

MIN_INTERVAL_S, MAX_INTERVAL_S, EVENTS_AIMED_AT = 0.25, 10.0, 400

log = get_logger(__name__)


class ProgressLog:
    """
    Writes what a job says.

    Parameters
    ----------
    house : House
        Its database.
    claim : Claim
        The job held.
    """

    def __init__(self, house: House, claim: Claim) -> None:
        self._house = house
        self._claim = claim
        self._started = time.monotonic()
        self._written = 0.0
        self._waiting: dict[str, Any] | None = None

    def tell(self, message: dict[str, Any]) -> None:
        """Take a progress message; it is written now or dropped for a newer one."""
        self._waiting = {name: value for name, value in message.items() if name != "type"}
        present = time.monotonic()
        interval = (present - self._started) / EVENTS_AIMED_AT
        if present - self._written >= min(max(interval, MIN_INTERVAL_S), MAX_INTERVAL_S):
            self.flush()

    def flush(self) -> None:
        """Write the newest progress."""
        if self._waiting is not None:
            payload, self._waiting, self._written = self._waiting, None, time.monotonic()
            self._write("progress", payload)

    def note(self, text: str) -> None:
        """Write a line of the job's log."""
        self._write("log", {"text": text})

    def _write(self, kind: str, payload: dict[str, Any]) -> None:
        try:
            with self._house.database.writing() as session:
                Leases(session).say(self._claim, kind, payload)
        except DBAPIError as error:  # progress is not worth a job
            log.warning("progress not written", job_id=self._claim.job_id, cause=type(error).__name__)
