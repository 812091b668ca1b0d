"""Whether the service can do its work, in words that tell nothing of a project."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from app.errors import LabError
from app.infra.house import House
from app.lab.health.repository import HealthRepository

if TYPE_CHECKING:
    from app.lab.doors.metrics import Metrics

OK = "ok"


class NotReady(LabError):
    """Something a request needs is missing; ``checks`` names it."""

    code, status, title = "not-ready", 503, "Not ready"


class HealthService:
    """Looks at database, store, queue and disk."""

    def __init__(self, house: House, health: HealthRepository) -> None:
        self._house = house
        self._health = health

    def readiness(self) -> dict[str, str]:
        """Return what was checked; `NotReady` when something is wrong."""
        checks = {
            "database": _checked(self._database),
            "store": _checked(self._store),
            "queue": _checked(self._queue),
        }
        if set(checks.values()) != {OK}:
            raise NotReady(
                "Part of the service does not work: see checks.", headers={"Retry-After": "5"}, checks=checks
            )
        return checks

    def measure(self, metrics: "Metrics") -> None:
        """Set the gauges of database and disk."""
        for gauge, counts in (
            (metrics.jobs, self._health.jobs_by_state()),
            (metrics.uploads, self._health.uploads_by_state()),
            (metrics.datasets, self._health.datasets_by_state()),
        ):
            gauge.clear()
            for state, count in counts.items():
                gauge.labels(state).set(count)
        free, total = self.disk()
        metrics.disk_free.set(free)
        metrics.disk_total.set(total)

    def disk(self) -> tuple[int, int]:
        """Return the free and all bytes of the disk under the service's folder."""
        disk = shutil.disk_usage(self._house.staging)
        return disk.free, disk.total

    def _database(self) -> str:
        return OK if self._health.answers() else "does not answer"

    def _store(self) -> str:
        probe(self._house)
        return OK

    def _queue(self) -> str:
        stuck = self._health.stuck_queues()
        return OK if not stuck else f"jobs wait and nothing is taken: {', '.join(stuck)}"


def probe(house: House) -> None:
    """Write where data arrive, and ask the store; OSError where one of them fails."""
    with tempfile.TemporaryDirectory(dir=house.staging) as folder:
        (Path(folder) / "probe").write_bytes(b"probe")
    house.store.exists("blobs")


def _checked(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DBAPIError, OSError) as error:
        return f"fails with {type(error).__name__}"
