"""The collector: scan, settle, send, tell; one round at a time or for ever."""

import hashlib
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from lithoscope.client.collector.clock import SYSTEM, Clock
from lithoscope.client.collector.growing import SeriesSender
from lithoscope.client.collector.happenings import Teller
from lithoscope.client.collector.heartbeat import Heartbeat
from lithoscope.client.collector.journal import Journal
from lithoscope.client.collector.link import Link, NotNow
from lithoscope.client.collector.lone import Lone
from lithoscope.client.collector.samples import Samples
from lithoscope.client.collector.scanning import Scanner, Seen
from lithoscope.client.collector.sending import Sender, Sent
from lithoscope.client.collector.settings import Settings
from lithoscope.client.collector.settling import Settler
from lithoscope.client.collector.true_time import TrueTime
from lithoscope.client.connection import Connection

TICK_S = 1.0


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
    parts : int
        Parts that were added to series.
    problems : list of str
        What went wrong, in words.
    """

    scanned: int = 0
    changed: int = 0
    settled: int = 0
    sent: list[str] = field(default_factory=list)
    bytes_sent: int = 0
    events: int = 0
    parts: int = 0
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

    Raises
    ------
    JournalProblem
        The journal cannot be used, or another collector uses it.
    """

    def __init__(self, settings: Settings, journal: Path, clock: Clock = SYSTEM) -> None:
        self.settings = settings
        self.clock = clock
        self._held = ExitStack()
        self._held.enter_context(Lone(journal))
        try:
            self._build(journal)
        except BaseException:
            self._held.close()
            raise

    def _build(self, journal: Path) -> None:
        settings, clock = self.settings, self.clock
        self.journal = Journal(journal)
        self._held.callback(self.journal.close)
        forget_rules(self.journal, settings, clock)
        self.true_time = TrueTime(clock, self.journal)
        self._link, beats = self._line(), self._line()
        timed = {"clock": clock, "true_time": self.true_time}
        samples = Samples(self._link, self.journal, clock, project=settings.project)
        self._scanner = Scanner(settings, self.journal, **timed)  # type: ignore[arg-type]
        self._settler = Settler(settings, self.journal, **timed)  # type: ignore[arg-type]
        self._sender = Sender(settings, self.journal, link=self._link, samples=samples, **timed)  # type: ignore[arg-type]
        self._series = SeriesSender(settings, self.journal, link=self._link, clock=clock, samples=samples)
        self._teller = Teller(self.journal, link=self._link, samples=samples, **timed)  # type: ignore[arg-type]
        self._heart = Heartbeat(settings, self.journal, link=beats, **timed)  # type: ignore[arg-type]
        self._settler.begin()

    def _line(self) -> Link:
        connection = Connection(self.settings.address, self.settings.find_key(), sleep=self.clock.sleep)
        self._held.callback(connection.close)
        return Link(connection, self.journal, self.clock)

    def step(self) -> Round:
        """Do one round and return what it did; it never sleeps and raises nothing that passes by itself."""
        if self._heart.is_due:
            self._heart.beat()
        seen, settled = self._gather()
        sent = self._send()
        out = {"sent": sent.datasets, "bytes_sent": sent.bytes, "events": sent.events, "parts": sent.parts}
        return Round(seen.files, seen.changed, settled, **out, problems=seen.problems)  # type: ignore[arg-type]

    def _gather(self) -> tuple[Seen, int]:
        """Scan and settle; a full disk leaves everything as it was, to be found again."""
        try:
            seen = self._scanner.scan()
            settled = self._settler.settle()
        except (sqlite3.OperationalError, OSError) as error:
            return Seen(problems=[f"the journal cannot be written ({error}): make room on its disk"]), 0
        return seen, settled

    def _send(self) -> Sent:
        sent = Sent()
        if not self._link.is_open:
            return sent
        try:
            sent.events = self._teller.tell()
            self._sender.deliver(sent)
            sent.parts = self._series.tell()
        except NotNow:
            return sent
        except sqlite3.OperationalError:  # the disk is full: what was sent is asked for at the service next time
            self._link.wait_silently()
        return sent

    def run(self, until: Callable[[], bool], told: Callable[[Round], None] = lambda _: None) -> None:
        """
        Go on, with threads for sending and for the heartbeat, until told to stop.

        Parameters
        ----------
        until : callable
            Says when to stop.
        told : callable
            Hears of rounds in which something happened.
        """
        stop = threading.Event()
        threads = [
            threading.Thread(target=self._beats, args=(stop,), name="heartbeat", daemon=True),
            threading.Thread(target=self._sends, args=(stop, told), name="sending", daemon=True),
        ]
        if self._heart.is_due:
            self._heart.beat()  # the first one before the first scan
        for thread in threads:
            thread.start()
        try:
            while not until():
                seen, settled = self._gather()
                if seen.changed or settled or seen.problems:
                    told(Round(seen.files, seen.changed, settled, problems=seen.problems))
                self.clock.sleep(TICK_S)
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _beats(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if self._heart.is_due:
                self._heart.beat()
            self.clock.sleep(TICK_S)

    def _sends(self, stop: threading.Event, told: Callable[[Round], None]) -> None:
        while not stop.is_set():
            sent = self._send()
            if sent.datasets or sent.events or sent.parts:
                told(Round(sent=sent.datasets, bytes_sent=sent.bytes, events=sent.events, parts=sent.parts))
            self.clock.sleep(min(TICK_S, self._sender.throttle.waits_s or TICK_S))

    def close(self) -> None:
        """Let go of the journal and of the service."""
        self._held.close()


def forget_rules(journal: Journal, settings: Settings, clock: Clock) -> None:
    """Forget what was not sent when the rules are other than last time: it is found anew under the new ones."""
    said = "|".join([*(rule.model_dump_json() for rule in settings.rules), str(settings.marker), str(settings.project)])
    digest = hashlib.sha256(said.encode()).hexdigest()
    if journal.noted("rules") == digest:
        return
    unsent = "state IN ('unmatched', 'ignored', 'held', 'failed', 'growing', 'waiting', 'gone') AND upload IS NULL"
    with journal.writing() as cursor:
        cursor.execute(f"DELETE FROM file WHERE unit_id IN (SELECT id FROM unit WHERE {unsent})")  # noqa: S608 - ours
        cursor.execute(f"DELETE FROM unit WHERE {unsent}")  # noqa: S608 - ours
        cursor.execute("DELETE FROM series WHERE series_id IS NULL AND id NOT IN (SELECT series FROM part)")
    journal.note("rules", digest, clock.wall_s())
