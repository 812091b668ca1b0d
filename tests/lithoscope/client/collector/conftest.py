"""A microscope's PC: a folder, a clock turned by hand, a device key, and a collector against the real service."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from lithoscope.client import Client
from lithoscope.client.collector import Collector, Round, Settings
from tests.lithoscope.client.conftest import Service
from tests.live import made
from tests.servers import free_port

RULES = """
[[rules]]
match = "{sample}/**"
sample = "{sample}"
"""


class Clock:
    """Turned by hand; the PC's idea of the time may jump, the steady one only counts."""

    def __init__(self) -> None:
        self.steady = 1000.0
        self.ahead_s = time.time() - self.steady

    def wall_s(self) -> float:
        return self.steady + self.ahead_s

    def steady_s(self) -> float:
        return self.steady

    def sleep(self, seconds: float) -> None:
        self.steady += seconds


@dataclass
class Enrolled:
    """An instrument and the key of its PC."""

    instrument_id: str
    key: str
    admin: httpx.Client


@pytest.fixture(scope="session")
def enrolled(service: Service) -> Iterator[Enrolled]:
    headers = {"Authorization": f"Bearer {service.token}"}
    with httpx.Client(base_url=f"{service.url}/api/v1", headers=headers, timeout=60) as admin:
        instrument = made(admin, "/instruments", {"code": "spectra", "name": "Spectra 300", "technique": "stem"})
        leave = made(admin, f"/instruments/{instrument['id']}/enrolments", {})
        key = made(admin, "/enrolment-redemptions", {"code": leave["code"], "name": "Spectra PC"})
        yield Enrolled(instrument["id"], key["key"], admin)


@dataclass
class Pc:
    """The PC: where it writes, and its collector."""

    folder: Path
    config: Path
    clock: Clock
    settings: Settings
    collectors: list[Collector] = field(default_factory=list)

    @property
    def journal(self) -> Path:
        return self.config.with_suffix(".journal")

    @property
    def collector(self) -> Collector:
        if not self.collectors:
            self.collectors.append(Collector(self.settings, self.journal, self.clock))
        return self.collectors[-1]

    def restart(self, **changes: Any) -> Collector:
        for each in self.collectors:
            each.close()
        self.collectors.clear()
        self.settings = self.settings.model_copy(update=changes)
        return self.collector

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def rounds(self, seconds: float = 120.0, step_s: float = 15.0) -> list[Round]:
        """Let time pass, a round at a time."""
        found = []
        for _ in range(int(seconds / step_s) + 1):
            found.append(self.collector.step())
            self.clock.steady += step_s
        return found

    def sent(self, seconds: float = 120.0) -> list[str]:
        return [dataset for each in self.rounds(seconds) for dataset in each.sent]

    def unit(self, key: str) -> Any:
        row = self.collector.journal.row("SELECT * FROM unit WHERE key = ?", key)
        assert row is not None, [dict(each) for each in self.collector.journal.rows("SELECT key, state FROM unit")]
        return row


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Collector]]:
    """Give a maker of collectors without any service."""
    monkeypatch.setenv("LITHOSCOPE_TOKEN", "lsk_key_0_none")
    (tmp_path / "data").mkdir()
    collectors: list[Collector] = []

    def make(clock: Clock, journal: str = "watch.journal", **more: Any) -> Collector:
        url = f"http://127.0.0.1:{free_port()}"
        rules = [{"match": "**", "without_sample": True, "project": "prj_x"}]
        plain = {"url": url, "folders": [{"path": tmp_path / "data"}], "rules": rules}
        collector = Collector(Settings.model_validate(plain | more), tmp_path / journal, clock)
        collectors.append(collector)
        return collector

    yield make
    for each in collectors:
        each.close()


@pytest.fixture
def pc_at(tmp_path: Path, enrolled: Enrolled, service: Service) -> Iterator[Callable[..., Pc]]:
    """Give a maker of PCs with settings of their own."""
    made_here: list[Pc] = []

    def make(rules: str = RULES, *, url: str = "", key: str = "", **more: Any) -> Pc:
        folder, config = tmp_path / f"data-{len(made_here)}", tmp_path / f"watch-{len(made_here)}.toml"
        folder.mkdir()
        lines = [f"{name} = {value!r}".replace("'", '"') for name, value in more.items()]
        head = [f'url = "{url or service.url}"', f'key = "{key or enrolled.key}"', *lines]
        config.write_text("\n".join([*head, "[[folders]]", f'path = "{folder}"', rules]))
        pc = Pc(folder, config, Clock(), Settings.read(config))
        made_here.append(pc)
        return pc

    yield make
    for pc in made_here:
        for each in pc.collectors:
            each.close()


@pytest.fixture
def pc(pc_at: Callable[..., Pc]) -> Pc:
    return pc_at()


@pytest.fixture
def sample(client: Client, service: Service) -> Any:
    """Give a sample of its own."""
    return client.samples.create("lamella", project=service.project_id)
