"""The thread beside a job: renews its lease and hears what is asked of it."""

import threading
import time
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue import Claim, Leases

ASK_EVERY_S = 0.5

log = get_logger(__name__)


class LeaseKeeper:
    """
    Holds a lease while the block runs.

    A worker that cannot reach the database for as long as its lease lasts must believe it has lost the job: another has
    it by then.

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
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease {claim.job_id}", daemon=True)
        self.is_lost = False
        self.is_cancelled = False
        self.is_finish_asked = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        settings = self._house.settings
        renewed = time.monotonic()
        while not self._over.wait(min(ASK_EVERY_S, settings.heartbeat_s)):
            present = time.monotonic()
            try:
                self._hear()
                if present - renewed >= settings.heartbeat_s:
                    self._renew()
                    renewed = present
            except DBAPIError as error:
                log.warning("database away", job_id=self._claim.job_id, cause=type(error).__name__)
            if present - renewed > settings.lease_s:
                self.is_lost = True
            if self.is_lost:
                return

    def _hear(self) -> None:
        with self._house.database.reading() as session:
            signals = Leases(session).signals(self._claim)
        self.is_lost = self.is_lost or signals.is_lost
        self.is_cancelled = self.is_cancelled or signals.is_cancelled
        self.is_finish_asked = self.is_finish_asked or signals.is_finish_asked

    def _renew(self) -> None:
        with self._house.database.writing() as session:
            if not Leases(session).renew(self._claim, self._house.settings.lease_s):
                self.is_lost = True
