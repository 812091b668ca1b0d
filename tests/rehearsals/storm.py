"""A rehearsal in compressed time: microscope, collector, network and service, each of which fails now and then."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lithoscope.client.simulator import (
    Finding,
    Held,
    HeldPart,
    HeldSeries,
    Ledger,
    Microscope,
    Scenario,
    compare,
    compare_series,
    held_by,
    is_group,
    read_ledger,
)
from tests.live import LiveService, made
from tests.rehearsals.collecting import CollectorProcess
from tests.rehearsals.network import Network
from tests.rehearsals.time_of_the_world import TimeOfTheWorld

CLOCK = Path(__file__).parent / "service_clock"
ROOT = Path(__file__).parents[2]
HOT_S, WARM_S, DAY_S = 15.0, 600.0, 86400.0
AFTERGLOW_S = 900.0
RULES = """
[[rules]]
match = "{sample}/{date}/growing_*/tilt_{number}_{tilt}.tif"
sample = "{sample}"
live = { marker = "finished.txt" }
[[rules]]
match = "{sample}/{date}/tilt_series_*/*"
sample = "{sample}"
group = "folder"
[[rules]]
match = "{sample}/{date}/slices_*/*"
sample = "{sample}"
group = "folder"
[[rules]]
match = "{sample}/{date}/*"
sample = "{sample}"
"""


@dataclass(frozen=True)
class Weather:
    """How often what is killed or cut, and when the network is out [s after the begin]."""

    service_kills: int = 0
    collector_kills: int = 0
    cuts: int = 0
    outage_s: tuple[float, float] = (0.0, 0.0)
    seed: int = 1


@dataclass
class Tally:
    """What happened."""

    rounds: int = 0
    service_kills: int = 0
    collector_kills: int = 0
    cuts: int = 0
    problems: set[str] = field(default_factory=set)


class Storm:
    """
    Plays a scenario against a service of its own.

    Parameters
    ----------
    folder : Path
        Where everything lies.
    scenario : Scenario
        What the microscope does.
    weather : Weather
        What happens to the others.
    """

    def __init__(self, folder: Path, scenario: Scenario, weather: Weather) -> None:
        self.folder = folder
        self.tally = Tally()
        self._scenario, self._weather = scenario, weather
        self._rng = random.Random(weather.seed)
        self._world = TimeOfTheWorld(folder / "time")
        self._begin_s = float(int(time.time()))
        self._world.set(self._begin_s, 0.0)
        self.service = LiveService(folder / "service", workers=0, free_disk_fraction=0)
        self.service.environment |= {
            "PYTHONPATH": f"{CLOCK}:{ROOT}",
            "REHEARSAL_TIME": str(folder / "time"),
        }

    def __enter__(self) -> "Storm":
        self.service.start()
        self.client = self.service.administrator()
        self.project_id = made(self.client, "/projects", {"code": "STORM", "title": "Storm"})["id"]
        new = {"project_id": self.project_id, "material": "nmc"}
        self.samples = {
            made(self.client, "/samples", {**new, "name": name})["id"]: name for name in self._scenario.samples
        }
        self.network = Network(self.service.url)
        self._ledger = Ledger(self.folder / "ledger.jsonl")
        self._microscope = Microscope(
            self.folder / "share", self._ledger, self._scenario, now_s=lambda: self._world.true_s
        )
        self.instrument_id, key = self._enrolled()
        self.collector = CollectorProcess(
            self._settings(), self.folder / "time", key=key, log=self.folder / "collector.log"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.collector.stop()
        self._microscope.stop()
        self._ledger.close()
        self.network.close()
        self.client.close()
        self.service.stop()

    def _enrolled(self) -> tuple[str, str]:
        new = {"code": "scope", "name": "Microscope", "technique": "stem"}
        instrument = made(self.client, "/instruments", new)
        leave = made(self.client, f"/instruments/{instrument['id']}/enrolments", {"project_ids": [self.project_id]})
        given = {"code": leave["code"], "name": "PC of the microscope"}
        return instrument["id"], str(made(self.client, "/enrolment-redemptions", given)["key"])

    def _settings(self) -> Path:
        path = self.folder / "collector.toml"
        head = f'url = "{self.network.url}"\nproject = "{self.project_id}"\nquiet_s = {self._scenario.quiet_s}\n'
        path.write_text(f'{head}[[folders]]\npath = "{self.folder / "share"}"\n{RULES}')
        return path

    def run(self) -> list[Finding]:
        """Play to the end, let everything settle, and compare."""
        kills = self._drawn()
        last_act_s = tick_s = self._begin_s
        end_s: float | None = None
        while end_s is None or self._world.true_s < end_s:
            due_s = self._microscope.next_s
            moment_s = tick_s if due_s is None else min(due_s, tick_s)
            self._move(max(moment_s, self._world.true_s))
            told = self._microscope.advance()
            self._move(self._world.true_s)
            if any(not line.startswith("unsettled") for line in told):
                last_act_s = self._world.true_s
            if any(line.startswith("restart: wrote") and line.endswith("again") for line in told):
                self.collector.kill()
            if self._world.true_s >= tick_s:
                if self._is_busy(self._round(kills)):
                    last_act_s = self._world.true_s
                is_hot = self._world.true_s - last_act_s < AFTERGLOW_S
                tick_s = self._world.true_s + (HOT_S if is_hot else WARM_S)
            if due_s is None and not kills and end_s is None:
                end_s = self._world.true_s + 1.2 * DAY_S
        return self.findings()

    def _move(self, true_s: float) -> None:
        self._world.set(true_s, self._microscope.pc.error_s)
        begin, end = self._weather.outage_s
        if begin <= true_s - self._begin_s < end:
            self.network.go_out()
        else:
            self.network.come_back()

    def _drawn(self) -> list[tuple[float, str]]:
        """Draw the moments of kills and cuts, the last ones first."""
        weather = self._weather
        names = ["service"] * weather.service_kills + ["collector"] * weather.collector_kills + ["cut"] * weather.cuts
        span_s = self._scenario.span_s
        return sorted(((self._begin_s + self._rng.uniform(0, span_s), name) for name in names), reverse=True)

    def _round(self, kills: list[tuple[float, str]]) -> dict[str, Any] | None:
        """Do one round; when a kill is due and the collector has work, it happens in the middle of it."""
        self.tally.rounds += 1
        is_due = bool(kills) and kills[-1][0] <= self._world.true_s
        what = kills.pop()[1] if is_due else ""
        if what == "cut":
            self.network.cut_after(self._rng.randint(1, 20_000))
            self.tally.cuts += 1
        self.collector.ask()
        if what in {"service", "collector"}:
            time.sleep(self._rng.uniform(0.0, 0.05))
        if what == "service":
            self.service.kill()
            self.tally.service_kills += 1
        if what == "collector":
            self.collector.kill()
            self.tally.collector_kills += 1
            return None
        told = self.collector.answer()
        if told is None:
            raise RuntimeError(f"the collector died by itself: {(self.folder / 'collector.log').read_text()[-4000:]}")
        if what == "service":
            self.service.start()
        self.tally.problems |= set(told["problems"])
        return told

    @staticmethod
    def _is_busy(told: dict[str, Any] | None) -> bool:
        return told is None or bool(told["settled"] or told["sent"])

    def held(self) -> list[Held]:
        """Return every dataset the service has."""
        rows = self._rows(f"/datasets?project_id={self.project_id}&limit=500")
        return [held_by(row, self.samples, self._content(row) if is_group(row) else None) for row in rows]

    def held_series(self) -> list[HeldSeries]:
        """Return every series the service has."""
        digests = {row["id"]: row["sha256"] for row in self._rows(f"/datasets?project_id={self.project_id}&limit=500")}
        found = []
        for row in self._rows(f"/series?project_id={self.project_id}"):
            parts = {
                part["number"]: HeldPart(digests[part["dataset_id"]], part["tilt_deg"])
                for part in self._rows(f"/series/{row['id']}/parts")
            }
            found.append(HeldSeries(row["name"], row["state"], parts))
        return found

    def _rows(self, path: str) -> list[dict[str, Any]]:
        page = self._page(path)
        rows = list(page["items"])
        while page.get("next"):
            page = self._page(page["next"].removeprefix("/api/v1"))
            rows += page["items"]
        return rows

    def _content(self, row: dict[str, Any]) -> bytes:
        answer = self.client.get(f"/datasets/{row['id']}/content")
        assert answer.is_success, answer.text
        return answer.content

    def _page(self, path: str) -> dict[str, Any]:
        answer: httpx.Response = self.client.get(path)
        assert answer.is_success, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def findings(self) -> list[Finding]:
        """Compare ledger and service."""
        entries = read_ledger(self.folder / "ledger.jsonl")
        return compare(entries, self.held()) + compare_series(entries, self.held_series())
