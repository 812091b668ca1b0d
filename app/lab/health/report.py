"""Every part of the service looked at, for those who keep it running."""

import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Literal

from app.errors import Forbidden
from app.infra.db.revisions import head
from app.infra.house import House
from app.lab.access import Action, Actor, allow
from app.lab.health.repository import HealthRepository
from app.lab.health.service import probe

State = Literal["good", "warn", "bad", "unknown", "not_used"]
CLOCK_S = 2.0
PACKAGES = ("lithoscope", "fastapi", "pydantic", "sqlalchemy", "numpy", "zarr")


@dataclass(frozen=True)
class Fact:
    """One thing a check found, in words."""

    name: str
    value: str


@dataclass(frozen=True)
class Check:
    """One part of the service: whether it does its work, and what was found."""

    name: str
    state: State
    words: str
    facts: list[Fact] = field(default_factory=list)


class HealthReport:
    """Looks at every part now; a part that fails is a finding, never an error."""

    def __init__(self, house: House, rows: HealthRepository) -> None:
        self._house = house
        self._rows = rows

    def checks(self, actor: Actor) -> list[Check]:
        """Return what each part was found to be; for managers, administrators and auditors."""
        if not (allow(actor, Action.MANAGE) or allow(actor, Action.AUDIT)):
            raise Forbidden("This needs the right 'facility:manage' or 'facility:audit': ask the facility manager.")
        waiting = self._house.queue.broker.waiting() if self._house.queue.has_broker else None
        looks: dict[str, Callable[[], Check]] = {
            "database": self._database,
            "migrations": self._migrations,
            "broker": partial(self._broker, waiting),
            "storage": self._storage,
            "workers": partial(self._workers, hears=waiting is not None or not self._house.queue.has_broker),
            "clock": self._clock,
            "versions": self._versions,
        }
        return [look() for look in looks.values()]

    def _database(self) -> Check:
        kind, number = self._rows.database()
        began = time.perf_counter()
        self._rows.answers()
        answered_ms = 1000 * (time.perf_counter() - began)
        facts = [Fact("Kind", f"{kind} {number}"), Fact("Answers in", f"{answered_ms:.2g} ms")]
        return Check("database", "good", "The database answers.", facts)

    def _migrations(self) -> Check:
        present, expected = self._rows.revision(), head()
        facts = [Fact("Schema of the database", present or "unknown"), Fact("Schema of this version", expected)]
        if present is None:
            return Check("migrations", "unknown", "The tables were made without migrations.", facts)
        if present != expected:
            words = "The database has another schema than this version: run lithoscope admin migrate."
            return Check("migrations", "bad", words, facts)
        return Check("migrations", "good", "The database has the schema of this version.", facts)

    def _broker(self, waiting: Mapping[str, int] | None) -> Check:
        if not self._house.queue.has_broker:
            return Check("broker", "not_used", "There is none: workers claim jobs straight from the database.")
        facts = [Fact("Messages not sent yet", str(self._rows.unsent_messages()))]
        if waiting is None:
            words = "The broker does not answer: jobs wait in the database and nothing is lost. Start it again."
            return Check("broker", "bad", words, facts)
        facts += [Fact(f"Messages in {queue}", str(count)) for queue, count in waiting.items()]
        return Check("broker", "good", "The broker answers.", facts)

    def _storage(self) -> Check:
        kind = "remote" if self._house.settings.store_url else "folder on this machine"
        facts = [Fact("Store", kind)]
        try:
            probe(self._house)
        except OSError as error:
            words = f"The store or the folder for arriving data fails ({type(error).__name__}): look at the disk."
            return Check("storage", "bad", words, facts)
        return Check("storage", "good", "The store answers and the folder for arriving data can be written.", facts)

    def _workers(self, *, hears: bool) -> Check:
        alive = [each for each in self._rows.workers() if each.is_alive]
        slots = sum(each.slots for each in alive)
        own = version("lithoscope")
        others = sorted({each.software for each in alive} - {own})
        facts = [Fact("Alive", str(len(alive))), Fact("Slots", str(slots))]
        if stuck := self._rows.stuck_queues():
            return Check("workers", "bad", f"Jobs wait and nothing is taken: {', '.join(stuck)}.", facts)
        if not alive:
            words = "No worker was heard within a minute: nothing is computed. Start one (lithoscope work)."
            return Check("workers", "bad", words, facts)
        if others:
            words = f"Workers of another version than this service ({', '.join(others)}): bring all to one."
            return Check("workers", "warn", words, facts)
        if not hears:
            words = "Workers are there and hear of no job until the broker answers; what runs goes on."
            return Check("workers", "warn", words, facts)
        return Check("workers", "good", "Workers are there and take jobs.", facts)

    def _clock(self) -> Check:
        ahead_s = time.time() - self._rows.epoch_s()
        facts = [Fact("This service is ahead of the database by", f"{ahead_s:.2g} s")]
        if abs(ahead_s) > CLOCK_S:
            words = "The clocks of service and database differ: keep both by NTP, or stamps and leases disagree."
            return Check("clock", "warn", words, facts)
        return Check("clock", "good", "The clocks of service and database agree.", facts)

    def _versions(self) -> Check:
        facts = [Fact(name, version(name)) for name in PACKAGES]
        facts += [
            Fact("Python", platform.python_version()),
            Fact("Machine", f"{platform.system()} {platform.machine()}"),
        ]
        return Check("versions", "good", f"Lithoscope {version('lithoscope')}.", facts)
