"""The microscope itself: lives of files begin through the scenario's sessions and go on side by side."""

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from lithoscope.client.simulator.ledger import Ledger
from lithoscope.client.simulator.lives import LIVES, Bench, Life, group, plain, tilt_by_tilt
from lithoscope.client.simulator.pc import InstrumentPC
from lithoscope.client.simulator.products import Producer
from lithoscope.client.simulator.scenario import OF_THE_PC, Scenario

_WORK_S = 3600.0  # at most, of each of several sessions; the rest is rest


class Microscope:
    """
    Does what a scenario says when its moments come; whoever holds it moves the time.

    Parameters
    ----------
    folder : Path
        The watched folder; made when missing.
    ledger : Ledger
        Where the truth is kept.
    scenario : Scenario
        What happens.
    now_s : callable
        The true time [s since 1970]: the system's, or that of a rehearsal in compressed time.
    templates : sequence of Path
        Real files to write instead of own ones.

    Attributes
    ----------
    pc : InstrumentPC
        The PC with its clock and its share.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        scenario: Scenario,
        *,
        now_s: Callable[[], float],
        templates: Sequence[Path] = (),
    ) -> None:
        self.pc = InstrumentPC(folder, ledger, now_s)
        self._scenario = scenario
        self._now_s = now_s
        self._rng = random.Random(scenario.seed)  # noqa: S311 - a rehearsal, no secret
        self._producer = Producer(scenario.seed, largest_side_px=scenario.largest_side_px, templates=templates)
        self._due: list[tuple[float, int, str, Life]] = []
        self._waiting: list[tuple[str, Life]] = []
        self._order = itertools.count()
        self.end_s = now_s() + scenario.span_s
        self._plan(now_s())

    def _plan(self, begin_s: float) -> None:
        """Draw when each life begins."""
        scenario = self._scenario
        of_files = [name for name, count in scenario.faults.items() if name not in OF_THE_PC for _ in range(count)]
        names = [*of_files, *["group"] * scenario.groups, *["tilt_by_tilt"] * scenario.live]
        names += ["plain"] * (scenario.files - len(names))
        self._rng.shuffle(names)
        names += [name for name in OF_THE_PC & scenario.faults.keys() for _ in range(scenario.faults[name])]
        for name in names:
            self._add(begin_s + self._moment_s(), name, self._life(name))

    def _moment_s(self) -> float:
        """Draw a moment in one of the sessions [s after the begin]."""
        scenario = self._scenario
        stretch = scenario.span_s / max(scenario.sessions, 1)
        work = min(stretch, _WORK_S) if scenario.sessions > 1 else stretch
        return stretch * self._rng.randrange(max(scenario.sessions, 1)) + self._rng.uniform(0.0, work)

    def _life(self, name: str) -> Life:
        samples = tuple(self._rng.sample(self._scenario.samples, min(2, len(self._scenario.samples))))
        bench = Bench(
            self.pc,
            self._producer,
            samples,
            self._scenario.quiet_s,
            random.Random(self._rng.getrandbits(64)),  # noqa: S311 - a rehearsal, no secret
            self.end_s,
            self._now_s,
        )
        return {"plain": plain, "group": group, "tilt_by_tilt": tilt_by_tilt, **LIVES}[name](bench)

    def _add(self, at_s: float, name: str, life: Life) -> None:
        heapq.heappush(self._due, (at_s, next(self._order), name, life))

    @property
    def next_s(self) -> float | None:
        """Return when something happens next [s since 1970]; None when everything has happened."""
        return self._due[0][0] if self._due else None

    def advance(self) -> list[str]:
        """Do what is due and tell it, a line an act; while the share is gone, writers wait."""
        told: list[str] = []
        while self._due and self._due[0][0] <= self._now_s():
            _at, _number, name, life = heapq.heappop(self._due)
            if self.pc.is_away and name not in OF_THE_PC:
                self._waiting.append((name, life))
                continue
            wait_s = next(life, None)
            told += [f"{name}: {line}" for line in self.pc.told()]
            if wait_s is not None:
                self._add(self._now_s() + wait_s, name, life)
            self._wake()
        return told

    def _wake(self) -> None:
        """Let writers go on whose share is back."""
        if self.pc.is_away:
            return
        for name, life in self._waiting:
            self._add(self._now_s(), name, life)
        self._waiting.clear()

    def stop(self) -> None:
        """Let go of locks and bring the share back, wherever the lives stand."""
        for life in [*(life for *_, life in self._due), *(life for _, life in self._waiting)]:
            life.close()
        self._due.clear()
        self._waiting.clear()
        if self.pc.is_away:
            self.pc.restore_share()
