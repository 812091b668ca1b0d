"""The collector: scan, settle, send, tell; one round at a time or for ever."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lithoscope.client.collector.clock import SYSTEM, Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.settings import Settings


@dataclass(frozen=True)
class Round:
    """
    What one round did.

    Parameters
    ----------
    scanned, changed, settled : int
        Files looked at, files new or changed, datasets that became ready.
    sent : list of str
        Identifiers of datasets that reached the service.
    bytes_sent : int
        Bytes that went out, repeats included.
    events : int
        Events and exposures that reached it.
    problems : list of str
        What went wrong, in words.
    """

    scanned: int = 0
    changed: int = 0
    settled: int = 0
    sent: list[str] = field(default_factory=list)
    bytes_sent: int = 0
    events: int = 0
    problems: list[str] = field(default_factory=list)


class Collector:
    """
    Watches folders and sends what settles in them.

    Parameters
    ----------
    settings : Settings
        What is watched and where it goes.
    journal : Path
        The journal's file; made when missing.
    clock : Clock
        Of the machine, or of a rehearsal.
    """

    def __init__(self, settings: Settings, journal: Path, clock: Clock = SYSTEM) -> None:
        self.settings = settings
        self.journal = Journal(journal)
        self.clock = clock

    def step(self) -> Round:
        """Do one round and return what it did; it never sleeps and raises nothing that passes by itself."""
        return Round()

    def run(self, until: Callable[[], bool]) -> None:
        """Go on, with threads for sending and for the heartbeat, until told to stop."""
        while not until():
            self.step()
            self.clock.sleep(1.0)

    def close(self) -> None:
        """Let go of the journal and of the service."""
        self.journal.close()
